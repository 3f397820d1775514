#include <algorithm>
#include <cmath>
#include <ranges>

#include "base/time_text.h"
#include "engine/rule_trial.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_subjects = 50;     // told, of a rule
constexpr std::size_t most_looked_at = 5000;  // series, for a rule's unit
constexpr auto usual_span = std::chrono::days(30);

/// The body, as it would stand in the scenario. A file that it names would be one of ours.
Result<rules::RuleSet> read_rules(const Request& request) {
  auto body = TRY(Section::read_text(request.body, "rules"));
  const auto tables = TRY(body.tables("rule"));
  for (const Section& table : tables) {
    if (table.has("area_file")) {
      return table.wrong("area_file", "is not read from here; expected area");
    }
  }
  auto set = TRY(rules::RuleSet::read(body));
  TRY(body.finish());
  if (set.empty()) return Error{Errc::invalid, "the body has no [[rule]]; expected one"};
  return set;
}

void write_episode(json::Writer& out, const TriedRule::Listed& listed) {
  const rules::Episode& episode = listed.episode;
  out.begin_object();
  out.member("subject", episode.subject);
  out.member("series", episode.series.index);
  out.member("onset_ms", to_ms(episode.onset));
  out.member("detected_ms", to_ms(episode.detected));
  out.member("closed_ms", to_ms(episode.closed));
  out.member("value", episode.value);
  out.key("sentence");
  write(out, listed.sentence);
  out.end_object();
}

void write_rule(json::Writer& out, const TriedRule& tried) {
  out.begin_object();
  out.member("name", tried.rule.name);
  out.member("kind", to_text(tried.rule.kind));
  out.member("series", tried.series);
  out.member("episodes", tried.episodes);
  out.member("open", tried.open);
  out.member("lasting_s", std::chrono::duration<double>(tried.lasting).count());
  out.member("subjects_total", tried.subjects.size());
  out.key("subjects");
  out.begin_array();
  for (std::size_t i = 0; i < std::min(tried.subjects.size(), most_subjects); ++i) {
    out.begin_object();
    out.member("name", tried.subjects[i].name);
    out.member("episodes", tried.subjects[i].episodes);
    out.end_object();
  }
  out.end_array();
  out.key("listed");
  out.begin_array();
  for (const auto& listed : tried.listed) write_episode(out, listed);
  out.end_array();
  out.end_object();
}

/// "Would have fired 14 times last month, here."
Result<std::string> try_on_history(const Api& api, const Request& request) {
  auto& engine = api.engine;
  auto set = TRY(read_rules(request));
  const auto to = TRY(ask_time(request, "to", engine.clock().now()));
  const auto from = TRY(ask_time(request, "from", to - usual_span));
  if (from > to) return Error{Errc::invalid, "'from' is after 'to'"};
  const auto trial = TRY(try_rules(std::move(set), engine.store(), engine.series(), from, to));
  json::Writer out;
  out.begin_object();
  out.member("from_ms", to_ms(trial.from));
  out.member("to_ms", to_ms(trial.to));
  out.member("cut", trial.is_cut);
  out.member("series", trial.series);
  out.member("readings", trial.readings);
  out.key("rules");
  out.begin_array();
  for (const TriedRule& tried : trial.rules) write_rule(out, tried);
  out.end_array();
  out.end_object();
  return out.take();
}

std::optional<double> number_or_null(double limit) {
  return std::isfinite(limit) ? std::optional(limit) : std::nullopt;
}

void write_limits(json::Writer& out, const RuleLimits& limits) {
  out.member("high", number_or_null(limits.high));
  out.member("low", number_or_null(limits.low));
}

