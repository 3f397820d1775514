#pragma once

#include <span>
#include <vector>

#include "scoring/block.h"

namespace sosie::scoring {

/// Columns that count: what they show says how long they have counted, and only by how much it
/// grows from row to row says how things are.
///
/// A column counts if it never falls in the rows of learning and grows in each tenth of them. A row
/// after a gap has the mean growth of the rows since; one of less than half of what was before has
/// begun anew from nothing. Threads: one.
class Counters {
 public:
  Counters() = default;
  /// Finds them in the rows of learning.
  explicit Counters(const Block& block);

  bool empty() const { return counting_.empty(); }
  bool has(std::size_t column) const;
  /// Puts its growth in the place of each count: NaN where it is not known. Rows in their order.
  void replace(std::span<double> row);

 private:
  struct Counting {
    std::size_t column = 0;
    double step = 0;  ///< the growth that is the middle one
    double last = 0;
    double rows = 0;  ///< since then; 0: nothing was seen
  };
  std::vector<Counting> counting_;
};

}  // namespace sosie::scoring
