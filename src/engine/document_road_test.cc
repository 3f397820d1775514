#include "engine/document_road.h"

#include <thread>

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "testing/server.h"

namespace sosie {
namespace {

/// A road whose lane and journal are turned by hand.
struct DocumentRig {
  explicit DocumentRig(std::size_t capacity = 4) : lane(capacity) {
    SeriesInfo info;
    info.entity = "S";
    info.attribute = "value";
    series.declare(info);
    road.on_durable([this](std::uint64_t number) { told.push_back(number); });
  }

  std::uint64_t put(const std::string& key) {
    DocumentRoad::Entry entry;
    entry.documents.push_back({"e", key, "body"});
    return road.put(std::move(entry));
  }

  /// Takes a parcel as the lane does; the keys of its documents.
  std::string take() {
    auto parcel = lane.try_take();
    if (!parcel) return "nothing";
    parcel->number = ++taken;
    std::string keys;
    for (const auto& change : parcel->documents) keys += change.key;
    on_way.push_back(std::move(*parcel));
    return keys;
  }

  /// All that was taken becomes durable.
  void commit() {
    mark.publish(taken);
    road.committed(on_way);
    on_way.clear();
  }

  BoundedQueue<Parcel> lane;
  DurableMark mark;
  SeriesTable series;
  Statistics statistics;
  ManualClock clock{Timestamp(std::chrono::seconds(1'795'392'000))};
  DocumentRoad road{lane, mark, series, statistics, clock, std::chrono::hours(1)};
  std::uint64_t taken = 0;
  std::vector<Parcel> on_way;
  std::vector<std::uint64_t> told;
};

bool hurries(DurableMark& mark) {
  return mark.wait_for_asker(Duration(0));
}

}  // namespace

TEST_CASE("document road: what comes while a parcel is on its way makes up the next") {
  DocumentRig rig;
  CHECK(rig.put("a") == 1);
  CHECK(rig.put("b") == 2);
  CHECK(rig.put("c") == 3);
  CHECK(rig.take() == "a");
  CHECK(rig.take() == "nothing");
  rig.commit();
  CHECK(rig.told == std::vector<std::uint64_t>{1});
  CHECK(rig.road.durable() == 1);
  CHECK(rig.take() == "bc");
  rig.commit();
  CHECK(rig.told == std::vector<std::uint64_t>{1, 3});
  rig.commit();
  CHECK(rig.told.size() == 2);
}

TEST_CASE("document road: only who waits makes the journal hurry") {
  DocumentRig rig;
  rig.put("a");
  CHECK_FALSE(hurries(rig.mark));
  rig.put("b");
  rig.road.hurry(2);  // and a is in its way
  CHECK(hurries(rig.mark));
  rig.take();
  rig.commit();
  CHECK(hurries(rig.mark));
  rig.take();
  rig.commit();
  CHECK_FALSE(hurries(rig.mark));
}

TEST_CASE("document road: where the lane has no room, the next commit brings it on") {
  DocumentRig rig(1);
  Parcel sources;
  REQUIRE(rig.lane.try_put(sources) == 1);
  rig.put("a");
  rig.put("b");
  CHECK(rig.take().empty());
  CHECK(rig.take() == "nothing");
  rig.commit();
  CHECK(rig.told.empty());
  CHECK(rig.take() == "ab");
  rig.commit();
  CHECK(rig.told == std::vector<std::uint64_t>{2});
}

TEST_CASE("document road: what can be no reading goes to quarantine, as at any door") {
  DocumentRig rig;
  DocumentRoad::Entry entry;
  const Timestamp now = rig.clock.now();
  const auto hours = [](int n) { return std::chrono::hours(n); };
  entry.readings = {
      {now, 1.0, {0}}, {Timestamp(), 2.0, {0}}, {now, 3.0, {9}}, {now + hours(2), 4.0, {0}}};
  rig.road.put(std::move(entry));
  rig.take();
  REQUIRE(rig.on_way[0].readings.size() == 1);
  CHECK(rig.on_way[0].readings[0].value == 1.0);
  CHECK(rig.on_way[0].is_from_road);
  CHECK(rig.statistics.readings_taken == 1);
  CHECK(rig.statistics.readings_refused == 3);
  REQUIRE(rig.on_way[0].refusals.size() == 3);
  CHECK(rig.on_way[0].refusals[2].source == "ngsi");
  CHECK(rig.on_way[0].refusals[2].reason.find("future") != std::string::npos);
}

TEST_CASE("document road: it says when it is behind, and what waits at the end is not lost") {
  DocumentRig rig(1);
  rig.put("a");
  DocumentRoad::Entry big;
  big.documents.push_back({"e", "b", std::string(std::size_t{65} << 20U, 'x')});
  rig.road.put(std::move(big));
  CHECK(rig.road.is_behind());
  std::jthread end([&] { rig.road.finish(); });  // waits for room
  CHECK(rig.take() == "a");
  end.join();
  CHECK(rig.take() == "b");
  CHECK_FALSE(rig.road.is_behind());
}

TEST_CASE(
    "document road: through a running engine, from many threads, and back at the next start") {
  const testing::TempDir folder;
  Engine::Options options;
  options.data_folder = folder.path();
  const Catalog catalog;
  const auto make = [&] {
    auto scenario = Section::read_text("name = \"rig\"\n[frame]\nperiod = \"1s\"\n", "rig.toml");
    REQUIRE(scenario);
    auto engine = Engine::create(*scenario, catalog, options);
    CAPTURE((engine ? std::string() : engine.error().what));
    REQUIRE(engine);
    return std::move(*engine);
  };
  constexpr int writers = 8;
  constexpr int each = 25;
  {
    const auto engine = make();
    REQUIRE(engine->start());
    SeriesInfo info;
    info.entity = "S";
    info.attribute = "value";
    const SeriesId series = engine->intake().declare(info);
    std::atomic<std::uint64_t> durable = 0;
    engine->documents().on_durable([&](std::uint64_t number) {
      durable = number;
      durable.notify_all();
    });
    const Timestamp began = engine->clock().now();
    std::vector<std::jthread> threads;
    for (int w = 0; w < writers; ++w) {
      threads.emplace_back([&, w] {
        for (int i = 0; i < each; ++i) {
          DocumentRoad::Entry entry;
          entry.documents.push_back({"e", fmt::format("{}", w), fmt::format("{}", i)});
          entry.readings.push_back({began + Duration(w * each + i), 1.0, series});
          const auto number = engine->documents().put(std::move(entry));
          engine->documents().hurry(number);
          for (auto seen = durable.load(); seen < number; seen = durable.load()) durable.wait(seen);
          // Acknowledged: it is there for everybody.
          std::string body;
          const auto read = engine->store().documents("e", [&](auto key, auto text) {
            if (key == fmt::format("{}", w)) body = text;
            return true;
          });
          if (!read || body != fmt::format("{}", i)) FAIL_CHECK("not there: ", w, " ", i);
        }
      });
    }
    threads.clear();
    engine->documents().on_durable({});
    CHECK(engine->store().readings(series, began, Timestamp::max(), 1000)->size() ==
          writers * each);
    DocumentRoad::Entry last;
    last.documents.push_back({"e", "last", "word"});
    engine->documents().put(std::move(last));
    engine->stop();
  }
  const auto engine = make();
  std::string keys;
  REQUIRE(engine->store().documents("e", [&](auto key, auto) {
    keys += key;
    return true;
  }));
  CHECK(keys.size() == writers + 4);
  CHECK(keys.ends_with("last"));
}

}  // namespace sosie
