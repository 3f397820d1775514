#pragma once

#include <optional>
#include <string_view>

#include "web/http.h"
#include "web/listener.h"

namespace sosie::web {

/// Who may ask what of a listener. None: go on; else what to answer.
///
/// - Credentials or a session (web/session.h), where the listener has any: 401, for a browser with
///   a page to sign in. Compared in constant time.
/// - Without credentials, on loopback, the Host must name this machine (DNS rebinding: a page from
///   elsewhere whose name suddenly means 127.0.0.1 would else be let in): 421.
/// - A request that changes something and comes from a page (Origin) must come from our own: 403.
/// - A listener for metrics shows nothing else: 404.
std::optional<Response> refuse(const Listener& listener, const Request& request);

/// In a time that tells neither where they differ nor how long the secret is.
bool is_same_secret(std::string_view a, std::string_view b);

/// What follows `scheme` and a blank in an Authorization header; none if it is another scheme.
std::optional<std::string_view> credential(std::string_view header, std::string_view scheme);

/// The headers that every answer carries.
const http::Headers& security_headers();
/// Its Content-Security-Policy where pictures may come from `origin` too.
http::Header policy_with_pictures(std::string_view origin);

}  // namespace sosie::web
