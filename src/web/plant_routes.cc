#include <algorithm>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

std::string describe_plant(const Api& api) {
  auto& engine = api.engine;
  const auto& scenario = engine.scenario();
  json::Writer out;
  out.begin_object();
  out.member("name", scenario.name);
  out.key("title");
  write(out, scenario.title);
  out.member("asset", scenario.asset);
  out.member("version", api.version);
  out.member("zone", scenario.zone_name);
  out.member("simulated", engine.simulator() != nullptr);
  out.member("recorded", scenario.recorded);
  const auto& compliance = engine.compliance();
  out.member("population_equivalent", compliance ? compliance->population_equivalent : 0);
  out.key("stages");
  out.begin_array();
  for (const auto& stage : engine.stages()) {
    out.begin_object();
    out.member("id", stage.id);
    out.key("name");
    write(out, stage.name);
    out.key("series");
    out.begin_array();
    for (const auto id : stage.series) out.value(id.index);
    out.end_array();
    out.end_object();
  }
  out.end_array();
  out.key("series");
  out.begin_array();
  for (std::uint32_t i = 0; i < engine.series().size(); ++i) {
    out.begin_object();
    write_members(out, SeriesId{i}, engine.series()[SeriesId{i}]);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

void write_latest(json::Writer& out, const std::optional<Reading>& reading) {
  if (!reading) return out.value(nullptr);
  out.begin_object();
  out.member("t", to_ms(reading->at));
  out.member("value", reading->value);
  out.member("quality", to_text(reading->quality));
  out.member("reason", to_text(reading->reason));
  out.end_object();
}

void write_limits(json::Writer& out, const std::vector<DrawnLimit>& limits,
                  const SeriesInfo& info) {
  out.begin_array();
  for (const auto& limit : limits) {
    if (!limit.fits(info)) continue;
    out.begin_object();
    out.member("name", limit.name);
    out.member("value", limit.value);
    out.member("priority", to_text(limit.priority));
    out.end_object();
  }
  out.end_array();
}

/// The profile knows columns: a series' place among those of its asset.
void write_normal(json::Writer& out, const Engine& engine, const SeriesTable& table, SeriesId id) {
  out.begin_array();
  const auto profile = engine.profile();
  const auto columns = table.of_asset(engine.scenario().asset);
  const auto column = std::ranges::find(columns, id);
  if (profile != nullptr && column != columns.end()) {
    const auto place = static_cast<std::uint32_t>(column - columns.begin());
    for (std::size_t hour = 0; hour < NormalProfile::hours; ++hour) {
      const auto band = profile->band(place, hour);
      if (!band) continue;
      out.begin_object();
      out.member("hour", hour);
      out.member("low", band->low);
      out.member("high", band->high);
      out.end_object();
    }
  }
  out.end_array();
}

void write_findings(json::Writer& out, const std::vector<Finding>& findings) {
  out.begin_array();
  for (const auto& finding : findings) {
    out.begin_object();
    out.member("id", finding.id);
    out.member("kind", to_text(finding.kind));
    out.member("onset_ms", to_ms(finding.onset));
    out.member("closed_ms", to_ms(finding.closed));
    out.end_object();
  }
  out.end_array();
}

Result<std::string> describe_series(const Api& api, std::string_view name) {
  auto& engine = api.engine;
  const auto id = TRY(read_series(name, engine.series()));
  const auto& info = engine.series()[id];
  FindingQuery query;
  query.series = id;
  const auto page = TRY(engine.store().findings(query));
  json::Writer out;
  out.begin_object();
  write_members(out, id, info);
  out.key("latest");
  write_latest(out, engine.latest().read(id));
  out.key("limits");
  write_limits(out, api.limits, info);
  out.key("normal");
  write_normal(out, engine, engine.series(), id);
  out.key("findings");
  write_findings(out, page.findings);
  out.end_object();
  return out.take();
}

}  // namespace

void add_plant_routes(Router& router, Api& api) {
  router.add({"GET", "/api/plant", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return describe_plant(api); });
              }});
  router.add({"GET", "/api/series/{id}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_series(api, request.captured[0]); });
              }});
}

}  // namespace sosie::web
