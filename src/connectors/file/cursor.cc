#include "connectors/file/cursor.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::file {

// file/1 \n offset \n line \n truth \n header
std::string Cursor::to_text() const {
  return fmt::format("file/1\n{}\n{}\n{}\n{}", next.offset, next.line, truth, header);
}

std::optional<Cursor> Cursor::from_text(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 5 || lines[0] != "file/1") return std::nullopt;
  const auto offset = to_integer(lines[1]);
  const auto line = to_integer(lines[2]);
  if (!offset || !line || *offset < 0 || *line < 1) return std::nullopt;
  Cursor cursor;
  cursor.next = {static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*line)};
  cursor.truth = lines[3];
  cursor.header = text.substr(static_cast<std::size_t>(lines[4].data() - text.data()));
  return cursor;
}

}  // namespace sosie::file
