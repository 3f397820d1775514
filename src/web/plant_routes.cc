#include <algorithm>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

/// A page need not know more at once: of a fleet of thousands it asks device by device.
constexpr std::uint32_t most_series = 5000;

void write_stages(json::Writer& out, const Engine& engine) {
  out.key("stages");
  out.begin_array();
  for (const auto& stage : engine.stages()) {
    out.begin_object();
    out.member("id", stage.id);
    out.key("name");
    write(out, stage.name);
    out.key("series");
    out.begin_array();
    for (const auto id : stage.series) {
      if (id.index < most_series) out.value(id.index);
    }
    out.end_array();
    out.end_object();
  }
  out.end_array();
}

void write_devices(json::Writer& out, Api& api) {
  const auto [total, placed] = api.with_devices([](const DeviceBoard& board) {
    return std::pair(board.table().size(), board.table().placed().size());
  });
  out.key("devices");
  out.begin_object();
  out.member("total", total);
  out.member("placed", placed);
  out.member("map", !api.map.geojson.empty());
  out.end_object();
}

std::size_t count_zones(const Engine& engine) {
  std::size_t count = 0;
  for (const auto& set : engine.zones()) count += set->size();
  return count;
}

std::string describe_plant(Api& api) {
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
  out.member("watched", !engine.model().detectors.empty());
  out.member("ruled", !scenario.rules.empty());
  out.member("receives_alerts", api.alerts.is_open());
  const auto& compliance = engine.compliance();
  out.member("population_equivalent", compliance ? compliance->population_equivalent : 0);
  out.key("broker");
  out.begin_object();
  out.member("tenants", api.has_tenants);
  out.member("token", api.needs_broker_token);
  out.end_object();
  write_devices(out, api);
  out.member("zones", count_zones(engine));
  write_stages(out, engine);
  const auto total = static_cast<std::uint32_t>(engine.series().size());
  out.member("series_total", total);
  out.key("series");
  out.begin_array();
  for (std::uint32_t i = 0; i < std::min(total, most_series); ++i) {
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

void write_limits(json::Writer& out, const std::vector<SeriesLimit>& limits, SeriesId id) {
  out.begin_array();
  for (const auto& limit : limits) {
    if (limit.series != id) continue;
    out.begin_object();
    out.member("name", limit.name);
    out.member("value", limit.value);
    if (limit.scenario) out.member("scenario", *limit.scenario);
    out.member("priority", to_text(limit.priority));
    out.end_object();
  }
  out.end_array();
}

/// What a chart draws behind the values.
struct Backdrop {
  std::vector<SeriesLimit> limits;
  std::shared_ptr<const NormalProfile> profile;
  std::vector<SeriesId> columns;  ///< the profile's: the asset's series

  explicit Backdrop(Engine& engine)
      : limits(engine.limits()),
        profile(engine.profile()),
        columns(engine.series().of_asset(engine.scenario().asset)) {}
};

void write_normal(json::Writer& out, const Backdrop& behind, SeriesId id) {
  out.begin_array();
  const auto column = std::ranges::find(behind.columns, id);
  if (behind.profile != nullptr && column != behind.columns.end()) {
    const auto place = static_cast<std::uint32_t>(column - behind.columns.begin());
    for (std::size_t hour = 0; hour < NormalProfile::hours; ++hour) {
      const auto band = behind.profile->band(place, hour);
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

void write_behind(json::Writer& out, const Backdrop& behind, SeriesId id) {
  out.key("limits");
  write_limits(out, behind.limits, id);
  out.key("normal");
  write_normal(out, behind, id);
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
  write_behind(out, Backdrop(engine), id);
  out.key("findings");
  write_findings(out, page.findings);
  out.end_object();
  return out.take();
}

Result<std::string> describe_bands(const Api& api, const Request& request) {
  const auto wanted = TRY(ask_series(request, api.engine.series()));
  const Backdrop behind(api.engine);
  json::Writer out;
  out.begin_object();
  out.key("series");
  out.begin_array();
  for (const SeriesId id : wanted) {
    out.begin_object();
    out.member("id", id.index);
    write_behind(out, behind, id);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace

void add_plant_routes(Router& router, Api& api) {
  router.add({"GET", "/api/plant", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return describe_plant(api); });
              }});
  router.add({"GET", "/api/bands", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_bands(api, request); });
              }});
  router.add({"GET", "/api/series/{id}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_series(api, request.captured[0]); });
              }});
}

}  // namespace sosie::web
