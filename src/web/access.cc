#include "web/access.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/clock.h"
#include "web/session.h"

namespace sosie::web {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest(std::string_view text) {
  Digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero byte
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

bool has_right(const Listener& listener, const Request& request) {
  const auto header = request.header("Authorization");
  if (const auto token = credential(header, "Bearer"); token && !listener.token.empty()) {
    return is_same_secret(*token, listener.token);
  }
  if (const auto basic = credential(header, "Basic"); basic && !listener.user.empty()) {
    return is_same_secret(*basic, base64(listener.user + ":" + listener.password));
  }
  return has_session(listener, request, SystemClock().now());
}

/// "[::1]:8090" is "::1", "Localhost:80" is "localhost".
std::string host_name(std::string_view host) {
  std::string name;
  if (host.starts_with('[')) {
    name = host.substr(1, host.find(']') - 1);
  } else {
    name = host.substr(0, host.rfind(':'));
  }
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

bool is_known_host(const Listener& listener, std::string_view host) {
  const auto name = host_name(host);
  constexpr std::array<std::string_view, 3> loopback{"localhost", "127.0.0.1", "::1"};
  return std::ranges::find(loopback, name) != loopback.end() || name == listener.address ||
         std::ranges::find(listener.hosts, name) != listener.hosts.end();
}

bool changes_something(const Request& request) {
  return request.method != "GET" && request.method != "OPTIONS";
}

/// Whether it was a page of ours that sent the request, or no page at all.
bool is_from_our_page(const Request& request) {
  if (request.header("Sec-Fetch-Site") == "cross-site") return false;
  const auto origin = request.header("Origin");
  if (origin.empty()) return true;
  // With our Referrer-Policy a browser says no more than this of a form.
  if (origin == "null" && is_signing_in(request)) return true;
  const auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos &&
         origin.substr(scheme_end + 3) == request.header("Host");
}

Response unauthorized(const Listener& listener, const Request& request) {
  const bool is_page = request.header("Accept").find("text/html") != std::string_view::npos;
  if (is_page && !listener.token.empty()) return sign_in_page(false);
  auto answer = problem(401, "credentials are needed: Authorization: Bearer <token>, or Basic");
  // A browser asks its user only where Basic is offered.
  answer.headers.push_back({"WWW-Authenticate", listener.user.empty() ? "Bearer realm=\"Sosie\""
                                                                      : "Basic realm=\"Sosie\""});
  return answer;
}

}  // namespace

bool is_same_secret(std::string_view a, std::string_view b) {
  const auto left = digest(a);
  const auto right = digest(b);
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<std::string_view> credential(std::string_view header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  const bool same = std::equal(scheme.begin(), scheme.end(), header.begin(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
  if (!same) return std::nullopt;
  return header.substr(scheme.size() + 1);
}

std::optional<Response> refuse(const Listener& listener, const Request& request) {
  if (listener.has_credentials()) {
    if (!is_signing_in(request) && !has_right(listener, request)) {
      return unauthorized(listener, request);
    }
  } else if (listener.is_loopback() && !is_known_host(listener, request.header("Host"))) {
    return problem(421, fmt::format("Host '{}' is not this server; expected localhost, 127.0.0.1, "
                                    "[::1] or one of the listener's 'hosts'",
                                    request.header("Host")));
  }
  // A guest decides itself which pages it serves (CORS), and takes JSON only, which no page may
  // send to elsewhere without asking first.
  if (!request.is_guests && changes_something(request) && !is_from_our_page(request)) {
    return problem(
        403, fmt::format("a page of '{}' may not change anything here", request.header("Origin")));
  }
  if (listener.only_metrics && request.path != "/metrics" && request.path != "/health") {
    return problem(404, "here are /metrics and /health only");
  }
  return std::nullopt;
}

http::Header policy_with_pictures(std::string_view origin) {
  // Everything a page needs is embedded; styles are set on elements by the charts' library.
  return {"Content-Security-Policy",
          fmt::format("default-src 'self'; style-src 'self' 'unsafe-inline'; "
                      "img-src 'self' data:{}{}; object-src 'none'; base-uri 'none'; "
                      "form-action 'self'; frame-ancestors 'none'",
                      origin.empty() ? "" : " ", origin)};
}

const http::Headers& security_headers() {
  static const http::Headers headers{
      policy_with_pictures(""),           {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"}, {"Cross-Origin-Resource-Policy", "same-origin"},
      {"X-Frame-Options", "DENY"},
  };
  return headers;
}

}  // namespace sosie::web
