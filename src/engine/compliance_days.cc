#include "engine/compliance_days.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "compliance/composite.h"

namespace sosie {
namespace {

constexpr std::chrono::days usual_period(365);

Timestamp midnight(std::chrono::local_days day, const Zone& zone) {
  return zone.to_utc(Timestamp{day.time_since_epoch()});
}

}  // namespace

Result<std::vector<HourMean>> hour_means(const Store& store, std::optional<SeriesId> series,
                                         Timestamp from, Timestamp to) {
  std::vector<HourMean> means;
  if (!series) return means;
  const auto buckets = TRY(store.rollups(*series, Resolution::hour, from, to));
  means.reserve(buckets.size());
  for (const auto& bucket : buckets) {
    if (bucket.count > 0) means.push_back({bucket.start, bucket.mean()});
  }
  return means;
}

Result<EndSamples> stored_samples(const Store& store, const SamplingPoint<SeriesId>& point,
                                  const Zone& zone, Timestamp from, Timestamp to) {
  EndSamples end;
  const auto flow = TRY(hour_means(store, point.flow, from, to));
  end.volumes = daily_volumes(flow, zone);
  for (const auto parameter : all_parameters) {
    const auto means = TRY(hour_means(store, point.parameters[parameter], from, to));
    end.concentrations[parameter] = daily_composites(means, flow, zone);
  }
  return end;
}

std::chrono::local_days local_day(Timestamp at, const Zone& zone) {
  const auto local = at + zone.offset(at);
  return std::chrono::local_days{std::chrono::floor<std::chrono::days>(local).time_since_epoch()};
}

Result<std::chrono::local_days> read_local_day(const std::string& text) {
  const auto parts = split(text, '-');
  const Error wrong{Errc::invalid, fmt::format("'{}' is no day; expected as 2026-11-30", text)};
  if (parts.size() != 3 || text.size() != 10) return wrong;
  const auto year = to_integer(parts[0]);
  const auto month = to_integer(parts[1]);
  const auto day = to_integer(parts[2]);
  if (!year || !month || !day || *month < 1 || *day < 1) return wrong;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return wrong;
  return std::chrono::local_days(date);
}

std::string to_text(std::chrono::local_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

Result<ComplianceReport> stored_report(const Store& store, const SeriesTable& series,
                                       const ComplianceConfig& config, const Zone& zone,
                                       const ReportQuestion& question) {
  constexpr std::chrono::days one(1);
  const auto today = local_day(question.now, zone);
  const auto to = question.to.value_or(today);
  auto from = to - usual_period + one;
  if (question.from) {
    from = *question.from;
  } else {
    const auto stats = TRY(store.stats());
    if (stats.oldest) from = std::min(std::max(from, local_day(*stats.oldest, zone)), to);
  }
  if (from > to) {
    return Error{Errc::invalid, fmt::format("the period begins on {} and ends on {}, before that",
                                            to_text(from), to_text(to))};
  }
  if (to - from >= std::chrono::days(most_report_days)) {
    return Error{Errc::invalid,
                 fmt::format("{} to {} are {} days; expected at most {}", to_text(from),
                             to_text(to), (to - from).count() + 1, most_report_days)};
  }
  const auto begin = midnight(from, zone);
  const auto end = midnight(to + one, zone);
  const auto sources = resolve(config.sources, series);
  const auto inlet = TRY(stored_samples(store, sources.inlet, zone, begin, end));
  const auto outlet = TRY(stored_samples(store, sources.outlet, zone, begin, end));
  return compliance_report(config, inlet, outlet, from, to, today);
}

}  // namespace sosie
