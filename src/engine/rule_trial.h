#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/series.h"
#include "rules/episode.h"
#include "rules/rule.h"
#include "store/store.h"

namespace sosie {

/// What one rule would have said of the past.
struct TriedRule {
  struct Subject {
    std::string name;
    std::uint64_t episodes = 0;
  };
  struct Listed {
    rules::Episode episode;
    Words sentence;
  };

  rules::Rule rule;
  std::uint64_t series = 0;  ///< that it looks at; 0: it is about none that there is
  std::uint64_t episodes = 0;
  std::uint64_t open = 0;         ///< of these, not over at the end
  Duration lasting{};             ///< all of them together; what is open until the end
  std::vector<Subject> subjects;  ///< those it fired for, the most often first
  std::vector<Listed> listed;     ///< the last ones, the newest first
};

struct RuleTrial {
  Timestamp from;
  Timestamp to;                  ///< earlier than asked for where there was too much to read
  bool is_cut = false;           ///< that was so
  std::uint64_t series = 0;      ///< that one of the rules looks at, of those that there are now
  std::uint64_t readings = 0;    ///< of these, in the span
  std::vector<TriedRule> rules;  ///< in the set's order
};

struct TrialLimits {
  std::uint64_t most_readings = 20'000'000;  ///< some ten seconds of one core
  std::size_t most_listed = 100;             ///< of a rule
};

/// Judges what is stored of [from, to) by rules that are not in force: the same episodes as if they
/// had been all the time. Silence counts as far as the readings of other devices show that it was
/// one, as it does when a recording is replayed.
///
/// Reads as `Store::scan`. Errors: the store's. Threads: any.
Result<RuleTrial> try_rules(rules::RuleSet set, const Store& store, const SeriesTable& series,
                            Timestamp from, Timestamp to, TrialLimits limits = {});

}  // namespace sosie
