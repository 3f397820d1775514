#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"
#include "core/finding.h"
#include "core/section.h"
#include "core/series.h"
#include "places/area.h"

namespace sosie::rules {

using places::Area;

enum class RuleKind : std::uint8_t {
  limit,     ///< a value beyond a limit
  silence,   ///< a device that has not sent for too long
  geofence,  ///< a device inside (or outside) an area
};
std::string_view to_text(RuleKind kind);

/// How the devices of a rule are gathered: a limit is then of what they are together.
enum class GroupBy : std::uint8_t { none, all, asset, stage, prefix, list };

/// What the values of a group's devices become.
enum class Aggregate : std::uint8_t { mean, max, min, count_above };
std::string_view to_text(Aggregate aggregate);

/// One `[[rule]]` of a scenario.
struct Rule {  // NOLINT(clang-analyzer-optin.performance.Padding): as people read it
  static constexpr double none = std::numeric_limits<double>::infinity();

  std::string name;
  RuleKind kind = RuleKind::limit;
  /// Wildcards: of a limit on names of series or entities, else on entities (devices).
  std::vector<std::string> on;
  Duration on_delay{};   ///< so long it must have been so, by event time, before an episode begins
  Duration off_delay{};  ///< and so long no more, before it ends
  std::optional<Priority> priority = Priority::medium;  ///< none: a finding, but no alarm
  Kind cause = Kind::process_malfunction;               ///< what its findings say it is

  // Of a limit. An area is a limit too: 1 where it is wrong to be, 0 elsewhere.
  double high = none;
  double low = -none;
  double deadband = 0;  ///< it is over at high - deadband and low + deadband

  // Of a limit of groups.
  GroupBy group_by = GroupBy::none;
  struct Group {
    std::string name;
    std::vector<std::string> devices;  ///< wildcards
  };
  std::vector<Group> groups;  ///< of GroupBy::list; the first that fits a device has it
  std::string separator = "-";
  Aggregate aggregate = Aggregate::mean;
  double above = 0;  ///< of count_above
  Duration every = std::chrono::seconds(10);
  Duration max_age = std::chrono::minutes(5);  ///< what is older does not count

  // Of silence.
  Duration after{};

  // Of a geofence.
  std::string latitude;  ///< attributes
  std::string longitude;
  std::shared_ptr<const Area> area;  ///< shared: rules are copied with their set, areas are large
  bool is_wrong_inside = false;

  bool fits(const SeriesInfo& info, std::string_view series_name) const;
  bool is_of_group() const { return group_by != GroupBy::none; }
};

/// All rules of a scenario: `[rules]` and `[[rule]]`.
struct RuleSet {
  Duration lateness = std::chrono::minutes(1);  ///< what is later judges nothing
  std::vector<Rule> rules;

  static constexpr Duration longest_lateness = std::chrono::hours(1);
  static constexpr std::size_t most_rules = 255;
  static constexpr std::ptrdiff_t most_geofences = 8;

  /// Takes the tables `rules` and `rule` of the whole scenario. Errors: as Section's; a name twice,
  /// a limit without a limit, a negative duration, an area that is none, more rules than there may
  /// be.
  static Result<RuleSet> read(Section& scenario);

  bool empty() const { return rules.empty(); }
  /// So much of the past says all about the present but for episodes that were open before.
  Duration memory() const;
};

}  // namespace sosie::rules
