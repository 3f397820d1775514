#pragma once

#include <array>
#include <span>
#include <string_view>

#include "diagnosis/episode.h"
#include "diagnosis/recent.h"

namespace sosie::diagnosis {

/// What can be said of an episode. Each is one number from 0 (no, none, not at all) to 1 (surely,
/// most), in the order of `clue_names()`.
inline constexpr std::size_t clue_count = 69;
using Clues = std::array<double, clue_count>;

/// As a verdict's model names them.
std::span<const std::string_view> clue_names();

/// Where the clues of an episode are read from.
struct Scene {
  const Asset& asset;
  const Episode& episode;
  const Recent& recent;
  const Switches& switches;
  Timestamp at;  ///< now, or when the episode ended
};

Clues clues_of(const Scene& scene);

}  // namespace sosie::diagnosis
