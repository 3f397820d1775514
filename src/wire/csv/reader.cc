#include "wire/csv/reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace sosie::csv {
namespace {

constexpr std::size_t first_buffer_bytes = 1U << 16U;
constexpr std::size_t sample_bytes = 200;
constexpr std::array<char, 4> delimiters{',', ';', '\t', '|'};

class FileInput final : public Input {
 public:
  explicit FileInput(const std::string& path) : path_(path), file_(path, std::ios::binary) {}
  bool is_open() const { return file_.is_open(); }

  Result<std::size_t> read(std::span<char> into) override {
    file_.read(into.data(), static_cast<std::streamsize>(into.size()));
    if (file_.bad()) {
      return Error{Errc::unavailable, fmt::format("{}: {}", path_, std::strerror(errno))};
    }
    return static_cast<std::size_t>(file_.gcount());
  }

  Result<void> seek(std::uint64_t offset) override {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    if (file_.good()) return {};
    return Error{Errc::unavailable, fmt::format("{}: there is no byte {}", path_, offset)};
  }

 private:
  std::string path_;
  std::ifstream file_;
};

class TextInput final : public Input {
 public:
  explicit TextInput(std::string text) : text_(std::move(text)) {}

  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = std::min(into.size(), text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, into.begin());
    at_ += size;
    return size;
  }

  Result<void> seek(std::uint64_t offset) override {
    at_ = std::min(static_cast<std::size_t>(offset), text_.size());
    return {};
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// The delimiter that `line` holds most outside of quotes; 0: it holds none.
char most_frequent(std::string_view line) {
  std::array<std::size_t, delimiters.size()> counts{};
  bool in_quotes = false;
  for (const char c : line) {
    if (c == '"') in_quotes = !in_quotes;
    const auto* const at = std::find(delimiters.begin(), delimiters.end(), c);
    if (!in_quotes && at != delimiters.end()) {
      ++counts.at(static_cast<std::size_t>(at - delimiters.begin()));
    }
  }
  const auto* const most = std::max_element(counts.begin(), counts.end());
  return *most == 0 ? '\0' : delimiters.at(static_cast<std::size_t>(most - counts.begin()));
}

std::size_t end_of_line(std::string_view text) {
  const std::size_t at = text.find_first_of("\r\n");
  return at == std::string_view::npos ? text.size() : at;
}

/// Why `record` cannot be taken; empty if it can.
std::string problem_of(const Record& record, std::size_t max_bytes) {
  using Outcome = Record::Outcome;
  if (record.outcome == Outcome::needs_more || record.size > max_bytes) {
    return fmt::format("a record of more than {} bytes (is a quote not closed?)", max_bytes);
  }
  if (record.outcome == Outcome::open_quote) return "a quote is opened and never closed";
  if (record.outcome == Outcome::complete) return {};
  return "there is text between a closing quote and the next delimiter";
}

/// `text` with each "" made one quote, put behind `into`; a view of it there.
/// REQUIRES: `into` has room for it, so that views stay valid.
std::string_view unescape(std::string_view text, std::string& into) {
  const std::size_t begin = into.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    into += text[i];
    if (text[i] == '"') ++i;
  }
  return std::string_view(into).substr(begin);
}

void put_fields(const Record& record, std::string& unescaped, Row& row) {
  unescaped.clear();
  unescaped.reserve(record.size);
  for (const auto& piece : record.pieces) {
    row.fields.push_back(piece.has_escapes ? unescape(piece.text, unescaped) : piece.text);
  }
}

}  // namespace

std::string name_of_delimiter(char delimiter) {
  return delimiter == '\t' ? "tab" : fmt::format("'{}'", delimiter);
}

char likelier_delimiter(std::string_view header, char used) {
  const char most = most_frequent(header);
  return most == used ? '\0' : most;
}

Reader::Reader(std::unique_ptr<Input> input, const Options& options)
    : input_(std::move(input)), options_(options), buffer_(first_buffer_bytes) {}

Result<Reader> Reader::open(const std::string& path, const Options& options) {
  auto file = std::make_unique<FileInput>(path);
  if (!file->is_open()) {
    return Error{Errc::not_found, fmt::format("{}: {}", path, std::strerror(errno))};
  }
  return Reader(std::move(file), options);
}

Reader Reader::of(std::string text, const Options& options) {
  return Reader(std::make_unique<TextInput>(std::move(text)), options);
}

