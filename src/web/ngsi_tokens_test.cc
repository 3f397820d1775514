#include "web/ngsi_tokens.h"

#include <cstdlib>

#include <doctest/doctest.h>

namespace sosie::web {
namespace {

constexpr const char* three = R"(
[[broker.token]]
token_env = "SOSIE_TEST_ALL"
[[broker.token]]
token_env = "SOSIE_TEST_ONE"
tenant = "one"
[[broker.token]]
token_env = "SOSIE_TEST_READ"
tenant = "one"
access = "read"
)";

Result<NgsiTokens> read(std::string_view toml) {
  ::setenv("SOSIE_TEST_ALL", "secret-all", 1);
  ::setenv("SOSIE_TEST_ONE", "secret-one", 1);
  ::setenv("SOSIE_TEST_READ", "secret-read", 1);
  auto scenario = TRY(Section::read_text(toml));
  auto broker = TRY(scenario.table("broker"));
  return NgsiTokens::read(broker);
}

Request request(std::string method, std::string path, http::Headers headers) {
  Request made;
  made.method = std::move(method);
  made.raw_path = std::move(path);
  made.headers = std::move(headers);
  return made;
}

TEST_CASE("tokens: who may do what") {
  const auto tokens = read(three);
  REQUIRE(tokens);
  CHECK(tokens->are_needed());
  struct Case {
    const char* method;
    const char* path;
    http::Headers headers;
    const char* tenant;
    int status;  ///< 200: go on
  };
  const Case cases[] = {
      {"GET", "/v2/entities", {}, "one", 401},
      {"GET", "/v2/entities", {{"Authorization", "Bearer wrong"}}, "one", 401},
      {"GET", "/v2/entities", {{"Authorization", "Bearer "}}, "one", 401},
      {"GET", "/v2/entities", {{"Authorization", "Basic secret-all"}}, "one", 401},
      {"POST", "/v2/entities", {{"Authorization", "Bearer secret-all"}}, "one", 200},
      {"POST", "/v2/entities", {{"authorization", "bearer secret-all"}}, "", 200},
      {"POST", "/v2/entities", {{"X-Auth-Token", "secret-one"}}, "one", 200},
      {"POST", "/v2/entities", {{"X-Auth-Token", "secret-one"}}, "two", 403},
      {"POST", "/v2/entities", {{"X-Auth-Token", "secret-one"}}, "", 403},
      {"POST", "/v2/entities", {{"X-Auth-Token", "secret-read"}}, "one", 403},
      {"DELETE", "/v2/entities/E", {{"X-Auth-Token", "secret-read"}}, "one", 403},
      {"GET", "/v2/entities", {{"X-Auth-Token", "secret-read"}}, "one", 200},
      {"POST", "/v2/op/query", {{"X-Auth-Token", "secret-read"}}, "one", 200},
      {"GET", "/version", {}, "", 200},
      {"OPTIONS", "/v2/entities", {}, "one", 200},
  };
  for (const auto& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.path);
    CAPTURE(c.tenant);
    CAPTURE((c.headers.empty() ? "" : c.headers[0].value));
    const auto refusal = tokens->refuse(request(c.method, c.path, c.headers), c.tenant);
    CHECK((refusal ? refusal->status : 200) == c.status);
  }
}

TEST_CASE("tokens: without any everybody may do all; a wrong table is an error") {
  const auto none = read("");
  REQUIRE(none);
  CHECK_FALSE(none->are_needed());
  CHECK_FALSE(none->refuse(request("DELETE", "/v2/entities/E", {}), "one"));
  const char* const wrong[] = {
      "[[broker.token]]\ntenant = \"x\"",
      "[[broker.token]]\ntoken_env = \"SOSIE_TEST_NOT_THERE\"",
      "[[broker.token]]\ntoken_env = \"SOSIE_TEST_ALL\"\naccess = \"all\"",
      "[[broker.token]]\ntoken = \"in the open\"",
  };
  for (const auto* text : wrong) {
    CAPTURE(text);
    CHECK_FALSE(read(text));
  }
}

TEST_CASE("tokens: a tenant is what the broker takes it for") {
  Request asked;
  asked.headers = {{"fiware-service", "Farm_1"}};
  CHECK(tenant_of(asked, true) == "farm_1");
  CHECK(tenant_of(asked, false).empty());
  CHECK(tenant_of({}, true).empty());
}

}  // namespace
}  // namespace sosie::web
