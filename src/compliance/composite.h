#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/time_text.h"

namespace sosie {

/// The mean of a series over one hour, as the store's roll-ups give it.
struct HourMean {
  Timestamp from;
  double mean = 0;
};

/// What one 24 h composite sample says: the flow-weighted mean of a local day.
struct Composite {
  std::chrono::local_days day;  ///< the site's calendar
  double value = 0;             ///< in the series' unit
};

/// A day with fewer measured hours gives no sample.
inline constexpr int composite_min_hours = 18;

/// The flow-proportional samples of 91/271/EEC, Annex I D.3: sum(c q) / sum(q) over each local day.
/// Hours for which no flow is known weigh as the day's mean flow, so an empty `flow` gives plain
/// means. Both spans grow in time; only whole days (at least 18 measured hours) come out.
std::vector<Composite> daily_composites(std::span<const HourMean> concentration,
                                        std::span<const HourMean> flow, const Zone& zone);

/// The same weighting over everything given: none of nothing.
std::optional<double> flow_weighted_mean(std::span<const HourMean> concentration,
                                         std::span<const HourMean> flow);

/// m3 of each local day with at least 18 measured hours, from m3/h; missing hours as the others.
std::vector<Composite> daily_volumes(std::span<const HourMean> flow_m3_per_h, const Zone& zone);

/// The same over spans of 24 h from `from` on, whatever the calendar says: of a future, which need
/// not begin at midnight. The k-th is named after the k-th day from the one in which `from` lies.
/// Only spans of `min_hours` measured hours come out.
std::vector<Composite> span_composites(std::span<const HourMean> concentration,
                                       std::span<const HourMean> flow, Timestamp from,
                                       const Zone& zone, int min_hours);

/// m3 a day of each such span, from m3/h.
std::vector<Composite> span_volumes(std::span<const HourMean> flow_m3_per_h, Timestamp from,
                                    const Zone& zone, int min_hours);

}  // namespace sosie
