#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "diagnosis/episode.h"
#include "diagnosis/recent.h"

namespace sosie::diagnosis {

/// The columns of an episode by how much they have to do with it, largest share first; at most
/// `most`. Their present values are `values`.
///
/// What each shows and should show is what its telling sign says (voice.h), so that both are of one
/// instant; where it has none, what it showed in the hours before, by `recent`. NaN: not known.
std::vector<Suspect> suspects(const Asset& asset, const Episode& episode,
                              std::span<const double> values, const Recent& recent,
                              std::size_t most = 10);

}  // namespace sosie::diagnosis
