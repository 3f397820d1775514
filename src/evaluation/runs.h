#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sosie {

/// Rows [begin, end) of a table that are flagged without a gap.
struct Run {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Run&) const = default;
};

std::vector<Run> runs_of(std::span<const std::uint8_t> flags);

/// Whether any of `runs` shares a row with `one`. REQUIRES: `runs` is sorted and disjoint.
bool meets(std::span<const Run> runs, Run one);

}  // namespace sosie
