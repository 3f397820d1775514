#include "plants/fleet/roads.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numbers>
#include <queue>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "wire/json/value.h"

namespace sosie::fleet {
namespace {

/// Of a degree of latitude on the mean sphere of 6371 km.
constexpr double m_per_degree = 6371000 * std::numbers::pi / 180;
constexpr double usual_kmh = 30;

using Degrees = std::pair<double, double>;  // longitude, latitude

struct Road {
  std::vector<Degrees> line;
  double kmh = usual_kmh;
  bool oneway = false;
};

std::optional<Degrees> position(const json::Value& value) {
  const auto* const pair = value.list();
  if (pair == nullptr || pair->size() < 2) return std::nullopt;
  const auto lon = (*pair)[0].number();
  const auto lat = (*pair)[1].number();
  if (!lon || !lat || std::abs(*lon) > 180 || std::abs(*lat) > 85) return std::nullopt;
  return Degrees{*lon, *lat};
}

Result<Road> road_from(const json::Value& feature) {
  Road road;
  const auto* const type = feature.find("geometry.type");
  const auto* const line = feature.find("geometry.coordinates");
  if (type == nullptr || type->text() == nullptr || *type->text() != "LineString" ||
      line == nullptr || line->list() == nullptr || line->list()->size() < 2) {
    return Error{Errc::invalid, "is no LineString of two points or more"};
  }
  for (const auto& value : *line->list()) {
    const auto at = position(value);
    if (!at) return Error{Errc::invalid, "has a point that is not [longitude, latitude]"};
    road.line.push_back(*at);
  }
  if (const auto* const kmh = feature.find("properties.kmh"); kmh != nullptr && kmh->number()) {
    road.kmh = std::clamp(*kmh->number(), 5.0, 130.0);
  }
  if (const auto* const way = feature.find("properties.oneway"); way != nullptr && way->flag()) {
    road.oneway = *way->flag();
  }
  return road;
}

Result<std::vector<Road>> roads_from(std::string_view geojson) {
  const auto value = TRY(json::parse(geojson));
  const auto* const features = value.find("features");
  if (features == nullptr || features->list() == nullptr) {
    return Error{Errc::invalid, "is no GeoJSON FeatureCollection"};
  }
  std::vector<Road> roads;
  for (const auto& feature : *features->list()) {
    auto road = road_from(feature);
    if (!road) {
      return std::move(road).error().in(fmt::format("feature {}", roads.size() + 1));
    }
    roads.push_back(std::move(*road));
  }
  if (roads.empty()) return Error{Errc::invalid, "has no roads"};
  return roads;
}

float distance_m(Point a, Point b) {
  return std::hypot(a.east_m - b.east_m, a.north_m - b.north_m);
}

}  // namespace

struct RoadMap::Builder {
  RoadMap map;
  std::map<Degrees, Node> nodes;
  std::vector<Point> node_at;

  void lay_out(const std::vector<Road>& roads) {
    Degrees low = roads.front().line.front();
    Degrees high = low;
    for (const Road& road : roads) {
      for (const auto& [lon, lat] : road.line) {
        low = {std::min(low.first, lon), std::min(low.second, lat)};
        high = {std::max(high.first, lon), std::max(high.second, lat)};
      }
    }
    map.middle_lon_ = (low.first + high.first) / 2;
    map.middle_lat_ = (low.second + high.second) / 2;
    map.north_m_per_degree_ = m_per_degree;
    map.east_m_per_degree_ = m_per_degree * std::cos(map.middle_lat_ * std::numbers::pi / 180);
    map.radius_m_ =
        static_cast<float>(std::max((high.first - low.first) * map.east_m_per_degree_ / 2,
                                    (high.second - low.second) * map.north_m_per_degree_ / 2));
  }

  Point flat(const Degrees& at) const {
    return {static_cast<float>((at.first - map.middle_lon_) * map.east_m_per_degree_),
            static_cast<float>((at.second - map.middle_lat_) * map.north_m_per_degree_)};
  }

