#include "alarms/policy.h"

#include <algorithm>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr std::string_view no_alarm = "none";
constexpr std::array<std::string_view, 5> priority_names{"critical", "high", "medium", "low",
                                                         no_alarm};
constexpr auto symptom_count = static_cast<std::size_t>(SymptomKind::deviation) + 1;

template <class Enum, std::size_t Count>
std::array<std::string_view, Count> names_of() {
  std::array<std::string_view, Count> names;
  for (std::size_t i = 0; i < Count; ++i) names.at(i) = to_text(static_cast<Enum>(i));
  return names;
}

/// The list under `key`, each of it one of `names`.
template <class Enum>
Result<std::vector<Enum>> read_list(Section& section, std::string_view key,
                                    std::span<const std::string_view> names) {
  std::vector<Enum> list;
  const auto texts = TRY(section.texts(key));
  for (const auto& text : texts) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return section.wrong_choice(key, text, names);
    list.push_back(static_cast<Enum>(found - names.begin()));
  }
  return list;
}

Result<double> read_share(Section& section, std::string_view key, double otherwise) {
  const double share = TRY(section.number(key, otherwise));
  if (share >= 0 && share <= 1) return share;
  return section.wrong(key, fmt::format("is {}, expected 0 to 1", share));
}

Result<Duration> read_span(Section& section, std::string_view key, Duration otherwise) {
  const Duration span = TRY(section.duration(key, otherwise));
  if (span >= Duration{}) return span;
  return section.wrong(key, "expected 0 or more");
}

Result<AlarmRule> read_rule(Section& section) {
  static const auto kinds = names_of<Kind, kind_count>();
  static const auto symptoms = names_of<SymptomKind, symptom_count>();
  AlarmRule rule;
  rule.kinds = TRY(read_list<Kind>(section, "kinds", kinds));
  rule.symptoms = TRY(read_list<SymptomKind>(section, "symptoms", symptoms));
  rule.series = TRY(section.text("series", ""));
  rule.stage = TRY(section.text("stage", ""));
  rule.min_confidence = TRY(read_share(section, "min_confidence", 0));
  rule.min_score = TRY(read_share(section, "min_score", 0));
  // There is no default to guess: a rule without a priority says nothing.
  const auto named = TRY(section.text("priority"));
  if (named != no_alarm && !priority_from_text(named)) {
    return section.wrong_choice("priority", named, priority_names);
  }
  rule.priority = priority_from_text(named);
  TRY(section.finish());
  return rule;
}

Result<void> read_priorities(Section& section, AlarmPolicy& policy) {
  auto table = TRY(section.table("priorities"));
  for (std::size_t i = 0; i < kind_count; ++i) {
    auto& priority = policy.priorities.at(i);
    const auto otherwise = priority ? to_text(*priority) : no_alarm;
    const auto named = TRY(table.choice(to_text(static_cast<Kind>(i)), otherwise, priority_names));
    priority = priority_from_text(named);
  }
  return table.finish();
}

/// Shell-like: '*' any run of characters, '?' any one.
bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  auto star = std::string_view::npos;
  std::size_t resume = 0;  // where the last star's run ends for now
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

std::optional<SeriesId> main_suspect(const Finding& finding) {
  if (finding.suspects.empty()) return std::nullopt;
  return finding.suspects.front().series;
}

bool stands_at(const AlarmRule& rule, std::optional<SeriesId> id, const SeriesTable& series) {
  if (rule.series.empty() && rule.stage.empty()) return true;
  if (!id) return false;
  const SeriesInfo& info = series[*id];
  return (rule.series.empty() || glob_matches(rule.series, info.name()) ||
          glob_matches(rule.series, info.entity)) &&
         (rule.stage.empty() || glob_matches(rule.stage, info.stage));
}

/// The evidence that fulfils a rule which asks for symptoms.
const Evidence* evidence_for(const AlarmRule& rule, const Finding& finding,
                             const SeriesTable& series) {
  for (const Evidence& e : finding.evidence) {
    const bool asked = std::ranges::find(rule.symptoms, e.kind) != rule.symptoms.end();
    if (asked && stands_at(rule, e.series, series)) return &e;
  }
  return nullptr;
}

