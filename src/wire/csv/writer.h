#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sosie::csv {

/// Appends `text` to `out` as one field: quoted where it holds the delimiter, a quote or a line
/// break, or begins or ends with a blank.
void append_field(std::string& out, std::string_view text, char delimiter = ',');

/// Appends one record, with CRLF at its end as RFC 4180 wants it. What csv::Reader reads is what
/// was written, byte for byte.
void append_record(std::string& out, std::span<const std::string_view> fields,
                   char delimiter = ',');

}  // namespace sosie::csv
