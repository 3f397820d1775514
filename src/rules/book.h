#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/reading.h"
#include "core/series.h"
#include "rules/amend.h"
#include "rules/blocks.h"
#include "rules/course.h"
#include "rules/devices.h"
#include "rules/episode.h"
#include "rules/fences.h"
#include "rules/groups.h"
#include "rules/parts.h"
#include "rules/rule.h"
#include "rules/silences.h"
#include "rules/track.h"

namespace sosie::rules {

/// What the book has counted since it was made.
struct RuleCounts {
  std::uint64_t judged = 0;     ///< checks: a reading under two rules counts twice
  std::uint64_t late = 0;       ///< put in order behind younger ones
  std::uint64_t too_late = 0;   ///< later than the lateness: judged nothing
  std::uint64_t duplicate = 0;  ///< changed nothing
  std::uint64_t opened = 0;     ///< episodes
  std::uint64_t amended = 0;
  std::uint64_t withdrawn = 0;
};

/// Judges readings by rules, in event time, and says which episodes they make.
///
///     RuleBook book(std::move(set), series);
///     for (;;) {
///       book.refresh();                                  // new series, if there are any
///       for (const Reading& r : batch) book.take(r, events);
///       book.settle(events);                             // what only the passing of time decides
///       …                                                // events are in order
///     }
///
/// The same readings make the same episodes, whatever the order in which they come within the
/// lateness, however they are cut into batches, and however often one comes. A reading whose
/// `reason` is clock_skew is not judged and moves nothing.
///
/// `take` costs about 20 ns for a series with one rule, and a look into a table for one without; it
/// allocates only where an episode begins or ends, or a series has more readings within the
/// lateness than ever before. Groups cost their devices once every `every`.
/// Threads: one. Nothing here asks the clock.
class RuleBook {
 public:
  using Events = std::vector<EpisodeEvent>;

  /// Whether a series is made of others: it judges as they do, but is no word of its device.
  using IsDerived = std::function<bool(SeriesId)>;

  /// `series` must outlive the book.
  RuleBook(RuleSet rules, const SeriesTable& series, IsDerived is_derived = {});

  const RuleSet& set() const { return set_; }  ///< as it was when the book was made
  /// As it was when the episode was seen. Valid until limits are moved.
  const Rule& rule(const Episode& episode) const {
    return rules_[episode.rule].rule_at(episode.detected.time_since_epoch().count());
  }

  /// Moves the limits of a rule, from `since` on in event time: earlier readings, also such as come
  /// later, are judged by what it was then. What was judged already and lies behind `since` is
  /// judged anew, as far as the lateness reaches; of groups it never is. REQUIRES: a limit, with a
  /// number where it had one; low + deadband is no more than high - deadband.
  void move_limits(std::uint32_t rule, Timestamp since, double high, double low, Events& out);

  /// Looks for new series in the table. Cheap if there are none.
  void refresh();

  /// A rule says something of this series or of its device, as far as `refresh` has seen it.
  bool looks_at(SeriesId series) const {
    return series.index < routes_.size() && routes_[series.index].device != none;
  }

  /// What the reading changes is appended to `out`. One of a series that came since the last
  /// `refresh` is not judged.
  void take(const Reading& reading, Events& out) {
    if (reading.series.index >= routes_.size()) return;
    const Route& route = routes_[reading.series.index];
    if (route.device == none || !is_judged(reading)) return;
    const Micros at = reading.at.time_since_epoch().count();
    for (std::uint32_t i = 0; i < route.tracks; ++i) {
      Track& track = tracks_[route.first_track + i];
      judge(track, at, reading.value, {track.rule(), reading.series}, out);
    }
    take_of_device(route, at, reading.value, reading.series, out);
  }

  /// Silence and groups, as far as the readings' own time has gone on.
  void settle(Events& out);

  /// The same when it is certainly `now` though nothing came: silence by the clock, when live.
  void advance(Timestamp now, Events& out);

  /// Goes on from an episode that an earlier life left open (`rule` by name), before the readings
  /// of the recent past are taken again: all from `since` on. One that began later is found again
  /// by these. Without `since`, and of groups and silence, those up to its `detected` judge
  /// nothing. False: there is no such rule or subject any more, so the episode can only be closed.
  bool resume(std::string_view rule, const Episode& open, Timestamp since = Timestamp::max());
  /// After these readings: the episode goes on. Of a group or of silence: it is taken for it.
  bool has_open(std::string_view rule, const Episode& open);

