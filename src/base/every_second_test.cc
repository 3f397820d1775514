#include "base/every_second.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

std::vector<int> every_second(std::vector<int> cells, std::size_t width = 1) {
  keep_every_second(cells, width);
  return cells;
}

TEST_CASE("every second row is kept, from the first on") {
  CHECK(every_second({0, 1, 2, 3, 4}) == std::vector{0, 2, 4});
  CHECK(every_second({0, 1, 2, 3}) == std::vector{0, 2});
  CHECK(every_second({7}) == std::vector{7});
  CHECK(every_second({}).empty());
  CHECK(every_second({0, 1, 10, 11, 20, 21}, 2) == std::vector{0, 1, 20, 21});
  CHECK(every_second({0, 1, 2, 10, 11, 12}, 3) == std::vector{0, 1, 2});
  CHECK(every_second({}, 0).empty());
}

}  // namespace
}  // namespace sosie
