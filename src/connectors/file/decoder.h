#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/file/mapping.h"
#include "core/source.h"

namespace sosie::file {

/// What a row says, decoded.
struct Decoded {
  std::optional<Timestamp> at;  ///< none: the row was refused, or lies outside begin … end
  std::vector<Reading> readings;
  std::optional<bool> is_labelled;  ///< none: no label column, or nothing in it
};

/// Turns rows into readings by the mapping. Made for one file, once its columns are known; declares
/// its series. What cannot be read is refused with file and line, value by value.
///
/// Threads: one.
class Decoder {
 public:
  /// Reads the first rows, where the mapping leaves open which columns hold numbers, and goes back.
  /// Errors: a column that is not there (with the nearest name), no column of numbers.
  static Result<Decoder> create(const Mapping& mapping, const std::string& path, Table& table,
                                Intake& intake);

  void decode(const TableRow& row, Decoded& out);

  std::size_t refused() const { return refused_; }
  std::size_t outside() const { return outside_; }  ///< rows before `begin` or after `end`

 private:
  struct Wide {
    std::size_t column = 0;
    SeriesId id;
  };
  struct Long {
    std::size_t entity = 0;
    std::optional<std::size_t> attribute;
    std::size_t value = 0;
    std::optional<std::size_t> quality;
    std::optional<std::size_t> flag;
    SeriesInfo info;
  };

  Decoder(const Mapping& mapping, std::string path, const Table& table, Intake& intake)
      : mapping_(mapping), path_(std::move(path)), columns_(table.columns()), intake_(intake) {}

  Result<void> bind(Table& table);
  Result<std::size_t> column(const std::string& name) const;
  Result<std::size_t> time_column() const;
  Result<std::optional<std::size_t>> maybe_column(const std::string& name) const;
  Result<std::vector<SeriesColumn>> columns_of_numbers(Table& table) const;
  std::optional<LongForm> long_form() const;
  Result<void> bind_long(const LongForm& form);

  void decode_wide(const TableRow& row, Decoded& out);
  void decode_long(const TableRow& row, const Long& as, Decoded& out);
  void take_flag(const TableRow& row, std::size_t column, const std::string& entity, Decoded& out);
  std::optional<double> value(const TableRow& row, std::size_t column);
  std::optional<SeriesId> series(const TableRow& row, const Long& as, const std::string& entity,
                                 const std::string& attribute);
  void refuse(const TableRow& row, std::string reason);

  const Mapping& mapping_;
  std::string path_;
  std::vector<std::string> columns_;
  Intake& intake_;
  std::size_t time_ = 0;
  std::optional<std::size_t> label_;
  std::vector<Wide> wide_;
  std::optional<Long> long_;
  std::map<std::pair<std::string, std::string>, SeriesId> known_;
  std::size_t refused_ = 0;
  std::size_t outside_ = 0;
};

}  // namespace sosie::file
