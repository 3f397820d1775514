#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/finding.h"
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
           Statistics& statistics);

  bool has_rules() const { return !book_.set().empty(); }
  void refresh() { book_.refresh(); }

  void take(const Reading& reading) { book_.take(reading, events_); }
  /// Ends a batch: what its readings have changed, and what time has, are appended to `out`.
  void settle(std::vector<FindingEvent>& out);
  /// The same when it is certainly `now`.
  void advance(Timestamp now, std::vector<FindingEvent>& out);

  /// Before the first `settle`: goes on from the findings that an earlier life left open, takes the
  /// recent past again (`replay` gives its readings to `take`), and appends to `out` what is other
  /// than the store has it. `known` are these findings, and those that ended in that past.
  void warm_up(const std::vector<Finding>& known, const std::function<void()>& replay,
               std::vector<FindingEvent>& out);

  std::size_t open_count() const { return open_.size(); }

 private:
  using What = rules::EpisodeEvent::What;

  void collect(std::vector<FindingEvent>& out);
  Finding& finding_of(const rules::EpisodeEvent& event, FindingEvent::What& what);
  void fill(Finding& finding, const rules::Episode& episode) const;
  void let_go(Timestamp before);
  void resume(const std::vector<Finding>& known, std::vector<FindingEvent>& out);
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
  Timestamp newest_;             ///< what an episode was told of
  rules::RuleCounts in_past_{};  ///< counted while the past was taken again
  bool is_warming_up_ = false;
};

}  // namespace sosie
