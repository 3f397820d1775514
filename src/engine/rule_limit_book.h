#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/limits.h"
#include "rules/rule.h"

namespace sosie {

/// A rule as it is now, and what the scenario says of its limits.
struct RuleInForce {
  rules::Rule rule;
  RuleLimits scenario;
  std::optional<Timestamp> since{};  ///< in event time; none: nobody moved it
};

/// What somebody wants of a rule.
struct RuleMove {
  struct Wish {
    std::optional<double> to;  ///< none: what the scenario says
  };
  std::string rule;
  std::optional<Wish> high{};  ///< none: stays
  std::optional<Wish> low{};
  std::string who;
  std::string comment{};
};

/// "high 80", "low 1, high 5"
std::string text_of(const RuleLimits& limits);

/// The limits of rules that people moved while the program ran, since when in event time, and who
/// did it. What was moved and the log of the last thousand changes go into the journal as small
/// texts and come back from them; a scenario whose own limits have changed since wins over what was
/// moved before.
///
/// Threads: one at a time.
class RuleLimitBook {
 public:
  static constexpr std::string_view moved_key = "rules/limits";
  static constexpr std::string_view log_key = "rules/limits/log";

  explicit RuleLimitBook(std::vector<rules::Rule> rules);

  /// Errors: not_found (no such rule), invalid (not a limit, no such side, not finite, nobody's
  /// name, low above high, nothing left between them). `since` never goes back.
  Result<RuleChange> move(const RuleMove& move, Timestamp since, Timestamp at);

  std::vector<RuleInForce> rules() const;
  RuleInForce rule(std::string_view name) const;  ///< REQUIRES: there is one

  /// In order of time.
  const std::vector<RuleChange>& log() const { return log_; }

  /// What `restore` takes, by its two keys.
  std::vector<std::pair<std::string, std::string>> bytes() const;

  /// What is damaged, or of a rule that is no more, is left out.
  void restore(std::string_view moved, std::string_view log);

  /// All that was moved, of each rule in order of time.
  std::vector<RuleOrder> orders() const;

 private:
  struct Moved {
    Timestamp since;
    RuleLimits to;
  };

  const rules::Rule* find(std::string_view name) const;
  RuleLimits in_force(const rules::Rule& rule) const;
  RuleInForce shown(const rules::Rule& rule) const;
  void keep(const std::string& rule, const Moved& moved);

  std::vector<rules::Rule> rules_;  ///< the scenario's
  std::map<std::string, std::vector<Moved>, std::less<>> moved_;
  std::vector<RuleChange> log_;
};

}  // namespace sosie
