#pragma once

#include <cstddef>
#include <vector>

#include "rules/rule.h"
#include "rules/spell.h"

namespace sosie::rules {

/// A rule over event time: its limits may be moved while it judges, and what was measured before is
/// judged by those of then, whenever it comes.
///
/// `at` costs a comparison for what is newer than the last move. Threads: one.
class Course {
 public:
  /// Moves that are remembered; of older ones the last stands for all the time before.
  static constexpr std::size_t most_moves = 32;

  explicit Course(const Rule& rule) : bounds_(Bounds::of(rule)) {
    rules_.push_back({never, rule, bounds_});
  }

  const Bounds& at(Micros at) const { return at >= since_ ? bounds_ : entry(at).bounds; }
  const Rule& rule_at(Micros at) const { return entry(at).rule; }
  /// The one in force, and since when; never: it was not moved.
  const Rule& rule() const { return rules_.back().rule; }
  Micros since() const { return since_; }

  /// From `since` on; what was to be in force from then or later is no more.
  void move(Micros since, double high, double low) {
    Entry moved = rules_.back();
    while (rules_.size() > 1 && rules_.back().since >= since) rules_.pop_back();
    moved.since = since;
    moved.rule.high = high;
    moved.rule.low = low;
    moved.bounds = Bounds::of(moved.rule);
    rules_.push_back(std::move(moved));
    if (rules_.size() > most_moves) {
      rules_.erase(rules_.begin());
      rules_.front().since = never;
    }
    since_ = since;
    bounds_ = rules_.back().bounds;
  }

 private:
  struct Entry {
    Micros since = never;
    Rule rule;
    Bounds bounds;
  };
  const Entry& entry(Micros at) const {
    for (std::size_t i = rules_.size() - 1; i > 0; --i) {
      if (at >= rules_[i].since) return rules_[i];
    }
    return rules_.front();
  }

  Micros since_ = never;  ///< of the last
  Bounds bounds_;
  std::vector<Entry> rules_;  ///< in order of time; never empty
};

}  // namespace sosie::rules
