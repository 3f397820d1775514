#include <algorithm>

#include "base/time_text.h"
#include "engine/rule_trial.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_subjects = 50;  // told, of a rule
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

}  // namespace

void add_rule_routes(Router& router, Api& api) {
  router.add({"POST", "/api/rules/try", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return try_on_history(api, request); });
              }});
}

}  // namespace sosie::web
