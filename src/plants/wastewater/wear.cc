#include "plants/wastewater/wear.h"

#include <algorithm>

namespace sosie::wastewater {
namespace {

constexpr double people_come_h = 8;
constexpr double last_begin_h = 15;
constexpr std::int32_t rest_steps = 60;  // five times a fast sensor's time

constexpr std::array<std::string_view, 3> diffuser_tags{"PIT-326", "JIT-330", "TIT-319"};
constexpr std::array<std::string_view, 1> sleeve_tags{"AIT-604-UVI"};
constexpr std::array<std::string_view, 2> lamp_tags{"AIT-604-UVI", "JIT-605"};

}  // namespace

Wear::Wear(Law law, Random random)
    : per_step_(step_h / law.every_h),
      mended_per_step_(step_h / law.takes_h),
      takes_(static_cast<std::int32_t>(law.takes_h / step_h)),
      share_(random.uniform()) {}

void Wear::step(const LocalTime& time) {
  if (unrest_ > 0) --unrest_;
  if (left_ > 0) {
    --left_;
    unrest_ = rest_steps;
    share_ = left_ > 0 ? std::max(share_ - mended_per_step_, 0.0) : 0;
    return;
  }
  share_ += per_step_;
  if (share_ < 1 || time.is_weekend() || time.hour < people_come_h || time.hour >= last_begin_h) {
    return;
  }
  left_ = takes_;
}

Wears::Wears(Random random)
    : diffusers({.every_h = 60 * 24, .takes_h = 2}, random.fork(1)),
      sleeves({.every_h = 14 * 24, .takes_h = 0.5}, random.fork(2)),
      lamps({.every_h = 12000, .takes_h = 3}, random.fork(3)) {}

std::array<const Wear*, Wears::count> Wears::all() const {
  return {&diffusers, &sleeves, &lamps};
}

std::string_view Wears::kind(std::size_t which) {
  static constexpr std::array<std::string_view, count> kinds{"cleaning", "cleaning", "rotation"};
  return kinds.at(which);
}

std::span<const std::string_view> Wears::tags(std::size_t which) {
  static constexpr std::array<std::span<const std::string_view>, count> tags_of{
      diffuser_tags, sleeve_tags, lamp_tags};
  return tags_of.at(which);
}

void Wears::step(const LocalTime& time) {
  for (Wear* wear : {&diffusers, &sleeves, &lamps}) wear->step(time);
}

}  // namespace sosie::wastewater
