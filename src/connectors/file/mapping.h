#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "connectors/file/table.h"
#include "core/finding.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie::file {

/// A column of numbers that is a series ("wide" files: a row is an instant).
struct SeriesColumn {
  std::string column;
  SeriesInfo info;

  /// `info`; where it names no entity, the file at `path` is one.
  SeriesInfo of_file(const std::string& path) const;
};

/// Columns that say entity, attribute and value ("long" files: a row is one reading).
struct LongForm {
  std::string entity;
  std::string attribute;  ///< a column; empty: every row is of `info.attribute`
  std::string value;
  std::string quality;  ///< empty: all are good
  std::string flag;     ///< the recording's own verdict, true or false; empty: none
  SeriesInfo info;      ///< what all their series have in common: asset, unit …
};

/// Where the recording says what was wrong, and what such a label is called.
struct TruthConfig {
  std::string column;        ///< of true and false; empty: none
  std::string windows_file;  ///< NAB's windows.json; empty: none
  std::string windows_key;   ///< the recording's name in it; empty: its file name
  std::optional<TimeReader> window_time;
  Duration join{};  ///< marked rows no further apart than this are one label
  Kind kind = Kind::unknown;
  Words text;
};

/// What a file's columns mean, as the scenario says it.
struct Mapping {
  TableOptions table;
  std::string time;  ///< a column; empty: the one that is named like a time
  std::string time_format;
  TimeReader time_reader;
  std::vector<std::string> missing;  ///< texts that stand for "no value"
  char decimal = '.';
  SeriesInfo common;                 ///< asset and entity of columns that do not say their own
  std::vector<SeriesColumn> series;  ///< none: every column of numbers
  std::optional<LongForm> long_form;
  TruthConfig truth;
  std::optional<Timestamp> begin;
  std::optional<Timestamp> end;

  static Result<Mapping> read(Section& section);

  /// Every column it names.
  std::vector<std::string> columns() const;

  bool is_missing(std::string_view text) const;
  /// A number of the file; none if it is none, or is not finite.
  std::optional<double> number(std::string_view text) const;
};

}  // namespace sosie::file
