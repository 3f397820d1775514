#include "twin/jexl/expression.h"

#include <algorithm>
#include <span>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "twin/model/date.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

const Timestamp noon = *parse_date("2024-08-01T09:31:02.750Z");

Value context() {
  const auto parsed = parse_json(R"({
    "temperature": 21.5, "count": {"count": 5, "sum": 100}, "speed": "10 m/s", "code": null,
    "value": 14, "max": 50, "on": true, "off": false, "empty": "", "zero": 0,
    "list": [3, 1, 2], "texts": ["a", "b"], "none": [],
    "people": [{"first": "Lana", "last": "Kane", "age": 30}, {"first": "Cyril", "last": "Figgis"},
               {"first": "Pam", "last": "Poovey", "age": 32}],
    "metadata": {"temperature": {"unit": "C", "previousValue": 20}}})");
  REQUIRE(parsed);
  return *parsed;
}

/// The value as JSON; "no expression" where it is none.
std::string value_of(std::string_view text, const Value& over) {
  const auto expression = Expression::parse(text);
  return expression ? to_json(expression->evaluate(over, noon)) : "no expression";
}

struct Case {
  std::string_view expression;
  std::string_view value;
};

void check(std::span<const Case> cases) {
  const Value over = context();
  for (const Case& c : cases) {
    CAPTURE(c.expression);
    CHECK(value_of(c.expression, over) == c.value);
  }
}

