#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"
#include "core/finding.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// One `[[alarm]]` of a scenario: findings like this are an alarm of that priority. An empty list
/// or glob matches everything.
struct AlarmRule {
  std::vector<Kind> kinds;
  std::vector<SymptomKind> symptoms;  ///< the finding has evidence of one of these kinds
  std::string series;                 ///< glob on the series' name or entity: "AIT-8*"
  std::string stage;                  ///< glob on its stage: "sortie_*"
  double min_confidence = 0;
  double min_score = 0;
  std::optional<Priority> priority;  ///< none: such findings are no alarm
};

/// What a finding means for the people who watch: which condition it is, and how urgent.
struct AlarmVerdict {
  std::string condition;           ///< "limit/AIT-806-TSS/high", "sensor_failure/AIT-306-DO"
  std::optional<SeriesId> series;  ///< the one it is about
  Priority priority = Priority::medium;
};

/// Which findings become alarms, and how alarms behave: `[alarms]` and `[[alarm]]` of a scenario.
/// The first rule that matches decides; where none does, the priority of a limit that the finding
/// is evidence of; else the finding's kind and confidence.
struct AlarmPolicy {
  /// Without a rule, by Kind; none: no alarm.
  std::array<std::optional<Priority>, kind_count> priorities{Priority::medium,   Priority::low,
                                                             Priority::high,     Priority::high,
                                                             Priority::critical, Priority::low};
  double min_confidence = 0.5;  ///< without a rule: what is less sure is no alarm
  Duration re_alarm{};          ///< acknowledged, yet active for so long: asks anew; 0: never
  Duration max_shelve = std::chrono::hours(24);
  std::vector<AlarmRule> rules;

  /// Takes the tables `alarms` and `alarm` of the whole scenario. Errors: as Section's, an unknown
  /// kind, symptom or priority, a share outside 0..1.
  static Result<AlarmPolicy> read(Section& scenario);

  /// None: this finding, as it is now, is no alarm.
  std::optional<AlarmVerdict> judge(const Finding& finding, const SeriesTable& series) const;
};

}  // namespace sosie
