#include <array>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "connectors/kafka/episodes.h"
#include "connectors/kafka/homes.h"
#include "connectors/kafka/shares.h"
#include "core/catalog.h"
#include "core/sink.h"
#include "core/source.h"

namespace sosie {
void register_connectors_kafka(Catalog& catalog);

namespace kafka {
namespace {

/// The Error of making what `toml` describes; empty: it can be made.
template <class T>
std::string made(const std::string& toml) {
  Catalog catalog;
  register_connectors_kafka(catalog);
  auto section = Section::read_text("kind = \"kafka\"\n" + toml, "t");
  REQUIRE(section);
  const auto one = catalog.make<T>(*section);
  return one ? std::string() : one.error().what;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("kafka: a scenario's mistakes are said") {
  const std::string good = "brokers = [\"localhost:9092\"]\ntopics = [\"t\", \"^u.*\"]\n";
  CHECK(made<Source>(good).empty());
  CHECK(made<Source>(good + "dead_letter = \"v.u\"\nepisodes = \"e\"").empty());
  CHECK(made<Source>(good + "start = \"2026-11-20T10:00:00Z\"\ngroup = \"g\"").empty());
  struct Case {
    std::string toml;
    std::string_view part;
  };
  const Case cases[] = {
      {"topics = [\"t\"]", "'brokers'"},
      {"brokers = [\"a:b\"]\ntopics = [\"t\"]", "'a:b' is not a broker's address"},
      {"brokers = [\"a\"]", "'topics'"},
      {"brokers = [\"a\"]\ntopics = [\"t t\"]", "no topic's name"},
      {good + "start = \"yesterday\"", "expected earliest, latest or a time"},
      {good + "dead_letter = \"t\"", "it would come back for ever"},
      {good + "user = \"u\"", "has no password"},
      {good + "ca = \"x.pem\"", "'tls'"},
      {good + "tls = true\ncert = \"x.pem\"", "stands alone"},
      {good + "[options]\n\"sasl.password\" = \"x\"", "not free to be set"},
      {good + "value = \"a\"\n[values]\nb = \"c\"", "stands beside"},
      {good + "formt = \"json\"", "formt"},
      {good + "session = \"10ms\"", "'session'"},
      {good + "episodes = \"t\"", "a topic of its own"},
      {good + "episodes = \"u.ep\"", "a topic of its own"},
      {good + "dead_letter = \"u.dead\"", "it would come back for ever"},
      {good + "episodes = \"e/e\"", "'episodes'"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.toml);
    const auto said = made<Source>(one.toml);
    CAPTURE(said);
    CHECK(holds(said, one.part));
  }
  ::setenv("SOSIE_TEST_KAFKA", "s3cret", 1);
  const std::string user = "user = \"u\"\npassword_env = \"SOSIE_TEST_KAFKA\"\n";
  CHECK(made<Source>(good + user).empty());
  const auto far = made<Source>("brokers = [\"kafka:9092\"]\ntopics = [\"t\"]\n" + user);
  CHECK(holds(far, "in clear"));
  CHECK_FALSE(holds(far, "s3cret"));
}

TEST_CASE("kafka: who belongs where, and of what more lies unread, is told once") {
  Shares shares;
  Homes homes(shares);
  const auto told = [&](const std::vector<Handover>& handovers) {
    std::string text;
    for (const Handover& one : handovers) {
      text += one.what == Handover::What::holds   ? "holds "
              : one.what == Handover::What::waits ? "waits "
                                                  : "is_read ";
      text += fmt::format("{}{} ", one.part,
                          one.series.empty() ? "" : fmt::format(" {}", one.series.size()));
    }
    return text;
  };
  std::vector<Handover> out;
  const std::vector<Partition> both{{"t", 0}, {"t", 1}};
  homes.look(both);
  homes.tell_waits(out);
  CHECK(told(std::exchange(out, {})) == "waits t/0 waits t/1 ");
  homes.look(both);
  homes.tell_waits(out);
  homes.tell_read(out);
  CHECK(out.empty());
  const std::array<Reading, 3> readings{Reading{{}, 1, SeriesId{4}}, Reading{{}, 1, SeriesId{5}},
                                        Reading{{}, 1, SeriesId{4}}};
  homes.note(7, both[1], readings);
  homes.tell_holds(out);
  homes.look(std::span(both).first(1));
  homes.tell_waits(out);
  homes.tell_read(out);
  CHECK(told(std::exchange(out, {})) == "holds t/1 2 is_read t/1 ");
  homes.begin();  // another connection, with other numbers
  homes.note(0, both[1], readings);
  homes.tell_holds(out);
  CHECK(out.empty());
  homes.note(1, both[0], std::span(readings).first(1));  // it has moved
  homes.tell_holds(out);
  homes.look({});
  homes.tell_read(out);
  CHECK(told(out) == "holds t/0 1 is_read t/0 ");
  CHECK_FALSE(homes.is_any_unread());
}

TEST_CASE("kafka: an episode as workers tell it") {
  EpisodeRecord record;
  record.id = 0xFEDC;
  record.part = "fleet/3";
  record.rule = "hot";
  record.subject = "truck-1.temperature";
  record.entity = "truck-1";
  record.attribute = "temperature";
  record.value = 90.5;
  record.onset = *from_iso8601("2026-11-20T10:00:00Z");
  record.detected = record.onset + std::chrono::seconds(5);
  const auto text = record_text(record);
  CHECK(text ==
        R"({"part":"fleet/3","rule":"hot","subject":"truck-1.temperature","entity":"truck-1",)"
        R"("attribute":"temperature","value":90.5,"onset_us":1795168800000000,)"
        R"("detected_us":1795168805000000})");
  const auto key = record_key(record.id, 18);
  CHECK(key == "000000000000fedc/18");
  const auto back = record_from(key, text);
  REQUIRE(back);
  CHECK((*back).id == record.id);
  CHECK((*back).term == 18);
  CHECK((*record_from(episode_text(record.id), text)).term == 0);  // before there were terms
  CHECK(record_text(*back) == text);
  record.closed = record.detected;
  CHECK((*record_from(key, record_text(record))).closed == record.closed);
  for (const std::string_view no_key : {"no id", "fedc/", "fedc/x", "/18", "fedc/18/1"}) {
    CAPTURE(no_key);
    CHECK_FALSE(record_from(no_key, text));
  }
  CHECK_FALSE(record_from(key, "[]"));
  CHECK_FALSE(record_from(key, R"({"part":"fleet/3","rule":"hot"})"));
}

TEST_CASE("kafka: from where a partition's past is read") {
  using std::chrono::seconds;
  const Timestamp t0 = *from_iso8601("2026-11-20T10:00:00Z");
  Share share("fleet/0");
  for (int s = 0; s < 1000; ++s) share.note(100 + 10 * s, t0 + seconds(s), seconds(60));
  const auto rewind = share.rewind(seconds(60));
  CHECK(rewind.since == t0 + seconds(939));
  CHECK(rewind.offset <= 100 + 10 * 939);
  CHECK(rewind.offset >= 100 + 10 * 937);  // no more than a 64th too much
  const auto again = Rewind::from(rewind.text());
  REQUIRE(again);
  CHECK((*again).offset == rewind.offset);
  CHECK((*again).since == rewind.since);
  CHECK_FALSE(Rewind::from(""));
  CHECK_FALSE(Rewind::from("sosie/2 1 2"));
  CHECK_FALSE(Rewind::from("sosie/2 1 2 -3 0"));
  const auto of_before = Rewind::from("sosie/1 1 2");  // before there were terms
  REQUIRE(of_before);
  CHECK((*of_before).term == 0);
  // Where it has come lately, no more than was read.
  share.come(9000, {8000, t0 + seconds(500), 7, 5});
  share.note(8000, t0 + seconds(510), seconds(60));
  CHECK(share.rewind(seconds(60)).since == t0 + seconds(500));
  CHECK(share.rewind(seconds(60)).offset == 8000);
  CHECK(share.rewind(seconds(60)).text().ends_with(" 7 7"));  // by then all was told again
}

TEST_CASE("kafka: which series are whose is told once") {
  Shares shares;
  const auto one = shares.find({"fleet", 0});
  const auto other = shares.find({"fleet", 1});
  CHECK(shares.find({"fleet", 0}) == one);
  shares[one].is_held = true;
  std::vector<SeriesId> news;
  const Reading readings[] = {{{}, 0, SeriesId{4}}, {{}, 0, SeriesId{2}}, {{}, 0, SeriesId{4}}};
  shares.see(readings, one, news);
  CHECK(news.size() == 2);
  shares.see(readings, one, news);
  CHECK(news.size() == 2);
  REQUIRE(shares.of(SeriesId{4}) != nullptr);
  CHECK(shares.of(SeriesId{4})->name == "fleet/0");
  CHECK(shares.of(SeriesId{3}) == nullptr);
  shares.see(readings, other, news);
  CHECK(news.size() == 4);
  CHECK(shares.of(SeriesId{4}) == nullptr);  // it is not held
  shares.let_go(other);
  shares.see(readings, one, news);
  CHECK(news.size() == 6);
}

TEST_CASE("kafka: the sink's topics") {
  CHECK(made<Sink>("brokers = [\"localhost\"]\nreadings = \"r\"").empty());
  CHECK(made<Sink>("brokers = [\"localhost\"]\nfindings = \"f\"").empty());
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]"), "'readings'"));
  CHECK(holds(made<Sink>("brokers = [\"localhost\"]\nalarms = \"a/b\""), "'alarms'"));
}

}  // namespace
}  // namespace kafka
}  // namespace sosie
