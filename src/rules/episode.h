#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "core/series.h"
#include "rules/rule.h"

namespace sosie::rules {

/// A time in which a rule was broken.
///
/// Its identity is (subject, rule, onset). The subject is named as exactly as the rule looks: the
/// series of a limit ("truck-7.temperature"), the device of silence and geofence ("truck-7"), the
/// group of a group's limit ("north").
struct Episode {
  std::uint64_t id = 0;    ///< episode_id(subject, rule's name, onset)
  std::uint32_t rule = 0;  ///< its place in the RuleSet
  std::string subject;
  SeriesId series{};   ///< the one it is about; of a device or group, one of its series
  Timestamp onset;     ///< of the first reading that was beyond; of silence, of the last that came
  Timestamp detected;  ///< when the delay was over: of the reading that showed it
  std::optional<Timestamp> closed;  ///< since when all is well; none: it goes on
  double value = 0;                 ///< what was read then; of a group its aggregate
};

/// What became of an episode. Whoever keeps them by `id` has the truth: `opened` and `amended` put
/// the episode as it is now under its id, `closed` too; `amended` with a `former` id and
/// `withdrawn` take one away.
struct EpisodeEvent {
  enum class What : std::uint8_t {
    opened,
    closed,
    amended,    ///< a late reading has changed its onset, its end, or when it was seen
    withdrawn,  ///< a late reading has shown that it never was
  };
  What what = What::opened;
  bool is_late = false;      ///< a late reading did it: the past has changed
  std::uint64_t former = 0;  ///< of `amended`: the id it had before its onset moved; 0: the same
  Episode episode;
};

/// FNV-1a of 64 bits over the bytes of `subject`, a zero, those of `rule`, a zero, and the onset in
/// microseconds since 1970 (8 bytes, the lowest first), then the finish of splitmix64 (Steele, Lea,
/// Flood: Fast splittable pseudorandom number generators, OOPSLA 2014). Never 0. Part of the
/// contract with other programs: it may not change.
std::uint64_t episode_id(std::string_view subject, std::string_view rule, Timestamp onset);

/// What happened, for an operator: "truck-7.temperature: 83.2 °C, above 80 °C for 30 s". `info` is
/// of the episode's series.
Words sentence(const Rule& rule, const Episode& episode, const SeriesInfo& info);

}  // namespace sosie::rules
