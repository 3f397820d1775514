#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/csv/record.h"

namespace sosie::csv {

struct Options {
  char delimiter = 0;  ///< 0: found out from the first line: the one of , ; tab | it has most
  std::size_t max_record_bytes = 10U << 20U;  ///< what is longer is refused, and is never held
};

/// A place in a file where a record begins, to go on from later.
struct Position {
  std::uint64_t offset = 0;  ///< bytes from the file's beginning
  std::uint64_t line = 1;    ///< lines are counted from 1, those within quotes too
  bool operator==(const Position&) const = default;
};

/// One record. Views are valid until the next call of the reader.
struct Row {
  std::uint64_t line = 0;  ///< where it begins
  std::vector<std::string_view> fields;
  std::string problem;  ///< not empty: unreadable, and why; `fields` is then its beginning alone
};

/// Where the bytes come from.
class Input {
 public:
  virtual ~Input() = default;
  /// Fills the front of `into`; 0 at the end. Errors: unavailable.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  virtual Result<void> seek(std::uint64_t offset) = 0;
};

/// Reads comma-separated values (RFC 4180: quotes, "" within them, line breaks within them), from
/// any system: LF, CRLF or CR, with or without a byte order mark, blank lines passed over. A quote
/// inside a field that does not begin with one is taken as it stands.
///
/// A record that cannot be read (text after a closing quote, a quote that never closes, a record
/// over the limit) costs itself alone: reading goes on at the next line.
/// Memory: two records of max_record_bytes at most, whatever the file's size. Threads: one.
class Reader {
 public:
  /// Errors: not_found (with the path in it).
  static Result<Reader> open(const std::string& path, const Options& options = {});
  /// Reads `text` itself.
  static Reader of(std::string text, const Options& options = {});
  explicit Reader(std::unique_ptr<Input> input, const Options& options = {});

  /// The next record into `row`; false at the end. Errors: the file cannot be read any more, or is
  /// no text in UTF-8.
  Result<bool> next(Row& row);

  /// The next line into `row.fields[0]`, whatever it holds: for files of lines (JSON lines).
  Result<bool> next_line(Row& row);

  /// The delimiter in use: 0 before the first record where it has to be found out.
  char delimiter() const { return options_.delimiter; }

  /// Where the next record begins.
  Position position() const { return {offset_ + begin_, line_}; }
  Result<void> seek(const Position& to);

 private:
  Result<void> pass_mark();
  Result<void> fill();
  Result<void> find_delimiter();
  Result<bool> pass_blank_lines();
  Result<Record> scan();
  Result<void> give_up(Row& row, std::string problem);
  Result<void> pass_line();
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  bool is_full() const { return end_ - begin_ > options_.max_record_bytes; }

  std::unique_ptr<Input> input_;
  Options options_;
  std::vector<char> buffer_;  ///< bytes [begin_, end_) are not yet read
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  ///< of buffer_[0] in the file
  std::uint64_t line_ = 1;    ///< of buffer_[begin_]
  bool at_end_ = false;       ///< the input has no more
  std::string unescaped_;     ///< text of fields that held ""
};

/// "';'", or "tab", for messages.
std::string name_of_delimiter(char delimiter);

/// If the one field of a header holds another delimiter, that one: a file read with the wrong
/// delimiter has one column, named 'a;b;c'.
char likelier_delimiter(std::string_view header, char used);

}  // namespace sosie::csv
