#include "tabular/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "tabular/cells.h"
#include "tabular/time_guess.h"

namespace sosie::tabular {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_label_texts = 1000;
constexpr std::size_t date_chars = 10;
constexpr std::size_t most_date_texts = 1000;
constexpr double another_word = 2;  ///< than those of the sample, which are 0 and 1

/// Whether a column rises by the same step in every row: it counts rows, or is a clock.
bool is_counter(std::size_t place, const std::vector<std::vector<std::string>>& sample,
                char decimal) {
  if (sample.size() < 20) return false;
  std::optional<double> before;
  std::optional<double> step;
  for (const auto& row : sample) {
    const auto value = place < row.size() ? to_value(row[place], decimal) : std::nullopt;
    if (!value) return false;
    if (before) {
      if (!step) step = *value - *before;
      const double off = std::abs(*value - *before - *step);
      if (*step == 0 || off > 1e-6 * std::abs(*step)) return false;
    }
    before = value;
  }
  return true;
}

/// What the sample's cells of one column are.
struct Census {
  std::size_t numbers = 0;
  std::size_t booleans = 0;
  std::size_t texts = 0;
  std::set<std::string, std::less<>> words;  ///< of what is no number; three at most

  Census(std::size_t place, const std::vector<std::vector<std::string>>& sample, char decimal) {
    for (const auto& row : sample) {
      if (place < row.size()) add(row[place], decimal);
    }
  }

  std::size_t known() const { return numbers + booleans + texts; }

 private:
  void add(const std::string& cell, char decimal) {
    if (is_missing(cell)) return;
    if (to_value(cell, decimal)) {
      ++numbers;
      return;
    }
    ++(to_boolean(cell) ? booleans : texts);
    if (words.size() < 3) words.emplace(trim(cell));
  }
};

bool is_normal_word(std::string_view text) {
  static constexpr std::array<std::string_view, 13> words{
      "normal", "no", "false", "0", "ok",        "healthy", "none",
      "benign", "n",  "non",   "f", "no_attack", "good"};
  if (const auto number = to_number(text)) return *number == 0;
  const auto word = slug(text);
  return is_missing(text) || std::ranges::find(words, word) != words.end();
}

}  // namespace

std::vector<bool> abnormal_labels(const std::vector<std::string>& texts,
                                  const std::vector<std::uint64_t>& counts) {
  std::vector<bool> abnormal(texts.size(), true);
  bool is_any_normal = false;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!is_normal_word(texts[i])) continue;
    abnormal[i] = false;
    // A label that is not given says nothing; it does not make another value mean "abnormal".
    is_any_normal = is_any_normal || !is_missing(texts[i]);
  }
  if (is_any_normal || texts.empty()) return abnormal;
  const auto most = std::ranges::max_element(counts) - counts.begin();
  abnormal[static_cast<std::size_t>(most)] = false;
  return abnormal;
}

Result<Sheet> Sheet::open(const std::string& path, const SheetRequest& request) {
  auto reader = TRY(csv::Reader::open(path));
  auto sheet = create(std::move(reader), request);
  if (!sheet) return std::move(sheet).error().in(path);
  return sheet;
}

Result<Sheet> Sheet::of(std::string text, const SheetRequest& request) {
  return create(csv::Reader::of(std::move(text)), request);
}

Result<Sheet> Sheet::create(csv::Reader reader, const SheetRequest& request) {
  Sheet sheet(std::move(reader));
  TRY(sheet.read_header(request));
  const auto sample = TRY(sheet.read_sample(request.sample_rows));
  sheet.time_ = TRY(sheet.place_of(request.time));
  sheet.label_ = TRY(sheet.place_of(request.label));
  std::set<std::size_t> taken;
  if (sheet.time_) taken.insert(*sheet.time_);
  if (sheet.label_) taken.insert(*sheet.label_);
  for (const auto& name : request.ignore) {
    const auto place = TRY(sheet.place_of(name));
    if (place) taken.insert(*place);
  }
  sheet.find_decimal(sample);
  TRY(sheet.bind_time(sample));
  for (std::size_t i = 0; i < sheet.header_.size(); ++i) {
    if (!taken.contains(i)) sheet.bind_column(i, sample);
  }
  if (sheet.columns_.empty()) {
    return Error{Errc::invalid,
                 fmt::format("no column of numbers is left to judge; the file has {}",
                             fmt::join(sheet.header_, ", "))};
  }
  TRY(sheet.reader_.seek(sheet.begin_));
  return sheet;
}

