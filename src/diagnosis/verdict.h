#pragma once

#include <optional>
#include <vector>

#include "diagnosis/episode.h"

namespace sosie::diagnosis {

/// What the evidence says of the cause.
struct Verdict {
  Kind kind = Kind::unknown;
  std::optional<Kind> second;
  double confidence = 0;  ///< the chance that `kind` is right, as on the simulated plant
  bool operator==(const Verdict&) const = default;
};

/// The clues, each 0 .. 1, in the order of the table: what its weights are learned from.
std::vector<double> clues(const Asset& asset, const Episode& episode);

/// Weighs the episode's clues by a table, which is the whole of what is known here about causes.
Verdict judge(const Asset& asset, const Episode& episode);

}  // namespace sosie::diagnosis
