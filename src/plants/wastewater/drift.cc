#include "plants/wastewater/drift.h"

#include <algorithm>
#include <array>

#include "plants/wastewater/archive.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {
namespace {

constexpr double rest_of_span = 0.01;
constexpr double steps_a_drift_day = 24 / step_h;

struct DriftRow {
  std::string_view sensor_class;
  std::string_view metric;
  double of_span_per_day;
  bool fouls;  ///< always upwards
};
constexpr std::array<DriftRow, 6> drift_rows{{
    {"A", "o2_dissous", 0.002, false},
    {"A", "ph", 0.001, false},
    {"B0", "ammonium", 0.005, false},
    {"B0", "nitrate", 0.005, false},
    {"A", "mes", 0.004, true},
    {"A", "turbidite", 0.004, true},
}};

const DriftRow* drift_row(const SensorRow& row) {
  const auto* found = std::find_if(drift_rows.begin(), drift_rows.end(), [&](const DriftRow& d) {
    return d.sensor_class == row.info.sensor_class && d.metric == row.info.attribute;
  });
  return found == drift_rows.end() ? nullptr : found;
}

}  // namespace

double usual_drift_per_day(const SensorRow& row) {
  const DriftRow* kind = drift_row(row);
  return kind == nullptr ? 0 : kind->of_span_per_day;
}

Drift::Drift(std::span<const SensorRow> rows, Random random, bool is_on)
    : rows_(rows), is_on_(is_on), random_(random), off_(rows.size()), per_step_(rows.size()) {}

void Drift::calibrated(std::size_t sensor) {
  const SensorRow& row = rows_[sensor];
  const DriftRow* kind = drift_row(row);
  if (kind == nullptr || !is_on_) return;
  const double span = row.high - row.low;
  const bool is_down = random_.uniform() < 0.5 && !kind->fouls;
  off_[sensor] = rest_of_span * span * random_.normal();
  per_step_[sensor] = (is_down ? -1 : 1) * kind->of_span_per_day * span / steps_a_drift_day;
}

void Drift::start(std::span<const double> days_since) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    calibrated(i);
    off_[i] += days_since[i] * steps_a_drift_day * per_step_[i];
  }
}

void Drift::step() {
  for (std::size_t i = 0; i < off_.size(); ++i) off_[i] += per_step_[i];
}

void Drift::save(std::string& to) const {
  put_bytes(to, random_);
  put_all(to, off_);
  put_all(to, per_step_);
}

bool Drift::load(std::string_view& from) {
  return take_bytes(from, random_) && take_all(from, off_) && take_all(from, per_step_);
}

}  // namespace sosie::wastewater
