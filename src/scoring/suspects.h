#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scoring/block.h"
#include "scoring/judge.h"

namespace sosie::scoring {

/// Rows of learning have faults too: what is learned from one hides all that are smaller.

/// Takes values away that no process has: at most three rows long, ten times as far from the middle
/// nine tenths of their column as these are wide. Nothing of a column that has more than one in
/// fifty of them, or whose middle nine tenths are one value: there it is a state that is seldom.
/// The cells that were taken; the first row of one.
struct Wild {
  std::size_t cells = 0;
  std::size_t first_row = 0;
};
Wild blank_wild(Block& block);

/// Which of the rows, each judged by what other parts taught, are so far out that all the others
/// cannot have meant them: `by` what the bulk of the three most astonishing statistics of all
/// columns lets expect of one row in ten thousand times as many as there are, and so for ten rows
/// at least: less is a long tail. Only where they are one in ten at most: more is a way to be.
/// `found`: one for each of `kept`, whose numbers come back.
std::vector<std::uint32_t> far_out(std::span<const Judge::Found> found,
                                   std::span<const std::uint32_t> kept);

}  // namespace sosie::scoring
