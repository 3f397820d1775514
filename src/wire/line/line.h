#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sosie::line {

struct Tag {
  std::string_view key;
  std::string_view value;
  bool operator==(const Tag&) const = default;
};

struct Field {
  std::string_view key;
  /// A float, `1i`, `1u`, `true`, or `"a text"`. Floats are never NaN or infinite.
  std::variant<double, std::int64_t, std::uint64_t, bool, std::string_view> value;

  /// As a number: true is 1, false is 0; none of a text.
  std::optional<double> number() const;
  bool operator==(const Field&) const = default;
};

/// One line: `measurement,tag=value field=1.5,other=2i 1465839830100400200`.
struct Point {
  std::string_view measurement;
  std::vector<Tag> tags;
  std::vector<Field> fields;
  std::optional<Timestamp> time;  ///< none: the line has none

  std::string_view tag(std::string_view key) const;  ///< empty if there is none
};

/// What one unit of a line's timestamp is.
enum class Precision : std::uint8_t { ns, us, ms, s, m, h };

/// "ns", "n", "us", "u", "µ", "ms", "s", "m", "h"; "" is ns, as InfluxDB has it.
std::optional<Precision> precision_from_text(std::string_view text);

/// Reads InfluxDB line protocol, one line at a time.
///
/// Threads: one at a time.
class Parser {
 public:
  explicit Parser(Precision precision) : precision_(precision) {}

  /// The point's views point into `line` and into this parser: valid until the next call. Errors
  /// are worded as InfluxDB 1.x and 2.x word them: "unable to parse 'cpu value=': missing field
  /// value". REQUIRES: no line end in `line`, except inside a quoted text.
  Result<const Point*> parse(std::string_view line);

 private:
  class Scanner;
  Precision precision_;
  Point point_;
  std::string unescaped_;  ///< room for texts that had a backslash
};

/// The next line of `body` that is neither blank nor a comment, which is cut off `body`'s front; a
/// line end inside a quoted text does not end it. None at the end.
std::optional<std::string_view> next_line(std::string_view& body);

/// Appends a line, line end included, with the time in units of `precision`, rounded down, where
/// there is one. Tags with an empty value are left out, which the protocol cannot say; nor can it
/// say the following of a name or a tag's value, which become something near:
///
/// - a control character: a blank (in a text it stays);
/// - a backslash that stands at the end or before what is escaped: '/' (readers disagree on whether
///   it escapes or is escaped; InfluxDB itself does, between names of fields and others);
/// - a '#' at the beginning of the measurement, which would make the line a comment: '_'.
///
/// REQUIRES: a measurement, at least one field, and that numbers are finite.
void append(std::string& out, const Point& point, Precision precision = Precision::ns);

}  // namespace sosie::line
