#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/finding.h"
#include "core/handover.h"
#include "engine/limits.h"
#include "engine/statistics.h"
#include "rules/book.h"

namespace sosie {

/// Makes findings of the episodes of rules.
///
/// Threads: the lane's.
class RuleDesk {
 public:
  using NextId = std::function<std::uint64_t()>;  ///< of a finding

  RuleDesk(rules::RuleSet set, const SeriesTable& series, std::string asset, NextId next_id,
           Statistics& statistics, rules::RuleBook::IsDerived is_derived);

  bool has_rules() const { return !book_.set().empty(); }
  void refresh() { book_.refresh(); }

  /// Limits that people moved: see RuleBook. What changes by it is told by the next `settle`.
  void move_limits(const RuleOrder& order);

  void take(const Reading& reading) { book_.take(reading, events_); }
  /// Ends a batch: what its readings have changed, and what time has, are appended to `out`.
  void settle(std::vector<FindingEvent>& out);
  /// The same when it is certainly `now`.
  void advance(Timestamp now, std::vector<FindingEvent>& out);

  /// Before the first `settle`: goes on from the findings that an earlier life left open, takes the
  /// recent past again (`replay` gives all its readings from `since` on to `take`), and appends to
  /// `out` what is other than the store has it. `known` are these findings, and those that ended in
  /// that past.
  void warm_up(const std::vector<Finding>& known, Timestamp since,
               const std::function<void()>& replay, std::vector<FindingEvent>& out);

  /// Instead of warm_up, where others tell of the past: `known` are kept until a part that comes
  /// claims them, or `complete` says that none will.
  void wait_for(const std::vector<Finding>& known);

  /// See RuleBook.
  void look_for_idle_parts() { book_.look_for_idle_parts(); }

  /// While a part of the devices is coming, silence and groups are not judged.
  void hand_over(const Handover& handover, std::vector<FindingEvent>& out);

  std::size_t open_count() const { return open_.size() + unclaimed_.size(); }

 private:
  using What = rules::EpisodeEvent::What;
  /// Devices that come and go together.
  struct Part {
    std::string name;
    bool is_coming = false;
    std::map<std::uint64_t, Finding> known;             ///< while it comes: as they were told of
    std::map<std::uint64_t, rules::EpisodeEvent> past;  ///< and what we have found ourselves
  };

  void collect(std::vector<FindingEvent>& out);
  void tell(const rules::EpisodeEvent& event, std::vector<FindingEvent>& out);
  Part& part(const std::string& name);
  Part* part_of(SeriesId series);
  bool is_coming() const;
  void begin_to_come(Part& part, const Handover& handover);
  void resume_first(Part& part, Timestamp since);
  void insist(const Finding& finding);
  static bool has_moved(const Part& part, std::uint64_t id);
  void be_here(Part& part, std::vector<FindingEvent>& out);
  void take_over(Finding& finding, std::vector<FindingEvent>& out);
  void let_part_go(const Part& part);
  void hold(const Part& part, const std::vector<SeriesId>& series);
  std::uint16_t number_of(const Part& part) const;  ///< as the book has it
  bool is_of(const Part& part, const Finding& finding);
  bool is_of_group(const Finding& finding) const;
  const rules::Rule* rule_of(const Finding& finding) const;  ///< nullptr: it is no more
  template <class Condition>
  void give_up(const Condition& condition, std::vector<FindingEvent>& out);  ///< of unclaimed_
  Finding& finding_of(const rules::EpisodeEvent& event, FindingEvent::What& what);
  void fill(Finding& finding, const rules::Episode& episode) const;
  void let_go(Timestamp before);
  void be_whole(const std::string& readers, bool is_whole, std::vector<FindingEvent>& out);
  void resume(const std::vector<Finding>& known, Timestamp since, std::vector<FindingEvent>& out);
  void count();

  rules::RuleBook book_;
  const SeriesTable& series_;
  const std::string asset_;
  const NextId next_id_;
  Statistics& statistics_;
  rules::RuleBook::Events events_;

  /// By the episode's id.
  std::unordered_map<std::uint64_t, Finding> open_;
  std::unordered_map<std::uint64_t, Finding> closed_;  ///< that late readings may still amend
  std::multimap<Timestamp, std::uint64_t> closed_at_;
  std::unordered_map<std::uint64_t, Finding>
      unclaimed_;  ///< open in the store; whose are they now?
  std::vector<Part> parts_;
  std::set<std::string> shared_;        ///< readers of whom others have some of the devices
  std::vector<std::uint32_t> part_of_;  ///< by series: which of parts_; or beyond them
  Timestamp newest_;                    ///< what an episode was told of
  rules::RuleCounts in_past_{};         ///< counted while the past was taken again
  bool is_warming_up_ = false;
};

}  // namespace sosie
