#include "detectors/forest/deviations.h"

#include <chrono>
#include <cmath>
#include <limits>

namespace sosie::forest {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Deviations::Deviations(Duration average) : average_s_(seconds(average)) {}

void Deviations::resize(std::size_t columns) {
  columns_.resize(columns, {.average = none, .expected = none, .deviation = 0, .missing_s = 0});
}

void Deviations::start_anew() {
  const std::size_t size = columns_.size();
  columns_.clear();
  resize(size);
}

void Deviations::update(const Frame& frame) {
  if (started_ && frame.at == at_) return;
  if (started_ && frame.at < at_) start_anew();
  const double passed_s = started_ ? seconds(frame.at - at_) : 0;
  const double usual_weight = -std::expm1(-passed_s / average_s_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    update(columns_[i], frame.values[i], passed_s, usual_weight);
  }
  at_ = frame.at;
  started_ = true;
}

void Deviations::update(Column& column, double value, double passed_s, double usual_weight) const {
  column.expected = column.average;
  column.deviation = value - column.average;
  if (!std::isnan(column.deviation) && column.missing_s == 0) {  // nearly always
    column.average += usual_weight * column.deviation;
    return;
  }
  column.deviation = 0;
  if (std::isnan(value)) {
    column.missing_s += passed_s;
    return;
  }
  if (std::isnan(column.average)) {
    column.average = column.expected = value;
  } else {
    // The older the average has become, the more the new value weighs.
    const double weight = column.missing_s == 0
                              ? usual_weight
                              : -std::expm1(-(column.missing_s + passed_s) / average_s_);
    column.deviation = value - column.average;
    column.average += weight * column.deviation;
  }
  column.missing_s = 0;
}

}  // namespace sosie::forest
