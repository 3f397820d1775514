#include <algorithm>
#include <ranges>
#include <span>

#include "engine/flag_view.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_rows = 200;  // of a flag's report, listed

void write_place(json::Writer& out, SeriesId id, const SeriesTable& table) {
  out.key("series");
  out.begin_object();
  out.member("id", id.index);
  out.member("name", table[id].name());
  out.member("unit", table[id].unit);
  out.end_object();
}

void write_limit(json::Writer& out, const SeriesLimit& limit, const SeriesTable& table) {
  out.begin_object();
  write_place(out, limit.series, table);
  out.member("name", limit.name);
  out.member("value", limit.value);
  out.member("scenario", limit.scenario.value_or(limit.value));
  out.member("priority", to_text(limit.priority));
  out.end_object();
}

void write_change(json::Writer& out, const LimitChange& change, const SeriesTable& table) {
  out.begin_object();
  write_place(out, change.series, table);
  out.member("name", change.name);
  out.member("from", change.from);
  out.member("to", change.to);
  out.member("reset", change.is_reset);
  out.member("at_ms", to_ms(change.at));
  out.member("who", change.who);
  out.member("comment", change.comment);
  out.end_object();
}

/// Limits, and who moved them, the newest change first.
std::string list_limits(const Api& api) {
  json::Writer out;
  out.begin_object();
  out.key("limits");
  out.begin_array();
  for (const auto& limit : api.engine.limits()) write_limit(out, limit, api.engine.series());
  out.end_array();
  out.key("log");
  out.begin_array();
  const auto log = api.engine.limit_log();
  for (const auto& change : std::views::reverse(log)) {
    write_change(out, change, api.engine.series());
  }
  out.end_array();
  out.end_object();
  return out.take();
}

/// {"value": 13.5, "who": "Ana", "comment": "…"}; value null: what the scenario says.
Result<std::string> move_limit(const Api& api, const Request& request) {
  const auto series = TRY(read_series(request.captured[0], api.engine.series()));
  const auto body = TRY(ask_object(request));
  const auto* const value = body.find("value");
  if (value == nullptr || (!value->is_null() && !value->number())) {
    return Error{Errc::invalid,
                 fmt::format("'value' is {}; expected a number, or null for the scenario's",
                             value == nullptr ? "missing" : value->kind())};
  }
  const auto who = TRY(member_text(body, "who", ""));
  const auto comment = TRY(member_text(body, "comment", ""));
  const auto limit =
      TRY(api.engine.set_limit(series, request.captured[1], value->number(), who, comment));
  json::Writer out;
  write_limit(out, limit, api.engine.series());
  return out.take();
}

/// The recording's own flag beside the limits: what it missed. null: the recording has none.
Result<std::string> compare_flag(const Api& api, const Request& request) {
  const auto series = TRY(read_series(request.captured[0], api.engine.series()));
  const auto view = TRY(flag_view(api.engine, series));
  json::Writer out;
  if (!view) {
    out.value(nullptr);
    return out.take();
  }
  const FlagReport& report = view->report;
  out.begin_object();
  out.member("flag", api.engine.series()[view->flag].attribute);
  out.member("rows", report.rows);
  out.member("flagged", report.flagged);
  out.member("beyond", report.beyond);
  out.member("missed", report.missed);
  out.member("wrong", report.wrong);
  out.key("listed");
  out.begin_array();
  for (const FlaggedRow& row :
       std::span(report.listed).first(std::min(report.listed.size(), most_rows))) {
    out.begin_object();
    out.member("t", to_ms(row.at));
    out.member("value", row.value);
    out.member("flagged", row.is_flagged);
    out.member("beyond", row.beyond);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace

void add_limit_routes(Router& router, Api& api) {
  router.add({"GET", "/api/limits", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return list_limits(api); });
              }});
  router.add({"GET", "/api/series/{id}/flag", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return compare_flag(api, request); });
              }});
  router.add({"PUT", "/api/limits/{id}/{name}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return move_limit(api, request); });
              }});
}

}  // namespace sosie::web
