#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_text.h"
#include "wire/csv/reader.h"

namespace sosie::tabular {

/// Which columns are what; the rest are sensors.
struct SheetRequest {
  std::string time;   ///< a column's name; empty: rows are numbered
  std::string label;  ///< empty: none
  std::vector<std::string> ignore;
  std::size_t sample_rows = 2000;  ///< looked at to find out how things are written
};

/// A column that is a sensor.
struct SheetColumn {
  /// Of a column of words, one that was not there in the sample counts as another value: a new
  /// state. Of numbers, words are none.
  enum class Kind : std::uint8_t { number, boolean, two_words };
  std::string name;
  Kind kind = Kind::number;
  std::uint64_t unreadable = 0;  ///< cells so far that are neither missing nor known
  std::string example;           ///< of them
};

/// One row of the table, in the table's order. Views are valid until the next one.
struct SheetRow {
  std::uint64_t line = 0;
  std::string_view time;        ///< as it is written; empty without a column of times
  std::optional<Timestamp> at;  ///< none: not readable
  std::vector<double> values;   ///< of each sensor; NaN: missing
  std::uint32_t label = 0;      ///< index into label_texts()
};

/// Anybody's table of measurements, read row by row: finds out the separator, the decimal mark,
/// whether there is a header, how times are written and what each column holds, from the first
/// rows. What it decided, and what it could not read, it says in `notes`.
///
/// A row that cannot be read is a row without values: as many rows come out as are in the file
/// (blank lines are none). Memory: the sample. Threads: one.
class Sheet {
 public:
  /// Errors: not_found; invalid (no such column, with the nearest name; no sensor).
  static Result<Sheet> open(const std::string& path, const SheetRequest& request);
  static Result<Sheet> of(std::string text, const SheetRequest& request);

  /// False at the end.
  Result<bool> next(SheetRow& row);

  const std::vector<SheetColumn>& columns() const { return columns_; }
  /// Names of all columns; empty: the table has no header.
  const std::vector<std::string>& header() const { return header_; }
  bool has_times() const { return reader_of_times_.has_value(); }
  const std::string& time_format() const { return time_format_; }  ///< as TimeReader wants it
  char decimal() const { return decimal_; }
  bool has_labels() const { return label_.has_value(); }
  const std::vector<std::string>& label_texts() const { return label_texts_; }
  std::uint64_t broken_rows() const { return broken_; }    ///< not readable as records
  std::uint64_t ragged_rows() const { return ragged_; }    ///< with too few or too many cells
  std::uint64_t untimed_rows() const { return untimed_; }  ///< whose time is not readable
  /// What was decided, a sentence each.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Bound {
    std::size_t place = 0;      ///< in the file
    std::string first, second;  ///< the two words of a column that has two; second: or empty
  };
  using Sample = std::vector<std::vector<std::string>>;

  explicit Sheet(csv::Reader reader) : reader_(std::move(reader)) {}
  static Result<Sheet> create(csv::Reader reader, const SheetRequest& request);
  Result<void> read_header(const SheetRequest& request);
  bool is_header(const SheetRequest& request) const;
  Result<Sample> read_sample(std::size_t rows);
  Result<std::optional<std::size_t>> place_of(const std::string& name) const;
  Result<std::vector<std::string>> date_changes(const Sample& sample);
  Result<void> bind_time(const Sample& sample);
  void find_decimal(const Sample& sample);
  void bind_column(std::size_t place, const Sample& sample);
  double value(std::size_t column, std::string_view text);
  std::uint32_t label_code(std::string_view text);

  csv::Reader reader_;
  csv::Row record_;
  csv::Position begin_;
  std::vector<std::string> header_;
  char decimal_ = '.';
  std::optional<std::size_t> time_;
  std::optional<std::size_t> label_;
  std::optional<TimeReader> reader_of_times_;
  std::string time_format_;
  std::vector<SheetColumn> columns_;
  std::vector<Bound> bound_;
  std::vector<std::string> label_texts_;
  std::map<std::string, std::uint32_t, std::less<>> label_codes_;
  std::vector<std::string> notes_;
  std::uint64_t broken_ = 0;
  std::uint64_t ragged_ = 0;
  std::uint64_t untimed_ = 0;
};

/// Of the texts that labels have, with how many rows have each: which mean "abnormal". 0, false,
/// no, normal and the like mean normal; where none of them is there, the most frequent does.
std::vector<bool> abnormal_labels(const std::vector<std::string>& texts,
                                  const std::vector<std::uint64_t>& counts);

}  // namespace sosie::tabular
