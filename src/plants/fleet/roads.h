#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sosie::fleet {

/// A place in metres east and north of the map's middle: flat, which is good for a town.
struct Point {
  float east_m = 0;
  float north_m = 0;
};

/// A road network that vehicles find their way in, read from a GeoJSON FeatureCollection of
/// LineStrings (scenarios/fleet/data/README.md has the format).
///
/// A road of both directions is two arcs. For each of a few dozen *places*, spread over the map,
/// the first arc of the quickest way there is known from every node (Dijkstra, 1959), so that a
/// vehicle finds its way at the price of one look into a table.
///
/// Threads: any, once made.
class RoadMap {
 public:
  using Node = std::uint32_t;
  using ArcId = std::uint32_t;
  static constexpr ArcId no_arc = ~ArcId{0};
  static constexpr std::size_t most_places = 32;

  struct Arc {
    Node from = 0;
    Node to = 0;
    float length_m = 0;
    float limit_m_per_s = 0;
    std::uint32_t first_point = 0;
    std::uint32_t points = 0;
  };

  /// Errors: not there, no such GeoJSON, no roads; a node from which some place cannot be reached.
  static Result<RoadMap> read_file(const std::string& path);
  static Result<RoadMap> read_text(std::string_view geojson);

  const std::vector<Arc>& arcs() const { return arcs_; }
  std::size_t nodes() const { return roads_at_.size(); }
  std::size_t places() const { return places_.size(); }
  Node place(std::size_t index) const { return places_[index]; }

  /// How many arcs leave a node: from 3 on it is a crossing.
  unsigned leaving(Node node) const { return roads_at_[node]; }

  /// The first arc of the quickest way; no_arc: it is there.
  ArcId towards(std::size_t place, Node from) const {
    return next_[place * roads_at_.size() + from];
  }

  /// REQUIRES: 0 <= along_m <= the arc's length.
  Point at(ArcId arc, float along_m) const;

  double longitude_deg(float east_m) const { return middle_lon_ + east_m / east_m_per_degree_; }
  double latitude_deg(float north_m) const { return middle_lat_ + north_m / north_m_per_degree_; }

  /// Half of the map's larger side.
  float radius_m() const { return radius_m_; }

 private:
  struct Builder;
  RoadMap() = default;
  void choose_places();
  Result<void> find_ways();
  Result<void> find_ways_to(std::size_t place);

  std::vector<Arc> arcs_;
  std::vector<Point> points_;
  std::vector<float> point_at_m_;  ///< along its arc
  std::vector<unsigned> roads_at_;
  std::vector<Node> places_;
  std::vector<ArcId> next_;  ///< places x nodes
  double middle_lon_ = 0;
  double middle_lat_ = 0;
  double east_m_per_degree_ = 1;
  double north_m_per_degree_ = 1;
  float radius_m_ = 0;
};

}  // namespace sosie::fleet
