#include "twin/model/parse.h"

#include <string>

#include <doctest/doctest.h>

#include "base/result.h"
#include "base/time_text.h"
#include "twin/model/date.h"
#include "twin/model/json_text.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

std::string said(const NgsiError& error) {
  return error.error + ": " + error.description;
}

Checked<EntityPatch> entity(std::string_view body, Form form) {
  const auto parsed = TRY(parse_json(body));
  return read_entity(parsed, form);
}

std::string refusal(std::string_view body, Form form = Form::normalized) {
  const auto read = entity(body, form);
  return read ? "" : said(read.error());
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

TEST_CASE("parse: what is no JSON") {
  const std::string broken = "ParseError: Errors found in incoming JSON buffer";
  const std::string deep =
      "ParseError: attribute or metadata value has overpassed maximum nesting limit: 50";
  const struct {
    std::string body;
    std::string said;
  } cases[] = {
      {"", broken},
      {"{", broken},
      {R"({"id":"E",})", broken},
      {R"({"id":"E"} x)", broken},
      {R"({"id":"E","a":{"value":NaN}})", broken},
      {R"({"id":"E","a":{"value":1e999}})", broken},
      {R"({"id":"E","a":{"value":01}})", broken},
      {"{\"id\":\"E\xff\"}", broken},
      {R"({"id":"\ud800"})", broken},
      {R"({'id':'E'})", broken},
      {repeat("[", 10000), broken},
      {repeat("[", 10000) + repeat("]", 10000), deep},
      {repeat("{\"a\":", 10000) + "1" + repeat("}", 10000), deep},
      {repeat("[", 57) + repeat("]", 57), deep},
      {R"({"id":"E","a":{"value":1,"value":2}})", "BadRequest: duplicated value key in attribute"},
      {R"({"id":"E","a":1,"b":2,"a":3})", "BadRequest: duplicated a key in attribute"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.body.substr(0, 80));
    const auto parsed = parse_json(c.body);
    REQUIRE_FALSE(parsed);
    CHECK(said(parsed.error()) == c.said);
    CHECK(parsed.error().status == 400);
  }
  CHECK(parse_json(repeat("[", 56) + repeat("]", 56)));
}

TEST_CASE("parse: a value may be nested fifty levels deep, wherever it stands") {
  const auto nested = [](int levels) { return repeat("[", levels) + repeat("]", levels); };
  const auto plain = [](const std::string& value) {
    return refusal(R"({"id":"E","a":)" + value + "}", Form::key_values);
  };
  const auto normalized = [](const std::string& value) {
    return refusal(R"({"id":"E","a":{"value":)" + value + "}}");
  };
  const auto metadata = [](const std::string& value) {
    return refusal(R"({"id":"E","a":{"value":1,"metadata":{"m":{"value":)" + value + "}}}}");
  };
  const std::string deep =
      "ParseError: attribute or metadata value has overpassed maximum nesting limit: 50";
  CHECK(plain(nested(50)) == "");
  CHECK(normalized(nested(50)) == "");
  CHECK(metadata(nested(50)) == "");
  CHECK(plain(nested(51)) == deep);
  CHECK(normalized(nested(51)) == deep);
  CHECK(metadata(nested(51)) == deep);
}

TEST_CASE("parse: numbers of any length") {
  const auto parsed = parse_json(
      R"({"a":123456789012345678901234567890,"b":"12345678901234567890123 \" 4","c":-18446744073709551617,"d":0.5,"e":7})");
  REQUIRE(parsed);
  CHECK(*parsed->find("a")->number() == 123456789012345678901234567890.0);
  CHECK(*parsed->find("b") == Value("12345678901234567890123 \" 4"));
  CHECK(*parsed->find("c")->number() == -18446744073709551617.0);
  CHECK(*parsed->find("d") == Value(0.5));
  CHECK(*parsed->find("e") == Value(7));
}

