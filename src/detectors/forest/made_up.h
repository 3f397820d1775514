#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "base/random.h"
#include "core/frame.h"

namespace sosie::forest {

/// Sensors that move together, made up to measure and test detectors: each is a mixture of a daily
/// and a half-daily cycle and four slow random walks that return to 0 (time constants 20 min to
/// 12 h), plus noise of its own. The same seed gives the same values.
class MadeUpAsset {
 public:
  MadeUpAsset(std::size_t sensors, std::uint64_t seed, Duration period)
      : period_s_(std::chrono::duration<double>(period).count()), random_(seed) {
    sensors_.resize(sensors);
    for (Sensor& sensor : sensors_) {
      for (double& weight : sensor.weights) weight = 0.5 * random_.normal();
      sensor.noise = random_.uniform(0.05, 0.3);
      sensor.level = random_.uniform(-10, 50);
    }
  }

  /// The next period's values, one a sensor.
  void step(std::span<double> values) {
    ++steps_;
    const double day = 2 * std::numbers::pi * static_cast<double>(steps_) * period_s_ / 86'400;
    drivers_[0] = std::sqrt(2) * std::sin(day);
    drivers_[1] = std::sqrt(2) * std::sin(2 * day + 1);
    for (std::size_t i = 0; i < walk_s.size(); ++i) {
      const double keep = std::exp(-period_s_ / walk_s[i]);
      double& walk = drivers_[2 + i];
      walk = keep * walk + std::sqrt(1 - keep * keep) * random_.normal();
    }
    for (std::size_t i = 0; i < sensors_.size(); ++i) {
      values[i] = sensors_[i].level + sensors_[i].noise * random_.normal();
      for (std::size_t j = 0; j < drivers_.size(); ++j) {
        values[i] += sensors_[i].weights[j] * drivers_[j];
      }
    }
  }

  /// The deviation of all that the sensor does.
  double spread(std::size_t sensor) const {
    double variance = sensors_[sensor].noise * sensors_[sensor].noise;
    for (const double weight : sensors_[sensor].weights) variance += weight * weight;
    return std::sqrt(variance);
  }

 private:
  static constexpr std::array<double, 4> walk_s = {1'200, 3'600, 14'400, 43'200};
  struct Sensor {
    std::array<double, 2 + walk_s.size()> weights;
    double noise;
    double level;
  };

  const double period_s_;
  Random random_;
  std::vector<Sensor> sensors_;
  std::array<double, 2 + walk_s.size()> drivers_{};
  std::uint64_t steps_ = 0;
};

}  // namespace sosie::forest
