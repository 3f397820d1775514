#include "wire/csv/record.h"

namespace sosie::csv {
namespace {

/// Walks over one record. Each step returns false when the record ends, for whatever reason.
class Scanner {
 public:
  Scanner(std::string_view text, char delimiter, bool is_all, Record& record)
      : text_(text), delimiter_(delimiter), is_all_(is_all), record_(record) {}

  void run() {
    while (field()) {
    }
  }

 private:
  bool end(Record::Outcome outcome) {
    record_.outcome = outcome;
    record_.size = at_;
    return false;
  }

  bool field() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' &&
           text_[at_] != '\r') {
      ++at_;
    }
    record_.pieces.push_back({text_.substr(begin, at_ - begin), false});
    return after_field();
  }

  bool quoted() {
    const std::size_t begin = ++at_;
    bool escapes = false;
    for (;; ++at_) {
      if (at_ >= text_.size()) {
        return end(is_all_ ? Record::Outcome::open_quote : Record::Outcome::needs_more);
      }
      if (text_[at_] == '\n' || (text_[at_] == '\r' && line_break_at(text_, at_) == 1)) {
        ++record_.lines;
      }
      if (text_[at_] != '"') continue;
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
      escapes = true;
      ++at_;
    }
    record_.pieces.push_back({text_.substr(begin, at_ - begin), escapes});
    ++at_;
    return after_field();
  }

  /// At what ends a field: a delimiter, a line break, the text's end.
  bool after_field() {
    if (at_ >= text_.size()) {
      return end(is_all_ ? Record::Outcome::complete : Record::Outcome::needs_more);
    }
    if (text_[at_] == delimiter_) {
      ++at_;
      return true;
    }
    const std::size_t size = line_break_at(text_, at_);
    if (size == 0) return end(Record::Outcome::text_after_quote);
    const bool may_be_half = text_[at_] == '\r' && at_ + 1 == text_.size() && !is_all_;
    if (may_be_half) return end(Record::Outcome::needs_more);
    at_ += size;
    ++record_.lines;
    return end(Record::Outcome::complete);
  }

  std::string_view text_;
  char delimiter_;
  bool is_all_;
  Record& record_;
  std::size_t at_ = 0;
};

}  // namespace

std::size_t line_break_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '\n') return 1;
  if (text[at] != '\r') return 0;
  return at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
}

void scan_record(std::string_view text, char delimiter, bool is_all, Record& record) {
  record.pieces.clear();
  record.lines = 0;
  Scanner(text, delimiter, is_all, record).run();
}

}  // namespace sosie::csv
