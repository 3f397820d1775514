#include "twin/model/value.h"

#include <random>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

Value json(std::string_view text) {
  auto parsed = parse_json(text);
  REQUIRE(parsed);
  return *parsed;
}

TEST_CASE("text: shared, compared by its characters") {
  const Text a("temperature");
  const Text copy = a;  // NOLINT(performance-unnecessary-copy-initialization): it is what we test
  CHECK(copy.view().data() == a.view().data());
  CHECK(a == Text("temperature"));
  CHECK(a != Text("humidity"));
  CHECK(Text("a") < Text("b"));
  CHECK(Text() == Text(""));
  CHECK(Text().view().empty());
  CHECK(intern("temperature").view().data() == intern("temperature").view().data());
  CHECK(Text(std::string_view("a\0b", 3)).size() == 3);
}

TEST_CASE("text: a table that remembers a thousand keeps all of ten thousand right") {
  std::vector<Text> held;
  for (int i = 0; i < 10000; ++i) held.push_back(intern(std::to_string(i)));
  for (int i = 0; i < 10000; ++i) CHECK(held[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("text: copies in many threads") {
  const Text shared("one text for all");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([shared] {
      std::vector<Text> copies;
      for (int i = 0; i < 10000; ++i) copies.push_back(i % 3 == 0 ? intern(shared) : shared);
    });
  }
  threads.clear();
  CHECK(shared == "one text for all");
}

TEST_CASE("value: kinds in their order") {
  const char* const ascending[] = {
      "null",       "-1.5",       "0",      "2",   "10",         R"("")",
      R"("10")",    R"("2")",     R"("a")", "{}",  R"({"a":1})", R"({"a":1,"b":0})",
      R"({"a":2})", R"({"b":0})", "[]",     "[1]", "[1,0]",      "[2]",
      R"(["a"])",   "false",      "true"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      CAPTURE(ascending[i]);
      CAPTURE(ascending[j]);
      const auto order = json(ascending[i]) <=> json(ascending[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
      CHECK((json(ascending[i]) == json(ascending[j])) == (i == j));
    }
  }
}

TEST_CASE("value: parts") {
  const Value value = json(R"({"a": {"b": [1, {"c": "deep"}]}, "list": ["x", 2, [3]]})");
  CHECK(value.depth() == 4);
  REQUIRE(find_path(value, {"a", "b", "1", "c"}) != nullptr);
  CHECK(*find_path(value, {"a", "b", "1", "c"}) == Value("deep"));
  CHECK(find_path(value, {"a", "b", "2"}) == nullptr);
  CHECK(find_path(value, {"a", "b", "-1"}) == nullptr);
  CHECK(find_path(value, {"list", "x"}) == nullptr);
  CHECK(find_path(value, {}) == &value);
  CHECK(contains(*value.find("list")->array(), json("[3]")));
  CHECK_FALSE(contains(*value.find("list")->array(), Value("2")));
  Object object = *value.object();
  set(object, "list", Value());
  set(object, "new", 7);
  CHECK(to_json(Value(object)) == R"({"a":{"b":[1,{"c":"deep"}]},"list":null,"new":7})");
  CHECK(to_json(*value.find("list")) == R"(["x",2,[3]])");
}

TEST_CASE("value: default types") {
  CHECK(default_type(json("null")) == "None");
  CHECK(default_type(json("1")) == "Number");
  CHECK(default_type(json("true")) == "Boolean");
  CHECK(default_type(json("\"a\"")) == "Text");
  CHECK(default_type(json("{}")) == "StructuredValue");
  CHECK(default_type(json("[]")) == "StructuredValue");
}

TEST_CASE("json: numbers as Orion writes them") {
  const struct {
    double number;
    std::string_view text;
  } cases[] = {
      {0, "0"},
      {-0.0, "0"},
      {3.14, "3.14"},
      {-2.5, "-2.5"},
      {23, "23"},
      {1e-10, "0"},
      {-1e-10, "0"},
      {0.1 + 0.2, "0.3"},
      {1e-9, "0.000000001"},
      {5.0000000001, "5"},
      {9007199254740992, "9007199254740992"},
      {1511953932000, "1511953932000"},
      {9223372036854774784.0, "9223372036854774784"},
      {1e19, "1e+19"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {-1e300, "-1.0000000000000001e+300"},
  };
  for (const auto& c : cases) {
    std::string out;
    render_number(c.number, out);
    CHECK(out == c.text);
  }
}

TEST_CASE("json: texts and errors") {
  std::string out;
  render_text("a \"b\" \\ \n \x01 é", out);
  CHECK(out == R"("a \"b\" \\ \n \u0001 é")");
  CHECK(html_escaped("<a href=\"x\">'(1;2)'") ==
        "&lt;a href&#61;&quot;x&quot;&gt;&#39;&#40;1&#59;2&#41;&#39;");
  CHECK(render_error({404, "NotFound", "No entity (E)"}) ==
        R"({"error":"NotFound","description":"No entity &#40;E&#41;"})");
}

Value random_value(Random& random, int level) {
  switch (random.below(level > 0 ? 6 : 4)) {
    case 0:
      return {};
    case 1:
      return random.below(2) == 0;
    case 2:
      return std::trunc(random.uniform(-1e6, 1e6)) / 64;  // exact in nine decimals
    case 3:
      return std::string(random.below(20), static_cast<char>('a' + random.below(26)));
    case 4: {
      Array items;
      for (auto n = random.below(5); n > 0; --n) items.push_back(random_value(random, level - 1));
      return items;
    }
    default: {
      Object members;
      for (auto n = random.below(5); n > 0; --n) {
        set(members, std::to_string(random.below(9)), random_value(random, level - 1));
      }
      return members;
    }
  }
}

TEST_CASE("json: what is written is read back, and the order is total") {
  Random random(7);
  std::vector<Value> values;
  for (int i = 0; i < 200; ++i) values.push_back(random_value(random, 4));
  for (const Value& a : values) {
    CHECK(json(to_json(a)) == a);
    for (const Value& b : values) {
      CHECK((a <=> b == 0) == (a == b));
      CHECK((a < b) == (b > a));
    }
  }
  std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a < b; });
  for (std::size_t i = 1; i < values.size(); ++i) CHECK(values[i - 1] <= values[i]);
}

}  // namespace
}  // namespace sosie::ngsi
