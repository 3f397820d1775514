#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/guarded.h"
#include "core/source.h"
#include "messages/mapping.h"
#include "wire/json/fields.h"
#include "wire/opendata/dataset.h"
#include "wire/opendata/portal.h"

namespace sosie::opendata {

/// [[source]] kind = "opendata".
struct SourceConfig {
  std::string name = "opendata";
  Dataset dataset;
  Access access;
  Duration interval = std::chrono::minutes(5);
  std::size_t page = most_a_page;
  std::string updated;  ///< field by which only what is new is asked for; empty: all, each time
  std::unique_ptr<messages::Mapping> values;    ///< none: only positions are wanted
  std::unique_ptr<messages::Mapping> position;  ///< none: not wanted
  std::string position_field;
};

/// Asks a portal for a dataset's records, again and again, and makes readings of those that are new
/// or have changed. Beyond the 10,000 records that pages reach it takes the export instead.
class OpenDataSource final : public Source {
 public:
  /// Errors (invalid): `updated` is no path.
  static Result<std::unique_ptr<OpenDataSource>> create(SourceConfig config);

  Result<void> run(Intake& intake, std::stop_token stop) override;
  SourceState state() const override;

 private:
  explicit OpenDataSource(SourceConfig config)
      : config_(std::move(config)), portal_(config_.access) {}

  Result<void> ask_all(Intake& intake, const std::stop_token& stop);
  Result<void> ask_new(Intake& intake, const std::stop_token& stop);
  Result<void> ask_export(const std::string& url, Intake& intake, bool keeps);
  Result<Download> get(const std::string& url, const Check& check, bool keeps);
  void take(const std::vector<std::string>& records, Timestamp at, Intake& intake);
  void read_record(const std::string& record, Timestamp at, messages::Names& names,
                   Delivery& delivery, std::vector<Reading>& readings);
  void note_cursor(const std::string& record);
  void note(const Result<void>& done);
  std::string cursor_key() const { return "opendata/" + config_.name; }

  SourceConfig config_;
  Portal portal_;
  std::optional<json::FieldReader> updated_;
  std::string cursor_;                          ///< the newest `updated` so far
  std::unordered_set<std::uint64_t> seen_;      ///< hashes of the records of the last round
  std::unordered_set<std::uint64_t> of_round_;  ///< and of this one
  std::string stale_;  ///< why a copy had to stand in, this round; empty: none had to
  mutable Guarded<SourceState> state_;
};

}  // namespace sosie::opendata
