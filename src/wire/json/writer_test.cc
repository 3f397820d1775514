#include "wire/json/writer.h"

#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "wire/json/value.h"

namespace sosie::json {
namespace {

TEST_CASE("objects and arrays get their commas") {
  Writer out;
  out.begin_object();
  out.member("id", 7);
  out.member("name", "pH");
  out.key("list");
  out.begin_array();
  out.value(1);
  out.begin_object();
  out.end_object();
  out.begin_array();
  out.end_array();
  out.raw("[2]");
  out.end_array();
  out.member("on", true);
  out.member("none", nullptr);
  out.end_object();
  CHECK(out.take() == R"({"id":7,"name":"pH","list":[1,{},[],[2]],"on":true,"none":null})");
  CHECK(out.text().empty());
}

std::string written(const auto& value) {
  Writer out;
  out.value(value);
  return out.take();
}

TEST_CASE("numbers are the shortest that read back, and what JSON lacks is null") {
  CHECK(written(0.1) == "0.1");
  CHECK(written(1e300) == "1e+300");
  CHECK(written(3.0) == "3");
  CHECK(written(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "null");
  CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(written(std::optional<double>()) == "null");
  CHECK(written(std::optional<int>(4)) == "4");
}

TEST_CASE("texts come back as they were, and bad UTF-8 becomes U+FFFD") {
  for (const std::string_view text :
       {"plain", "a \"b\" \\ c", "line\nend\ttab", "é ∞ 🙂", "\x01\x1f\x7f"}) {
    CAPTURE(text);
    CHECK(*parse(written(text))->text() == text);
  }
  CHECK(written(std::string("a\xFF")) == "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace sosie::json
