#include "engine/blanks.h"

#include <cmath>

#include <doctest/doctest.h>

namespace sosie {
namespace {

using std::chrono::minutes;

Timestamp at_minute(int number) {
  return Timestamp(std::chrono::hours(24 * 365 * 50) + minutes(number));
}

/// Which of two sensors are left, minute by minute: 2 both, a or b one, 0 none, - no frame.
std::string left_of(const Blanks& blanks) {
  AssetColumns columns;
  columns.series = {SeriesId{4}, SeriesId{7}};
  BlankedFrame blanked(blanks);
  std::string text;
  for (int i = 0; i < 8; ++i) {
    const std::vector<double> values{1, 2};
    const std::vector<Timestamp> measured(2, at_minute(i));
    const std::vector<std::uint8_t> fresh{1, 1};
    const Frame frame{at_minute(i), values, measured, fresh};
    const auto* const left = blanked.of(frame, columns);
    if (left == nullptr) {
      text += '-';
      continue;
    }
    const bool a = !std::isnan(left->values[0]);
    const bool b = !std::isnan(left->values[1]);
    text += a && b ? '2' : a ? 'a' : b ? 'b' : '0';
  }
  return text;
}

TEST_CASE("blanks: what is not to be learned from is missing, and only that") {
  Blanks blanks;
  CHECK(blanks.is_empty());
  CHECK(left_of(blanks) == "22222222");
  blanks.add(SeriesId{7}, at_minute(1), at_minute(2));
  blanks.add(SeriesId{4}, at_minute(2), at_minute(3));
  blanks.add(SeriesId{9}, at_minute(0), at_minute(7));
  blanks.add_all(at_minute(5), at_minute(6));
  CHECK(left_of(blanks) == "2a0b2--2");
  CHECK(blanks.size() == 4);
  blanks.remove(SeriesId{7}, at_minute(2), at_minute(9));
  blanks.remove(SeriesId{8}, at_minute(0), at_minute(9));
  CHECK(left_of(blanks) == "22bb2--2");
}

}  // namespace
}  // namespace sosie
