#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/series.h"
#include "rules/blocks.h"
#include "rules/course.h"
#include "rules/rule.h"
#include "rules/spell.h"
#include "rules/watermark.h"

namespace sosie::rules {

/// Limits of groups: at each multiple of `every`, what the values of a group's devices are
/// together.
///
/// A group is judged behind its watermark by the lateness: all that may still come has come, and
/// nothing that was said is ever taken back. Where its devices send by several parts, it waits for
/// those that are read behind (see Parts). Where others have some of its devices nothing is judged,
/// and the latest values are kept for the time when all are here. Threads: one.
class Groups {
 public:
  struct Group {
    std::uint32_t rule = 0;
    std::string name;
    Watermark watermark;
    Micros judged = never;  ///< the last instant that was judged
    Micros next = never;    ///< the next that is to be; never: not known yet
    bool is_due = false;    ///< stands in due_
    State state;
    SeriesId worst{};  ///< the device that stood out when it became active
    std::vector<std::uint32_t> members;
  };
  using Opened = std::function<void(const Group&, const Spell&)>;

  /// By number of the rule; they may change while the groups are.
  Groups(const std::vector<Course>& rules, Micros lateness);

  /// The group of a rule that the series belongs to, by name; empty: of none.
  static std::string name_of(const Rule& rule, const SeriesInfo& info);

  /// A member of the group, which is made if it is new.
  std::uint32_t add(std::uint32_t rule, const std::string& name, SeriesId series,
                    std::uint32_t device);

  /// False: too late.
  bool take(std::uint32_t member, Micros at, double value);

  /// `slowest`: see Parts.
  void settle(Micros slowest, const Opened& opened, const Opened& closed);

  /// False: some of the devices are elsewhere from now on; what is open ends with what was judged
  /// last. True: all are here again, and judging begins anew at the next `settle`.
  void be_whole(bool is_whole, const Opened& closed);

  /// From now on the group is without what this member has said.
  void forget(std::uint32_t member);

  bool resume(std::uint32_t rule, const std::string& name, const Spell& open);

  std::size_t bytes() const;

 private:
  struct Waiting {
    Micros at;
    double value;
  };
  struct Member {
    std::uint32_t group = 0;
    std::uint32_t device = 0;
    SeriesId series{};
    Micros at = never;
    double value = 0;
    std::vector<Waiting> waiting;  ///< readings that are not judged yet, in order of time
  };
  struct Together {
    double value = 0;
    SeriesId worst{};
    std::size_t count = 0;
  };

  enum class Judging : std::uint8_t { on, off, begins };

  void settle(Group& group, Micros until, const Opened& opened, const Opened& closed);
  void begin_anew();
  static void keep_latest(Member& member);
  Micros first_waiting(const Group& group) const;
  Together judge(Group& group, Micros at);

  const Rule& rule(const Group& group) const { return rules_[group.rule].rule(); }

  const std::vector<Course>& rules_;
  const Micros lateness_;
  std::vector<Group> groups_;
  Judging judging_ = Judging::on;
  std::vector<std::uint32_t> due_;  ///< groups whose watermark has passed their next instant
  Blocks<Member> members_;
  std::unordered_map<std::string, std::uint32_t> by_name_;  ///< "rule/name"
};

}  // namespace sosie::rules