  Node node(const Degrees& at) {
    const auto [found, is_new] = nodes.try_emplace(at, static_cast<Node>(nodes.size()));
    if (is_new) {
      node_at.push_back(flat(at));
      map.roads_at_.push_back(0);
    }
    return found->second;
  }

  void add(const std::vector<Degrees>& line, double kmh) {
    Arc arc;
    arc.from = node(line.front());
    arc.to = node(line.back());
    arc.limit_m_per_s = static_cast<float>(kmh / 3.6);
    arc.first_point = static_cast<std::uint32_t>(map.points_.size());
    arc.points = static_cast<std::uint32_t>(line.size());
    for (const auto& at : line) {
      const Point point = flat(at);
      if (map.points_.size() > arc.first_point) {
        arc.length_m += distance_m(map.points_.back(), point);
      }
      map.points_.push_back(point);
      map.point_at_m_.push_back(arc.length_m);
    }
    ++map.roads_at_[arc.from];
    map.arcs_.push_back(arc);
  }
};

Result<RoadMap> RoadMap::read_text(std::string_view geojson) {
  auto roads = TRY(roads_from(geojson));
  Builder builder;
  builder.lay_out(roads);
  for (Road& road : roads) {
    builder.add(road.line, road.kmh);
    if (road.oneway) continue;
    std::ranges::reverse(road.line);
    builder.add(road.line, road.kmh);
  }
  RoadMap map = std::move(builder.map);
  map.choose_places();
  TRY(map.find_ways());
  return map;
}

Result<RoadMap> RoadMap::read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, path + ": cannot be read"};
  std::ostringstream text;
  text << file.rdbuf();
  auto map = read_text(text.view());
  if (!map) return std::move(map).error().in(path);
  return map;
}

/// Evenly among the nodes, in the order of the file: that is spread well enough over the map.
void RoadMap::choose_places() {
  const std::size_t count = std::min(most_places, nodes());
  for (std::size_t i = 0; i < count; ++i) {
    places_.push_back(static_cast<Node>(i * nodes() / count));
  }
}

Result<void> RoadMap::find_ways() {
  next_.assign(places_.size() * nodes(), no_arc);
  for (std::size_t place = 0; place < places_.size(); ++place) {
    TRY(find_ways_to(place));
  }
  return {};
}

/// Dijkstra against the arcs' direction: from the place to all nodes.
Result<void> RoadMap::find_ways_to(std::size_t place) {
  std::vector<std::vector<ArcId>> arriving(nodes());
  for (ArcId id = 0; id < arcs_.size(); ++id) arriving[arcs_[id].to].push_back(id);
  std::vector<float> takes_s(nodes(), -1);
  using Reached = std::pair<float, Node>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> front;
  front.emplace(0.0F, places_[place]);
  takes_s[places_[place]] = 0;
  while (!front.empty()) {
    const auto [so_far_s, node] = front.top();
    front.pop();
    if (so_far_s > takes_s[node]) continue;
    for (const ArcId id : arriving[node]) {
      const Arc& arc = arcs_[id];
      const float total_s = so_far_s + arc.length_m / arc.limit_m_per_s;
      if (takes_s[arc.from] >= 0 && takes_s[arc.from] <= total_s) continue;
      takes_s[arc.from] = total_s;
      next_[place * nodes() + arc.from] = id;
      front.emplace(total_s, arc.from);
    }
  }
  if (std::ranges::find(takes_s, -1.0F) == takes_s.end()) return {};
  return Error{Errc::invalid, "has roads from which not every place can be reached"};
}

Point RoadMap::at(ArcId id, float along_m) const {
  const Arc& arc = arcs_[id];
  std::size_t i = arc.first_point;
  const std::size_t last = i + arc.points - 1;
  while (i + 1 < last && point_at_m_[i + 1] < along_m) ++i;
  const float piece_m = point_at_m_[i + 1] - point_at_m_[i];
  const float share = piece_m > 0 ? (along_m - point_at_m_[i]) / piece_m : 0;
  const Point a = points_[i];
  const Point b = points_[i + 1];
  return {a.east_m + share * (b.east_m - a.east_m), a.north_m + share * (b.north_m - a.north_m)};
}

}  // namespace sosie::fleet
