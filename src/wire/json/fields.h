#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sosie::json {

/// What stands at one path of an object.
struct Field {
  enum class Kind : std::uint8_t { missing, null, number, flag, text, list, object };
  Kind kind = Kind::missing;
  double number = 0;      ///< of a number, always finite; of a flag: 1 or 0
  std::string_view text;  ///< of a text: without its escapes; of a number: as it is written
};

/// "a text", "null", "nothing" …: what was read, for messages.
std::string_view to_text(Field::Kind kind);

/// What is taken out of JSON is; what comes from elsewhere need not be.
bool is_utf8(std::string_view text);

/// Takes a known set of fields out of JSON objects, however deep they are: the fast road for
/// messages of one shape. A path is "speed", "data.engine.temperature" or, with the number of an
/// element of a list, "axles.0.load".
///
/// All of the text is read, and what no path names must be JSON too. Nothing is allocated for a
/// text that is no longer than the longest so far.
/// Threads: one at a time. Budget: 300 ns a message of 200 bytes.
class FieldReader {
 public:
  static constexpr std::size_t max_text = std::size_t{1} << 20U;

  /// Errors: invalid, for an empty path or one that is given twice.
  static Result<FieldReader> create(std::span<const std::string> paths);
  ~FieldReader();
  FieldReader(FieldReader&&) noexcept;
  FieldReader& operator=(FieldReader&&) noexcept;

  /// The fields, in the order of the paths; valid until the next call. Errors (invalid): empty, not
  /// JSON, no object, longer than max_text, deeper than 32 levels, a field of a path given twice.
  Result<std::span<const Field>> read(std::string_view text);

 private:
  class Reader;
  FieldReader();
  std::unique_ptr<Reader> reader_;
};

}  // namespace sosie::json
