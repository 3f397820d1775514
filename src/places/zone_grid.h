#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "places/geojson.h"

namespace sosie::places {

/// Finds the zone of a place by a grid whose cells know which zones they may lie in, and by the
/// crossings of a ray to the east with those zones' borders in the cell's row.
///
/// Exact on doubles, and without gaps: a side that two zones share is calculated the same way for
/// both, so a place beside it is in one of them, and a place on it in the first.
class ZoneGrid {
 public:
  /// The polygons of each zone. They are valid, and those of one zone do not overlap.
  explicit ZoneGrid(const std::vector<std::vector<Polygon>>& zones);

  /// The first zone that covers the place.
  std::optional<std::uint32_t> zone_of(const Place& place) const;

  std::size_t bytes() const;

 private:
  /// A border's side, from its southern end (of a level one: the western) to the other.
  struct Side {
    Place from;
    Place to;
  };
  enum class Standing : std::uint8_t { outside, inside, on_border };
  /// The sides of one zone, by rows of the grid that they touch.
  struct Zone {
    std::uint32_t first_row = 0;
    std::vector<std::uint32_t> row_begins;  ///< into `sides`; one more than there are rows
    std::vector<Side> sides;
  };
  /// One axis of the grid.
  struct Axis {
    double low = 0;
    double high = 0;
    double per_degree = 0;
    std::uint32_t cells = 1;
    std::uint32_t cell_of(double at) const;
    double begin_of(std::uint32_t cell) const { return low + cell / per_degree; }
  };

  static constexpr std::uint32_t nothing = 0xFFFFFFFF;
  static constexpr std::uint32_t is_list =
      0x80000000;  ///< of a cell: the rest is a place in lists_
  static constexpr std::uint32_t is_certain =
      0x80000000;  ///< of a list's zone: covers all the cell

  void lay_axes(const std::vector<std::vector<Polygon>>& zones);
  Zone made_zone(const std::vector<Polygon>& polygons) const;
  void mark(const Side& side, std::vector<bool>& touched) const;
  using Candidates = std::vector<std::vector<std::uint32_t>>;  ///< by cell: as in lists_
  void add_candidates(std::uint32_t number, Candidates& candidates) const;
  void fill_cells();
  Standing standing(const Zone& zone, const Place& place, std::uint32_t row) const;
  std::uint32_t among(std::uint32_t list, const Place& place, std::uint32_t row) const;

  Axis east_;
  Axis north_;
  std::vector<Zone> zones_;
  std::vector<std::uint32_t> cells_;  ///< a zone that covers all of it, `nothing`, or a list
  std::vector<std::uint32_t> lists_;  ///< zones in order, each list ends with `nothing`
};

}  // namespace sosie::places
