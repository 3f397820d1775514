#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "cases/answer.h"
#include "cases/similarity.h"

namespace sosie::cases {

/// What people have said of findings like this one.
struct Opinion {
  std::size_t right = 0;
  std::size_t wrong = 0;

  /// What is left of the confidence in a finding: (right + 1) / (right + wrong + 1), the share of
  /// right ones as if one more had been right (Laplace, one-sided): nobody asked changes nothing,
  /// one "wrong" halves it.
  double trust() const {
    const auto rights = static_cast<double>(right) + 1;
    return rights / (rights + static_cast<double>(wrong));
  }
};

/// The answers that people gave, all of them, in order; and what follows for findings like those
/// they answered. Of several answers to one finding the last counts.
///
/// Threads: one at a time. Cost: `opinion` looks at each answered finding, of the last thousand.
class Casebook {
 public:
  static constexpr double alike = 0.8;  ///< more similarity than this: two findings are one case

  /// `finding`: the one that is answered.
  void add(const Finding& finding, Answer answer);

  /// Of findings that are alike as far as this one has come, and other than it. So what was called
  /// wrong is doubted from a finding's first symptom on, and what then grows beyond it is not.
  Opinion opinion(const Finding& finding) const;

  /// In order of time.
  std::vector<Answer> answers_to(std::uint64_t finding) const;
  const std::vector<Answer>& answers() const { return answers_; }

  /// Of each finding's last answer.
  Opinion all() const;

 private:
  struct Case {
    Signature signature;
    bool is_right = true;
  };

  std::vector<Answer> answers_;
  std::map<std::uint64_t, Case> cases_;  ///< by finding; ids grow with time
};

}  // namespace sosie::cases
