#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.h"

namespace sosie {

/// A limit as the comparison needs it.
struct Edge {
  std::string name;  ///< "high" …
  double value = 0;
  bool is_upper = true;
};

/// A row that the recording flagged, or that is beyond a limit, or both.
struct FlaggedRow {
  Timestamp at;
  double value = 0;
  bool is_flagged = false;
  std::string beyond;  ///< the limit's name; empty: within all
};

/// What a recording's own flag says of one series, beside what its limits say.
struct FlagReport {
  std::size_t rows = 0;     ///< with a flag, set or not
  std::size_t flagged = 0;  ///< of them
  std::size_t beyond = 0;   ///< a limit
  std::size_t missed = 0;   ///< beyond a limit and not flagged
  std::size_t wrong = 0;    ///< flagged, and within all limits
  std::vector<FlaggedRow> listed;
};

/// `values` and `flags`: in order of time; a flag belongs to the value of the same instant, and a
/// value without one counts as not flagged.
FlagReport compare_flags(std::span<const Reading> values, std::span<const Reading> flags,
                         std::span<const Edge> edges);

}  // namespace sosie
