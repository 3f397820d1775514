#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "rules/amend.h"
#include "rules/blocks.h"
#include "rules/parts.h"
#include "rules/watermark.h"

namespace sosie::rules {

/// Which devices have not sent for too long, and which had not. An episode is a gap longer than
/// `after` between two readings of a device: it begins with the last that came.
///
/// A gap whose end has not come is seen when the watermark of the rule's devices has passed it, so
/// a fleet whose data come late is not silent. Devices may stand in several parts (partitions),
/// some of which are read behind the others: each goes by its own watermark, and by that of all
/// once nothing comes of it any more and nothing of it lies unread. While something does, a device
/// whose part is not known yet may be of that one, and the clock says nothing. A device that was
/// called silent and then sends readings without a gap, all of them behind the others (its clock is
/// wrong), is given that much more time from then on. Nothing is done per reading but a comparison:
/// who is due stands in buckets of time, each device once.
class Silences {
 public:
  enum class Took : std::uint8_t { in_order, late, duplicate, too_late };
  /// Whom a change is of.
  struct Of {
    std::uint32_t rule = 0;
    std::uint32_t device = 0;
  };
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void change(const Of& of, const Change& change, bool is_late) = 0;
  };

  explicit Silences(Micros lateness) : lateness_(lateness) {}

  /// One more rule; its number in the RuleSet.
  void add_rule(std::uint32_t rule, Micros after);
  std::size_t rule_count() const { return rules_.size(); }
  std::uint32_t rule(std::uint32_t which) const { return rules_[which].rule; }

  /// The entry of one device under one rule (`which`: in order of add_rule).
  std::uint32_t add(std::uint32_t which, std::uint32_t device);
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  std::uint32_t which(std::uint32_t entry) const { return entries_[entry].rule; }

  Took take(std::uint32_t entry, Micros at, Sink& out) {
    Entry& e = entries_[entry];
    Rule& rule = rules_[e.rule];
    Part& part = rule.parts[e.part];
    part.watermark.see(e.device, at);
    part.is_seen = true;
    part.is_idle = false;
    if (at > e.last && at - e.last <= rule.after && !e.is_open && e.is_queued) {
      e.last = at;
      return Took::in_order;
    }
    return at == e.last ? Took::duplicate : take_rare(entry, at, out);
  }

  /// The entry is of this part from now on (the first is 0, which is all there is at first).
  void move(std::uint32_t entry, std::uint16_t part);
  /// Of what part nothing has come since the last call: it goes by the watermark of all.
  void look_for_idle();

  /// Those who are due by the watermark, or by `now` where that is later.
  void settle(Micros now, const Parts& parts, Sink& out);

  /// An episode of an earlier life: it goes on.
  void resume(std::uint32_t entry, Micros onset);

  /// As if it had never sent.
  void forget(std::uint32_t entry);

  void save(std::uint32_t entry, std::string& out) const;
  bool load(std::uint32_t entry, std::string_view& in);

  std::size_t bytes() const;

 private:
  struct Entry {
    Micros first = never;
    Micros last = never;
    std::uint32_t device = 0;
    std::uint16_t rule = 0;  ///< which
    std::uint16_t part : 14 = 0;
    std::uint16_t is_open : 1 = 0;    ///< its silence has been told
    std::uint16_t is_queued : 1 = 0;  ///< stands in a bucket of its part
  };
  struct Part {
    Watermark watermark;
    std::map<Micros, std::vector<std::uint32_t>> due;
    bool is_seen = true;
    bool is_idle = false;
  };
  struct Rule {
    std::uint32_t rule = 0;
    Micros after = 0;
    Micros width = 1;  ///< of a bucket
    std::vector<Part> parts{1};
  };

  struct Reach {
    Micros now = never;
    Micros all = never;      ///< of the part that is furthest, or `now`
    Micros slowest = never;  ///< as Parts has it
  };
  static Micros reach(const Part& part, std::uint16_t which, const Reach& others,
                      const Parts& parts);
  Took take_rare(std::uint32_t entry, Micros at, Sink& out);
  Took take_late(std::uint32_t entry, Micros at, Sink& out);
  void queue(std::uint32_t entry);
  void settle(Rule& rule, std::uint16_t which, Micros until, Sink& out);
  void note_behind(std::uint32_t entry, Micros at);
  Micros behind(std::uint32_t entry) const;
  bool is_silent(std::uint32_t entry, Micros until);
  void note_gap(std::uint32_t entry, Micros from, Micros to);
  void tell_gap(std::uint32_t entry, Micros from, Micros to, bool is_late, Sink& out);
  Of of(const Entry& e) const { return {rules_[e.rule].rule, e.device}; }

  const Micros lateness_;
  std::vector<Rule> rules_;
  Blocks<Entry> entries_;
  /// Gaps that are over and may still be amended, by entry: the times of their ends.
  std::unordered_map<std::uint32_t, std::map<Micros, Micros>> gaps_;
  /// How far behind the others those are that send all the same.
  std::unordered_map<std::uint32_t, Micros> behind_;
};

}  // namespace sosie::rules
