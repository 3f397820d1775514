#include "plants/wastewater/rota.h"

#include <cmath>
#include <numbers>

#include "plants/wastewater/water.h"

namespace sosie::wastewater {
namespace {

constexpr double soonest_h = 24;
constexpr double latest_h = 168;
constexpr std::int32_t shortest_steps = 12;
constexpr std::uint64_t more_steps = 13;   // up to two minutes
constexpr double lost = 0.6;               // in the middle of a change-over
constexpr std::int32_t unrest_steps = 60;  // five times a fast sensor's time

constexpr std::array<std::string_view, 4> lift_tags{"YS-114", "JIT-115", "LIT-113", "FIT-201"};
constexpr std::array<std::string_view, 11> blower_301_tags{
    "YS-327",  "SIT-329", "JIT-330",    "PIT-326",    "FIT-323",   "FIT-324",
    "FIT-325", "ZIT-333", "AIT-304-DO", "AIT-305-DO", "AIT-306-DO"};
constexpr std::array<std::string_view, 11> blower_302_tags{
    "YS-328",  "SIT-329", "JIT-330",    "PIT-326",    "FIT-323",   "FIT-324",
    "FIT-325", "ZIT-333", "AIT-304-DO", "AIT-305-DO", "AIT-306-DO"};
constexpr std::array<std::string_view, 3> recycle_tags{"YS-331", "FIT-322", "JIT-332"};
constexpr std::array<std::string_view, 3> return_tags{"YS-414", "FIT-401", "JIT-415"};

std::int32_t steps_of(double hours) {
  return static_cast<std::int32_t>(hours / step_h);
}

}  // namespace

/// The plant begins in the middle of its life.
Rota::Rota(Random random) : random_(random), to_next_(steps_of(random_.uniform(0, latest_h))) {}

void Rota::step() {
  if (unrest_ > 0) --unrest_;
  if (left_ > 0) {
    --left_;
    unrest_ = unrest_steps;
    const double gone = static_cast<double>(lasts_ - left_) / lasts_;
    level_ = left_ > 0 ? 1 - lost * std::sin(std::numbers::pi * gone) : 1;
    return;
  }
  if (--to_next_ > 0) return;
  to_next_ = steps_of(random_.uniform(soonest_h, latest_h));
  lasts_ = shortest_steps + static_cast<std::int32_t>(random_.below(more_steps));
  left_ = lasts_;
}

Rotas::Rotas(Random random)
    : lift_pump(random.fork(1)),
      blower_301(random.fork(2)),
      blower_302(random.fork(3)),
      recycle_pump(random.fork(4)),
      return_pump(random.fork(5)) {}

std::array<const Rota*, Rotas::count> Rotas::all() const {
  return {&lift_pump, &blower_301, &blower_302, &recycle_pump, &return_pump};
}

std::span<const std::string_view> Rotas::tags(std::size_t which) {
  static constexpr std::array<std::span<const std::string_view>, count> tags_of{
      lift_tags, blower_301_tags, blower_302_tags, recycle_tags, return_tags};
  return tags_of.at(which);
}

void Rotas::step() {
  for (Rota* rota : {&lift_pump, &blower_301, &blower_302, &recycle_pump, &return_pump}) {
    rota->step();
  }
}

}  // namespace sosie::wastewater