/// A first row that is asked for by name is a header, and one of numbers is data, unless they count
/// the columns.
bool Sheet::is_header(const SheetRequest& request) const {
  const auto is_there = [&](const std::string& name) {
    return !name.empty() && std::ranges::find(header_, trim(name)) != header_.end();
  };
  if (is_there(request.time) || is_there(request.label)) return true;
  std::size_t numbers = 0;
  std::size_t counting = 0;
  for (std::size_t i = 0; i < header_.size(); ++i) {
    const auto number = to_value(header_[i], ',');
    if (!number) continue;
    ++numbers;
    const auto place = static_cast<double>(i);
    if (*number == place || *number == place + 1) ++counting;
  }
  return 2 * numbers < header_.size() || (counting == numbers && header_.size() > 1);
}

/// Columns of a table without a header are column_1 …
Result<void> Sheet::read_header(const SheetRequest& request) {
  const auto start = reader_.position();
  const bool is_there = TRY(reader_.next(record_));
  if (!is_there) return Error{Errc::invalid, "the file is empty"};
  if (!record_.problem.empty()) {
    return Error{Errc::invalid, fmt::format("line {}: {}", record_.line, record_.problem)};
  }
  for (const auto field : record_.fields) header_.emplace_back(trim(field));
  begin_ = reader_.position();
  if (reader_.delimiter() != ',') {
    notes_.push_back(
        fmt::format("cells are separated by {}", csv::name_of_delimiter(reader_.delimiter())));
  }
  if (is_header(request)) {
    for (std::size_t i = 0; i < header_.size(); ++i) {
      if (header_[i].empty()) header_[i] = fmt::format("column_{}", i + 1);
    }
    return {};
  }
  begin_ = start;
  for (std::size_t i = 0; i < header_.size(); ++i) header_[i] = fmt::format("column_{}", i + 1);
  notes_.emplace_back("there is no header: columns are called column_1, column_2 …");
  return reader_.seek(start);
}

Result<Sheet::Sample> Sheet::read_sample(std::size_t rows) {
  Sample sample;
  while (sample.size() < rows) {
    const bool more = TRY(reader_.next(record_));
    if (!more) break;
    if (record_.problem.empty()) sample.emplace_back(record_.fields.begin(), record_.fields.end());
  }
  return sample;
}

Result<std::optional<std::size_t>> Sheet::place_of(const std::string& name) const {
  if (name.empty()) return std::optional<std::size_t>();
  const auto at = std::ranges::find(header_, trim(name));
  if (at != header_.end()) {
    return std::optional<std::size_t>(static_cast<std::size_t>(at - header_.begin()));
  }
  const std::vector<std::string_view> names(header_.begin(), header_.end());
  const auto near = nearest(name, names);
  return Error{Errc::invalid, fmt::format("there is no column '{}'; the file has {}{}", name,
                                          fmt::join(header_, ", "),
                                          near ? fmt::format("; did you mean '{}'?", *near) : "")};
}

/// A comma, where it is no separator and more cells are numbers with it than without.
void Sheet::find_decimal(const Sample& sample) {
  if (reader_.delimiter() == ',') return;
  std::size_t with_comma = 0;
  std::size_t with_point = 0;
  for (const auto& row : sample) {
    for (const auto& cell : row) {
      if (cell.find(',') != std::string::npos && to_value(cell, ',')) ++with_comma;
      if (cell.find('.') != std::string::npos && to_value(cell, '.')) ++with_point;
    }
  }
  if (with_comma <= with_point) return;
  decimal_ = ',';
  notes_.emplace_back("the decimal mark is a comma");
}

/// Behind the sample, where nothing in it tells whether day or month comes first: the times on both
/// sides of each change of the date.
Result<std::vector<std::string>> Sheet::date_changes(const Sample& sample) {
  std::vector<std::string> texts;
  std::string before;
  const auto see = [&](std::string_view text) {
    if (is_missing(text)) return;
    if (!before.empty() && text.substr(0, date_chars) != before.substr(0, date_chars)) {
      texts.push_back(before);
      texts.emplace_back(text);
    }
    before = text;
  };
  for (const auto& row : sample) {
    if (*time_ < row.size()) see(row[*time_]);
  }
  while (texts.size() < most_date_texts) {
    const bool more = TRY(reader_.next(record_));
    if (!more) break;
    if (record_.problem.empty() && *time_ < record_.fields.size()) see(record_.fields[*time_]);
  }
  return texts;
}

