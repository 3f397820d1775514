#include "plants/wastewater/services.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plants/wastewater/archive.h"

namespace sosie::wastewater {
namespace {

constexpr std::int32_t people = 2;
constexpr double begins_h = 8;
constexpr double ends_h = 16;
constexpr double shortest_min = 15;
constexpr double longest_min = 45;

/// 0: it is not serviced.
int period_days(const SensorRow& row) {
  const std::string_view sensor_class = row.info.sensor_class;
  if (sensor_class == "B0" || sensor_class == "C0" || sensor_class == "D") return 7;
  if (sensor_class == "A" || sensor_class == "B1" || sensor_class == "C1") return 14;
  return 0;
}

Duration minutes(double many) {
  return std::chrono::seconds(5 * std::llround(many * 12));  // whole steps
}

}  // namespace

std::string_view service_kind(const SensorRow& row) {
  constexpr std::array<std::string_view, 4> optical{"-TSS", "-TURB", "-UVT", "-UVI"};
  const std::string_view tag = row.info.entity;
  const bool is_optical =
      std::ranges::any_of(optical, [&](std::string_view end) { return tag.ends_with(end); });
  return is_optical ? "cleaning" : "calibration";
}

Services::Services(std::span<const SensorRow> rows, Random random)
    : rows_(rows), random_(random), turns_(rows.size()), serviced_(rows.size()) {}

/// The plant begins in the middle of its life: each sensor's last turn was at any time.
void Services::start(Timestamp at) {
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    const int days = period_days(rows_[i]);
    if (days > 0) turns_[i].due = at + minutes(random_.uniform() * days * 24 * 60);
  }
}

std::vector<double> Services::days_since(Timestamp now) const {
  std::vector<double> days(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const int every = period_days(rows_[i]);
    if (every == 0) continue;
    const std::chrono::duration<double, std::ratio<86400>> to_next = turns_[i].due - now;
    days[i] = every - to_next.count();
  }
  return days;
}

void Services::step(Timestamp now, const LocalTime& time) {
  finished_.clear();
  const bool at_work = !time.is_weekend() && time.hour >= begins_h && time.hour < ends_h;
  if (at_work_ == 0 && !at_work) return;
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    Turn& turn = turns_[i];
    if (serviced_[i] != 0) {
      if (now < turn.ends) continue;
      serviced_[i] = 0;
      finished_.push_back(i);
      --at_work_;
    } else if (at_work && at_work_ < people && now >= turn.due) {
      serviced_[i] = 1;
      ++at_work_;
      turn.ends = now + minutes(random_.uniform(shortest_min, longest_min));
      turn.due = now + std::chrono::days(period_days(rows_[i]));
    }
  }
}

void Services::save(std::string& to) const {
  put_bytes(to, random_);
  put_bytes(to, at_work_);
  put_all(to, turns_);
  put_all(to, serviced_);
}

bool Services::load(std::string_view& from) {
  return take_bytes(from, random_) && take_bytes(from, at_work_) && take_all(from, turns_) &&
         take_all(from, serviced_);
}

}  // namespace sosie::wastewater
