#pragma once

#include <span>
#include <string>

#include "base/clock.h"
#include "web/http.h"
#include "web/listener.h"
#include "web/router.h"

namespace sosie::web {

/// What a browser shows instead of a token, which it cannot send with an EventSource: a cookie that
/// scripts cannot read and other sites' pages do not send. It says until when it is good, signed
/// with the listener's token; so it needs no memory, outlives a restart, and is void once the token
/// is another.
///
///     sosie_session=1795180800.<HMAC-SHA256(token, "sosie_session 1795180800"), hex>

/// The value of Set-Cookie. REQUIRES: the listener has a token.
std::string make_session(const Listener& listener, Timestamp now);

bool has_session(const Listener& listener, const Request& request, Timestamp now);

/// Whether the request is the way in itself, for which no credentials are needed.
bool is_signing_in(const Request& request);

/// A page with a form, for people; `was_wrong`: they have tried.
Response sign_in_page(bool was_wrong);

/// POST /api/session with the token, as JSON (204) or from the form (303 to the pages); DELETE
/// /api/session signs out.
void add_session_routes(Router& router, std::span<const Listener> listeners);

}  // namespace sosie::web