TEST_CASE("parse: many keys, one of them twice") {
  std::string body = "{";
  for (int i = 0; i < 100; ++i) body += "\"k" + std::to_string(i) + "\":1,";
  CHECK(parse_json(body + R"("z":1})"));
  CHECK_FALSE(parse_json(body + R"("k50":1})"));
}

TEST_CASE("parse: a normalized entity") {
  const auto read = entity(R"({"id": "Room1", "type": "Room",
      "temperature": {"value": 23.5, "type": "Float",
                      "metadata": {"accuracy": {"value": 0.9}, "at": {"type": "DateTime", "value": "2020-01-01"}}},
      "empty": {},
      "since": {"type": "DateTime", "value": "2020-02-03T04:05+01:00"}})",
                           Form::normalized);
  REQUIRE(read);
  CHECK(read->id == "Room1");
  CHECK(read->type == "Room");
  REQUIRE(read->attributes.size() == 3);
  const AttributePatch& temperature = read->attributes[0];
  CHECK(temperature.type == "Float");
  CHECK(temperature.value == Value(23.5));
  REQUIRE(temperature.metadata);
  CHECK(temperature.metadata->at(0) == Metadata{"accuracy", "Number", 0.9});
  CHECK(temperature.metadata->at(1) == Metadata{"at", "DateTime", "2020-01-01T00:00:00.000Z"});
  CHECK(read->attributes[1] == AttributePatch{.name = "empty"});
  CHECK(read->attributes[2].value == Value("2020-02-03T03:05:00.000Z"));
  const Attribute made = to_attribute(read->attributes[1], Timestamp(std::chrono::seconds(5)));
  CHECK(made.type == "None");
  CHECK(made.created == Timestamp(std::chrono::seconds(5)));
}

TEST_CASE("parse: key values") {
  const auto read = entity(R"({"id":"E","a":{"value":1,"x":[]},"b":null})", Form::key_values);
  REQUIRE(read);
  CHECK(read->type.empty());
  CHECK(to_json(read->attributes[0].value) == R"({"value":1,"x":[]})");
  CHECK(read->attributes[1].value.is_null());
  CHECK(read->attributes[1].has_value);
}

TEST_CASE("parse: entities that are refused") {
  const std::string long_name(257, 'a');
  const struct {
    std::string body;
    std::string_view said;
  } cases[] = {
      {"[]", "BadRequest: entity must be a JSON object"},
      {"{}", "BadRequest: entity id length: 0, min length supported: 1"},
      {R"({"type":"T"})", "BadRequest: entity id length: 0, min length supported: 1"},
      {R"({"id":""})", "BadRequest: entity id length: 0, min length supported: 1"},
      {R"({"id":7})", "BadRequest: invalid JSON type for entity id"},
      {R"({"id":"E","type":7})", "BadRequest: invalid JSON type for entity type"},
      {R"({"id":"E","type":""})", "BadRequest: entity type length: 0, min length supported: 1"},
      {R"({"id":"E 1"})", "BadRequest: Invalid characters in entity id"},
      {R"({"id":"é"})", "BadRequest: Invalid characters in entity id"},
      {R"({"id":"E","type":"a/b"})", "BadRequest: Invalid characters in entity type"},
      {R"({"id":")" + long_name + "\"}",
       "BadRequest: entity id length: 257, max length supported: 256"},
      {R"({"id":"E",")" + long_name + "\":{}}",
       "BadRequest: attribute name length: 257, max length supported: 256"},
      {R"({"id":"E","a?":{}})", "BadRequest: Invalid characters in attribute name"},
      {R"({"id":"E","geo:distance":{}})", "BadRequest: Invalid characters in attribute name"},
      {R"({"id":"E","a":1})",
       "BadRequest: attribute must be a JSON object, unless keyValues option is used"},
      {R"({"id":"E","a":{"x":1}})", "BadRequest: unrecognized property for context attribute"},
      {R"({"id":"E","a":{"type":1}})", "BadRequest: invalid JSON type for attribute type"},
      {R"({"id":"E","a":{"type":"a b"}})", "BadRequest: Invalid characters in attribute type"},
      {R"({"id":"E","a":{"value":"<"}})", "BadRequest: Invalid characters in attribute value"},
      {R"({"id":"E","a":{"value":[{"k=":1}]}})",
       "BadRequest: Invalid characters in attribute value"},
      {R"({"id":"E","a":{"metadata":[]}})", "BadRequest: metadata not a JSON object"},
      {R"({"id":"E","a":{"metadata":{"m":1}}})",
       "BadRequest: invalid JSON type for attribute metadata"},
      {R"({"id":"E","a":{"metadata":{"m":{"x":1}}}})",
       "BadRequest: unrecognized property for metadata"},
      {R"({"id":"E","a":{"metadata":{"m":{"type":3}}}})",
       "BadRequest: invalid JSON type for metadata type"},
      {R"({"id":"E","a":{"metadata":{"m":{"value":";"}}}})",
       "BadRequest: Invalid characters in metadata value"},
      {R"({"id":"E","a":{"metadata":{"m m":{}}}})",
       "BadRequest: Invalid characters in metadata name"},
      {R"({"id":"E","a":{"type":"DateTime","value":"yesterday"}})",
       "BadRequest: date has invalid format in attribute value"},
      {R"({"id":"E","a":{"type":"DateTime","value":7}})",
       "BadRequest: date has invalid format in attribute value"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.body);
    CHECK(refusal(c.body) == c.said);
  }
}

