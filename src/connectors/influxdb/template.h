#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/section.h"
#include "core/sink.h"
#include "wire/line/line.h"

namespace sosie::influxdb {

/// What lines are made of.
enum class Holds : std::uint8_t { readings, alarms };

/// What a line is about: a reading, or a step of an alarm. Borrowed.
struct Subject {
  const SeriesInfo* series = nullptr;  ///< null: of no single series
  const SinkReading* reading = nullptr;
  const AlarmEvent* step = nullptr;

  Timestamp at() const { return reading != nullptr ? reading->reading.at : step->at; }
};

/// What a name in a template stands for; monostate: it has none.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

/// A name that a template may use.
struct Macro {
  std::string_view name;
  bool is_steady = false;  ///< of the series (or the alarm's condition), so fit for a tag
  Value (*of)(const Subject&) = nullptr;
};

/// A text with names to be filled in: "${entity}", "city_${stage}". "$${" is a plain "${".
class TextTemplate {
 public:
  enum class Use { identity, value };  ///< identity: only what is steady

  /// Errors: an unknown name (with the nearest), or one that is not for this use.
  static Result<TextTemplate> create(std::string_view text, Holds holds, Use use);

  std::string fill(const Subject& subject) const;
  /// As fill, but one name alone keeps its type.
  Value value(const Subject& subject) const;
  bool has(std::string_view name) const;
  bool is_empty() const { return parts_.empty(); }
  /// The whole text, if there is no name in it.
  const std::string* plain() const;

 private:
  using Part = std::variant<std::string, const Macro*>;
  std::vector<Part> parts_;
};

/// How a reading, or a step, becomes a line.
class LineTemplate {
 public:
  /// A table of the scenario: keys `measurement`, `tags`, `fields`, all of which have defaults.
  /// Errors: as TextTemplate; names that InfluxDB keeps for itself; two series that would be one.
  static Result<LineTemplate> read(Section& section, Holds holds);

  /// Appends the line; false: nothing to say (no field has a value).
  bool append(std::string& out, const Subject& subject, line::Precision precision) const;

 private:
  Result<void> read_parts(Section& section, Holds holds);
  bool tells_series_apart() const;

  TextTemplate measurement_;
  std::vector<std::pair<std::string, TextTemplate>> tags_;
  std::vector<std::pair<TextTemplate, TextTemplate>> fields_;  ///< name and value
};

}  // namespace sosie::influxdb