/// Of the first series that fits; a count has none.
std::string_view unit_of(const rules::Rule& rule, const SeriesTable& table) {
  if (rule.kind != rules::RuleKind::limit) return "";
  if (rule.is_of_group() && rule.aggregate == rules::Aggregate::count_above) return "";
  const auto looked_at = std::min<std::size_t>(table.size(), most_looked_at);
  for (std::uint32_t i = 0; i < looked_at; ++i) {
    const SeriesInfo& info = table[SeriesId{i}];
    if (rule.fits(info, info.name())) return info.unit;
  }
  return "";
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

void write_in_force(json::Writer& out, const RuleInForce& one, const SeriesTable& table) {
  const rules::Rule& rule = one.rule;
  out.begin_object();
  out.member("name", rule.name);
  out.member("kind", to_text(rule.kind));
  out.key("on");
  out.begin_array();
  for (const auto& pattern : rule.on) out.value(pattern);
  out.end_array();
  out.member("priority", rule.priority ? to_text(*rule.priority) : "none");
  if (rule.kind == rules::RuleKind::silence) {
    out.member("after_s", seconds_of(rule.after));
  } else {
    out.member("on_delay_s", seconds_of(rule.on_delay));
    out.member("off_delay_s", seconds_of(rule.off_delay));
  }
  if (rule.kind == rules::RuleKind::limit) {
    out.member("grouped", rule.is_of_group());
    out.member("unit", unit_of(rule, table));
    out.member("deadband", rule.deadband);
    write_limits(out, {rule.high, rule.low});
    out.key("scenario");
    out.begin_object();
    write_limits(out, one.scenario);
    out.end_object();
    out.member("since_ms", to_ms(one.since));
  }
  out.end_object();
}

void write_change(json::Writer& out, const RuleChange& change) {
  out.begin_object();
  out.member("rule", change.rule);
  out.key("from");
  out.begin_object();
  write_limits(out, change.from);
  out.end_object();
  out.key("to");
  out.begin_object();
  write_limits(out, change.to);
  out.end_object();
  out.member("reset", change.is_reset);
  out.member("since_ms", to_ms(change.since));
  out.member("at_ms", to_ms(change.at));
  out.member("who", change.who);
  out.member("comment", change.comment);
  out.end_object();
}

/// The scenario's rules as they are in force, and who moved them, the newest change first.
std::string list_rules(const Api& api) {
  json::Writer out;
  out.begin_object();
  out.key("rules");
  out.begin_array();
  for (const auto& one : api.engine.rules()) write_in_force(out, one, api.engine.series());
  out.end_array();
  out.key("log");
  out.begin_array();
  const auto log = api.engine.rule_log();
  for (const auto& change : std::views::reverse(log)) write_change(out, change);
  out.end_array();
  out.end_object();
  return out.take();
}

/// A limit as it stands in the body: a number, null for the scenario's; not there: it stays.
Result<std::optional<RuleMove::Wish>> ask_limit(const json::Value& body, std::string_view side) {
  const auto* const value = body.find(side);
  if (value == nullptr) return std::optional<RuleMove::Wish>();
  if (!value->is_null() && !value->number()) {
    return Error{Errc::invalid,
                 fmt::format("'{}' is {}; expected a number, or null for the scenario's", side,
                             value->kind())};
  }
  return std::optional(RuleMove::Wish{value->number()});
}

/// {"high": 75, "who": "Ana", "comment": "…"}
Result<std::string> move_rule(const Api& api, const Request& request) {
  const auto body = TRY(ask_object(request));
  RuleMove move;
  move.rule = request.captured[0];
  move.high = TRY(ask_limit(body, "high"));
  move.low = TRY(ask_limit(body, "low"));
  move.who = TRY(member_text(body, "who", ""));
  move.comment = TRY(member_text(body, "comment", ""));
  const auto moved = TRY(api.engine.move_rule(move));
  json::Writer out;
  write_in_force(out, moved, api.engine.series());
  return out.take();
}

}  // namespace

void add_rule_routes(Router& router, Api& api) {
  router.add({"GET", "/api/rules", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return list_rules(api); });
              }});
  router.add({"PUT", "/api/rules/{rule}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return move_rule(api, request); });
              }});
  router.add({"POST", "/api/rules/try", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return try_on_history(api, request); });
              }});
}

}  // namespace sosie::web
