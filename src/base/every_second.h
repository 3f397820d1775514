#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sosie {

/// Keeps the first, the third … row of `cells`, which are `width` wide: so a table of learning has
/// an end, and stays even in time where from then on only every second row is added.
template <class T>
void keep_every_second(std::vector<T>& cells, std::size_t width = 1) {
  const auto kept = width == 0 ? 0 : (cells.size() / width + 1) / 2;
  for (std::size_t r = 1; r < kept; ++r) {
    std::copy_n(cells.begin() + static_cast<std::ptrdiff_t>(2 * r * width), width,
                cells.begin() + static_cast<std::ptrdiff_t>(r * width));
  }
  cells.resize(kept * width);
}

}  // namespace sosie