Result<void> Reader::seek(const Position& to) {
  TRY(input_->seek(to.offset));
  begin_ = end_ = 0;
  offset_ = to.offset;
  line_ = to.line;
  at_end_ = false;
  return {};
}

/// Makes `unread` longer, or sets at_end_.
Result<void> Reader::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  offset_ += begin_;
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const auto size = TRY(input_->read(std::span(buffer_).subspan(end_)));
  end_ += size;
  at_end_ = size == 0;
  return {};
}

/// At the file's beginning: passes over the byte order mark.
Result<void> Reader::pass_mark() {
  while (unread().size() < 3 && !at_end_) {
    TRY(fill());
  }
  if (unread().starts_with("\xFF\xFE") || unread().starts_with("\xFE\xFF")) {
    return Error{Errc::unsupported, "the text is in UTF-16; expected UTF-8"};
  }
  if (unread().starts_with("\xEF\xBB\xBF")) begin_ += 3;
  return {};
}

/// Also what an earlier record left behind. False: nothing but blank lines is left.
Result<bool> Reader::pass_blank_lines() {
  if (offset_ + begin_ == 0) {
    TRY(pass_mark());
  }
  for (;;) {
    while (begin_ < end_) {
      const std::size_t size = line_break_at(unread(), 0);
      const bool may_be_half = size == 1 && unread().size() == 1 && unread()[0] == '\r';
      if (size == 0) return true;
      if (may_be_half && !at_end_) break;
      begin_ += size;
      ++line_;
    }
    if (at_end_) return false;
    TRY(fill());
  }
}

Result<void> Reader::find_delimiter() {
  while (end_of_line(unread()) == unread().size() && !at_end_ && !is_full()) {
    TRY(fill());
  }
  const char most = most_frequent(unread().substr(0, end_of_line(unread())));
  options_.delimiter = most == 0 ? ',' : most;
  return {};
}

/// Passes over one line, however long, holding no more than a piece of it.
Result<void> Reader::pass_line() {
  while (end_of_line(unread()) == unread().size()) {
    begin_ = end_;
    if (at_end_) return {};
    TRY(fill());
  }
  begin_ += end_of_line(unread());
  while (unread() == "\r" && !at_end_) {
    TRY(fill());
  }
  begin_ += line_break_at(unread(), 0);
  ++line_;
  return {};
}

/// Tells of a record that cannot be read, and goes to the next line.
Result<void> Reader::give_up(Row& row, std::string problem) {
  row.problem = std::move(problem);
  while (end_of_line(unread()) == unread().size() && unread().size() < sample_bytes && !at_end_) {
    TRY(fill());
  }
  const auto line = unread().substr(0, end_of_line(unread()));
  unescaped_ = line.substr(0, sample_bytes);
  row.fields.assign(1, unescaped_);
  return pass_line();
}

/// The record that begins here, whole, or as much of it as may be held.
Result<Record> Reader::scan() {
  Record record;
  for (;;) {
    scan_record(unread(), options_.delimiter, at_end_, record);
    if (record.outcome != Record::Outcome::needs_more || is_full()) return record;
    TRY(fill());
  }
}

Result<bool> Reader::next(Row& row) {
  row.fields.clear();
  row.problem.clear();
  const bool more = TRY(pass_blank_lines());
  if (!more) return false;
  if (options_.delimiter == 0) {
    TRY(find_delimiter());
  }
  row.line = line_;
  const Record record = TRY(scan());
  auto problem = problem_of(record, options_.max_record_bytes);
  if (!problem.empty()) {
    TRY(give_up(row, std::move(problem)));
    return true;
  }
  put_fields(record, unescaped_, row);
  begin_ += record.size;
  line_ += record.lines;
  return true;
}

Result<bool> Reader::next_line(Row& row) {
  row.fields.clear();
  row.problem.clear();
  const bool more = TRY(pass_blank_lines());
  if (!more) return false;
  row.line = line_;
  while (end_of_line(unread()) + 1 >= unread().size() && !at_end_ && !is_full()) {
    TRY(fill());
  }
  const std::size_t size = end_of_line(unread());
  if (size > options_.max_record_bytes) {
    TRY(give_up(row, fmt::format("a line of more than {} bytes", options_.max_record_bytes)));
    return true;
  }
  row.fields.push_back(unread().substr(0, size));
  begin_ += size + line_break_at(unread(), size);
  ++line_;
  return true;
}

}  // namespace sosie::csv
