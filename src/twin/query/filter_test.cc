#include "twin/query/filter.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/result.h"
#include "twin/model/date.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

Entity an_entity() {
  const char* const body = R"({"id": "Room1", "type": "Room",
    "temperature": {"value": 23.5, "metadata": {
        "accuracy": {"value": 0.9}, "unit": {"value": "C"},
        "sensor": {"value": {"maker": "acme", "year": 2019}},
        "at": {"type": "DateTime", "value": "2020-06-01T12:00:00Z"}}},
    "color": {"value": "black"},
    "twenty": {"type": "TextUnrestricted", "value": "20"},
    "quoted": {"value": "light,green"},
    "on": {"value": true},
    "nothing": {"value": null},
    "list": {"value": ["red", "green", 7]},
    "since": {"type": "DateTime", "value": "2020-01-02T03:04:05Z"},
    "written": {"value": "2020-01-02"},
    "brand": {"value": {"name": "Sosie", "tags": ["a", "b"], "when": "2020-01-01", "x.y": {"z": 1},
                        "parts": [{"n": 1}, {"n": 5}]}},
    "a.b": {"value": {"w": 4}},
    "urn:x": {"value": 3}})";
  const auto parsed = parse_json(body);
  REQUIRE(parsed);
  const auto patch = read_entity(*parsed, Form::normalized);
  REQUIRE(patch);
  Entity entity{.id = patch->id, .type = patch->type, .service_path = "/home"};
  entity.created = *parse_date("2019-05-05");
  entity.modified = *parse_date("2020-05-05T01:02:03Z");
  for (const auto& attribute : patch->attributes) {
    entity.attributes.push_back(to_attribute(attribute, entity.created));
    entity.attributes.back().modified = entity.modified;
  }
  return entity;
}

struct Case {
  std::string_view query;
  bool matches;
};

TEST_CASE("filter: q") {
  const Case cases[] = {
      {"temperature", true},
      {"!temperature", false},
      {"humidity", false},
      {"!humidity", true},
      {"nothing", true},
      {"temperature==23.5", true},
      {"temperature:23.5", true},
      {"temperature==2.35e1", true},
      {"temperature=='23.5'", false},
      {"temperature==23", false},
      {"temperature!=23", true},
      {"temperature!=23.5", false},
      {"humidity!=23", false},
      {"temperature>23", true},
      {"temperature>23.5", false},
      {"temperature>=23.5", true},
      {"temperature<24", true},
      {"temperature<=23.5", true},
      {"temperature<23.5", false},
      {"temperature>'1'", false},
      {"temperature==20..25", true},
      {"temperature==23.5..23.5", true},
      {"temperature==24..25", false},
      {"temperature!=24..25", true},
      {"temperature!=20..25", false},
      {"temperature==-1..-0.5", false},
      {"temperature==1,23.5,3", true},
      {"temperature!=1,23.5", false},
      {"temperature!=1,2", true},
      {"color==black", true},
      {"color==black,red", true},
      {"color=='black'", true},
      {"color!=white", true},
      {"color>azure", true},
      {"color<azure", false},
      {"color==azure..brown", true},
      {"color!=azure..brown", false},
      {"color>1", false},
      {"color!=1..2", true},
      {"color~=la", true},
      {"color~=^b.*k$", true},
      {"color~=^la", false},
      {"color!~=la", false},
      {"color!~la", false},
      {"color!~x", true},
      {"humidity!~x", false},
      {"temperature~=2", false},
      {"twenty=='20'", true},
      {"twenty==20", false},
      {"quoted=='light,green'", true},
      {"quoted==light,green", false},
      {"quoted=='light,green','deep,blue'", true},
      {"on==true", true},
      {"on==false", false},
      {"on!=false", true},
      {"on=='true'", false},
      {"nothing==null", true},
      {"nothing!=null", false},
      {"color==null", false},
      {"humidity==null", false},
      {"list==red", true},
      {"list==blue,green", true},
      {"list==7", true},
      {"list==8", false},
      {"list!=red", false},
      {"list!=blue", true},
      {"list>6", true},
      {"list~=^gr", true},
      {"since==2020-01-02T03:04:05Z", true},
      {"since==2020-01-02T04:04:05+01:00", true},
      {"since>2020-01-01", true},
      {"since<2020-01-02", false},
      {"since==2020-01-02..2020-01-03", true},
      {"since=='2020-01-02T03:04:05.000Z'", false},
      {"since~=2020", false},
      {"written==2020-01-02", false},
      {"written=='2020-01-02'", true},
      {"brand.name==Sosie", true},
      {"brand.name~=^S", true},
      {"!brand.name", false},
      {"brand.size", false},
      {"!brand.size", true},
      {"brand.size!=3", false},
      {"brand.tags==b", true},
      {"brand.tags.1==b", true},
      {"brand.tags.7", false},
      {"brand.parts.n==5", true},
      {"brand.parts.n>5", false},
      {"brand.parts.n!=5", false},
      {"brand.parts.0.n==1", true},
      {"brand.when=='2020-01-01'", true},
      {"brand.when==2020-01-01", false},
      {"brand.'x.y'.z==1", true},
      {"brand.x.y.z==1", false},
      {"'a.b'.w==4", true},
      {"a.b.w==4", false},
      {"urn:x==3", true},
      {"'urn:x':3", true},
      {"temperature>20;color==black", true},
      {"temperature>20;color==black;", true},
      {"temperature>20;color==white", false},
      {"quoted=='light;green'", false},
      {"dateCreated==2019-05-05", true},
      {"dateModified>2020-05-05", true},
      {"dateModified>2020-05-06", false},
      {"!dateExpires", true},
      {"servicePath==/home", true},
  };
  const Entity entity = an_entity();
  for (const Case& c : cases) {
    CAPTURE(c.query);
    const auto filter = Filter::q(c.query);
    REQUIRE(filter);
    CHECK(filter->matches(entity) == c.matches);
  }
}