Result<void> Sheet::bind_time(const Sample& sample) {
  if (!time_) return {};
  std::vector<std::string> texts;
  for (const auto& row : sample) {
    if (*time_ < row.size()) texts.push_back(row[*time_]);
    if (texts.size() == 500) break;
  }
  auto guess = guess_time(texts);
  if (guess.is_ambiguous) {
    const auto more = TRY(date_changes(sample));
    texts.insert(texts.end(), more.begin(), more.end());
    guess = guess_time(texts);
  }
  const auto utc = Zone::find("UTC");
  if (guess.format.empty() || !utc) {
    notes_.push_back(
        fmt::format("the times in '{}' ('{}') are written in no way known here: rows "
                    "are counted instead",
                    header_[*time_], texts.empty() ? "" : texts.front()));
    return {};
  }
  auto reader = TimeReader::create(guess.format, *utc);
  if (!reader) return {};
  reader_of_times_ = std::move(reader).value();
  time_format_ = guess.format;
  if (guess.format != "iso") notes_.push_back(fmt::format("times are read as {}", guess.format));
  if (guess.is_ambiguous) {
    notes_.emplace_back(
        "nothing tells whether the day or the month comes first: taken for the day");
  }
  if (guess.is_told) {
    notes_.push_back(fmt::format("the {} comes first in dates, as their course tells",
                                 guess.format.starts_with("%m") ? "month" : "day"));
  }
  if (guess.is_relative) notes_.emplace_back("times are small numbers: taken for seconds");
  return {};
}

void Sheet::bind_column(std::size_t place, const Sample& sample) {
  if (is_counter(place, sample, decimal_)) {
    notes_.push_back(fmt::format("'{}' only counts the rows and is left out", header_[place]));
    return;
  }
  const Census census(place, sample, decimal_);
  SheetColumn column{.name = header_[place], .kind = SheetColumn::Kind::number, .example = {}};
  Bound bound{.place = place, .first = {}, .second = {}};
  if (2 * census.numbers >= census.known()) {
    column.kind = SheetColumn::Kind::number;  // also where all is missing: it may come later
  } else if (census.texts == 0) {
    column.kind = SheetColumn::Kind::boolean;
  } else if (census.words.size() <= 2 && census.numbers == 0) {
    column.kind = SheetColumn::Kind::two_words;
    bound.first = *census.words.begin();
    if (census.words.size() == 1) {
      notes_.push_back(fmt::format("'{}' holds one word at first: '{}' counts as 0, any other as 2",
                                   column.name, bound.first));
    } else {
      bound.second = *census.words.rbegin();
      notes_.push_back(fmt::format("'{}' holds words: '{}' counts as 0, '{}' as 1, any other as 2",
                                   column.name, bound.first, bound.second));
    }
  } else {
    notes_.push_back(fmt::format("'{}' holds words ('{}' …) and is left out", column.name,
                                 *census.words.begin()));
    return;
  }
  columns_.push_back(std::move(column));
  bound_.push_back(std::move(bound));
}

double Sheet::value(std::size_t column, std::string_view text) {
  auto& as = columns_[column];
  if (as.kind == SheetColumn::Kind::number) {
    if (const auto number = to_value(text, decimal_)) return *number;
  }
  if (is_missing(text)) return not_known;
  if (as.kind == SheetColumn::Kind::two_words) {
    const auto word = trim(text);
    if (word == bound_[column].first) return 0;
    if (word == bound_[column].second) return 1;
  } else if (const auto flag = to_boolean(text)) {
    return *flag ? 1 : 0;
  } else if (const auto number = to_value(text, decimal_)) {
    return *number;
  }
  if (as.unreadable++ == 0) as.example = std::string(text.substr(0, 60));
  return as.kind == SheetColumn::Kind::number ? not_known : another_word;
}

std::uint32_t Sheet::label_code(std::string_view text) {
  text = trim(text);
  const auto known = label_codes_.find(text);
  if (known != label_codes_.end()) return known->second;
  const auto code = static_cast<std::uint32_t>(label_texts_.size());
  if (code >= most_label_texts) return code - 1;
  label_texts_.emplace_back(text);
  label_codes_.emplace(text, code);
  return code;
}

Result<bool> Sheet::next(SheetRow& row) {
  const bool more = TRY(reader_.next(record_));
  if (!more) return false;
  row.line = record_.line;
  row.time = {};
  row.at.reset();
  row.values.assign(columns_.size(), not_known);
  const bool is_broken = !record_.problem.empty();
  if (is_broken) ++broken_;
  if (!is_broken && record_.fields.size() != header_.size()) ++ragged_;
  const auto cell = [&](std::size_t place) {
    return is_broken || place >= record_.fields.size() ? std::string_view{} : record_.fields[place];
  };
  if (label_) row.label = label_code(cell(*label_));
  if (time_) row.time = cell(*time_);
  if (reader_of_times_) {
    row.at = reader_of_times_->read(row.time);
    if (!row.at) ++untimed_;
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) row.values[i] = value(i, cell(bound_[i].place));
  return true;
}

}  // namespace sosie::tabular
