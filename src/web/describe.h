#pragma once

#include <optional>
#include <string_view>

#include "core/alarm.h"
#include "core/finding.h"
#include "core/reading.h"
#include "core/series.h"
#include "simulation/label.h"
#include "wire/json/writer.h"

namespace sosie::web {

// The objects of docs/api.md, each written as one value (or, where it says so, as members).

/// Milliseconds since the epoch.
std::int64_t to_ms(Timestamp at);
std::optional<std::int64_t> to_ms(const std::optional<Timestamp>& at);

void write(json::Writer& out, const Words& words);

/// How many digits behind the point tell a reading from the next, by what the sensor spans.
int decimals_of(const SeriesInfo& info);

/// The members of a series, without the brackets around them.
void write_members(json::Writer& out, SeriesId id, const SeriesInfo& info);

/// What a series has now: `value`, `quality`, `t`, without the brackets around them.
void write_members(json::Writer& out, const std::optional<Reading>& reading);

/// The members of a Finding, without the brackets around them.
void write_members(json::Writer& out, const Finding& finding, const SeriesTable& series);

/// The members of a Label, without the brackets around them.
void write_members(json::Writer& out, const Label& label);

void write(json::Writer& out, const Alarm& alarm, const SeriesTable& series);

}  // namespace sosie::web
