#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/detector.h"
#include "core/finding.h"
#include "diagnosis/loop.h"

namespace sosie::diagnosis {

/// What a column measures, as its unit says it.
enum class Dimension : std::uint8_t {
  other,
  flow,
  power,
  pressure,
  level,
  temperature,
  reaction,  ///< pH, redox, conductivity
  solids,    ///< turbidity
  nutrient,  ///< nitrogen, phosphorus
};

/// What an asset's columns are, as far as a diagnosis asks.
struct Asset {
  struct Column {
    SeriesId series{};
    const SeriesInfo* info = nullptr;
    std::uint32_t stage = 0;  ///< in the order in which stages first appear, which is the flow's
    std::uint32_t sort = 0;   ///< the same for columns of one stage and attribute
    Dimension dimension = Dimension::other;
    bool is_quality = false;  ///< tells of the water (a concentration, pH…), not of a machine
    bool is_state = false;
  };
  /// A control loop of which both sides are known.
  struct Loop {
    std::uint32_t hears = 0;
    std::vector<std::uint32_t> moves;

    bool is_moving(std::uint32_t column) const;
  };
  std::string name;
  Duration period{};
  std::vector<Column> columns;
  std::uint32_t stages = 0;  ///< how many there are
  std::vector<Loop> loops;

  void begin(const AssetColumns& described, std::span<const ControlLoop> declared = {});
};

/// When states (pumps, valves) of each stage last changed, for a few changes back.
class Switches {
 public:
  void begin(const Asset& asset);
  void look(const Frame& frame);
  /// Whether one of `stage` changed within a few minutes of `at`.
  bool near(std::uint32_t stage, Timestamp at) const;
  /// Whether one of `stage` says that it has failed: 2 where states are "0/1/2".
  bool reports_fault(std::uint32_t stage) const;

 private:
  struct State {
    std::uint32_t column = 0;
    std::uint32_t stage = 0;
    bool knows_fault = false;  ///< its states are stop, run and fault
    double value = 0;
    std::array<Timestamp, 4> changes{};  ///< a ring
    std::size_t next = 0;
  };
  std::vector<State> states_;
};

/// A symptom as it was last reported, kept.
struct Sign {
  std::string detector;
  SymptomKind kind = SymptomKind::limit;
  std::uint32_t column = no_column;
  std::string_view rule;  ///< a literal of the detector's
  std::optional<Priority> priority;
  bool active = true;
  Timestamp at;
  Timestamp since;
  Timestamp until;          ///< of one that is over: when it last held
  Timestamp first_since;    ///< of the first time that it began
  std::uint32_t times = 1;  ///< that it began: it may end and come back
  double before = 0;        ///< how often its column was part of an episode in the days before
  double peak_before = 0;   ///< how many limits it was off by then, at most
  double same_hour = 0;     ///< how many of those days' episodes began at this hour
  double first_off = 0;     ///< how far the value was from what was expected, when first told
  double score = 0;
  double value = 0;
  double expected = 0;
  double low = 0;
  double high = 0;
  double anomaly = 0;
  std::vector<Share> shares;

  explicit Sign(const Symptom& symptom);
  bool is_same(const Symptom& symptom) const;
};

/// How many limits a score says that something is off by (statistics' score_of undone).
double limits_of(double score);

/// Symptoms that tell of the instrument (stuck, missing …) rather than of what it measures.
bool is_of_device(SymptomKind kind);

/// What belongs together, from the first symptom on.
struct Episode {
  std::vector<Sign> signs;
  Timestamp onset;
  Timestamp latest;        ///< when a symptom last was active
  Timestamp latest_new;    ///< when the last one joined
  Timestamp told;          ///< when a FindingEvent last went out
  Timestamp weighed;       ///< when it was last asked whether it is worth telling
  double chance = 0;       ///< of there being a cause, the highest that it was given then
  bool switched = false;   ///< a state of one of its stages changed as it began
  bool failed = false;     ///< one of its stages' machines said that it has failed
  bool is_open = false;    ///< it was told
  bool is_changed = true;  ///< since it was told
  /// Of each column to the asset's score when it was told (Explaining); empty: not known.
  std::vector<double> contributions;
  Finding finding;

  /// Of its evidence together: independent reasons for alarm add up (noisy or). What is only new
  /// for the asset as a whole counts `whole_weight`.
  double score(double whole_weight) const;
  bool is_active() const;
  bool has(std::uint32_t column) const;
  /// The columns of its signs, each once, without those that only a whole-asset sign names.
  std::vector<std::uint32_t> columns() const;
};

/// The loop that all of the evidence is about, and whose sensor may be the one that lies: what the
/// loop moves has crept away from what the others say. Null: there is none.
///
/// A loop hides its sensor's error where the sensor is, and shows it in what it moves. Where but
/// one thing is known that it moves, nobody can say which of the two is off.
const Asset::Loop* loop_behind(const Asset& asset, const Episode& episode);

/// How far apart in time two symptoms may be and still be of one episode.
struct Reach {
  Duration gap;    ///< side by side
  Duration carry;  ///< downstream: the water takes its time
  Duration grow;   ///< after its onset an episode takes in sensors that are not downstream
};

/// How well `symptom` fits into `episode`: 0 not at all, 1 it is of the same sensor.
double affinity(const Asset& asset, const Episode& episode, const Symptom& symptom,
                const Reach& reach);

}  // namespace sosie::diagnosis
