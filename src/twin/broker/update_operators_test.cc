#include "twin/broker/update_operators.h"

#include <doctest/doctest.h>

#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

/// What the operation makes of a value ("": there is none), as JSON, or the words of the refusal.
std::string after(std::string_view current, std::string_view operation) {
  const auto before = parse_json(current.empty() ? "null" : current);
  const auto what = parse_json(operation);
  REQUIRE(before);
  REQUIRE(what);
  REQUIRE(is_operator(*what));
  const auto result = operate(*what, current.empty() ? nullptr : &*before);
  return result ? to_json(*result) : result.error().description;
}

}  // namespace

TEST_CASE("update operators: as MongoDB has them") {
  struct Case {
    std::string_view current;
    std::string_view operation;
    std::string_view expected;
  };
  const Case cases[] = {
      {"10", R"({"$inc":2})", "12"},
      {"10", R"({"$inc":-2.5})", "7.5"},
      {"", R"({"$inc":2})", "2"},
      {R"("x")", R"({"$inc":2})",
       "Database Error: Cannot apply $inc to a value of non-numeric type: {value: \"x\"}"},
      {"10", R"({"$inc":"foo"})",
       "Database Error: Cannot increment with non-numeric argument: {value: \"foo\"}"},
      {"10", R"({"$mul":2})", "20"},
      {"", R"({"$mul":2})", "0"},
      {"10", R"({"$min":2})", "2"},
      {"10", R"({"$min":20})", "10"},
      {"", R"({"$min":20})", "20"},
      {"10", R"({"$max":12})", "12"},
      {R"("a")", R"({"$max":"b"})", R"("b")"},
      {"5", R"({"$max":"a"})", R"("a")"},
      {"[1,2,3]", R"({"$push":3})", "[1,2,3,3]"},
      {"", R"({"$push":3})", "[3]"},
      {"[1,2]", R"({"$push":{"$each":[8,9]}})", "[1,2,8,9]"},
      {"[1,2]", R"({"$push":{"$each":[8,9],"$position":0}})", "[8,9,1,2]"},
      {"[1,2]", R"({"$push":{"$each":[8],"$position":-1}})", "[1,8,2]"},
      {"[1,2]", R"({"$push":{"$each":[8],"$position":-9}})", "[8,1,2]"},
      {"[1,2]", R"({"$push":{"$each":[8],"$position":99}})", "[1,2,8]"},
      {"[1,2]", R"({"$push":{"x":1}})", R"([1,2,{"x":1}])"},
      {"[1,2]", R"({"$push":{"$each":8}})",
       "Database Error: The argument to $each must be an array"},
      {"[1,2]", R"({"$push":{"$each":[8],"$position":1.5}})",
       "Database Error: The value for $position must be an integer value"},
      {"5", R"({"$push":3})",
       "Database Error: The field 'value' must be an array but is of another type, for $push"},
      {"[1,2,3]", R"({"$addToSet":4})", "[1,2,3,4]"},
      {"[1,2,3]", R"({"$addToSet":3})", "[1,2,3]"},
      {"[1]", R"({"$addToSet":{"$each":[1,2,2]}})", "[1,2]"},
      {"[1,2,3,2]", R"({"$pull":2})", "[1,3]"},
      {"[1,2,3]", R"({"$pullAll":[2,3]})", "[1]"},
      {"[3,1]", R"({"$push":{"$each":[2],"$sort":1}})", "[1,2,3]"},
      {"[3,1]", R"({"$push":{"$each":[2],"$sort":-1,"$slice":2}})", "[3,2]"},
      {"[1,2,3]", R"({"$push":{"$each":[4],"$slice":-2}})", "[3,4]"},
      {R"([{"a":2},{"a":1}])", R"({"$push":{"$each":[],"$sort":{"a":1}}})", R"([{"a":1},{"a":2}])"},
      {"[1,2]", R"({"$push":{"$each":[8],"$sort":2}})",
       "Database Error: The $sort element value must be either 1 or -1"},
      {"[1,7,5]", R"({"$pull":{"$gte":5}})", "[1]"},
      {"[1,7,5]", R"({"$pull":{"$in":[5,1]}})", "[7]"},
      {R"([{"a":1,"b":2},{"a":2,"b":2},5])", R"({"$pull":{"a":1}})", R"([{"a":2,"b":2},5])"},
      {R"([{"a":{"c":1}},{"a":{"c":9}}])", R"({"$pull":{"a.c":{"$lt":5}}})", R"([{"a":{"c":9}}])"},
      {R"({"X":1,"Y":2})", R"({"$set":{"Y":20,"Z":30},"$unset":{"X":1}})", R"({"Y":20,"Z":30})"},
      {R"({"X":1})", R"({"$unset":{"X":1},"$set":{"Z":30}})", R"({"Z":30})"},
      {"10", R"({"$inc":2,"$mul":3})", "12"},
      {"[1]", R"({"$pullAll":2})", "Database Error: $pullAll requires an array argument"},
      {R"({"X":1,"Y":2})", R"({"$set":{"Y":20,"Z":30}})", R"({"X":1,"Y":20,"Z":30})"},
      {R"({"X":{"A":1}})", R"({"$set":{"X.B":2,"Q.R.S":3}})", R"({"X":{"A":1},"X.B":2,"Q.R.S":3})"},
      {"", R"({"$set":{"A":1}})", R"({"A":1})"},
      {"5", R"({"$set":{"A":1}})",
       "Database Error: Cannot create field in an element that is no object"},
      {R"({"X":1,"Y":2})", R"({"$unset":{"X":1}})", R"({"Y":2})"},
      {R"({"X":{"A":1},"X.A":2})", R"({"$unset":{"X.A":1,"N.M":1}})", R"({"X":{"A":1}})"},
      {R"({"X":{"A":1}})", R"({"$set":{"X.B":2},"$unset":{"X":1}})", R"({"X.B":2})"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.current);
    CAPTURE(c.operation);
    CHECK(after(c.current, c.operation) == c.expected);
  }
}

TEST_CASE("update operators: what is none is a value") {
  for (const auto* text : {"5", "{}", R"({"x":1})", R"({"$other":1})", R"(["$inc"])"}) {
    CAPTURE(text);
    CHECK_FALSE(is_operator(*parse_json(text)));
  }
}

}  // namespace sosie::ngsi
