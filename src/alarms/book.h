#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "alarms/policy.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"
#include "core/finding.h"
#include "core/series.h"

namespace sosie {

/// How many alarms of each priority ask for a person; shelved ones ask nobody.
struct AlarmCounts {
  struct Of {
    std::uint32_t unacknowledged = 0;
    std::uint32_t acknowledged = 0;
    bool operator==(const Of&) const = default;
  };
  std::array<Of, 4> by_priority{};  ///< critical first
  std::uint32_t shelved = 0;

  const Of& of(Priority priority) const {
    return by_priority.at(static_cast<std::size_t>(priority) - 1);
  }
  bool operator==(const AlarmCounts&) const = default;
};

/// The live alarms, and the rules of their life (the common subset of ISA-18.2 and OPC UA Part 9):
///
///                         acknowledge
///     active, unacknowledged ─────────► active, acknowledged
///        │  ▲   ▲                           │   │ re-alarm, or worse
///  clear │  │   └───────────────────────────│───┘
///        ▼  │ raised again                  ▼ clear
///     cleared, unacknowledged ──────────► over (leaves the list)
///                         acknowledge
///
/// One cause is one alarm: a finding, however many sensors show it, makes at most one; findings of
/// the same condition share one, which clears when the last of them closes. A finding that got
/// worse raises its alarm's priority (never lowers it), and an acknowledged one then asks anew.
/// A shelved alarm goes on living silently and stays in the list until its shelf ends: what happens
/// to it is logged with `shelved_until` set, and whoever annunciates leaves such events out.
///
/// Times are event times, given by the caller: a step is dated when it is taken, a clear one too
/// (the finding says since when all is well), and no step of an alarm before the one before it.
/// Every step is appended to the caller's `log`. What a step costs does not grow with the number of
/// live alarms (but by a logarithm): a fleet may have a hundred thousand.
///
/// A rule's finding whose past was changed by a late reading (RuleEpisode) says so in its alarm: a
/// `changed` step where the episode's onset, and so its id, has moved; a clear with that comment
/// where there never was anything. One that goes on in another process leaves the list, whether
/// somebody has seen it or not (`given_up`); there it is `taken_over`, not raised.
/// Threads: one at a time (the engine keeps it in a Guarded).
class AlarmBook {
 public:
  using Log = std::vector<AlarmEvent>;
  /// A person's act: who, why, when.
  struct Act {
    std::string who;
    std::string comment;
    Timestamp at;
  };

  /// `series` must outlive the book.
  AlarmBook(AlarmPolicy policy, const SeriesTable& series)
      : policy_(std::move(policy)), series_(&series) {}

  /// Goes on from what a store kept: the live alarms and the findings that were `open` then. Each
  /// of these has to be told of again, as going on or as closed. An active alarm that none of them
  /// holds is cleared by the first `advance`. `next_id` is above every id ever given.
  void restore(std::vector<Alarm> live, std::span<const Finding> open, std::uint64_t next_id);

  /// What the lane found at `at`.
  void take(const FindingEvent& event, Timestamp at, Log& log);

  /// Lets time pass: shelves end, what was acknowledged too long ago asks anew. Cheap when nothing
  /// is due: call it with every frame.
  void advance(Timestamp at, Log& log);

  /// Each gives the alarm as it is then. Errors: no live alarm has this id (not_found); no name, or
  /// the alarm is not in a state for it (invalid).
  Result<Alarm> acknowledge(std::uint64_t id, const Act& act, Log& log);
  /// `lasts` is above 0 and at most the policy's max_shelve. Shelving anew sets a new end.
  Result<Alarm> shelve(std::uint64_t id, Duration lasts, const Act& act, Log& log);
  Result<Alarm> unshelve(std::uint64_t id, const Act& act, Log& log);

  /// Most urgent first: shelved ones last; by priority, unacknowledged before acknowledged, newest.
  /// At most `limit`: what it costs grows with these.
  std::vector<Alarm> live(std::size_t limit = std::numeric_limits<std::size_t>::max()) const;
  std::optional<Alarm> find(std::uint64_t id) const;
  AlarmCounts counts() const { return counts_; }
  /// The most recently raised alarm that nobody has acknowledged (nor shelved).
  std::optional<Alarm> newest() const;
  /// Grows with every step, so that a page knows when to ask anew.
  std::uint64_t version() const { return version_; }
  std::uint64_t next_id() const { return next_id_; }

 private:
  /// Less is more urgent; the last is the alarm's id.
  using Urgency = std::tuple<bool, Priority, bool, std::int64_t, std::uint64_t>;
  static Urgency urgency_of(const Alarm& alarm);
  struct Entry {
    Alarm alarm;
    std::optional<Kind> kind;          ///< as last told; none: not known since a restore
    std::set<std::uint64_t> findings;  ///< open ones that hold it active
    bool is_of_earlier_life = false;   ///< and nothing was heard of it in this one
    Timestamp last_step;               ///< no later step is dated before it

    // Where the indexes have it.
    std::optional<Timestamp> due;
    std::optional<Timestamp> asks_since;
    std::optional<Urgency> urgency;
    std::optional<Priority> counted;  ///< of an alarm that is not shelved
    bool is_counted_shelved = false;
    bool is_counted_acknowledged = false;

    bool is_held() const { return !findings.empty(); }
    /// A frame may be older than what a person did meanwhile, or a shelf's end than the last frame.
    Timestamp in_order(Timestamp at) const { return std::max(at, last_step); }
  };
  using Entries = std::map<std::uint64_t, Entry>;  ///< by alarm id
  using Moment = std::pair<Timestamp, std::uint64_t>;

  Entry* of_finding(std::uint64_t finding);
  Entry* of_condition(const std::string& condition);
  Result<Entry*> by_id(std::uint64_t id, const Act& act);
  void raise(const Finding& finding, const AlarmVerdict& verdict, AlarmEvent::What what,
             Timestamp at, Log& log);
  void update(Entry& entry, const Finding& finding, Timestamp at, Log& log);
  void close(Entry& entry, const Finding& finding, Timestamp at, Log& log);
  void give_up(Entry& entry, const Finding& finding, Timestamp at, Log& log);
  void let_go(Entry& entry, std::uint64_t finding);
  void step(Entry& entry, AlarmEvent::What what, const Act& act, Log& log);
  void clear(Entry& entry, Timestamp at, std::string_view why, Log& log);
  void hold(Entry& entry, std::uint64_t finding);
  std::optional<Timestamp> due(const Entry& entry) const;
  void index(Entry& entry);
  void unindex(Entry& entry);

  AlarmPolicy policy_;
  const SeriesTable* series_;
  Entries entries_;
  std::uint64_t next_id_ = 1;
  std::uint64_t version_ = 0;

  // Indexes.
  std::unordered_map<std::uint64_t, std::uint64_t> by_finding_;  ///< those that hold an alarm
  std::unordered_map<std::string, std::uint64_t> by_condition_;
  std::set<Moment> due_;     ///< when `advance` has work, and with which alarm
  std::set<Moment> asking_;  ///< neither acknowledged nor shelved, by when they were raised
  std::set<Urgency> by_urgency_;
  AlarmCounts counts_;
};

}  // namespace sosie
