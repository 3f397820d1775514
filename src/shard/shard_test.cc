#include "shard/shard.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "wire/json/value.h"

namespace sosie {
namespace {

constexpr auto scenario = R"(
name = "fleet"
[intake]
unknown = "declare"
[rules]
lateness = "10s"
[[source]]
kind = "kafka"
device = "vehicle.id"
time = "at"
[source.values]
"data.temperature" = "temperature"
[[rule]]
name = "hot"
kind = "limit"
series = ["*.temperature", "*"]
high = 80
deadband = 2
priority = "high"
)";

Timestamp noon() {
  return *from_iso8601("2026-11-20T12:00:00Z");
}

Result<Shard> make(const std::string& toml, std::string_view source = "",
                   Shard::Part part = Shard::Part::one_of_many) {
  auto section = Section::read_text(toml, "t");
  REQUIRE(section);
  return Shard::create(*section, source, part, std::make_shared<ManualClock>(noon()));
}

Shard shard_of(const std::string& toml = scenario) {
  auto made = make(toml);
  REQUIRE(made);
  return std::move(made).value();
}

void say(Shard& shard, std::string_view device, int second, double temperature) {
  const auto payload =
      fmt::format(R"({{"vehicle":{{"id":"{}"}},"at":"{}","data":{{"temperature":{}}}}})", device,
                  to_iso8601(noon() - std::chrono::seconds(600 - second)), temperature);
  shard.take({std::nullopt, std::string_view(payload), std::nullopt});
}

/// "opened t1 11:50:01-11:50:05", one an event.
std::string told(const Shard& shard) {
  std::string all;
  for (const auto& text : shard.events()) {
    const auto event = json::parse(text);
    REQUIRE(event);
    const auto part = [&](const char* key) {
      const auto* const found = (*event).find(key);
      REQUIRE(found != nullptr);
      const auto* const is_text = found->text();
      return is_text == nullptr ? std::string("?") : *is_text;
    };
    const auto clock = [&](const char* key) {
      const auto time = part(key);
      return time.size() > 19 ? time.substr(11, 8) : time;
    };
    CHECK(part("id").size() == 16);
    CHECK(part("rule") == "hot");
    all += fmt::format("{}{} {} {}-{}", all.empty() ? "" : "; ", part("what"), part("entity"),
                       clock("onset"), clock("closed"));
  }
  return all;
}

TEST_CASE("shard: messages in, episodes out") {
  auto shard = shard_of();
  say(shard, "t1", 0, 79);
  say(shard, "t1", 1, 81);
  say(shard, "t2", 1, 99);
  say(shard, "t1", 2, 79);  // within the deadband
  say(shard, "t1", 5, 70);
  shard.settle();
  CHECK(told(shard) == "opened t1 11:50:01-?; opened t2 11:50:01-?; closed t1 11:50:01-11:50:05");
  CHECK(shard.counts().messages == 5);
  CHECK(shard.counts().readings == 5);
  CHECK(shard.counts().events == 3);
  shard.forget_output();
  CHECK(shard.events().empty());
}

TEST_CASE("shard: what is no reading is refused and counted") {
  auto shard = shard_of();
  shard.take({std::nullopt, "{\"data\":1}", std::nullopt});
  say(shard, "t1", 1, 81);
  shard.take({std::nullopt, std::nullopt, std::nullopt});
  say(shard, "t1", 100'000, 81);  // a day ahead
  say(shard, "t1", 700, 10);      // a clock that runs ahead judges nothing
  shard.settle();
  REQUIRE(shard.refused().size() == 2);
  CHECK(shard.refused()[0].message == 0);
  CHECK(shard.refused()[1].message == 2);
  CHECK(shard.refused()[1].reason == "a tombstone: it has no payload");
  CHECK(shard.counts().messages == 5);
  CHECK(shard.counts().messages_refused == 2);
  CHECK(shard.counts().readings == 2);
  CHECK(shard.counts().readings_refused == 1);
  CHECK(told(shard) == "opened t1 11:50:01-?");
}

TEST_CASE("shard: goes on from its state as if it had never stopped") {
  auto whole = shard_of();
  std::string in_pieces;
  std::string at_once;
  std::string state;
  for (int second = 0; second < 60; ++second) {
    auto piece = shard_of();
    if (second > 0) REQUIRE(piece.load(state));
    for (const auto* const device : {"a", "b", "c"}) {
      const double temperature = 75 + (second * 7 + device[0]) % 11;
      // One comes late, and changes the past.
      const int late = second % 9 == 5 ? second - 4 : second;
      say(piece, device, late, temperature);
      say(whole, device, late, temperature);
    }
    piece.settle();
    whole.settle();
    in_pieces += told(piece) + "\n";
    at_once += told(whole) + "\n";
    whole.forget_output();
    state = piece.save();
    CHECK(state == whole.save());
  }
  CHECK(in_pieces == at_once);
  CHECK(in_pieces.size() > 1000);
}

TEST_CASE("shard: a state that is none, and one of other rules, are said") {
  auto first = shard_of();
  say(first, "t1", 1, 81);
  const auto state = first.save();
  for (std::size_t size = 0; size < state.size(); ++size) {
    auto shard = shard_of();
    const auto loaded = shard.load(std::string_view(state).substr(0, size));
    CHECK_FALSE(loaded);
  }
  auto other = shard_of(std::string(scenario) + "on_delay = \"5s\"\n");
  const auto loaded = other.load(state);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == Errc::unsupported);
}

TEST_CASE("shard: a scenario that cannot be judged so says why") {
  const auto why = [](const std::string& toml, std::string_view source = "") {
    const auto made = make(toml, source);
    return made ? std::string() : made.error().what;
  };
  const auto has = [](const std::string& text, std::string_view part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  std::string text = scenario;
  has(why(text, "other"), "has none of name \"other\"");
  has(why(std::string(text).replace(text.find("declare"), 7, "refuse")), "is not \"declare\"");
  has(why(std::string(text).replace(text.find("high = 80"), 9, "hihg = 80")), "'high'");
  const auto group = text + "group_by = \"all\"\n";
  has(why(group), "is of a group");
  CHECK(make(group, "", Shard::Part::the_only_one));
}

}  // namespace
}  // namespace sosie
