#pragma once

#include <string>
#include <vector>

#include "app/feed.h"
#include "base/result.h"

namespace sosie::app {

/// The column of times of a table that nobody has named: one called time, timestamp, date,
/// datetime, ts or t, in any case. Empty: there is none. Errors: the file cannot be read.
Result<std::string> time_column_of(const TableFeed& table);

/// A scenario for a table: it plays the table as a recording and watches it with the detectors
/// that all our recordings have.
struct TableScenario {
  std::string name;  ///< the table's, as a word
  std::string file;  ///< where it is, or will be
  std::string toml;
  std::vector<std::string> ignore;  ///< columns beyond those that were named, as they hold words
  std::vector<std::string> notes;
};

/// `data`: the folder of data; the scenario goes to <data>/<name>/scenario.toml, where `sosie
/// replay` puts its own. Errors: as open_table's.
Result<TableScenario> scenario_of(const TableFeed& table, const std::string& data);

}  // namespace sosie::app
