#include "core/sift.h"

#include <cmath>

#include <fmt/format.h>

namespace sosie {
namespace {

/// What no clock on earth shows: 1980 and 2200. A time outside is a unit error of its sender.
constexpr Timestamp earliest{std::chrono::seconds(315'532'800)};
constexpr Timestamp latest{std::chrono::seconds(7'258'118'400)};

}  // namespace

std::string_view why_impossible(const Reading& reading, Timestamp newest_credible) {
  if (!std::isfinite(reading.value)) return "the value is not a finite number";
  if (reading.at < earliest || reading.at >= latest) {
    return "the time is not between 1980 and 2200: is its unit right?";
  }
  if (reading.at > newest_credible) {
    return "the time lies in the future: is the sender's clock right?";
  }
  return {};
}

std::vector<Refusal> sift(std::vector<Reading>& readings, std::string_view source,
                          const SeriesTable& series, Timestamp newest_credible) {
  const std::size_t series_count = series.size();
  std::vector<Refusal> refusals;
  std::erase_if(readings, [&](const Reading& reading) {
    const bool known = reading.series.index < series_count;
    const auto reason =
        known ? why_impossible(reading, newest_credible) : "the series was never declared";
    if (reason.empty()) return false;
    refusals.push_back(
        Refusal{std::string(source), std::string(reason),
                fmt::format("value {} at {}", reading.value, reading.at.time_since_epoch().count()),
                known ? series[reading.series].name() : std::string()});
    return true;
  });
  return refusals;
}

}  // namespace sosie
