#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/reading.h"

namespace sosie {

/// Of each series the newest reading among those added since the last `take`. A few nanoseconds a
/// reading; 4 bytes a series, and 24 one that has come. Threads: one at a time.
class NewestTable {
 public:
  bool empty() const { return newest_.empty(); }

  void add(const Reading& reading) {
    const auto index = reading.series.index;
    if (index >= places_.size()) places_.resize(index + 1);
    std::uint32_t& place = places_[index];
    if (place == 0) {
      newest_.push_back(reading);
      place = static_cast<std::uint32_t>(newest_.size());
    } else if (Reading& known = newest_[place - 1]; reading.at >= known.at) {
      known = reading;
    }
  }

  /// In the order in which the series came.
  std::vector<Reading> take() {
    for (const auto& reading : newest_) places_[reading.series.index] = 0;
    return std::exchange(newest_, {});
  }

 private:
  std::vector<std::uint32_t> places_;  ///< by series: its place in newest_, from 1; 0: none
  std::vector<Reading> newest_;
};

}  // namespace sosie
