#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/detector.h"
#include "core/reading.h"
#include "core/series.h"

namespace sosie {

/// The five kinds of cause, and what none of them explains. The same words name injected faults.
enum class Kind : std::uint8_t {
  sensor_failure,
  sensor_drift,
  pollution_peak,
  process_malfunction,
  cyber_attack,
  unknown,
};
inline constexpr std::size_t kind_count = 6;

std::string_view to_text(Kind kind);  ///< "sensor_failure"
std::optional<Kind> kind_from_text(std::string_view text);
const Words& name_of(Kind kind);  ///< "sensor failure", "défaillance de capteur"

/// One sensor's part in a finding.
struct Suspect {
  SeriesId series{};
  double share = 0;         ///< 0..1, the shares of a finding add up to 1
  double contribution = 0;  ///< exact SHAP of the forest's score where it was computed, else 0
  double value = 0;
  double expected = 0;
  double low = 0;
  double high = 0;
};

/// RuleEpisode::id as programs read it: 16 hexadecimal digits (JSON's numbers are too short).
std::string episode_text(std::uint64_t episode);

/// One reason why a finding was made, kept for the people who ask.
struct Evidence {
  std::string detector;
  SymptomKind kind = SymptomKind::limit;
  std::optional<SeriesId> series;
  double score = 0;
  Timestamp since;
  bool active = true;
  std::string rule{};                  ///< of a limit: "high", "low_low" …
  std::optional<Priority> priority{};  ///< of a limit, if people set one
};

/// Which episode of a rule a finding tells of. The id is made of subject, rule and onset alone, so
/// it is the same in every run, in every worker and after a replay (rules/episode.h).
struct RuleEpisode {
  std::uint64_t id = 0;
  std::string rule;           ///< its name in the scenario
  std::string subject;        ///< the series, the device or the group it is about, by name
  std::uint32_t amended = 0;  ///< how often readings that came late have changed it
  bool withdrawn = false;     ///< they have shown that it never was

  bool operator==(const RuleEpisode&) const = default;
};

/// Something is wrong: what, where, since when, how sure, and why. An episode: it opens, changes
/// while more becomes known, and closes.
struct Finding {
  std::uint64_t id = 0;  ///< unique and growing within one store
  std::string asset;
  Kind kind = Kind::unknown;
  std::optional<Kind> second;  ///< the next likely
  double score = 0;            ///< of its strongest evidence, 0..1
  double confidence = 0;       ///< in `kind`, 0..1
  double forest_score = 0;  ///< on scikit-learn's decision_function scale: < 0 abnormal; 0 if none
  Timestamp onset;          ///< when it began, by event time
  Timestamp detected;       ///< when we first said so, by event time
  std::optional<Timestamp> closed;  ///< when its evidence last held, or it was told, if later
  std::vector<Suspect> suspects;    ///< largest share first
  std::vector<Evidence> evidence;
  Words sentence;                        ///< why, for an operator
  std::optional<RuleEpisode> episode{};  ///< of a rule; none: the diagnosis found it
};

/// What travels to the journal: the finding as it is now.
struct FindingEvent {
  enum class What : std::uint8_t {
    opened,
    updated,
    closed,
    taken_over,  ///< it goes on here, and was opened elsewhere (see Handover)
    given_up,    ///< it goes on elsewhere: here it is over
  };
  What what = What::opened;
  Finding finding;
};
std::string_view to_text(FindingEvent::What what);

}  // namespace sosie
