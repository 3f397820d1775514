#include "engine/rule_limit_book.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "rules/course.h"

namespace sosie {
namespace {

constexpr std::size_t most_changes = 1000;
constexpr std::string_view no_limit = "-";

RuleLimits limits_of(const rules::Rule& rule) {
  return {rule.high, rule.low};
}

std::string number_text(double limit) {
  return std::isfinite(limit) ? fmt::format("{}", limit) : std::string(no_limit);
}

std::string as_words(const RuleLimits& limits) {
  return fmt::format("{}\t{}", number_text(limits.high), number_text(limits.low));
}

std::optional<RuleLimits> from_words(std::string_view high, std::string_view low) {
  RuleLimits limits;
  const auto above = to_number(high);
  const auto below = to_number(low);
  if ((!above && high != no_limit) || (!below && low != no_limit)) return std::nullopt;
  if (above) limits.high = *above;
  if (below) limits.low = *below;
  return limits;
}

std::string words_of_one_line(std::string_view text) {
  std::string line(trim(text));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

/// One side of a move. `now` and `scenario`: as it is and was.
Result<double> moved_to(const std::optional<RuleMove::Wish>& wish, std::string_view side,
                        double now, double scenario) {
  if (!wish) return now;
  if (!std::isfinite(scenario)) {
    return Error{Errc::invalid, fmt::format("the rule has no '{}'; expected '{}' alone", side,
                                            side == "high" ? "low" : "high")};
  }
  const double to = wish->to.value_or(scenario);
  if (!std::isfinite(to)) return Error{Errc::invalid, "a limit is a number"};
  return to;
}

Result<void> check_between(const RuleLimits& limits, double deadband) {
  if (limits.low > limits.high) {
    return Error{Errc::invalid, fmt::format("low {} is above high {}", limits.low, limits.high)};
  }
  if (limits.low + deadband <= limits.high - deadband) return {};
  return Error{Errc::invalid, fmt::format("the deadband of {} leaves nothing between {} and {}",
                                          deadband, limits.low, limits.high)};
}

}  // namespace

std::string text_of(const RuleLimits& limits) {
  std::string text;
  if (std::isfinite(limits.low)) text = fmt::format("low {}", limits.low);
  if (std::isfinite(limits.high)) {
    text += fmt::format("{}high {}", text.empty() ? "" : ", ", limits.high);
  }
  return text;
}

RuleLimitBook::RuleLimitBook(std::vector<rules::Rule> rules) : rules_(std::move(rules)) {}

const rules::Rule* RuleLimitBook::find(std::string_view name) const {
  const auto found = std::ranges::find(rules_, name, &rules::Rule::name);
  return found == rules_.end() ? nullptr : &*found;
}

RuleLimits RuleLimitBook::in_force(const rules::Rule& rule) const {
  const auto moved = moved_.find(rule.name);
  return moved == moved_.end() ? limits_of(rule) : moved->second.back().to;
}

RuleInForce RuleLimitBook::shown(const rules::Rule& rule) const {
  RuleInForce shown{.rule = rule, .scenario = limits_of(rule)};
  if (const auto moved = moved_.find(rule.name); moved != moved_.end()) {
    shown.rule.high = moved->second.back().to.high;
    shown.rule.low = moved->second.back().to.low;
    shown.since = moved->second.back().since;
  }
  return shown;
}

std::vector<RuleInForce> RuleLimitBook::rules() const {
  std::vector<RuleInForce> all;
  all.reserve(rules_.size());
  for (const rules::Rule& rule : rules_) all.push_back(shown(rule));
  return all;
}

RuleInForce RuleLimitBook::rule(std::string_view name) const {
  return shown(*find(name));
}

void RuleLimitBook::keep(const std::string& rule, const Moved& moved) {
  auto& all = moved_[rule];
  std::erase_if(all, [&](const Moved& other) { return other.since >= moved.since; });
  all.push_back(moved);
  if (all.size() > rules::Course::most_moves) all.erase(all.begin());
}

Result<RuleChange> RuleLimitBook::move(const RuleMove& move, Timestamp since, Timestamp at) {
  const rules::Rule* const rule = find(move.rule);
  if (rule == nullptr) {
    std::vector<std::string_view> known;
    known.reserve(rules_.size());
    for (const rules::Rule& other : rules_) known.push_back(other.name);
    return Error{Errc::not_found,
                 fmt::format("there is no rule '{}'; the scenario has {}", move.rule,
                             known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")))};
  }
  if (rule->kind != rules::RuleKind::limit) {
    return Error{Errc::invalid,
                 fmt::format("the rule '{}' is of kind {}; expected one of kind limit", rule->name,
                             to_text(rule->kind))};
  }
  if (!move.high && !move.low) {
    return Error{Errc::invalid, "'high' and 'low' are missing; expected one of them"};
  }
  if (trim(move.who).empty()) {
    return Error{Errc::invalid, "'who' is missing: the name of a person"};
  }
  const RuleLimits from = in_force(*rule);
  RuleLimits to;
  to.high = TRY(moved_to(move.high, "high", from.high, rule->high));
  to.low = TRY(moved_to(move.low, "low", from.low, rule->low));
  TRY(check_between(to, rule->deadband));
  if (const auto moved = moved_.find(rule->name); moved != moved_.end()) {
    since = std::max(since, moved->second.back().since);
  }
  keep(rule->name, {since, to});
  log_.push_back({.rule = rule->name,
                  .from = from,
                  .to = to,
                  .is_reset = to == limits_of(*rule),
                  .since = since,
                  .at = at,
                  .who = words_of_one_line(move.who),
                  .comment = words_of_one_line(move.comment)});
  if (log_.size() > most_changes) log_.erase(log_.begin());
  return log_.back();
}

std::vector<std::pair<std::string, std::string>> RuleLimitBook::bytes() const {
  std::string moved;
  for (const auto& [name, all] : moved_) {
    for (const Moved& one : all) {
      moved += fmt::format("{}\t{}\t{}\t{}\n", name, as_words(one.to),
                           as_words(limits_of(*find(name))), one.since.time_since_epoch().count());
    }
  }
  std::string log;
  for (const RuleChange& c : log_) {
    log += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", c.rule, as_words(c.from), as_words(c.to),
                       c.is_reset ? 1 : 0, c.since.time_since_epoch().count(),
                       c.at.time_since_epoch().count(), c.who, c.comment);
  }
  return {{std::string(moved_key), std::move(moved)}, {std::string(log_key), std::move(log)}};
}

void RuleLimitBook::restore(std::string_view moved, std::string_view log) {
  for (const auto line : split(moved, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 6) continue;
    const rules::Rule* const rule = find(parts[0]);
    const auto to = from_words(parts[1], parts[2]);
    const auto since = to_integer(parts[5]);
    if (rule == nullptr || !to || !since) continue;
    if (from_words(parts[3], parts[4]) != limits_of(*rule)) continue;  // the scenario was edited
    if (rule->kind != rules::RuleKind::limit || !check_between(*to, rule->deadband)) continue;
    keep(rule->name, {Timestamp(Duration(*since)), *to});
  }
  for (const auto line : split(log, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 10) continue;
    const auto from = from_words(parts[1], parts[2]);
    const auto to = from_words(parts[3], parts[4]);
    const auto since = to_integer(parts[6]);
    const auto at = to_integer(parts[7]);
    if (!from || !to || !since || !at) continue;
    log_.push_back({.rule = std::string(parts[0]),
                    .from = *from,
                    .to = *to,
                    .is_reset = parts[5] == "1",
                    .since = Timestamp(Duration(*since)),
                    .at = Timestamp(Duration(*at)),
                    .who = std::string(parts[8]),
                    .comment = std::string(parts[9])});
  }
}

std::vector<RuleOrder> RuleLimitBook::orders() const {
  std::vector<RuleOrder> orders;
  for (const auto& [name, all] : moved_) {
    for (const Moved& one : all) orders.push_back({name, one.to, one.since});
  }
  return orders;
}

}  // namespace sosie
