#include "rules/fences.h"

#include <algorithm>

namespace sosie::rules {

void Halves::complete(const Half& one, const Half& other, Place& place) {
  const bool is_latitude = one.which == Which::latitude;
  place.latitude = is_latitude ? one.value : other.value;
  place.longitude = is_latitude ? other.value : one.value;
}

bool Halves::take(Which which, Micros at, double value, Micros oldest, Place& place) {
  const Half now{at, value, which};
  if (half_.at == at && half_.which != which) {
    complete(now, half_, place);
    half_ = {};
    return true;
  }
  if (more_ != nullptr) {
    std::erase_if(*more_, [&](const Half& half) { return half.at < oldest; });
    const auto other = std::ranges::find_if(
        *more_, [&](const Half& half) { return half.at == at && half.which != which; });
    if (other != more_->end()) {
      complete(now, *other, place);
      more_->erase(other);
      return true;
    }
  }
  if (half_.at != never && half_.at >= oldest && half_.at != at) {
    if (more_ == nullptr) more_ = std::make_unique<std::vector<Half>>();
    more_->push_back(half_);
  }
  half_ = now;
  return false;
}

}  // namespace sosie::rules
