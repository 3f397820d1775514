#include "twin/live/newest_table.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

Reading value_at(std::uint32_t series, int second, double value) {
  return {Timestamp(std::chrono::seconds(second)), value, SeriesId{series}};
}

TEST_CASE("newest table: of each series one, by event time; of one instant the last word") {
  NewestTable table;
  CHECK(table.empty());
  for (const auto& each :
       {value_at(7, 2, 1), value_at(3, 1, 2), value_at(7, 1, 3), value_at(3, 1, 4)}) {
    table.add(each);
  }
  CHECK_FALSE(table.empty());
  CHECK(table.take() == std::vector{value_at(7, 2, 1), value_at(3, 1, 4)});
  CHECK(table.empty());
  table.add(value_at(7, 1, 5));  // older than what was taken: this round's newest all the same
  CHECK(table.take() == std::vector{value_at(7, 1, 5)});
}

}  // namespace
}  // namespace sosie
