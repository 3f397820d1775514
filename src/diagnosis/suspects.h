#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "diagnosis/episode.h"

namespace sosie::diagnosis {

/// The columns of an episode by how much they have to do with it, largest share first; at most
/// `most`. Their present values are `values`.
std::vector<Suspect> suspects(const Asset& asset, const Episode& episode,
                              std::span<const double> values, std::size_t most = 10);

}  // namespace sosie::diagnosis
