#include "web/access.h"

#include <doctest/doctest.h>

namespace sosie::web {
namespace {

int status(const Listener& listener, const Request& request) {
  const auto refused = refuse(listener, request);
  return refused ? refused->status : 200;
}

TEST_CASE("on loopback, pages of other names are kept out") {
  Listener listener;
  listener.hosts = {"sosie.example"};
  struct Case {
    std::string_view host;
    int status;
  };
  const Case cases[] = {{"localhost", 200},
                        {"localhost:8090", 200},
                        {"127.0.0.1:8090", 200},
                        {"[::1]:8090", 200},
                        {"LocalHost:1", 200},
                        {"sosie.example", 200},
                        {"evil.example:8090", 421},
                        {"", 421},
                        {"localhost.evil.example", 421},
                        {"127.0.0.1.evil.com", 421},
                        {"192.168.1.5:8090", 421}};
  for (const auto& c : cases) {
    CAPTURE(c.host);
    CHECK(status(listener,
                 {.method = "GET", .path = "/", .headers = {{"Host", std::string(c.host)}}}) ==
          c.status);
  }
}

TEST_CASE("only our own pages may change anything") {
  const Listener listener;
  const auto post = [&](http::Headers more, std::string method = "POST") {
    more.push_back({"Host", "localhost:8090"});
    return status(listener, {.method = std::move(method), .path = "/", .headers = std::move(more)});
  };
  CHECK(post({}) == 200);
  CHECK(post({{"Origin", "http://localhost:8090"}}) == 200);
  CHECK(post({{"Origin", "http://localhost:8091"}}) == 403);
  CHECK(post({{"Origin", "https://evil.example"}}) == 403);
  CHECK(post({{"Origin", "null"}}) == 403);
  CHECK(post({{"Sec-Fetch-Site", "cross-site"}}) == 403);
  CHECK(post({{"Sec-Fetch-Site", "same-origin"}}) == 200);
  CHECK(post({{"Origin", "https://evil.example"}}, "DELETE") == 403);
  CHECK(post({{"Origin", "https://evil.example"}}, "GET") == 200);
}

TEST_CASE("credentials are needed where there are any, and are compared whole") {
  Listener listener;
  listener.token = "s3cret";
  listener.user = "ana";
  listener.password = "open:sesame";
  struct Case {
    std::string_view authorization;
    int status;
  };
  const Case cases[] = {{"", 401},
                        {"Bearer s3cret", 200},
                        {"bearer s3cret", 200},
                        {"Bearer s3cre", 401},
                        {"Bearer s3cret ", 401},
                        {"Bearer ", 401},
                        {"Basic YW5hOm9wZW46c2VzYW1l", 200},
                        {"Basic YW5hOm9wZW4=", 401},
                        {"Digest s3cret", 401},
                        {"Bearer", 401}};
  for (const auto& c : cases) {
    CAPTURE(c.authorization);
    const Request request{
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "any.example"}, {"Authorization", std::string(c.authorization)}}};
    CHECK(status(listener, request) == c.status);
  }
  const auto refused = refuse(listener, {.method = "GET", .path = "/"});
  CHECK(http::find_header(refused->headers, "WWW-Authenticate") == "Basic realm=\"Sosie\"");
}

TEST_CASE("a listener for metrics shows nothing else") {
  Listener listener;
  listener.only_metrics = true;
  const http::Headers host{{"Host", "localhost"}};
  CHECK(status(listener, {.method = "GET", .path = "/metrics", .headers = host}) == 200);
  CHECK(status(listener, {.method = "GET", .path = "/health", .headers = host}) == 200);
  CHECK(status(listener, {.method = "GET", .path = "/", .headers = host}) == 404);
}

TEST_CASE("away from loopback a listener needs TLS and credentials, or a word that it may not") {
  Listener listener;
  CHECK(listener.check());
  listener.address = "0.0.0.0";
  CHECK_FALSE(listener.check());
  listener.token = "x";
  CHECK(listener.check().error().what.find("lacks TLS") != std::string::npos);
  listener.certificate = "c";
  CHECK(listener.check());
  listener.token.clear();
  CHECK(listener.check().error().what.find("lacks credentials") != std::string::npos);
  listener.insecure = true;
  CHECK(listener.check());
  CHECK(listener.url(80) == "https://0.0.0.0:80");
}

TEST_CASE("listeners of a scenario") {
  const auto read = [](std::string_view toml) {
    auto section = *Section::read_text(toml);
    return read_listeners(section);
  };
  const auto none = *read("");
  REQUIRE(none.size() == 2);
  CHECK(none[0].port == 8090);
  CHECK(none[1].port == 8091);
  CHECK(none[1].only_metrics);
  const auto two =
      *read("[[listener]]\nport = 80\nhosts = [\"a\"]\n[[listener]]\nkind = \"metrics\"");
  CHECK(two[0].port == 80);
  CHECK(two[1].port == 8091);
  struct Case {
    std::string_view toml;
    std::string_view what;
  };
  const Case cases[] = {
      {"[[listener]]\nport = 70000", "port"},
      {"[[listener]]\nprot = 80", "prot"},
      {"[[listener]]\nkind = \"ftp\"", "ftp"},
      {"[[listener]]\ncertificate = \"c.pem\"", "come together"},
      {"[[listener]]\nuser = \"ana\"", "come together"},
      {"[[listener]]\ntoken_env = \"SOSIE_TEST_NO_SUCH\"", "SOSIE_TEST_NO_SUCH"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto refused = read(c.toml);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find(c.what) != std::string::npos);
  }
}

}  // namespace
}  // namespace sosie::web
