#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"
#include "engine/limits.h"

namespace sosie {

/// The limits that people moved while the program ran, and who did it: what is in force, and the
/// log of the last thousand changes. Both go into the journal as small texts and come back from
/// them; a scenario whose own value has changed since wins over what was moved before.
///
/// Threads: one at a time.
class LimitBook {
 public:
  static constexpr std::string_view in_force_key = "limits";
  static constexpr std::string_view log_key = "limits/log";

  struct Act {
    SeriesId series{};
    std::string name;             ///< "high" …
    std::optional<double> value;  ///< none: what the scenario says
    std::string who;
    std::string comment;
    Timestamp at;
  };

  /// Moves one of `limits` (those shown now). Errors: not_found (no such limit), invalid (not
  /// finite, no name of a person, would pass the next limit).
  Result<LimitChange> change(std::span<const SeriesLimit> limits, const Act& act);

  /// Moves what `wish` names, on behalf of the command line, and says what is to be in force.
  /// Errors: as of `change`; not_found where the scenario has no such limit.
  Result<std::vector<LimitOrder>> begin_with(const LimitWish& wish,
                                             std::span<const SeriesLimit> limits,
                                             const SeriesTable& series, Timestamp at);

  /// In order of time.
  const std::vector<LimitChange>& log() const { return log_; }

  /// What `restore` takes, by its two keys.
  std::vector<std::pair<std::string, std::string>> bytes(const SeriesTable& series) const;

  /// What is damaged or of a series that is no more is left out.
  void restore(std::string_view in_force, std::string_view log, const SeriesTable& series);

  /// What is to be in force, given what the scenario says now.
  std::vector<LimitOrder> orders(std::span<const SeriesLimit> limits) const;

 private:
  struct Moved {
    double value = 0;
    double scenario = 0;  ///< what it was moved from, first
  };
  using Key = std::pair<SeriesId, std::string>;

  Result<void> check_order(std::span<const SeriesLimit> limits, const Act& act, double to) const;
  double in_force(const SeriesLimit& limit) const;

  std::map<Key, Moved> moved_;
  std::vector<LimitChange> log_;
};

}  // namespace sosie
