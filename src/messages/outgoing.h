#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm.h"
#include "core/finding.h"
#include "core/series.h"
#include "core/sink.h"

namespace sosie::messages {

/// What leaves for other programs, as JSON: the same by whatever way it goes.
///
/// A reading is as POST /api/readings takes it, with what else is known of it.
std::string reading_text(const SinkReading& reading, const SeriesInfo& info);
/// A step of an alarm; `info`: of its series, null if it has none.
std::string step_text(const AlarmEvent& step, const SeriesInfo* info);
/// What became of a finding; `info`: of its first suspect, null if it has none.
std::string finding_text(const FindingEvent& event, const SeriesInfo* info);

/// The series that a finding is about first.
std::optional<SeriesId> first_suspect(const Finding& finding);

/// The series that wildcards name (none: all): one of them is as the series' entity or its
/// SeriesInfo::name(). What is about no series is chosen too.
///
/// Remembers its answer, a byte a series: names never change. Threads: one at a time.
class ChosenSeries {
 public:
  explicit ChosenSeries(std::vector<std::string> wildcards) : wildcards_(std::move(wildcards)) {}

  bool has(std::optional<SeriesId> id, const SeriesTable& series);

 private:
  enum class Answer : std::uint8_t { unknown, no, yes };

  std::vector<std::string> wildcards_;
  std::vector<Answer> answers_;  ///< by series
};

}  // namespace sosie::messages
