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

bool is_set(const Reading& flag) {
  return flag.value > 0.5;
}

}  // namespace

FlagReport compare_flags(std::span<const Reading> values, std::span<const Reading> flags,
                         std::span<const Edge> edges) {
  FlagReport report;
  std::size_t next = 0;
  for (const Reading& reading : values) {
    while (next < flags.size() && flags[next].at < reading.at) ++next;
    const bool has_flag = next < flags.size() && flags[next].at == reading.at;
    const bool is_flagged = has_flag && is_set(flags[next]);
    const Edge* edge = beyond(reading.value, edges);
    report.rows += has_flag ? 1 : 0;
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