  /// The device of this series comes by this part from now on (a partition; 0 is where all are at
  /// first): parts may be read one behind another, see Silences.
  void move(SeriesId series, std::uint16_t part);
  /// More of a part lies unread: what is judged by time waits for it. `is_read`: no more.
  void wait_for(std::uint16_t part) { parts_.wait_for(part); }
  void is_read(std::uint16_t part) { parts_.is_read(part); }
  /// False: others have some of the devices from now on, so no group is judged and what is open of
  /// groups ends; true: all are here again.
  void be_whole(bool is_whole, Events& out);
  /// To be called now and then, by the clock: the devices of parts of which nothing comes any more
  /// are judged by the time of the others.
  void look_for_idle_parts() { silences_.look_for_idle(); }

  /// The device of this series goes on elsewhere: nothing is known of it any more, and nothing is
  /// said of what was open.
  void forget(SeriesId series);

  /// Everything about one device as bytes, to go on elsewhere (another worker, the next batch): a
  /// book of the same rules, none of them moved, in which that device's series are declared. Groups
  /// are not in it.
  std::string save(std::string_view device) const;
  /// Errors: corrupt, of other rules (unsupported), unknown series (not_found).
  Result<void> load(std::string_view device, std::string_view bytes);

  const RuleCounts& counts() const { return counts_; }
  std::size_t bytes() const;  ///< of memory, but for what a few episodes hold

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  /// What a series is asked for. Its limits' tracks and its group's members stand in a row.
  struct Route {
    std::uint32_t first_track = 0;
    std::uint32_t first_member = 0;
    std::uint32_t device = none;    ///< none: no rule looks at this series
    std::uint32_t previous = none;  ///< another series of the same device
    std::uint8_t tracks = 0;
    std::uint8_t members = 0;
    bool is_derived = false;
    /// Two bits for each of the device's fences: 1 is the latitude, 2 the longitude.
    std::uint16_t fence_parts = 0;
  };
  /// What a device is asked for, whichever of its series comes.
  struct Device {
    std::uint32_t first_silence = 0;
    std::uint32_t first_fence = 0;
    std::uint16_t part = 0;
    std::uint8_t silences = 0;
    std::uint8_t fences = 0;
  };
  class SaySilence;
  /// Who tells of an episode: for its subject's name.
  struct Teller {
    std::uint32_t rule = 0;
    SeriesId series{};
    std::uint32_t device = none;
    std::string_view group{};
  };

  /// A device that says itself that it is broken is not judged; a value beyond what it can measure
  /// is.
  static bool is_judged(const Reading& reading) {
    if (reading.reason == QualityReason::none) return true;
    if (reading.reason == QualityReason::clock_skew) return false;
    return reading.quality != Quality::bad || reading.reason == QualityReason::out_of_range;
  }

  void judge(Track& track, Micros at, double value, const Teller& teller, Events& out);
  void say_amended(const Teller& teller, Events& out);
  void judge_late(Track& track, Micros at, double value, const Teller& teller, Events& out);
  void take_of_device(const Route& route, Micros at, double value, SeriesId series, Events& out);
  void take_of_silences(const Device& checks, Micros at, Events& out);
  void take_of_fences(const Route& route, Micros at, double value, SeriesId series, Events& out);
  void say(const Teller& teller, const Change& change, bool is_late, Events& out);
  Groups::Opened say_group(EpisodeEvent::What what, Events& out);
  void settle(Micros now, Events& out);

  void route(SeriesId id);
  void add_device_checks(std::uint32_t device, SeriesId id);
  std::uint16_t fence_parts(std::uint32_t device, const SeriesInfo& info) const;
  std::uint64_t fingerprint() const;
  Result<void> load_series(std::string_view name, std::string_view& bytes);
  /// The limit or fence of a subject under a rule; nullptr: there is none.
  Track* track_of(std::uint32_t rule, std::string_view subject);

  const RuleSet set_;
  const SeriesTable* series_;
  const Micros lateness_;
  std::vector<Course> rules_;  ///< by number
  std::vector<Route> routes_;  ///< by series
  Blocks<Track> tracks_;
  Devices devices_;
  std::vector<Device> checks_;  ///< by device
  const IsDerived is_derived_;
  Parts parts_;
  Silences silences_;
  Blocks<Fence> fences_;
  Groups groups_;
  RuleCounts counts_;
  std::vector<Spell> before_;  ///< kept, so that a late reading allocates nothing
  std::vector<Spell> after_;
};

}  // namespace sosie::rules
