#pragma once

#include "base/result.h"
#include "base/time_text.h"
#include "compliance/config.h"
#include "compliance/report.h"
#include "compliance/samples.h"
#include "store/store.h"

namespace sosie {

/// The hourly means of a stored series, of hours with good readings; none for no series.
Result<std::vector<HourMean>> hour_means(const Store& store, std::optional<SeriesId> series,
                                         Timestamp from, Timestamp to);

/// The daily samples of one end of the plant.
Result<EndSamples> stored_samples(const Store& store, const SamplingPoint<SeriesId>& point,
                                  const Zone& zone, Timestamp from, Timestamp to);

/// Whose report, and of when. Days are the site's; `from` none: since the first stored reading, at
/// most a year; `to` none: today.
struct ReportQuestion {
  std::optional<std::chrono::local_days> from;
  std::optional<std::chrono::local_days> to;
  Timestamp now;
};

/// The local day of an instant.
std::chrono::local_days local_day(Timestamp at, const Zone& zone);

/// "2026-11-30". Errors: it is none.
Result<std::chrono::local_days> read_local_day(const std::string& text);
std::string to_text(std::chrono::local_days day);

/// Judges what is stored. Errors: `from` after `to`, more than 366 days (with what was read).
Result<ComplianceReport> stored_report(const Store& store, const SeriesTable& series,
                                       const ComplianceConfig& config, const Zone& zone,
                                       const ReportQuestion& question);

}  // namespace sosie
