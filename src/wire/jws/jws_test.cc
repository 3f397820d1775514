#include "wire/jws/jws.h"

#include <doctest/doctest.h>

namespace sosie::jws {
namespace {

using namespace std::string_literals;

/// RFC 7515, A.1: the key, and a token that has line breaks in its header and its payload.
const auto rfc_key =
    "\x03\x23\x35\x4b\x2b\x0f\xa5\xbc\x83\x7e\x06\x65\x77\x7b\xa6\x8f\x5a\xb3\x28\xe6\xf0\x54\xc9"
    "\x28\xa9\x0f"
    "\x84\xb2\xd2\x50\x2e\xbf\xd3\xfb\x5a\x92\xd2\x06\x47\xef\x96\x8a\xb4\xc3\x77\x62\x3d\x22\x3d"
    "\x2e\x21\x72"
    "\x05\x2e\x4f\x08\xc0\xcd\x9a\xf5\x67\xd0\x80\xa3"s;
constexpr auto rfc_token =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

TEST_CASE("a signed text is opened as RFC 7515 has it") {
  Verifier verifier({{"", rfc_key}});
  const auto opened = verifier.open(rfc_token);
  REQUIRE(opened);
  CHECK(*opened ==
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

TEST_CASE("a signed text of each sender, by its name") {
  const std::string own(32, 'a');
  const std::string other(40, 'b');
  Verifier verifier({{"gateway \"1\"", own}, {"gateway-2", other}});
  for (const auto* const text : {"", "2", "{\"value\": 21.5}", "Débit >> 3 m³/h???"}) {
    CAPTURE(text);
    const auto one = verifier.open(sign(text, own, "gateway \"1\""));
    REQUIRE(one);
    CHECK(*one == text);
    CHECK(verifier.open(" " + sign(text, other, "gateway-2") + "\n"));
    const auto stolen = verifier.open(sign(text, own, "gateway-2"));
    REQUIRE_FALSE(stolen);
    CHECK(stolen.error().what.starts_with("the signature does not fit"));
  }
}

TEST_CASE("what is not signed, or was changed, says so") {
  const std::string key(32, 'k');
  Verifier verifier({{"g", key}});
  const auto why = [&](const std::string& token) {
    const auto opened = verifier.open(token);
    return opened ? "taken: " + std::string(*opened) : opened.error().what;
  };
  const auto good = sign(R"({"value":1})", key, "g");
  CHECK(why(good) == R"(taken: {"value":1})");
  CHECK(why(R"({"value": 1.5})").starts_with(R"(read '{"value": 1.5}', which is not signed)"));
  CHECK(why("1.5.2") == "the signature's header is no base64url");
  CHECK(why("").starts_with("read '', which is not signed"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == good) continue;
    CAPTURE(i);
    CHECK_FALSE(verifier.open(changed));
  }
  CHECK(why(good.substr(0, good.rfind('.') + 1)).starts_with("the signature does not fit"));
  CHECK(why(sign("1", key)).starts_with("the signature does not say whose key"));
  CHECK(why(sign("1", key, "stranger")) == "is signed by 'stranger', whose key is not known here");
  // {"alg":"none"} and {"alg":"HS256","kid":"g","crit":["exp"]}
  CHECK(why("eyJhbGciOiJub25lIn0.MQ.") == "is signed by 'none'; expected HS256");
  CHECK(why("eyJhbGciOiJIUzI1NiIsImtpZCI6ImciLCJjcml0IjpbImV4cCJdfQ.MQ.AA")
            .starts_with("the signature's header has 'crit'"));
}

TEST_CASE("a signed text says for which place it is, known or not") {
  const std::string key(32, 'k');
  Verifier verifier({{"", key}});
  for (int time = 0; time < 2; ++time) {
    REQUIRE(verifier.open(sign("1", key, "", "plant/P \"1\"/flow")));
    CHECK(verifier.place() == "plant/P \"1\"/flow");
    REQUIRE(verifier.open(sign("1", key)));
    CHECK(verifier.place().empty());
  }
}

}  // namespace
}  // namespace sosie::jws
