#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "core/series.h"
#include "plants/wastewater/probes.h"

namespace sosie::wastewater {

/// One row of the sensor list: what the sensor is, and how it answers.
struct SensorRow {
  enum class Response {
    state,      ///< S: at once, no noise
    lagged,     ///< A, B0, B1, C0, C1: lags in series, then a new value every so often
    sampled,    ///< D: a sample, whose result is there one interval later
    composite,  ///< E: the mean of an interval, one interval later
  };

  SeriesInfo info;
  const Probe* probe = nullptr;
  double low = 0;  ///< the range, as in `info`
  double high = 1;
  double typical = 0;
  Response response = Response::lagged;
  int lags = 2;
  double t90_s = 60;    ///< of all of them together
  int every_steps = 1;  ///< a new value
  double noise_sd = 0;
  double per_unit = 1;  ///< 1 / resolution: a power of ten
};

/// Reads and checks the list; see README.md for its columns. Errors say file, line, what was read
/// and what was expected.
Result<std::vector<SensorRow>> read_sensor_list(const std::string& path, const std::string& asset);

/// The same from text; `name` stands for the file in errors.
Result<std::vector<SensorRow>> parse_sensor_list(std::string text, const std::string& name,
                                                 const std::string& asset);

}  // namespace sosie::wastewater
