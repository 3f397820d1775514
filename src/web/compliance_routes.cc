#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_days = 365;
constexpr std::int64_t max_days = 366;
constexpr std::int64_t usual_hours = 24;
constexpr std::int64_t max_hours = std::int64_t{24} * 366;

std::string to_text(std::chrono::local_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

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
    out.member("day", to_text(day.day));
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
  out.member("directive", "91/271/EEC");
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
  router.add({"GET", "/api/efficiency", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_efficiency(api, request); });
              }});
}

}  // namespace sosie::web
