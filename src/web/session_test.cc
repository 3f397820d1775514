#include "web/session.h"

#include <doctest/doctest.h>

#include "web/access.h"

namespace sosie::web {
namespace {

const Timestamp noon = Timestamp(std::chrono::hours(24 * 365 * 56));

Listener guarded(const std::string& token = "s3cret") {
  Listener listener;
  listener.token = token;
  return listener;
}

/// What a browser sends back of a Set-Cookie.
std::string sent(const std::string& cookie) {
  return cookie.substr(0, cookie.find(';'));
}

Request with_cookie(const std::string& cookie) {
  return {.method = "GET", .path = "/api/live", .headers = {{"Cookie", "a=b; " + cookie}}};
}

TEST_CASE("session: its cookie is good until it ends, for the token that signed it") {
  const auto cookie = sent(make_session(guarded(), noon));
  using std::chrono::hours;
  CHECK(has_session(guarded(), with_cookie(cookie), noon + hours(11)));
  CHECK_FALSE(has_session(guarded(), with_cookie(cookie), noon + hours(13)));
  CHECK_FALSE(has_session(guarded("other"), with_cookie(cookie), noon));
  CHECK_FALSE(has_session(Listener(), with_cookie(cookie), noon));
  auto longer = cookie;
  longer.replace(longer.find('=') + 1, 1, "9");
  auto forged = cookie;
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (const auto& wrong : {longer, forged, cookie.substr(0, cookie.find('.')), std::string("x"),
                            std::string("sosie_session="), std::string("sosie_session=.")}) {
    CAPTURE(wrong);
    CHECK_FALSE(has_session(guarded(), with_cookie(wrong), noon));
  }
}

TEST_CASE("session: no script reads the cookie, no other site sends it, TLS keeps to TLS") {
  auto listener = guarded();
  const auto plain = make_session(listener, noon);
  CHECK(plain.find("; HttpOnly") != std::string::npos);
  CHECK(plain.find("; SameSite=Strict") != std::string::npos);
  CHECK(plain.find("Secure") == std::string::npos);
  listener.certificate = "c.pem";
  CHECK(make_session(listener, noon).find("; Secure") != std::string::npos);
}

TEST_CASE("session: a browser is asked for the token, a program is told of it") {
  const auto listener = guarded();
  Request page{.method = "GET", .path = "/", .headers = {{"Accept", "text/html,*/*"}}};
  const auto asked = refuse(listener, page);
  REQUIRE(asked);
  CHECK(asked->status == 401);
  CHECK(asked->content_type.starts_with("text/html"));
  CHECK(asked->body.find("name=\"token\"") != std::string::npos);
  page.headers = {{"Accept", "application/json"}};
  CHECK(refuse(listener, page)->content_type == "application/json");
  const auto cookie = sent(make_session(listener, SystemClock().now()));
  CHECK_FALSE(refuse(listener, with_cookie(cookie)));
}

TEST_CASE("session: signing in and out") {
  const std::vector<Listener> listeners{Listener(), guarded()};
  Router router;
  add_session_routes(router, listeners);
  const auto post = [&](std::string type, std::string body) {
    Request request{.method = "POST",
                    .path = "/api/session",
                    .headers = {{"Content-Type", std::move(type)}},
                    .body = std::move(body)};
    CHECK_FALSE(refuse(listeners[1], request));
    return router.answer(request);
  };
  const auto json = post("application/json", R"({"token": "s3cret"})");
  CHECK(json.status == 204);
  const auto cookie = sent(std::string(http::find_header(json.headers, "Set-Cookie")));
  CHECK_FALSE(refuse(listeners[1], with_cookie(cookie)));
  const auto form = post("application/x-www-form-urlencoded", "token=s3cret");
  CHECK(form.status == 303);
  CHECK(http::find_header(form.headers, "Location") == "/");
  CHECK_FALSE(http::find_header(form.headers, "Set-Cookie").empty());
  for (const auto* body : {R"({"token": ""})", R"({"token": "x"})", "{}"}) {
    const auto wrong = post("application/json", body);
    CHECK(wrong.status == 401);
    CHECK(http::find_header(wrong.headers, "Set-Cookie").empty());
  }
  CHECK(post("application/json", "[").status == 400);
  const auto again = post("application/x-www-form-urlencoded", "token=x");
  CHECK(again.status == 401);
  CHECK(again.body.find("role=\"alert\"") != std::string::npos);
  Request out{.method = "DELETE", .path = "/api/session", .headers = {{"Cookie", cookie}}};
  CHECK(http::find_header(router.answer(out).headers, "Set-Cookie").find("Max-Age=0") !=
        std::string::npos);
}

TEST_CASE("session: a page of another site can not sign anybody in") {
  Request request{.method = "POST",
                  .path = "/api/session",
                  .headers = {{"Origin", "null"}, {"Sec-Fetch-Site", "same-origin"}}};
  CHECK_FALSE(refuse(guarded(), request));
  request.headers = {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}};
  CHECK(refuse(guarded(), request)->status == 403);
  request.headers = {{"Origin", "https://evil.example"}};
  CHECK(refuse(guarded(), request)->status == 403);
}

}  // namespace
}  // namespace sosie::web