TEST_CASE("parse: what may hold forbidden characters, and what may be no date") {
  const char* const accepted[] = {
      R"({"id":"E","a":{"type":"TextUnrestricted","value":"<a href=\"x\">'(;)x"}})",
      R"({"id":"E","a":{"value":"(x)y","metadata":{
  "TextUnrestricted" : {
    "value" : true
  }
}
}
})",
      R"({"id":"E","a":{"metadata":{"m":{"type":"TextUnrestricted","value":"(x)y"
}
}
}
})",
      R"({"id":"E","a":{"type":"DateTime","value":null}})",
      R"({"id":"E","a":{"type":"DateTime","value":{"$max":"2020-01-01"}}})",
  };
  for (const char* body : accepted) {
    CAPTURE(body);
    CHECK(refusal(body) == "");
  }
  CHECK(refusal(R"({"id":"E","a":"(x)y"
  })",
                Form::key_values) == "BadRequest: Invalid characters in attribute value");
  CHECK(
      refusal(R"({"id":"E","a":{"value":"(","metadata":{"TextUnrestricted":{"value":false}}}})") ==
      "BadRequest: Invalid characters in attribute value");
}

TEST_CASE("parse: of a feature the geometry is kept") {
  const std::string point = R"({"type":"Point","coordinates":[5,6]})";
  const std::string feature = R"({"type":"Feature","properties":{"a":1},"geometry":)" + point + "}";
  const std::string collection = R"({"type":"FeatureCollection","features":[)" + feature + "]}";
  const std::string two =
      R"({"type":"FeatureCollection","features":[)" + feature + "," + feature + "]}";
  const struct {
    std::string type;
    std::string value;
    std::string metadata;
    std::string kept;
  } cases[] = {
      {"geo:json", point, "{}", point},
      {"geo:json", feature, "{}", point},
      {"geo:json", collection, "{}", point},
      {"geo:json", two, "{}", two},
      {"geo:json", R"({"type":"Feature"})", "{}", R"({"type":"Feature"})"},
      {"geo:json", feature, R"({"ignoreType":{"value":true}})", feature},
      {"Other", feature, "{}", feature},
  };
  for (const auto& c : cases) {
    const auto read = entity(R"({"id":"E","a":{"type":")" + c.type + R"(","value":)" + c.value +
                                 R"(,"metadata":)" + c.metadata + "}}",
                             Form::normalized);
    REQUIRE(read);
    CHECK(to_json(read->attributes[0].value) == c.kept);
  }
}

