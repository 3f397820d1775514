#include "web/device_board.h"

#include <cmath>
#include <cstring>

#include <doctest/doctest.h>

namespace sosie::web {
namespace {

const Timestamp start{std::chrono::hours(490'000)};

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.substr(at).data(), sizeof(number));
  return number;
}

/// A record of DeviceBoard::places_since.
struct Record {
  std::uint32_t device = 0;
  double latitude = 0;
  double longitude = 0;
  std::uint32_t at_s = 0;
  std::uint32_t state = 0;
};

/// A fleet of three, one of which does not say where it is.
class Fleet {
 public:
  Fleet() {
    for (const auto* name : {"truck-1", "truck-2", "pump"}) {
      declare(name, "temperature");
      if (std::string_view(name) == "pump") continue;
      declare(name, "position.Latitude");
      declare(name, "position.lng");
    }
  }

  SeriesId declare(const std::string& entity, const std::string& attribute) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    return table.declare(info);
  }
  void put(std::string_view entity, std::string_view attribute, int second, double value) {
    latest.put({start + std::chrono::seconds(second), value, *table.find(entity, attribute)});
  }
  void put_place(std::string_view entity, int second, double latitude, double longitude) {
    put(entity, "position.Latitude", second, latitude);
    put(entity, "position.lng", second, longitude);
  }
  void refresh() {
    board.refresh(++alarm_version, [this] { return alarms; });
  }
  std::vector<Record> changes() {
    const auto bytes = board.places_since(version, start);
    version = static_cast<std::uint64_t>(number_at<double>(bytes, 0));
    CHECK(number_at<std::uint32_t>(bytes, 16) == board.table().placed().size());
    const auto count = number_at<std::uint32_t>(bytes, 20);
    REQUIRE(bytes.size() == DeviceBoard::head_bytes + count * DeviceBoard::record_bytes);
    std::vector<Record> records;
    for (auto at = DeviceBoard::head_bytes; at < bytes.size(); at += DeviceBoard::record_bytes) {
      records.push_back(
          {number_at<std::uint32_t>(bytes, at), number_at<std::int32_t>(bytes, at + 4) / 1e7,
           number_at<std::int32_t>(bytes, at + 8) / 1e7, number_at<std::uint32_t>(bytes, at + 12),
           number_at<std::uint32_t>(bytes, at + 16)});
    }
    return records;
  }
  Alarm alarm(std::string_view entity, Priority priority) {
    Alarm alarm;
    alarm.series = table.find(entity, "temperature");
    alarm.priority = priority;
    return alarm;
  }

  SeriesTable table;
  Latest latest;
  std::vector<Alarm> alarms;
  std::uint64_t alarm_version = 0;
  std::uint64_t version = 0;
  DeviceBoard board{table, latest, 1000};
};

TEST_CASE("an entity is a device, and has a place where it says where it is") {
  Fleet fleet;
  fleet.refresh();
  const auto& table = fleet.board.table();
  CHECK(table.size() == 3);
  CHECK(table.placed() == std::vector<DeviceTable::Index>{0, 1});
  CHECK(table.find("pump") == 2);
  CHECK_FALSE(table.find("truck-9"));
  CHECK(table.series_of(*table.find("truck-2")).size() == 3);
  CHECK(table.series_of(2, *table.attribute("temperature")) == SeriesId{6});
  CHECK_FALSE(table.series_of(2, *table.attribute("position.lng")));
  fleet.declare("pump", "lat");
  fleet.declare("pump", "lon");
  CHECK_FALSE(table.device_of(SeriesId{7}));  // not taken in yet
  fleet.refresh();
  CHECK(table.placed().size() == 3);
  CHECK(table.device_of(SeriesId{7}) == 2);
}

TEST_CASE("only what has changed is told, and everything to whoever knows nothing") {
  Fleet fleet;
  fleet.refresh();
  CHECK(fleet.changes().empty());
  fleet.put_place("truck-2", 5, 60.17, -24.94);
  const auto first = fleet.changes();
  REQUIRE(first.size() == 1);
  CHECK(first[0].device == 1);
  CHECK(first[0].latitude == doctest::Approx(60.17));
  CHECK(first[0].longitude == doctest::Approx(-24.94));
  CHECK(first[0].at_s == 490'000U * 3600U + 5U);
  CHECK(first[0].state == 0);
  CHECK(fleet.changes().empty());
  fleet.put_place("truck-1", 6, 10, 20);
  CHECK(fleet.changes().size() == 1);
  fleet.version = 0;
  CHECK(fleet.changes().size() == 2);
  fleet.version = 999;  // of an earlier run
  CHECK(fleet.changes().size() == 2);
  fleet.put_place("truck-1", 7, 91, 20);  // nowhere on earth: it stays where it was seen
  CHECK(fleet.changes().empty());
  fleet.put("truck-1", "temperature", 9, 50);
  fleet.put_place("truck-1", 8, 11, 20);
  CHECK(fleet.changes().at(0).at_s == 490'000U * 3600U + 9U);
}

TEST_CASE("what a device has of one attribute comes with its place") {
  Fleet fleet;
  fleet.refresh();
  fleet.put_place("truck-1", 5, 60, 24);
  fleet.put_place("truck-2", 5, 60, 24);
  fleet.put("truck-1", "temperature", 5, 21.5);
  const auto told = [&](std::uint64_t version) {
    return fleet.board.places_since(version, start, "temperature");
  };
  auto bytes = told(0);
  REQUIRE(bytes.size() == DeviceBoard::head_bytes + 2 * DeviceBoard::valued_record_bytes);
  CHECK(number_at<float>(bytes, 44) == 21.5F);
  CHECK(std::isnan(number_at<float>(bytes, 68)));
  const auto version = static_cast<std::uint64_t>(number_at<double>(bytes, 0));
  CHECK(told(version).size() == DeviceBoard::head_bytes);
  // Within the same second, too.
  fleet.latest.put({start + std::chrono::milliseconds(5500), 22,
                    *fleet.table.find("truck-1", "temperature"), Quality::bad});
  bytes = told(version);
  REQUIRE(bytes.size() == DeviceBoard::head_bytes + DeviceBoard::valued_record_bytes);
  CHECK(number_at<float>(bytes, 44) == 22.0F);
  CHECK((number_at<std::uint32_t>(bytes, 40) >> 6U) == 2U);
  bytes = fleet.board.places_since(0, start, "no such thing");
  CHECK(std::isnan(number_at<float>(bytes, 44)));
}

TEST_CASE("a device has its most urgent alarm that nobody shelved") {
  Fleet fleet;
  fleet.put_place("truck-1", 5, 60, 24);
  auto seen = fleet.alarm("truck-1", Priority::high);
  seen.acknowledged = start;
  auto shelved = fleet.alarm("truck-1", Priority::critical);
  shelved.shelved_until = start;
  fleet.alarms = {fleet.alarm("truck-1", Priority::low), seen, shelved};
  fleet.refresh();
  CHECK(fleet.board.trouble(0) == DeviceBoard::Trouble{2, true});
  CHECK(fleet.changes().at(0).state == (2 | 8));
  fleet.alarms.push_back(fleet.alarm("truck-1", Priority::high));
  fleet.refresh();
  CHECK(fleet.changes().at(0).state == 2);
  fleet.alarms.clear();
  fleet.board.refresh(fleet.alarm_version, [&] { return fleet.alarms; });
  CHECK(fleet.changes().empty());  // the version says that they are the same
  fleet.refresh();
  CHECK(fleet.changes().at(0).state == 0);
}

}  // namespace
}  // namespace sosie::web