TEST_CASE("jexl: operators and what binds first") {
  const Case cases[] = {
      {"1 + 2 * 3", "7"},
      {"(1 + 2) * 3", "9"},
      {"7 // 2", "3"},
      {"7 / 2", "3.5"},
      {"7 % 4", "3"},
      {"2 ^ 10", "1024"},
      {"10 - 2 - 3", "5"},
      {"-value + 1", "-13"},
      {"2 - -2", "4"},
      {"temperature * 1.8 + 32", "70.7"},
      {"'a' + 1", R"("a1")"},
      {"speed + ', ' + on", R"("10 m/s, true")"},
      {"1 / 0", "null"},
      {"1 // 0", "null"},
      {"1 % 0", "null"},
      {"on + 1", "null"},
      {"'a' * 2", "null"},
      {"list + 1", "null"},
      {"value > 13", "true"},
      {"value >= 14 && value <= 14", "true"},
      {"value < 14", "false"},
      {"'a' < 'b'", "true"},
      {"'a' < 1", "null"},
      {"value == 14", "true"},
      {"value == '14'", "false"},
      {"value != 14", "false"},
      {"list == [3, 1, 2]", "true"},
      {"on || off && off", "false"},  // && and || are equally strong, from left to right
      {"code || 'invalid'", R"("invalid")"},
      {"zero || empty || off || null || 'last'", R"("last")"},
      {"value && speed", R"("10 m/s")"},
      {"zero && speed", "0"},
      {"!on", "false"},
      {"!code", "true"},
      {"!!value", "true"},
      {"(value > max) ? 'nok' : 'ok'", R"("ok")"},
      {"on ? off ? 1 : 2 : 3", "2"},
      {"code ?: 7", "7"},
      {"2 in list", "true"},
      {"7 in list", "false"},
      {"'m/s' in speed", "true"},
      {"'a' in 7", "null"},
      {"1 == 1 == true", "true"},
      {"null", "null"},
      {"true", "true"},
      {"\"a 'b'\"", R"("a 'b'")"},
      {R"('it\'s \\ \d')", R"("it's \\ \\d")"},
  };
  check(cases);
}

TEST_CASE("jexl: parts, literals and filters") {
  const Case cases[] = {
      {"count.sum / count.count", "20"},
      {"count['su' + 'm']", "100"},
      {"list[0]", "3"},
      {"list[1 + 1]", "2"},
      {"list[9]", "null"},
      {"list[-1]", "null"},
      {"people[2].first", R"("Pam")"},
      {"people.first", R"("Lana")"},
      {"people[.first == 'Cyril'].last", R"("Figgis")"},
      {"people[.age != null && .age > 30].first", R"("Pam")"},
      {"people[.first == 'Malory']", "[]"},
      {"people[.age > 30]", "null"},  // the condition fails for who has no age
      {"people[.first < 5]", "null"},
      {"people[.nothing]", "[]"},
      {"people[.first == 'Lana' || .first == 'Pam'][1].last", R"("Poovey")"},
      {"people[.last|len == 6 && .age != 32].first", R"("Cyril")"},
      {"[1, 'a', on, [value]]", R"([1,"a",true,[14]])"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"{a: 1, 'b c': {d: value}}", R"({"a":1,"b c":{"d":14}})"},
      {"{count:count.count+1, sum:count.sum+((speed|split(' '))[0]|parseInt)}",
       R"({"count":6,"sum":110})"},
      {"metadata.temperature.unit", R"("C")"},
      {"temperature - metadata.temperature.previousValue", "1.5"},
      {"metadata.nothing.unit", "null"},
  };
  check(cases);
}

TEST_CASE("jexl: what is not there (Orion's manual, failsafe cases)") {
  const Case cases[] = {
      {"gone", "null"},
      {"gone + 1", "null"},
      {"gone == null", "null"},
      {"(gone == null) ? 0 : gone", "null"},
      {"gone || 0", "0"},
      {"gone != null ? 1 : 0", "0"},
      {"gone ? 1 : 0", "0"},
      {"gone && 1", "null"},
      {"gone.a.b", "null"},
      {"gone[1]", "null"},
      {"count.gone || 'x'", R"("x")"},
      {"gone|uppercase", "null"},
      {"speed|unknown", "null"},
      {"[speed|unknown, 1]", "null"},
      {"[gone, 1]", "[null,1]"},
      {"(speed|unknown) || 1", "null"},
      {"gone || 0 - 1", "-1"},
      {"gone || -1", "-1"},
  };
  check(cases);
}

TEST_CASE("jexl: Orion's transforms, as its manual shows them") {
  const Case cases[] = {
      {"'fooBAR'|uppercase", R"("FOOBAR")"},
      {"'fooBAR'|lowercase", R"("foobar")"},
      {"'foo,bar,zzz'|split(',')", R"(["foo","bar","zzz"])"},
      {"'a::b::'|split('::')", R"(["a","b",""])"},
      {"'fooxybar'|indexOf('xy')", "3"},
      {"'éxy'|indexOf('xy')", "1"},
      {"'foo'|indexOf('xy')", "null"},
      {"list|indexOf('xy')", "null"},
      {"'foobar'|len", "6"},
      {"'été'|len", "3"},
      {"list|len", "null"},
      {"'  foo  bar  '|trim", R"("foo  bar")"},
      {"'foobar'|substring(3,5)", R"("ba")"},
      {"'étéé'|substring(1,3)", R"("té")"},
      {"'foobar'|substring(3,7)", "null"},
      {"'foobar'|substring(5,3)", "null"},
      {"'foobar'|substring(0-1,3)", "null"},
      {"'foobar'|includes('ba')", "true"},
      {"'foobar'|includes('x')", "false"},
      {"'foobar'|isNaN", "true"},
      {"7|isNaN", "false"},
      {"'25'|parseInt", "25"},
      {"'25.33'|parseFloat", "25.33"},
      {"'x'|parseInt", "null"},
      {"23|typeOf", R"("Number")"},
      {"'a'|typeOf", R"("String")"},
      {"on|typeOf", R"("Boolean")"},
      {"list|typeOf", R"("Array")"},
      {"count|typeOf", R"("Object")"},
      {"null|typeOf", R"("Null")"},
      {"23|toString", R"("23")"},
      {"list|toString", R"("[3,1,2]")"},
      {"'[1,2]'|toJson", "[1,2]"},
      {"'[1,2'|toJson", "null"},
      {"3.14|floor", "3"},
      {"3.14|ceil", "4"},
      {"3.14|round", "3"},
      {"2.5|round", "3"},
      {"3.18|toFixed(1)", "3.2"},
      {"3.18|toFixed(0-1)", "null"},
      {"0.85|toFixed(1)", "0.8"},  // what is held is a little less than 0.85
      {"2.5|toFixed(0)", "2"},
      {"3.18|toFixed", "null"},
      {"(3.14|log) > 1.1442 && (3.14|log) < 1.1443", "true"},
      {"1000|log10", "3"},
      {"8|log2", "3"},
      {"16|sqrt", "4"},
      {"(0-1)|sqrt", "null"},
      {"0|log", "null"},
      {"'foobar'|replaceStr('o','u')", R"("fuubar")"},
      {"'foobar'|replaceStr('','u')", "null"},
      {R"('aba1234aba786aba'|replaceRegex('\d+','X'))", R"("abaXabaXaba")"},
      {R"('abc1234fgh897hyt'|matchRegex('\d+'))", R"(["1234","897"])"},
      {"'abc'|matchRegex('x')", "[]"},
      {"'abc'|matchRegex('(')", "null"},
      {"'fr'|mapper(['es','fr','de'],['Spain','France','Germany'])", R"("France")"},
      {"'it'|mapper(['es','fr','de'],['Spain','France','Germany'])", "null"},
      {"'fr'|mapper(['es','fr'],['Spain'])", "null"},
      {"7|mapper([7],['seven'])", "null"},
      {"7|nMapper([7],['seven'])", R"("seven")"},
      {"0.5|thMapper([0-1,1],['low','medium','high'])", R"("medium")"},
      {"1|thMapper([0-1,1],['low','medium','high'])", R"("high")"},
      {"(0-2)|thMapper([0-1,1],['low','medium','high'])", R"("low")"},
      {"1|thMapper([0-1,'x'],['low','medium','high'])", "null"},
      {"1|thMapper([0-1,1],['low','medium'])", "null"},
      {"{x:1,y:'foo'}|values", R"([1,"foo"])"},
      {"{x:1,y:'foo'}|keys", R"(["x","y"])"},
      {"list|values", "null"},
      {"[1,5]|arrSum", "6"},
      {"[1,'x']|arrSum", "null"},
      {"[1,5]|arrAvg", "3"},
      {"none|arrAvg", "null"},
      {"0|now", "1722504662"},
      {"60|now", "1722504722"},
      {"1720606949|toIsoString", R"("2024-07-10T10:22:29+00:00")"},
      {"'2024-07-10T10:22:29+00:00'|getTime", "1720606949"},
      {"'yesterday'|getTime", "null"},
      {"speed|split(' ')|len", "null"},
      {"(speed|split(' '))[0]|parseInt", "10"},
      {"'duchess'|uppercase + ' ' + 'Archer'|uppercase", R"("DUCHESS ARCHER")"},
  };
  check(cases);
}

TEST_CASE("jexl: what only the IoT Agents know") {
  const Case cases[] = {
      {"1637245214901|toisodate", R"("2021-11-18T14:20:14.901Z")"},
      {"'2021-11-18T14:20:14.901Z'|gettime", "1637245214901"},
      {"'DevId629'|substr(0,'DevId629'|indexOf('e')+1)", R"("De")"},
      {"'DevId629'|length", "8"},
      {"list|addreduce", "6"},
      {"list|lengtharray", "3"},
      {"texts|joinarrtostr(';')", R"("a;b")"},
      {"list|slice(1)", "[1,2]"},
      {"list|slice(0-2,0-1)", "[1]"},
      {"list|addset(1)|addset(9)", "[3,1,2,9]"},
      {"list|removeset(1)", "[3,2]"},
      {"list|concatarr(texts)", R"([3,1,2,"a","b"])"},
      {"list|isarray", "true"},
      {"count|jsonstringify", R"("{\"count\":5,\"sum\":100}")"},
      {R"('{"a":1}'|jsonparse)", R"({"a":1})"},
  };
  check(cases);
}

TEST_CASE("jexl: what is no expression") {
  for (const std::string_view text :
       {"",      " ",  "1 +",           "(1",   "1)",   "[1",    "{a:1",  "{a 1}",   "{1:2}",
        "a b",   "a.", "a.1",           "a|",   "a|b(", "'open", "1 ? 2", "? 1 : 2", "a = 1",
        "a & b", "@",  "A[0|uppercase", ".. a", "a..b", "* 2",   "1 2",   "`a`"}) {
    CAPTURE(text);
    CHECK_FALSE(Expression::parse(text));
  }
}

TEST_CASE("jexl: what is made to hurt") {
  const auto repeated = [](std::string_view text, int times) {
    std::string out;
    for (; times > 0; --times) out += text;
    return out;
  };
  CHECK_FALSE(Expression::parse(repeated("(", 8000)));
  CHECK_FALSE(Expression::parse(repeated("(", 5000) + "1" + repeated(")", 5000)));
  CHECK_FALSE(Expression::parse(repeated("!", 10000) + "1"));
  CHECK_FALSE(Expression::parse("1" + repeated("+1", 8000)));
  CHECK_FALSE(Expression::parse("a" + repeated("|len", 4000)));
  CHECK_FALSE(Expression::parse(std::string(20000, 'a')));
  CHECK(value_of(repeated("(", 50) + "1" + repeated(")", 50), context()) == "1");
  CHECK(value_of("1" + repeated("+1", 400), context()) == "401");

  Array many;
  for (int i = 0; i < 1000; ++i) many.emplace_back(Object{{"x", i}});
  const Value over = Object{{"many", many}, {"long", std::string(100000, 'a')}};
  CHECK(value_of("many[.x == 7][0].x", over) == "7");
  CHECK(value_of("many[.x in many[.x in many[.x > 0]]]", over) == "null");
  CHECK(value_of("long|replaceStr('a','aaaaaaaaaaaaaaaaaaaa')", over) == "null");
  CHECK(value_of("long + long + long + long + long + long + long + long + long + long + long",
                 over) == "null");
  CHECK(value_of("long|matchRegex('^(a+)+$')|lengtharray", over) == "1");
}

TEST_CASE("jexl: is it true") {
  CHECK(is_true(true));
  CHECK(is_true(1));
  CHECK(is_true("x"));
  CHECK(is_true(Array{}));
  CHECK_FALSE(is_true(false));
  CHECK_FALSE(is_true(0));
  CHECK_FALSE(is_true(""));
  CHECK_FALSE(is_true(nullptr));
}

/// A sum of products of small numbers, made up, with its value reckoned while it is written.
struct Made {
  std::string text{};
  double value = 0;
};

Made random_sum(Random& random, int level) {
  if (level == 0) {
    const auto number = static_cast<double>(random.below(20));
    return {.text = fmt::format("{}", number), .value = number};
  }
  const Made left = random_sum(random, level - 1);
  const Made right = random_sum(random, level - 1);
  switch (random.below(4)) {
    case 0:
      return {.text = "(" + left.text + "+" + right.text + ")", .value = left.value + right.value};
    case 1:
      return {.text = "(" + left.text + " - " + right.text + ")",
              .value = left.value - right.value};
    case 2:
      return {.text = "(" + left.text + ") * (" + right.text + ")",
              .value = left.value * right.value};
    default:
      return {.text = "(" + left.text + " > " + right.text + " ? " + left.text + " : " +
                      right.text + ")",
              .value = std::max(left.value, right.value)};
  }
}

TEST_CASE("jexl: random arithmetic") {
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    const Made made = random_sum(random, 4);
    const auto expression = Expression::parse("(" + made.text + ")");
    CAPTURE(made.text);
    REQUIRE(expression);
    CHECK(*expression->evaluate(Object{}, noon).number() == made.value);
  }
}

}  // namespace
}  // namespace sosie::ngsi
