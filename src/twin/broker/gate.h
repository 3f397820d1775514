#pragma once

#include <optional>

#include "twin/broker/call.h"
#include "twin/broker/message.h"
#include "twin/broker/options.h"
#include "twin/broker/routes.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

// What a request must pass before its route sees it, in Orion's order.

/// 413 and 411: the length of the body.
Checked<void> check_length(const Request& request, const Options& options);

/// 406 and 415: what the client takes and what it sends. `is_value`: the resource of an attribute's
/// value, where text/plain is welcome.
Checked<void> check_media(const Request& request, bool is_value);

/// Tenant, service path and parameters into `call`; characters of what the path names.
Checked<void> fill(Call& call, const Options& options);

}  // namespace sosie::ngsi
