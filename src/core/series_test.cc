#include "core/series.h"

#include <thread>

#include <doctest/doctest.h>

#include "core/finding.h"

namespace sosie {
namespace {

SeriesInfo named(std::string_view entity, std::string_view attribute) {
  SeriesInfo info;
  info.entity = entity;
  info.attribute = attribute;
  return info;
}

TEST_CASE("series: declared once, found by every name they have") {
  SeriesTable table;
  const auto ph = table.declare(named("AIT-102", "ph"));
  const auto room_t = table.declare(named("Room.1", "temperature"));
  const auto room_h = table.declare(named("Room.1", "humidity"));
  const auto bare = table.declare(named("Pump", "value"));
  CHECK(table.declare(named("AIT-102", "ph")) == ph);
  CHECK(table.size() == 4);
  CHECK(table.find("Room.1", "humidity") == room_h);
  CHECK(table.find_entity("AIT-102") == ph);
  CHECK_FALSE(table.find_entity("Room.1").has_value());  // has two
  CHECK(table.find_name("Room.1.temperature") == room_t);
  CHECK(table.find_name("AIT-102.ph") == ph);
  CHECK(table.find_name("Pump") == bare);
  CHECK_FALSE(table.find_name("AIT-10").has_value());
  CHECK(table[bare].name() == "Pump");
  CHECK(table[ph].name() == "AIT-102.ph");
}

TEST_CASE("series: a later word fills gaps and overwrites nothing") {
  SeriesTable table;
  auto info = named("A", "value");
  info.unit = "m";
  const auto id = table.declare(info);
  info.unit = "km";
  info.asset = "plant";
  info.high = 5;
  table.declare(info);
  CHECK(table[id].unit == "m");
  CHECK(table[id].asset == "plant");
  CHECK(table[id].high == 5);
}

TEST_CASE("series: an entity's name is there once, and so is what many have in common") {
  SeriesTable table;
  std::vector<SeriesId> ids;
  for (int i = 0; i < 1000; ++i) {
    auto info = named("a truck with a long name " + std::to_string(i / 5),
                      "attribute of some length " + std::to_string(i % 5));
    info.unit = "degrees in the shade";
    ids.push_back(table.declare(info));
  }
  CHECK(&table[ids[0]].entity.str() == &table[ids[4]].entity.str());
  CHECK(&table[ids[0]].entity.str() != &table[ids[5]].entity.str());
  CHECK(&table[ids[0]].attribute.str() == &table[ids[995]].attribute.str());
  CHECK(&table[ids[0]].unit.str() == &table[ids[999]].unit.str());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const SeriesInfo& info = table[ids[i]];
    CHECK(table.find(info.entity, info.attribute) == ids[i]);
    CHECK(table.find_name(info.name()) == ids[i]);
  }
  CHECK_FALSE(table.find_entity(table[ids[0]].entity).has_value());
}

TEST_CASE("shared text: a value that is read as a string") {
  SharedText text = "mg/L";
  const SharedText copy = text;
  CHECK(&copy.str() == &text.str());
  text = std::string("km");
  CHECK(copy == "mg/L");
  CHECK(text == std::string_view("km"));
  CHECK(text != copy);
  text = "";
  CHECK(text.empty());
  CHECK(text == SharedText());
  CHECK(text.str().empty());
  CHECK(fmt::format("{:>5}|", copy) == " mg/L|");
  CHECK(" " + copy == std::string(" mg/L"));
  const SharedText moved = std::move(text);
  CHECK(moved.empty());
}

TEST_CASE("series: many threads may declare and read at once") {
  SeriesTable table;
  const auto work = [&] {
    for (int i = 0; i < 500; ++i) {
      const auto id = table.declare(named(std::to_string(i), "value"));
      CHECK(table[id].entity == std::to_string(i));
    }
  };
  std::jthread a(work);
  std::jthread b(work);
  a.join();
  b.join();
  CHECK(table.size() == 500);
}

TEST_CASE("kinds: text and back") {
  for (std::size_t i = 0; i < kind_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    CHECK(kind_from_text(to_text(kind)) == kind);
    CHECK_FALSE(name_of(kind).fr.empty());
  }
  CHECK_FALSE(kind_from_text("flood").has_value());
}

}  // namespace
}  // namespace sosie
