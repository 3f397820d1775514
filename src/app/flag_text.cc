#include "app/flag_text.h"

#include <algorithm>

#include "base/time_text.h"
#include "engine/flag_view.h"

namespace sosie::app {
namespace {

constexpr std::size_t most_rows = 30;

std::string rows_text(const FlagReport& report, const SeriesInfo& info) {
  std::string text;
  for (std::size_t i = 0; i < std::min(report.listed.size(), most_rows); ++i) {
    const FlaggedRow& row = report.listed[i];
    const bool is_missed = !row.beyond.empty() && !row.is_flagged;
    text += fmt::format("  {} {}  {:>9.6g} {}  {}, {}\n", is_missed ? "▲" : " ", to_iso8601(row.at),
                        row.value, info.unit,
                        row.beyond.empty() ? "within the limits" : "beyond " + row.beyond,
                        row.is_flagged ? "flagged" : "not flagged");
  }
  if (report.listed.size() > most_rows) {
    text += fmt::format("  … and {} more\n", report.listed.size() - most_rows);
  }
  return text;
}

}  // namespace

Result<std::string> flag_text(Engine& engine) {
  const auto views = TRY(flag_views(engine));
  std::string text;
  for (const FlagView& view : views) {
    const SeriesInfo& info = engine.series()[view.series];
    const FlagReport& report = view.report;
    text += fmt::format(
        "The recording's own {} on {}: set in {} of {} rows; {} are beyond a limit, of which it "
        "missed {}; {} it set within the limits.\n",
        engine.series()[view.flag].attribute, info.name(), report.flagged, report.rows,
        report.beyond, report.missed, report.wrong);
    text += rows_text(report, info);
  }
  return text;
}

}  // namespace sosie::app
