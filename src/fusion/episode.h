#pragma once

#include <cstddef>

namespace sosie::fusion {

/// Makes episodes of a statistic that trembles: one begins when it reaches `on` and ends when it
/// has been below `off` for `hold` looks in a row (deadband and delay of ISA-18.2).
class Episode {
 public:
  struct Rule {
    double on = 1;
    double off = 0.5;
    std::size_t hold = 1;
  };
  explicit Episode(Rule rule) : rule_(rule) {}

  /// Whether this look lies in an episode. The quiet looks at an episode's end do not.
  bool look(double statistic) {
    if (statistic >= rule_.on) is_active_ = true;
    quiet_ = statistic < rule_.off ? quiet_ + 1 : 0;
    if (quiet_ >= rule_.hold) is_active_ = false;
    return is_active_;
  }
  bool is_active() const { return is_active_; }
  void set(Rule rule) { rule_ = rule; }
  /// What it waits for to end is known from elsewhere.
  void end() { is_active_ = false; }
  const Rule& rule() const { return rule_; }

 private:
  Rule rule_;
  std::size_t quiet_ = 0;
  bool is_active_ = false;
};

}  // namespace sosie::fusion
