#include "evaluation/flags.h"

#include <algorithm>
#include <cmath>

namespace sosie {
namespace {

/// The outermost limit that `value` is beyond; nullptr: none.
const Edge* beyond(double value, std::span<const Edge> edges) {
  const Edge* outermost = nullptr;
  for (const Edge& edge : edges) {
    if (edge.is_upper ? value <= edge.value : value >= edge.value) continue;
    const bool is_outer = outermost == nullptr || (edge.is_upper ? edge.value > outermost->value
                                                                 : edge.value < outermost->value);
    if (is_outer) outermost = &edge;
  }
  return outermost;
}

/// The flag of that instant, nullptr: none; takes those of before off `flags`.
const Reading* flag_at(Timestamp at, std::span<const Reading>& flags) {
  while (!flags.empty() && flags.front().at < at) flags = flags.subspan(1);
  return flags.empty() || flags.front().at != at ? nullptr : &flags.front();
}

}  // namespace

FlagReport compare_flags(std::span<const Reading> values, std::span<const Reading> flags,
                         std::span<const Edge> edges) {
  FlagReport report;
  for (const Reading& reading : values) {
    const Reading* flag = flag_at(reading.at, flags);
    const bool is_flagged = flag != nullptr && flag->value > 0.5;
    const Edge* edge = beyond(reading.value, edges);
    report.rows += flag != nullptr ? 1 : 0;
    report.flagged += is_flagged ? 1 : 0;
    report.beyond += edge != nullptr ? 1 : 0;
    report.missed += edge != nullptr && !is_flagged ? 1 : 0;
    report.wrong += edge == nullptr && is_flagged ? 1 : 0;
    if (edge == nullptr && !is_flagged) continue;
    report.listed.push_back({.at = reading.at,
                             .value = reading.value,
                             .is_flagged = is_flagged,
                             .beyond = edge == nullptr ? std::string() : edge->name});
  }
  return report;
}

}  // namespace sosie
