#include <array>
#include <cstdlib>
#include <set>

#include <doctest/doctest.h>

#include "base/time_text.h"
#include "connectors/mongodb/config.h"
#include "connectors/mongodb/object_id.h"
#include "connectors/mongodb/template.h"
#include "core/catalog.h"

namespace sosie {
void register_connectors_mongodb(Catalog& catalog);

namespace mongodb {
namespace {

const Timestamp t0 = *from_iso8601("2026-11-20T10:00:00.25Z");

SeriesInfo meter() {
  SeriesInfo info;
  info.entity = "METER_01";
  info.attribute = "value";
  info.asset = "lab";
  info.stage = "hall";
  info.location = "Building A";
  info.unit = "kWh";
  info.quantity = {"energy", "énergie"};
  return info;
}

AlarmEvent step() {
  AlarmEvent event;
  event.what = AlarmEvent::What::cleared;
  event.at = t0;
  event.who = "ann";
  event.alarm.id = 7;
  event.alarm.condition = "limit/METER_01/high";
  event.alarm.asset = "lab";
  event.alarm.priority = Priority::high;
  event.alarm.message = {"high", "haut"};
  event.alarm.raised = t0 - std::chrono::seconds(60);
  event.alarm.cleared = t0;
  return event;
}

/// What a template makes of the reading 12.5 (or of the step), or the error without its place.
std::string made_of(const std::string& document, Holds holds = Holds::readings) {
  auto section = Section::read_text("[document]\n" + document, "t");
  REQUIRE(section);
  const auto form = Template::read(*section, holds);
  if (!form) return form.error().what;
  const SeriesInfo info = meter();
  const SinkReading reading{{t0, 12.5, {0}, Quality::uncertain, QualityReason::out_of_range}, true};
  const AlarmEvent event = step();
  const auto bson = make_bson();
  (*form).write(holds == Holds::readings ? Subject{&info, &reading, nullptr}
                                         : Subject{&info, nullptr, &event},
                *bson);
  return to_json(*bson);
}

TEST_CASE("a template: macros keep their types, texts are put together, the rest stays") {
  struct Case {
    std::string document;
    std::string made;
  };
  const Case cases[] = {
      {"sensor_id = '${entity}'\nlocation = '${location}'\nvalue_kwh = '${value}'\n"
       "timestamp = '${time_s}'\nis_anomaly = '${anomaly}'",
       R"({ "sensor_id" : "METER_01", "location" : "Building A", "value_kwh" : 12.5, )"
       R"("timestamp" : 1795168800.25, "is_anomaly" : true })"},
      {"t = '${time}'", R"({ "t" : { "$date" : "2026-11-20T10:00:00.250Z" } })"},
      {"t = '${time_ms}'", R"({ "t" : 1795168800250 })"},
      {"t = '${time_iso}'", R"({ "t" : "2026-11-20T10:00:00.250Z" })"},
      {"z = '${asset}/${stage}'\na = 'v=${value}${unit}'",
       R"({ "z" : "lab/hall", "a" : "v=12.5kWh" })"},
      {"q = '${quality}'\nr = '${reason}'\nn = '${name}'\nw = '${quantity}'",
       R"({ "q" : "uncertain", "r" : "out_of_range", "n" : "METER_01", "w" : "energy" })"},
      {"n = 3\nx = 0.5\nf = false\ns = 'plain'\ne = ''",
       R"({ "n" : 3, "x" : 0.5, "f" : false, "s" : "plain", "e" : "" })"},
      {"where = {site = 'S', at = '${stage}'}\nlist = [1, '${unit}', ['${value}']]",
       R"({ "where" : { "site" : "S", "at" : "hall" }, "list" : [ 1, "kWh", [ 12.5 ] ] })"},
      {"a = 'a $${value} b'\nb = '$${x}'\nc = '5 $'", R"({ "a" : "a ${value} b", "b" : "${x}", )"
                                                      R"("c" : "5 $" })"},
      {"a = '${valeu}'",
       "t:1: 'document' field \"a\" has the unknown macro ${valeu}; did you mean ${value}?"},
      {"a = {b = ['${entiti}']}",
       "t:1: 'document' field \"b\" has the unknown macro ${entiti}; did you mean ${entity}?"},
      {"_id = '${entity}'",
       "t:1: 'document' field \"_id\" is Sosie's: it is made from series and time"},
      {"'$set' = 1",
       "t:1: 'document' field \"$set\" begins with '$', which MongoDB keeps for itself"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.document);
    CHECK(made_of(c.document) == c.made);
  }
  CHECK(made_of("a = '${value'").find("unknown macro ${value}") != std::string::npos);
  CHECK(made_of("a = '${zzzzzzzzzz}'").find("known here: entity, ") != std::string::npos);
  CHECK(made_of("").find("is expected to be a table") != std::string::npos);
}

TEST_CASE("a template of alarms") {
  CHECK(made_of("n = '${alarm}'\nw = '${what}'\np = '${priority}'\non = '${active}'\n"
                "m = '${message_fr}'\nby = '${who}'\nc = '${cleared}'\na = '${acknowledged}'",
                Holds::alarms) ==
        R"({ "n" : 7, "w" : "cleared", "p" : "high", "on" : false, "m" : "haut", "by" : "ann", )"
        R"("c" : { "$date" : "2026-11-20T10:00:00.250Z" }, "a" : null })");
  CHECK(made_of("v = '${value}'", Holds::alarms).find("unknown macro") != std::string::npos);
}

TEST_CASE("ids: the same for the same series and time, and for nothing else") {
  const auto as_text = [](const bson_oid_t& id) {
    std::array<char, 25> text{};
    bson_oid_to_string(&id, text.data());
    return std::string(text.data());
  };
  SeriesInfo info = meter();
  Reading reading{t0, 1, {0}};
  const auto first = as_text(id_of(reading, info));
  CHECK(first.substr(0, 8) == fmt::format("{:08x}", 1795168800));
  reading.value = 2;
  reading.series.index = 5;
  CHECK(as_text(id_of(reading, info)) == first);
  std::set<std::string> ids;
  for (int entity = 0; entity < 100; ++entity) {
    info.entity = fmt::format("M{}", entity);
    for (int us = 0; us < 1000; ++us) {
      reading.at = t0 + Duration(us);
      ids.insert(as_text(id_of(reading, info)));
    }
  }
  CHECK(ids.size() == 100'000);
  info.entity = "ab";
  info.attribute = "c";
  const auto parted = as_text(id_of(reading, info));
  info.entity = "a";
  info.attribute = "bc";
  CHECK(as_text(id_of(reading, info)) != parted);
  AlarmEvent event = step();
  const auto cleared = as_text(id_of(event));
  event.what = AlarmEvent::What::acknowledged;
  CHECK(as_text(id_of(event)) != cleared);
}

/// "" if the sink is made, else what is wrong.
std::string wrong_with(const std::string& keys) {
  Catalog catalog;
  register_connectors_mongodb(catalog);
  auto section = Section::read_text("kind = \"mongodb\"\n" + keys, "t");
  REQUIRE(section);
  const auto made = catalog.make<Sink>(*section);
  return made ? "" : made.error().what;
}

TEST_CASE("the section: what is wrong is said, and no password is in it") {
  setenv("SOSIE_TEST_MONGO_PASSWORD", "p@ss:w/rd", 1);
  setenv("SOSIE_TEST_MONGO_URI", "mongodb://ann:s3cret@h:1/", 1);
  const std::string uri = "uri = 'mongodb://localhost:27018/'\n";
  const std::string ann = "uri = 'mongodb://ann@localhost:27018/?authSource=admin'\n";
  struct Case {
    std::string keys;
    std::string wrong;  ///< found in the message; empty: nothing is wrong
  };
  const Case cases[] = {
      {uri, ""},
      {ann + "password_env = 'SOSIE_TEST_MONGO_PASSWORD'", ""},
      {ann, "names the user 'ann', and there is no password"},
      {"uri = 'mongodb://ann@h/?authMechanism=MONGODB-X509&tls=true'", ""},
      {"uri_env = 'SOSIE_TEST_MONGO_URI'", ""},
      {"", "'uri' is missing"},
      {"uri = 'mongodb://admin:s3cret@localhost/'", "holds a password"},
      {"uri = 'mongodb://admin:s3cret@'", "is no MongoDB address"},
      {"uri = 'http://localhost'", "is no MongoDB address"},
      {"uri = 'mongodb://h/?tls=true&tlsCertificateKeyFilePassword=s3cret'", "holds a password"},
      {"uri = 'mongodb://h/?w=0'", "asks for w=0"},
      {"uri = 'mongodb://h/'\npassword_env = 'SOSIE_TEST_MONGO_PASSWORD'", "names no user"},
      {ann + "password_env = 'SOSIE_NOT_SET'", "SOSIE_NOT_SET, which is not set"},
      {uri + "uri_env = 'SOSIE_TEST_MONGO_URI'", "given twice"},
      {uri + "ca_file = 'ca.pem'", "without tls=true"},
      {uri + "timeout = '1m'", "between 100ms and 10s"},
      {uri + "database = 'a b'", "no name"},
      {uri + "datbase = 'x'", "did you mean 'database'"},
      {uri + "[[collection]]\nname = 'x'\nhold = 'alarms'", "did you mean 'holds'"},
      {uri + "[[collection]]\nname = 'system.x'", "no name"},
      {uri + "[[collection]]\nname = 'x'\nholds = 'alarm'", "alarms"},
      {uri + "[[collection]]\nname = 'x'\nindexes = ['a,,b']", "without a field"},
      {uri + "[[collection]]\nname = 'x'\nexpire_after = '1d'\nexpire_field = 'value'",
       "a field of the document that is"},
      {uri + "[[collection]]\nname = 'x'\nexpire_after = '1d'\nexpire_field = 'time'", ""},
      {uri + "[[collection]]\nname = 'x'\nexpire_field = 'time'", "is needed with"},
      {uri + "[[collection]]\nname = 'x'\ntime_series = true\nmeta_field = 'entity'", ""},
      {uri + "[[collection]]\nname = 'x'\ntime_series = true\ntime_field = 'unit'", "time_field"},
      {uri + "[[collection]]\nname = 'x'\n[collection.document]\na = '${valu}'",
       "did you mean ${value}"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.keys);
    const auto wrong = wrong_with(c.keys);
    CAPTURE(wrong);
    CHECK((c.wrong.empty() ? wrong.empty() : wrong.find(c.wrong) != std::string::npos));
    CHECK(wrong.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("the sample is a section that works") {
  auto sample = Section::read_file(SOSIE_ROOT "/src/connectors/mongodb/sample.toml");
  REQUIRE(sample);
  auto sinks = (*sample).tables("sink");
  REQUIRE(sinks);
  Catalog catalog;
  register_connectors_mongodb(catalog);
  REQUIRE((*sinks).front().text("name"));
  setenv("SOSIE_MONGODB_PASSWORD", "x", 1);
  const auto made = catalog.make<Sink>((*sinks).front());
  CHECK_MESSAGE(made, (made ? "" : made.error().what));
}

TEST_CASE("which series a collection takes") {
  CollectionConfig config;
  SeriesInfo info = meter();
  CHECK(config.wants(info));
  config.series = {"PUMP_*", "METER_0?"};
  CHECK(config.wants(info));
  info.attribute = "power";
  CHECK(config.wants(info));
  info.entity = "METER_101";
  CHECK_FALSE(config.wants(info));
  config.series = {"*.power"};
  CHECK(config.wants(info));
}

TEST_CASE("no server: an Error that says where, and soon") {
  Catalog catalog;
  register_connectors_mongodb(catalog);
  auto section = Section::read_text(
      "kind = \"mongodb\"\nuri = \"mongodb://127.0.0.1:1\"\ntimeout = \"1s\"", "t");
  REQUIRE(section);
  const auto sink = catalog.make<Sink>(*section);
  REQUIRE(sink);
  SeriesTable table;
  const auto id = table.declare(meter());
  const SinkReading reading{{t0, 1, id}, false};
  const auto taken = (*sink)->take(std::span(&reading, 1), table);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().what.find("no server answers at 127.0.0.1:1: connection refused") !=
        std::string::npos);
}

}  // namespace
}  // namespace mongodb
}  // namespace sosie