TEST_CASE("parse: attributes alone") {
  const auto read = read_attributes(*parse_json(R"({"a":{"value":1},"b":{}})"), Form::normalized);
  REQUIRE(read);
  CHECK(read->size() == 2);
  CHECK(said(read_attributes(*parse_json(R"({"id":"E"})"), Form::normalized).error()) ==
        "BadRequest: entity id specified in payload");
  CHECK(said(read_attributes(*parse_json(R"({"type":"E"})"), Form::key_values).error()) ==
        "BadRequest: entity type specified in payload");
  CHECK(read_attributes(*parse_json("{}"), Form::normalized)->empty());
}

TEST_CASE("parse: plain values") {
  const struct {
    std::string_view body;
    Value value;
  } cases[] = {{"\"a text\"", "a text"}, {"\"\"", ""},   {"true", true},   {"false", false},
               {"null", nullptr},        {"-3.5", -3.5}, {" 1e3\n", 1000}, {"\"10\"", "10"}};
  for (const auto& c : cases) {
    CAPTURE(c.body);
    const auto read = read_plain(c.body);
    REQUIRE(read);
    CHECK(*read == c.value);
  }
  for (const std::string_view body : {"", "text", "\"", "True", "1 2", "{}", "nan", "0x10"}) {
    CAPTURE(body);
    const auto read = read_plain(body);
    REQUIRE_FALSE(read);
    CHECK(read.error() == bad_request("attribute value type not recognized"));
  }
}

TEST_CASE("date: forms and what they mean in UTC") {
  const struct {
    std::string_view text;
    std::string_view printed;
  } cases[] = {
      {"2017-06-17", "2017-06-17T00:00:00.000Z"},
      {"2017-06-17T07", "2017-06-17T07:00:00.000Z"},
      {"2017-06-17T07:21", "2017-06-17T07:21:00.000Z"},
      {"2017-06-17T07:21:24", "2017-06-17T07:21:24.000Z"},
      {"2017-06-17T07:21:24.238Z", "2017-06-17T07:21:24.238Z"},
      {"2017-06-17T07:21:24,2", "2017-06-17T07:21:24.200Z"},
      {"2017-06-17T07:21:24.123456789Z", "2017-06-17T07:21:24.123Z"},
      {"2017-06-17T072124.238Z", "2017-06-17T07:21:24.238Z"},
      {"2017-06-17T07:21:24+02", "2017-06-17T05:21:24.000Z"},
      {"2017-06-17T07:21:24-0330", "2017-06-17T10:51:24.000Z"},
      {"2017-06-17T07:21:24+05:45", "2017-06-17T01:36:24.000Z"},
      {"2017-06-17T23+00:00", "2017-06-17T23:00:00.000Z"},
      {"2016-02-29T23:59:59.999-00:01", "2016-03-01T00:00:59.999Z"},
      {"1969-12-31T23:59:59.500Z", "1969-12-31T23:59:59.500Z"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto at = parse_date(c.text);
    REQUIRE(at);
    CHECK(print_date(*at) == c.printed);
  }
  for (const std::string_view text : {"",
                                      "2017",
                                      "2017-06",
                                      "2017-6-17",
                                      "2017-13-01",
                                      "2017-02-29",
                                      "2017-06-31",
                                      "2017-06-17T",
                                      "2017-06-17T24:00",
                                      "2017-06-17T07:60",
                                      "2017-06-17T07:21:60",
                                      "2017-06-17T07:",
                                      "2017-06-17T07:21:24.",
                                      "2017-06-17T07:21:24+",
                                      "2017-06-17T07:21:24+2",
                                      "2017-06-17T07:21:24Zx",
                                      "2017-06-17T07:21:24+24:00",
                                      "2017-06-17x",
                                      "17-06-2017",
                                      "2017-06-17T07:21:24+02:",
                                      "2017-06-17T07:21:24+02:99"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
  }
}

}  // namespace
}  // namespace sosie::ngsi
