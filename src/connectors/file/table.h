#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/csv/reader.h"
#include "wire/json/value.h"

namespace sosie::file {

inline constexpr std::size_t sample_bytes = 200;  ///< of a refused row, for people to see

enum class Format : std::uint8_t { by_name, csv, json_lines };

struct TableOptions {
  Format format = Format::by_name;  ///< by_name: .jsonl, .ndjson and .json are JSON lines
  char delimiter = 0;               ///< 0: found out
};

/// A row of texts. Views are valid until the table's next call.
struct TableRow {
  std::uint64_t line = 0;
  std::vector<std::string_view> cells;  ///< one a column; empty where there is nothing
  std::string problem;                  ///< not empty: unreadable, and why
  std::string sample;                   ///< its beginning, when there is a problem
};

/// A file as a table of texts with named columns: CSV with a header, or JSON lines (columns are the
/// paths of the first object's values, as "a.b", and what the caller wants besides).
///
/// Threads: one.
class Table {
 public:
  /// Reads the header. `wanted`: columns that JSON objects may have later.
  /// Errors: not_found; invalid: no header, or only one column where the delimiter is another.
  static Result<Table> open(const std::string& path, const TableOptions& options,
                            const std::vector<std::string>& wanted);

  const std::vector<std::string>& columns() const { return columns_; }

  /// False at the end. Errors: the file cannot be read any more.
  Result<bool> next(TableRow& row);

  csv::Position position() const { return reader_.position(); }
  Result<void> seek(const csv::Position& to) { return reader_.seek(to); }

 private:
  explicit Table(csv::Reader reader, bool is_json)
      : reader_(std::move(reader)), is_json_(is_json) {}
  Result<void> read_header();
  Result<void> read_first_object();
  void read_cells(TableRow& row);
  void read_object(TableRow& row);

  csv::Reader reader_;
  bool is_json_;
  std::vector<std::string> columns_;
  csv::Row raw_;
  json::Parser parser_;
  std::vector<std::string> texts_;  ///< of the cells of a JSON row
};

}  // namespace sosie::file
