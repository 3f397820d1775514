#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sosie::csv {

/// A field as it lies in the text, quotes taken off.
struct Piece {
  std::string_view text;
  bool has_escapes = false;  ///< "" in it stands for one quote
};

/// What stands at the front of a text.
struct Record {
  enum class Outcome : std::uint8_t {
    complete,
    needs_more,  ///< the text ends within it
    open_quote,  ///< the text ends within quotes, and there is no more
    text_after_quote,
  };
  Outcome outcome = Outcome::complete;
  std::vector<Piece> pieces;
  std::size_t size = 0;   ///< bytes, its line break included
  std::size_t lines = 0;  ///< line breaks in it
};

/// Splits the first record off `text`. `is_all`: nothing comes after `text`.
void scan_record(std::string_view text, char delimiter, bool is_all, Record& record);

/// The size of the line break at text[at]: 0 none, 1 LF or CR, 2 CRLF.
std::size_t line_break_at(std::string_view text, std::size_t at);

}  // namespace sosie::csv
