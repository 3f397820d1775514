#pragma once

#include <vector>

#include "fusion/episode.h"

namespace sosie::fusion {

/// Where alarms begin and end, from a sample of a surprise's ordinary course, in order of time.
///
/// `decades`: on at what the body of the sample lets expect of one look in 10^(1 + decades), and
/// not at the highest that was: a fault among the looks must not become the yardstick. Surprises
/// fall off by a power of ten for each step, seen in the tail, or in the body where more than one
/// look in a hundred is faulty; the step is taken at the upper end of what it may be, as the looks
/// that are independent of each other are few. Off where one in a hundred is, for `hold` looks.
/// REQUIRES: the sample is not empty.
Episode::Rule ordinary_rule(std::vector<double> sample, double decades, std::size_t hold);

}  // namespace sosie::fusion
