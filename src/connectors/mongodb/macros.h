#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/sink.h"

namespace sosie::mongodb {

/// What a collection is made of.
enum class Holds : std::uint8_t { readings, alarms };

/// What a document is about: a reading, or a step of an alarm. Borrowed.
struct Subject {
  const SeriesInfo* series = nullptr;  ///< null: of no single series
  const SinkReading* reading = nullptr;
  const AlarmEvent* step = nullptr;
};

/// What a macro stands for; monostate is null.
using Value = std::variant<std::monostate, bool, std::int64_t, double, Timestamp, std::string>;

/// A macro: what it makes of a subject.
using Macro = Value (*)(const Subject&);

std::optional<Macro> find_macro(Holds holds, std::string_view name);
std::vector<std::string_view> macro_names(Holds holds);

/// For the inside of a text: times as ISO 8601, null as nothing.
std::string to_text(const Value& value);

}  // namespace sosie::mongodb
