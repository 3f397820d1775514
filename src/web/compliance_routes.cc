#include <algorithm>
#include <array>
#include <span>

#include "engine/compliance_days.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/compliance_report.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_days = 365;
constexpr std::int64_t max_days = 366;
constexpr std::int64_t usual_hours = 24;
constexpr std::int64_t max_hours = std::int64_t{24} * 366;

void write_now(json::Writer& out, const NowVerdict& now, std::optional<SeriesId> series) {
  out.begin_object();
  out.member("parameter", sosie::to_text(now.parameter));
  out.key("series");
  if (series) {
    out.value(series->index);
  } else {
    out.value(nullptr);
  }
  out.member("value", now.value_mg_l);
  out.member("limit", now.limit.concentration_mg_l);
  out.member("unit", "mg/l");
  out.member("reduction_pct", now.reduction_pct);
  out.member("min_reduction_pct", now.limit.min_reduction_pct);
  out.member("ok", now.ok);
  out.end_object();
}

void write_verdict(json::Writer& out, const ParameterVerdict& parameter) {
  out.begin_object();
  out.member("parameter", sosie::to_text(parameter.parameter));
  out.member("taken", parameter.taken);
  out.member("failed", parameter.failed);
  out.member("allowed", parameter.allowed);
  out.member("ok", parameter.ok);
  out.member("annual_mean", parameter.limit.annual_mean);
  out.member("mean", parameter.mean_mg_l);
  out.member("limit", parameter.limit.concentration_mg_l);
  out.member("reduction_pct", parameter.reduction_pct);
  out.member("min_reduction_pct", parameter.limit.min_reduction_pct);
  out.key("days");
  out.begin_array();
  for (const auto& day : parameter.days) {
    out.begin_object();
    out.member("day", sosie::to_text(day.day));
    out.member("value", day.value_mg_l);
    out.member("reduction_pct", day.reduction_pct);
    out.member("ok", day.ok);
    out.member("unusual", day.unusual);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

Error no_compliance() {
  return {Errc::not_found, "this scenario has no [compliance]"};
}

Result<std::string> describe_compliance(const Api& api, const Request& request) {
  const auto days = TRY(ask_integer(request, "days", usual_days, 1, max_days));
  const auto report = TRY(api.figures.compliance(static_cast<int>(days)));
  const auto& config = api.engine.compliance();
  if (!report || !config) return no_compliance();
  const auto sources = resolve(config->sources, api.engine.series());
  json::Writer out;
  out.begin_object();
  out.member("directive", sosie::to_text(config->directive));
  out.member("population_equivalent", config->population_equivalent);
  out.member("score", report->score);
  out.member("verdict", sosie::to_text(report->verdict));
  out.key("now");
  out.begin_array();
  for (const auto& now : report->now) {
    write_now(out, now, sources.outlet.parameters[now.parameter]);
  }
  out.end_array();
  out.key("samples");
  out.begin_array();
  for (const auto& parameter : report->parameters) write_verdict(out, parameter);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<std::optional<std::chrono::local_days>> ask_day(const Request& request,
                                                       std::string_view name) {
  const auto text = request.parameter(name).value_or("");
  if (text.empty()) return std::optional<std::chrono::local_days>();
  const auto day = read_local_day(text);
  if (!day) return Error{Errc::invalid, fmt::format("'{}': {}", name, day.error().what)};
  return std::optional(*day);
}

Result<std::string> ask_one_of(const Request& request, std::string_view name,
                               std::span<const std::string_view> choices) {
  auto text = request.parameter(name).value_or(std::string(choices.front()));
  if (std::ranges::find(choices, text) != choices.end()) return text;
  return Error{Errc::invalid, fmt::format("'{}' is '{}'; expected one of {}", name, text,
                                          fmt::join(choices, ", "))};
}

Result<Response> answer_report(const Api& api, const Request& request) {
  static constexpr std::array<std::string_view, 3> formats{"html", "csv", "json"};
  static constexpr std::array<std::string_view, 2> languages{"en", "fr"};
  const auto format = TRY(ask_one_of(request, "format", formats));
  const auto language = TRY(ask_one_of(request, "lang", languages));
  const auto& config = api.engine.compliance();
  if (!config) return no_compliance();
  ReportQuestion question{.from = {}, .to = {}, .now = api.engine.clock().now()};
  question.from = TRY(ask_day(request, "from"));
  question.to = TRY(ask_day(request, "to"));
  const auto report = TRY(
      stored_report(api.engine.store(), api.engine.series(), *config, api.engine.zone(), question));
  const auto& scenario = api.engine.scenario();
  const ReportHead head{.title = scenario.title,
                        .population_equivalent = config->population_equivalent,
                        .directive = std::string(sosie::to_text(config->directive)),
                        .zone = scenario.zone_name,
                        .made = question.now};
  Response answer{.headers = {{"Cache-Control", "no-store"}}};
  const auto file = fmt::format("compliance-{}-{}", scenario.name, sosie::to_text(report.to));
  if (format == "json") {
    answer.body = report_json(report, head);
  } else if (format == "csv") {
    answer.content_type = "text/csv; charset=utf-8";
    answer.headers.push_back(
        {"Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", file)});
    answer.body = report_csv(report);
  } else {
    answer.content_type = "text/html; charset=utf-8";
    answer.headers.push_back({"Content-Security-Policy", std::string(report_policy())});
    answer.body = report_html(report, head, language);
  }
  return answer;
}

void write_energy(json::Writer& out, const Efficiency& efficiency) {
  out.begin_object();
  out.member("kwh_per_m3", efficiency.kwh_per_m3);
  out.member("kwh_per_day", efficiency.kwh_per_day);
  out.key("by_stage");
  out.begin_array();
  for (const auto& stage : efficiency.by_stage) {
    out.begin_object();
    out.member("stage", stage.stage);
    out.member("kw", stage.kw);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

Result<std::string> describe_efficiency(const Api& api, const Request& request) {
  const auto hours = TRY(ask_integer(request, "hours", usual_hours, 1, max_hours));
  const auto efficiency = TRY(api.figures.efficiency(static_cast<int>(hours)));
  if (!efficiency) return no_compliance();
  json::Writer out;
  out.begin_object();
  out.member("overall_percent", efficiency->overall_percent);
  out.key("parameters");
  out.begin_array();
  for (const auto& removal : efficiency->removals) {
    out.begin_object();
    out.member("parameter", sosie::to_text(removal.parameter));
    out.member("inlet", removal.inlet_mg_l);
    out.member("outlet", removal.outlet_mg_l);
    out.member("removal_percent", removal.percent);
    out.member("unit", "mg/l");
    out.end_object();
  }
  out.end_array();
  out.key("energy");
  write_energy(out, *efficiency);
  out.member("flow_m3_per_day", efficiency->flow_m3_per_day);
  out.end_object();
  return out.take();
}

}  // namespace

void add_compliance_routes(Router& router, Api& api) {
  router.add({"GET", "/api/compliance", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_compliance(api, request); });
              }});
  router.add({"GET", "/api/compliance/report", Pace::slow, [&api](Request& request) {
                auto answer = answer_report(api, request);
                return answer ? std::move(*answer) : answer_error(answer.error());
              }});
  router.add({"GET", "/api/efficiency", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_efficiency(api, request); });
              }});
}

}  // namespace sosie::web
