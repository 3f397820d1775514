#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/csv/reader.h"

namespace sosie::file {

/// How far a file was read, kept with the readings of that far.
struct Cursor {
  csv::Position next;  ///< where the first row not yet read begins
  std::string header;  ///< the columns: another file under the same name is another file
  std::string truth;   ///< Truth::save
  bool operator==(const Cursor&) const = default;

  std::string to_text() const;
  static std::optional<Cursor> from_text(std::string_view text);
};

}  // namespace sosie::file