TEST_CASE("filter: mq") {
  const Case cases[] = {
      {"temperature.accuracy", true},
      {"temperature.accuracy==0.9", true},
      {"temperature.accuracy>0.9", false},
      {"temperature.unit=='C'", true},
      {"!temperature.unit", false},
      {"!temperature.other", true},
      {"color.unit", false},
      {"humidity.unit", false},
      {"!humidity.unit", true},
      {"temperature.sensor.maker==acme", true},
      {"temperature.sensor.year==2019..2020", true},
      {"temperature.sensor.year!=2019", false},
      {"temperature.at>2020-06-01", true},
      {"temperature.dateCreated==2019-05-05", true},
      {"color.dateModified>2020-05-05", true},
      {"temperature.accuracy<1;temperature.unit~=C", true},
  };
  const Entity entity = an_entity();
  for (const Case& c : cases) {
    CAPTURE(c.query);
    const auto filter = Filter::mq(c.query);
    REQUIRE(filter);
    CHECK(filter->matches(entity) == c.matches);
  }
}

TEST_CASE("filter: what is no query") {
  for (const std::string_view query : {"",       ";",       "a;;b",
                                       "a==",    "==3",     "a=3",
                                       "a>1,2",  "a>1..2",  "a==1..",
                                       "a==..1", "a==1..b", "a==true..false",
                                       "a>true", "a<null",  "a==1,,2",
                                       "a=='x",  "a=='x'y", "a.==3",
                                       ".a",     "!",       "!a==3",
                                       "a~=",    "a~=(",    "a~=[z-",
                                       "a<>3",   "a b(c)",  "a==2020-01-01..5"}) {
    CAPTURE(query);
    const auto filter = Filter::q(query);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().status == 400);
    CHECK(filter.error().error == "BadRequest");
    CHECK_FALSE(filter.error().description.empty());
  }
  CHECK_FALSE(Filter::mq("temperature==3"));
}

TEST_CASE("filter: a user's attribute does not hide a built-in one") {
  Entity entity = an_entity();
  entity.attributes.push_back({"dateModified", "DateTime", "2050-01-01T00:00:00.000Z"});
  CHECK_FALSE(Filter::q("dateModified>2049-12-31")->matches(entity));
}

TEST_CASE("filter: none matches everything, and it knows its attributes") {
  CHECK(Filter().matches(an_entity()));
  CHECK(Filter().is_empty());
  CHECK(Filter().attributes().empty());
  CHECK(Filter::q("a>1;b.c==2;!a")->attributes() == std::vector<Text>{"a", "b"});
}

TEST_CASE("filter: an expression made to hang a backtracking matcher") {
  Entity entity = an_entity();
  entity.attributes.push_back({"long", "Text", std::string(5000, 'a')});
  const auto filter = Filter::q("long~='^(a+)+$';long~='(a|aa)+$';long!~='(a+)+b'");
  REQUIRE(filter);
  CHECK(filter->matches(entity));
  CHECK_FALSE(Filter::q("a~='" + std::string(5000, 'x') + "'"));
  CHECK_FALSE(Filter::q("a~='((((a{200}){200}){200}){200})'"));
}

}  // namespace
}  // namespace sosie::ngsi
