#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "diagnosis/episode.h"
#include "diagnosis/recent.h"

namespace sosie::diagnosis {

/// What can be said of an episode. Each is one number from 0 (no, none, not at all) to 1 (surely,
/// most), in the order of `clue_names()`.
inline constexpr std::size_t clue_count = 84;
using Clues = std::array<double, clue_count>;

/// As a verdict's model names them.
std::span<const std::string_view> clue_names();

/// A finding that is over: what comes soon after it at the same sensors may be its echo.
struct Past {
  Timestamp closed;
  std::vector<std::uint32_t> columns;
};

/// Where the clues of an episode are read from.
struct Scene {
  const Asset& asset;
  const Episode& episode;
  const Recent& recent;
  const Switches& switches;
  Timestamp at;                  ///< now, or when the episode ended
  std::span<const Past> past{};  ///< the last few findings
  std::size_t open = 0;          ///< other findings that are
  double stirred = 0;            ///< of `recent`, a minute old at most: it takes its time
  double astray = 0;             ///< likewise: its `share_astray`
};

Clues clues_of(const Scene& scene);

}  // namespace sosie::diagnosis
