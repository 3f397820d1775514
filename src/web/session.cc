#include "web/session.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "web/access.h"
#include "web/ask.h"

namespace sosie::web {
namespace {

constexpr std::string_view cookie_name = "sosie_session";
constexpr std::string_view path = "/api/session";
constexpr auto lasts = std::chrono::hours(12);
constexpr std::string_view page = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sosie</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0}}
form{{display:grid;gap:.75rem;width:min(22rem,90vw)}}
h1{{font-size:1.4rem;margin:0}}
input,button{{font:inherit;padding:.55rem}}
</style></head><body>
<form method="post" action="{0}">
<h1>Sosie</h1>
{1}<label for="token">Access token · <span lang="fr">Jeton d’accès</span></label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in · <span lang="fr">Se connecter</span></button>
</form></body></html>
)";
constexpr std::string_view wrong_token =
    "<p role=\"alert\"><b>This is not the token. · <span lang=\"fr\">Ce n’est pas le jeton."
    "</span></b></p>\n";

std::string signature(const Listener& listener, std::string_view until) {
  const auto text = fmt::format("{} {}", cookie_name, until);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), listener.token.data(), static_cast<int>(listener.token.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes.at(i));
  return hex;
}

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

/// RFC 6265, 4.2.1: "a=1; b=2".
std::string_view cookie_of(const Request& request) {
  for (const auto part : split(request.header("Cookie"), ';')) {
    const auto pair = trim(part);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == cookie_name && equals != std::string_view::npos) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

std::string set_cookie(const Listener& listener, std::string_view value, std::int64_t max_age) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name, value,
                     max_age, listener.has_tls() ? "; Secure" : "");
}

bool is_form(const Request& request) {
  return request.header("Content-Type").starts_with("application/x-www-form-urlencoded");
}

Result<std::string> given_token(const Request& request) {
  if (is_form(request)) {
    return Request{.query = request.body}.parameter("token").value_or(std::string());
  }
  const auto object = TRY(ask_object(request));
  return member_text(object, "token", "");
}

Response sign_in(std::span<const Listener> listeners, const Request& request) {
  const auto token = given_token(request);
  if (!token) return answer_error(token.error());
  const auto fits = std::ranges::find_if(listeners, [&](const Listener& listener) {
    return !listener.token.empty() && is_same_secret(*token, listener.token);
  });
  if (fits == listeners.end()) {
    return is_form(request) ? sign_in_page(true) : problem(401, "this is not the token");
  }
  Response answer{.status = is_form(request) ? 303 : 204};
  answer.headers = {{"Set-Cookie", make_session(*fits, SystemClock().now())},
                    {"Cache-Control", "no-store"}};
  if (is_form(request)) answer.headers.push_back({"Location", "/"});
  return answer;
}

}  // namespace

std::string make_session(const Listener& listener, Timestamp now) {
  const auto until = fmt::to_string(seconds_of(now + lasts));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  return set_cookie(listener, fmt::format("{}.{}", until, signature(listener, until)), seconds);
}

bool has_session(const Listener& listener, const Request& request, Timestamp now) {
  if (listener.token.empty()) return false;
  const auto value = cookie_of(request);
  const auto dot = value.find('.');
  if (dot == std::string_view::npos) return false;
  const auto until = value.substr(0, dot);
  const auto second = to_integer(until);
  return second && *second > seconds_of(now) &&
         is_same_secret(value.substr(dot + 1), signature(listener, until));
}

bool is_signing_in(const Request& request) {
  return request.path == path && request.method == "POST";
}

Response sign_in_page(bool was_wrong) {
  return {.status = 401,
          .content_type = "text/html; charset=utf-8",
          .body = fmt::format(page, path, was_wrong ? wrong_token : ""),
          .headers = {{"Cache-Control", "no-store"}}};
}

void add_session_routes(Router& router, std::span<const Listener> listeners) {
  router.add({"POST", std::string(path), Pace::quick,
              [listeners](Request& request) { return sign_in(listeners, request); }});
  router.add({"DELETE", std::string(path), Pace::quick, [](Request&) {
                return Response{.status = 204,
                                .headers = {{"Set-Cookie", set_cookie(Listener(), "", 0)}}};
              }});
}

}  // namespace sosie::web
