#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "evaluation/ranking.h"

namespace sosie {

/// The volume under the surface of precision and recall (Paparrizos et al.: Volume Under the
/// Surface, VLDB 2022): average precision where the edges of labelled events are soft, averaged
/// over widths of the softness. To be a few rows early or late then costs little, and to find a few
/// rows of every event is better than all rows of a few.
///
/// For a width w, a row at distance d <= w/2 outside of an event counts sqrt(1 - d/w); recall is of
/// the mean of hard and soft labels, times the share of events that were met. As in the authors'
/// code, but at every threshold instead of 250, and at `widths` widths, evenly from 0 to
/// `most_rows`. None: no row is labelled.
struct VusOptions {
  std::size_t most_rows = 100;
  std::size_t widths = 11;
};
std::optional<double> vus_pr(const Ranking& ranking, std::span<const std::uint8_t> labels,
                             const VusOptions& options, std::span<const double> weights = {});

}  // namespace sosie
