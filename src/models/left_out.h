#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace sosie::models {

/// A stretch of one column, both ends in it, that looks like a fault.
struct Doubtful {
  std::size_t column = 0;
  Timestamp from;
  Timestamp to;

  bool operator==(const Doubtful&) const = default;
};

/// In order of columns, then of time; what overlaps is one.
std::vector<Doubtful> joined(std::vector<Doubtful> stretches);

/// Of one column: its values in the rows of learning, and those of them in doubtful stretches.
struct Doubt {
  std::uint64_t values = 0;
  std::uint64_t doubtful = 0;

  double share() const {
    return values == 0 ? 0 : static_cast<double>(doubtful) / static_cast<double>(values);
  }
};

/// What learning leaves out, and what it does not though it looks like a fault.
struct LeftOut {
  std::vector<Doubtful> stretches;
  /// Columns of which more than `most_of_one` is doubtful: that often it is a way of life, and who
  /// does not learn it calls it a fault for ever. Nothing of them is left out.
  std::vector<std::size_t> ways_of_life;
  double share = 0;  ///< of all values that is doubtful, in the other columns
  /// That is more than `most_of_all`, and life: nothing at all is left out.
  bool is_life = false;

  static constexpr double most_of_one = 0.25;
  static constexpr double most_of_all = 0.1;
};

/// `stretches`: joined. `doubts`: of each column. The share is of all columns' values.
LeftOut left_out(std::vector<Doubtful> stretches, const std::vector<Doubt>& doubts);

}  // namespace sosie::models
