#include "engine/blanks.h"

#include <algorithm>
#include <limits>

namespace sosie {

void Blanks::add(SeriesId series, Timestamp from, Timestamp to) {
  of_series_[series].push_back({from, to});
}

void Blanks::add_all(Timestamp from, Timestamp to) {
  of_all_.push_back({from, to});
}

void Blanks::remove(SeriesId series, Timestamp from, Timestamp to) {
  const auto found = of_series_.find(series);
  if (found == of_series_.end()) return;
  std::erase_if(found->second,
                [&](const Stretch& stretch) { return stretch.from <= to && stretch.to >= from; });
}

std::size_t Blanks::size() const {
  std::size_t count = of_all_.size();
  for (const auto& [series, stretches] : of_series_) count += stretches.size();
  return count;
}

bool Blanks::covers(const std::vector<Stretch>& stretches, Timestamp at) {
  return std::ranges::any_of(
      stretches, [&](const Stretch& stretch) { return stretch.from <= at && at <= stretch.to; });
}

const Frame* BlankedFrame::of(const Frame& frame, const AssetColumns& columns) {
  if (Blanks::covers(blanks_.of_all_, frame.at)) return nullptr;
  if (blanks_.of_series_.empty()) return &frame;
  values_.assign(frame.values.begin(), frame.values.end());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto found = blanks_.of_series_.find(columns.series[i]);
    if (found == blanks_.of_series_.end()) continue;
    if (Blanks::covers(found->second, frame.at)) {
      values_[i] = std::numeric_limits<double>::quiet_NaN();
    }
  }
  frame_ = frame;
  frame_.values = values_;
  return &frame_;
}

}  // namespace sosie
