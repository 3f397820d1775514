#include "wire/csv/writer.h"

namespace sosie::csv {
namespace {

/// At a file's beginning a reader would take it for a byte order mark.
bool looks_like_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") || text.starts_with("\xFF\xFE") ||
         text.starts_with("\xFE\xFF");
}

bool needs_quotes(std::string_view text, char delimiter) {
  if (text.empty()) return false;
  return text.front() == ' ' || text.back() == ' ' || text.find(delimiter) != text.npos ||
         text.find_first_of("\"\r\n") != text.npos || looks_like_mark(text);
}

}  // namespace

void append_field(std::string& out, std::string_view text, char delimiter) {
  if (!needs_quotes(text, delimiter)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_record(std::string& out, std::span<const std::string_view> fields, char delimiter) {
  // A record of one empty field would be a blank line, which readers pass over.
  if (fields.size() == 1 && fields[0].empty()) out += "\"\"";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += delimiter;
    append_field(out, fields[i], delimiter);
  }
  out += "\r\n";
}

}  // namespace sosie::csv