/// A limit that people set is a condition of its own, whatever the cause is found to be.
AlarmVerdict limit_verdict(SeriesId id, const Evidence& limit, const SeriesTable& series,
                           Priority priority) {
  return {fmt::format("limit/{}/{}", series[id].name(), limit.rule), id, priority};
}

AlarmVerdict cause_verdict(const Finding& finding, const SeriesTable& series, Priority priority) {
  const auto suspect = main_suspect(finding);
  const auto name = suspect ? series[*suspect].name() : finding.asset;
  return {fmt::format("{}/{}", to_text(finding.kind), name), suspect, priority};
}

/// The most urgent of the limits to which people gave a priority.
const Evidence* ranked_limit(const Finding& finding) {
  const Evidence* first = nullptr;
  for (const Evidence& e : finding.evidence) {
    if (e.kind != SymptomKind::limit || !e.active || !e.priority) continue;
    if (first == nullptr || e.priority < first->priority) first = &e;
  }
  return first;
}

/// A scenario's rule is a condition of its own for each subject, as urgent as it says itself.
std::optional<AlarmVerdict> rule_verdict(const Finding& finding, const AlarmRule* matching) {
  const auto priority = matching != nullptr        ? matching->priority
                        : finding.evidence.empty() ? std::nullopt
                                                   : finding.evidence.front().priority;
  if (!priority) return std::nullopt;
  const RuleEpisode& episode = *finding.episode;
  return AlarmVerdict{fmt::format("rule/{}/{}", episode.rule, episode.subject),
                      main_suspect(finding), *priority};
}

bool is_like(const AlarmRule& rule, const Finding& finding) {
  const bool kind_asked =
      rule.kinds.empty() || std::ranges::find(rule.kinds, finding.kind) != rule.kinds.end();
  return kind_asked && finding.confidence >= rule.min_confidence && finding.score >= rule.min_score;
}

struct RuleMatch {
  const AlarmRule* rule = nullptr;
  const Evidence* evidence = nullptr;  ///< of the symptom that the rule asked for, if it did
};

RuleMatch first_match(const std::vector<AlarmRule>& rules, const Finding& finding,
                      const SeriesTable& series) {
  for (const AlarmRule& rule : rules) {
    if (!is_like(rule, finding)) continue;
    if (rule.symptoms.empty()) {
      if (stands_at(rule, main_suspect(finding), series)) return {&rule, nullptr};
    } else if (const Evidence* evidence = evidence_for(rule, finding, series)) {
      return {&rule, evidence};
    }
  }
  return {};
}

}  // namespace

Result<AlarmPolicy> AlarmPolicy::read(Section& scenario) {
  AlarmPolicy policy;
  auto section = TRY(scenario.table("alarms"));
  policy.min_confidence = TRY(read_share(section, "min_confidence", policy.min_confidence));
  policy.re_alarm = TRY(read_span(section, "re_alarm", policy.re_alarm));
  policy.max_shelve = TRY(read_span(section, "max_shelve", policy.max_shelve));
  TRY(read_priorities(section, policy));
  TRY(section.finish());
  auto rules = TRY(scenario.tables("alarm"));
  for (Section& rule : rules) {
    auto read = TRY(read_rule(rule));
    policy.rules.push_back(std::move(read));
  }
  return policy;
}

std::optional<AlarmVerdict> AlarmPolicy::judge(const Finding& finding,
                                               const SeriesTable& series) const {
  const auto [rule, asked] = first_match(rules, finding, series);
  if (finding.episode) return rule_verdict(finding, rule);
  const Evidence* const limit = rule == nullptr ? ranked_limit(finding) : asked;
  std::optional<Priority> priority;
  if (rule != nullptr) {
    priority = rule->priority;
  } else if (limit != nullptr) {
    priority = limit->priority;
  } else if (finding.confidence >= min_confidence) {
    priority = priorities.at(static_cast<std::size_t>(finding.kind));
  }
  if (!priority) return std::nullopt;
  if (limit != nullptr && limit->kind == SymptomKind::limit && limit->series) {
    return limit_verdict(*limit->series, *limit, series, *priority);
  }
  return cause_verdict(finding, series, *priority);
}

}  // namespace sosie
