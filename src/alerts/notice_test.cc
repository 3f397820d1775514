#include "alerts/notice.h"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "alerts/parts.h"
#include "base/time_text.h"

namespace sosie::alerts {
namespace {

/// Each notice on a line: source, subscription, entity, values, message, priority, over.
std::string understood(std::string_view body) {
  const auto notices = read_notices(body);
  if (!notices) return notices.error().what;
  std::string text;
  for (const auto& n : *notices) {
    std::string values;
    for (const auto& value : n.values) {
      values += fmt::format("{}{}={}", values.empty() ? "" : ",", value.name, value.text);
    }
    text += fmt::format("{}{}|{}|{}|{}|{}|{}{}", text.empty() ? "" : "\n", to_text(n.source),
                        n.subscription, n.entity, values, n.message.en, sosie::to_text(n.priority),
                        n.is_over ? "|over" : "");
  }
  return text;
}

TEST_CASE("notices: whatever sent it") {
  struct Case {
    const char* name;
    const char* body;
    const char* expected;
  };
  const Case cases[] = {
      {"NGSI, normalized",
       R"({"subscriptionId":"5f","data":[{"id":"Room1","type":"Room","temperature":)"
       R"({"type":"Number","value":31.5,"metadata":{}}}]})",
       "ngsi|5f|Room1|temperature=31.5|temperature is 31.5|medium"},
      {"NGSI, keyValues, two entities",
       R"({"subscriptionId":"5f","data":[{"id":"Room1","type":"Room","temperature":31.5,)"
       R"("humidity":40},{"id":"Room2","type":"Room","temperature":32}]})",
       "ngsi|5f|Room1|temperature=31.5,humidity=40|temperature is 31.5, humidity is 40|medium\n"
       "ngsi|5f|Room2|temperature=32|temperature is 32|medium"},
      {"NGSI, values", R"({"subscriptionId":"5f","data":[[31.5,"x"]]})",
       "ngsi|5f||=31.5,=x|31.5, x|medium"},
      {"NGSI, simplifiedNormalized",
       R"({"id":"Room1","type":"Room","temperature":{"type":"Number","value":31.5,"metadata":{}}})",
       "ngsi||Room1|temperature=31.5|temperature is 31.5|medium"},
      {"NGSI, simplifiedKeyValues", R"({"id":"Room1","type":"Room","temperature":31.5})",
       "ngsi||Room1|temperature=31.5|temperature is 31.5|medium"},
      {"NGSI, an attribute that is an object",
       R"({"id":"Room1","type":"Room","place":{"x":1,"y":[true,null]}})",
       R"(ngsi||Room1|place={"x":1,"y":[true,null]}|place is {"x":1,"y":[true,null]}|medium)"},
      {"FIWARE's Alert",
       R"({"subscriptionId":"5f","data":[{"id":"Alert:1","type":"Alert","severity":)"
       R"({"type":"Text","value":"critical"},"description":{"type":"Text","value":"Fire"},)"
       R"("category":{"type":"Text","value":"hazard"}}]})",
       "ngsi|5f|Alert:1|category=hazard|Fire|critical"},
      {"our own webhook",
       R"({"what":"raised","at":"2026-11-20T10:00:00Z","at_ms":1795168800000,"who":"","comment":"",)"
       R"("alarm":{"id":7,"condition":"limit/A/high","asset":"plant","series":1,"name":"A",)"
       R"("stage":"s","priority":"high","active":true,"message":{"en":"Too high","fr":"Trop"}}})",
       "sosie|plant|A||Too high|high"},
      {"our own webhook: over",
       R"({"what":"cleared","at_ms":1,"alarm":{"condition":"limit/A/high","asset":"plant",)"
       R"("name":"","priority":"low","active":false,"message":{"en":"Too high"}}})",
       "sosie|plant|plant||Too high|low|over"},
      {"Alertmanager's webhook",
       R"({"version":"4","receiver":"sosie","status":"firing","alerts":[{"status":"firing",)"
       R"("labels":{"alertname":"Down","instance":"h:1","severity":"critical"},)"
       R"("annotations":{"summary":"h is down","value":"0"},"startsAt":"2026-11-20T10:00:00Z",)"
       R"("endsAt":"0001-01-01T00:00:00Z"},{"status":"resolved","labels":{"alertname":"Slow"},)"
       R"("annotations":{}}]})",
       "alertmanager|sosie|h:1|value=0|h is down|critical\nalertmanager|sosie|||Slow|medium|over"},
      {"Alertmanager's API", R"([{"labels":{"alertname":"Down"},"annotations":{}}])",
       "alertmanager||||Down|medium"},
      {"a message", R"({"message":"Too warm"})", "json||||Too warm|medium"},
      {"an alert of one's own",
       R"({"alert":"Too warm","sensor":"S1","attribute":"temperature","value":31.5,)"
       R"("level":"WARN","timestamp":1795168800})",
       "json||S1|temperature=31.5|Too warm|medium"},
      {"an object of any kind", R"({"a":{"b":[1,2]}})", R"(json||||{"a":{"b":[1,2]}}|medium)"},
      {"an empty object", "{}", "json||||{}|medium"},
      {"line ends become blanks", R"({"message":"a\r\nb\u001b[31m"})", "json||||a  b [31m|medium"},
      {"a list of objects", R"([{"message":"a"},{"message":"b","severity":1}])",
       "json||||a|medium\njson||||b|critical"},
      {"a number", "7", "a number was read; expected an object or a list of objects"},
      {"a list of numbers", "[7]", "a number was read in the list; expected objects"},
      {"an empty list", "[]", "there is nothing in it"},
      {"an empty notification", R"({"subscriptionId":"5f","data":[]})", "there is nothing in it"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(understood(c.body) == c.expected);
  }
}

TEST_CASE("notices: what is no JSON is refused with a reason") {
  const std::string deep(10'000, '[');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("hello"), std::string("{\"a\":\"\xff\"}"),
        deep, "{\"a\":\"" + std::string(2 << 20, 'x') + "\"}"}) {
    const auto notices = read_notices(body);
    REQUIRE(!notices);
    CHECK(notices.error().code == Errc::invalid);
    CHECK(!notices.error().what.empty());
  }
}

TEST_CASE("notices: what they are about") {
  const auto condition = [](std::string_view body) {
    const auto notices = read_notices(body);
    REQUIRE(notices);
    return (*notices)[0].condition;
  };
  const auto* const warm = R"({"subscriptionId":"5f","data":[{"id":"R","type":"T","a":31,"b":1}]})";
  const auto* const warmer =
      R"({"subscriptionId":"5f","data":[{"id":"R","type":"T","b":2,"a":32}]})";
  const auto* const other =
      R"({"subscriptionId":"60","data":[{"id":"R","type":"T","a":31,"b":1}]})";
  CHECK(condition(warm) == condition(warmer));
  CHECK(condition(warm) != condition(other));
  CHECK(condition(R"({"sensor":"S","value":1,"message":"is 1"})") ==
        condition(R"({"sensor":"S","value":2,"message":"is 2"})"));
  CHECK(condition(R"({"message":"door open"})") != condition(R"({"message":"door shut"})"));
}

TEST_CASE("notices: times and long texts") {
  const auto at = [](std::string_view body) { return (*read_notices(body)).at(0).at; };
  const auto ten = from_iso8601("2026-11-20T10:00:00Z");
  CHECK(at(R"({"time":"2026-11-20T10:00:00Z"})") == ten);
  CHECK(at(R"({"timestamp":1795168800})") == ten);
  CHECK(at(R"({"timestamp":1795168800000})") == ten);
  CHECK(at(R"({"time":"soon"})") == std::nullopt);
  CHECK(at(R"({"time":1e300})") == std::nullopt);
  CHECK(at(R"({"id":"R","type":"T","TimeInstant":{"type":"DateTime",)"
           R"("value":"2026-11-20T10:00:00Z"}})") == ten);
  std::string body = R"({"message":")";
  for (int i = 0; i < 50'000; ++i) body += "é";
  const auto notices = read_notices(body + R"("})");
  REQUIRE(notices);
  CHECK((*notices)[0].message.en.size() <= longest_text);
  CHECK((*notices)[0].message.en.ends_with("é…"));
  CHECK((*notices)[0].raw.size() <= longest_raw);
}

}  // namespace
}  // namespace sosie::alerts
