#pragma once

#include "twin/broker/message.h"
#include "twin/broker/options.h"
#include "twin/broker/routes.h"

namespace sosie::ngsi {

/// Whether a browser's page of this origin may use the broker (-corsOrigin).
bool is_allowed_origin(const Options& options, const Request& request);

/// The answer to OPTIONS: what the resource can do.
Answer preflight(const Options& options, const Request& request, const Resource& resource);

/// What every answer to such a page carries.
void add_cors_headers(const Options& options, const Request& request, Answer& answer);

}  // namespace sosie::ngsi
