#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/row_score.h"
#include "tabular/sheet.h"
#include "wire/json/writer.h"

namespace sosie::app {

/// What `sosie evaluate --input` is asked for.
struct TableOptions {
  std::string input;
  std::string time;
  std::string label;
  std::string windows;  ///< a JSON file: a list of [begin, end], or such lists by file name
  std::string scores;   ///< where each row's score goes; empty: nowhere
  std::vector<std::string> ignore;
  std::size_t train_rows = 0;
};

/// How its table is read: what its columns hold is found out from the rows of learning alone, for
/// no later row may change what is said of an earlier one.
tabular::SheetRequest request_of(const TableOptions& options);

/// What came of it.
struct TableEvaluation {
  std::string input;
  std::size_t rows = 0;
  std::size_t learned = 0;   ///< of them, from the first on
  std::size_t flagged = 0;   ///< of the rest
  std::size_t episodes = 0;  ///< of the rest
  struct Sensor {
    std::string name;
    double known = 0;  ///< share of the rows of learning that have a value
    std::string how;   ///< how it is judged, in a few words
  };
  /// Some rows one behind the other, as one picture's column.
  struct Slice {
    double score = 0;  ///< the highest
    bool is_labelled = false;
    bool is_flagged = false;
  };
  std::vector<Slice> slices;  ///< of the judged rows; empty: there is no truth
  std::vector<Sensor> sensors;
  std::vector<std::string> notes;  ///< what was decided, and what was wrong with the table
  std::optional<RowScore> score;   ///< none: there is no truth to hold it against
};

/// Learns from the first rows of a table, judges the rest, writes what it says of each row, and
/// holds it against labels if there are any. Errors: not_found, invalid (columns, windows),
/// unavailable (the scores cannot be written).
Result<TableEvaluation> evaluate_table(const TableOptions& options);

std::string to_text(const TableEvaluation& evaluation);
void write(json::Writer& out, const TableEvaluation& evaluation);

}  // namespace sosie::app
