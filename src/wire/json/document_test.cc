#include "wire/json/document.h"

#include <doctest/doctest.h>

namespace sosie::json {
namespace {

TEST_CASE("json document: what is in it is found") {
  const auto read = Document::parse(
      R"({"total_count": 2, "results": [{"a": 1.50, "b": "é\n"}, 3], "type": "x", "none": null})");
  REQUIRE(read);
  CHECK(read->number("total_count") == 2.0);
  CHECK(read->text("type") == "x");
  CHECK(read->count("results") == 2);
  const auto elements = read->elements("results");
  REQUIRE(elements);
  CHECK(*elements == std::vector<std::string>{R"({"a":1.5,"b":"é\n"})", "3"});
  CHECK_FALSE(read->elements("type"));
  CHECK_FALSE(read->elements("nothing"));
  CHECK_FALSE(read->elements(""));
  CHECK_FALSE(read->number("none"));
  const auto list = Document::parse("[1, [2]]");
  REQUIRE(list);
  CHECK(list->count("") == 2);
  CHECK_FALSE(list->text("type"));
}

TEST_CASE("json document: every cut is seen") {
  const std::string whole = R"({"type":"FeatureCollection","features":[{"v":[1,2.5],"t":"a\"b"}]})";
  REQUIRE(Document::parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(Document::parse(std::string_view(whole).substr(0, length)));
  }
  CHECK_FALSE(Document::parse(whole + "Streaming interrupted due to the following error"));
  CHECK_FALSE(Document::parse("{\"a\":\"\xff\"}"));
}

}  // namespace
}  // namespace sosie::json
