#pragma once

#include <span>
#include <string>

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

/// The series that a finding is about first; null: none.
const SeriesInfo* first_suspect(const Finding& finding, const SeriesTable& series);

/// Whether one of `wildcards` is as the series' entity or its SeriesInfo::name().
bool is_named(std::span<const std::string> wildcards, const SeriesInfo& info);

}  // namespace sosie::messages
