#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "places/zone_set.h"
#include "web/api.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

/// What windows over a zone make are series of this entity.
std::string entity_of(const places::ZoneSet& set, std::size_t zone) {
  return fmt::format("{}:{}", set.name(), set[zone].id);
}

std::string quoted(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

/// The file is put in as it is: it is JSON, and large.
std::string describe_set(const places::ZoneSet& set) {
  json::Writer names;
  names.begin_array();
  json::Writer entities;
  entities.begin_array();
  for (std::size_t i = 0; i < set.size(); ++i) {
    names.value(set[i].label);
    entities.value(entity_of(set, i));
  }
  names.end_array();
  entities.end_array();
  json::Writer left_out;
  left_out.begin_array();
  for (const auto& [zone, why] : set.left_out()) {
    left_out.begin_object();
    left_out.member("zone", zone);
    left_out.member("reason", why);
    left_out.end_object();
  }
  left_out.end_array();
  return fmt::format(
      R"({{"name":{},"attribution":{},"entities":{},"names":{},"left_out":{},"geojson":{}}})",
      quoted(set.name()), quoted(set.about().attribution), entities.take(), names.take(),
      left_out.take(), set.about().geojson);
}

std::string describe_tiles(const MapFile& map) {
  if (map.tiles.empty()) return "null";
  return fmt::format(R"({{"url":{},"attribution":{}}})", quoted(map.tiles),
                     quoted(map.tiles_attribution));
}

/// What the scenario says of zones: the same as long as the program runs, and large.
struct ZonesTold {
  std::once_flag once;
  std::string body;
  std::string tag;
};

void tell_zones(const Api& api, ZonesTold& told) {
  told.body = R"({"zones":[)";
  for (const auto& set : api.engine.zones()) {
    if (told.body.back() != '[') told.body += ',';
    told.body += describe_set(*set);
  }
  told.body += fmt::format(R"(],"tiles":{}}})", describe_tiles(api.map));
  told.tag = fmt::format("\"{:x}\"", std::hash<std::string>()(told.body));
}

Response answer_zones(const ZonesTold& told, const Request& request) {
  Response response{.headers = {{"ETag", told.tag}, {"Cache-Control", "no-cache"}}};
  if (request.header("If-None-Match").find(told.tag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.body = told.body;
  return response;
}

std::vector<SeriesId> series_of_zones(Api& api) {
  return api.with_devices([&](const DeviceBoard& board) {
    std::vector<SeriesId> found;
    for (const auto& set : api.engine.zones()) {
      for (std::size_t i = 0; i < set->size(); ++i) {
        const auto device = board.table().find(entity_of(*set, i));
        if (!device) continue;
        const auto own = board.table().series_of(*device);
        found.insert(found.end(), own.begin(), own.end());
      }
    }
    return found;
  });
}

std::string list_zone_series(Api& api) {
  json::Writer out;
  out.begin_object();
  out.key("series");
  out.begin_array();
  for (const SeriesId id : series_of_zones(api)) {
    out.begin_object();
    write_members(out, id, api.engine.series()[id]);
    out.key("latest");
    out.begin_object();
    write_members(out, api.engine.latest().read(id));
    out.end_object();
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace

void add_zone_routes(Router& router, Api& api) {
  router.add({"GET", "/api/zones", Pace::slow,
              [&api, told = std::make_shared<ZonesTold>()](Request& request) {
                std::call_once(told->once, [&] { tell_zones(api, *told); });
                return answer_zones(*told, request);
              }});
  router.add({"GET", "/api/zones/series", Pace::slow,
              [&api](Request&) { return Response{.body = list_zone_series(api)}; }});
}

}  // namespace sosie::web
