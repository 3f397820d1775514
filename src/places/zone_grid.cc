#include "places/zone_grid.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace sosie::places {
namespace {

constexpr std::uint32_t fewest_cells = 8;  ///< of an axis
constexpr std::uint32_t most_cells = 512;  ///< a grid of 1 MiB

template <class Take>
void for_each_place(const std::vector<std::vector<Polygon>>& zones, const Take& take) {
  for (const auto& polygons : zones) {
    for (const Polygon& polygon : polygons) {
      for (const Place& place : polygon.border) take(place);
      for (const Ring& hole : polygon.holes) {
        for (const Place& place : hole) take(place);
      }
    }
  }
}

}  // namespace

/// Grows with `at`, so what lies between two places lies in a cell between theirs.
std::uint32_t ZoneGrid::Axis::cell_of(double at) const {
  const double cell = (at - low) * per_degree;
  return std::min(cells - 1, static_cast<std::uint32_t>(std::max(cell, 0.0)));
}

ZoneGrid::ZoneGrid(const std::vector<std::vector<Polygon>>& zones) {
  lay_axes(zones);
  for (const auto& polygons : zones) zones_.push_back(made_zone(polygons));
  fill_cells();
}

void ZoneGrid::lay_axes(const std::vector<std::vector<Polygon>>& zones) {
  Place south_west{180, 90};
  Place north_east{-180, -90};
  std::size_t places = 0;
  for_each_place(zones, [&](const Place& place) {
    ++places;
    south_west.longitude = std::min(south_west.longitude, place.longitude);
    south_west.latitude = std::min(south_west.latitude, place.latitude);
    north_east.longitude = std::max(north_east.longitude, place.longitude);
    north_east.latitude = std::max(north_east.latitude, place.latitude);
  });
  // Two cells a side of a border on each axis: most of them are then far from any border.
  const auto wanted = 2 * std::sqrt(static_cast<double>(places));
  const auto cells = std::clamp(static_cast<std::uint32_t>(wanted), fewest_cells, most_cells);
  const auto lay = [cells](double low, double high) {
    return Axis{low, high, cells / std::max(high - low, 1e-9), cells};
  };
  east_ = lay(south_west.longitude, north_east.longitude);
  north_ = lay(south_west.latitude, north_east.latitude);
}

ZoneGrid::Zone ZoneGrid::made_zone(const std::vector<Polygon>& polygons) const {
  std::vector<Side> all;
  const auto add = [&](const Ring& ring) {
    for (std::size_t i = 1; i < ring.size(); ++i) {
      Side side{ring[i - 1], ring[i]};
      const bool is_level = side.from.latitude == side.to.latitude;
      const bool is_turned = is_level ? side.from.longitude > side.to.longitude
                                      : side.from.latitude > side.to.latitude;
      if (is_turned) std::swap(side.from, side.to);
      if (side.from != side.to) all.push_back(side);
    }
  };
  for (const Polygon& polygon : polygons) {
    add(polygon.border);
    for (const Ring& hole : polygon.holes) add(hole);
  }
  Zone zone;
  std::uint32_t last_row = 0;
  zone.first_row = north_.cells;
  for (const Side& side : all) {
    zone.first_row = std::min(zone.first_row, north_.cell_of(side.from.latitude));
    last_row = std::max(last_row, north_.cell_of(side.to.latitude));
  }
  for (std::uint32_t row = zone.first_row; row <= last_row; ++row) {
    zone.row_begins.push_back(static_cast<std::uint32_t>(zone.sides.size()));
    std::ranges::copy_if(all, std::back_inserter(zone.sides), [&](const Side& side) {
      return north_.cell_of(side.from.latitude) <= row && row <= north_.cell_of(side.to.latitude);
    });
  }
  zone.row_begins.push_back(static_cast<std::uint32_t>(zone.sides.size()));
  return zone;
}

/// The cells that a side goes through, and perhaps one more beside it.
void ZoneGrid::mark(const Side& side, std::vector<bool>& touched) const {
  const std::uint32_t first = north_.cell_of(side.from.latitude);
  const std::uint32_t last = north_.cell_of(side.to.latitude);
  const double height = side.to.latitude - side.from.latitude;
  const double margin = 1e-6 / east_.per_degree;  // of a cell: more than rounding may lose
  const auto longitude_at = [&](double latitude) {
    const double part = height > 0 ? (latitude - side.from.latitude) / height : 0;
    return side.from.longitude +
           (std::clamp(part, 0.0, 1.0) * (side.to.longitude - side.from.longitude));
  };
  for (std::uint32_t row = first; row <= last; ++row) {
    double west = longitude_at(north_.begin_of(row) - (1e-6 / north_.per_degree));
    double east = longitude_at(north_.begin_of(row + 1) + (1e-6 / north_.per_degree));
    if (height <= 0) east = side.to.longitude;
    if (west > east) std::swap(west, east);
    const std::uint32_t from = east_.cell_of(west - margin);
    const std::uint32_t to = east_.cell_of(east + margin);
    for (std::uint32_t column = from; column <= to; ++column) {
      touched[(std::size_t{row} * east_.cells) + column] = true;
    }
  }
}

/// What of `zone` lies in each cell, behind the zones before it.
void ZoneGrid::add_candidates(std::uint32_t number, Candidates& candidates) const {
  const Zone& zone = zones_[number];
  std::vector<bool> touched(candidates.size());
  double west = 180;
  double east = -180;
  for (const Side& side : zone.sides) {
    mark(side, touched);
    west = std::min({west, side.from.longitude, side.to.longitude});
    east = std::max({east, side.from.longitude, side.to.longitude});
  }
  const auto rows = static_cast<std::uint32_t>(zone.row_begins.size());
  const std::uint32_t first_row = zone.first_row == 0 ? 0 : zone.first_row - 1;
  const std::uint32_t last_row = std::min(north_.cells - 1, zone.first_row + rows);
  const std::uint32_t west_cell = east_.cell_of(west);
  const std::uint32_t first_column = west_cell == 0 ? 0 : west_cell - 1;
  const std::uint32_t last_column = std::min(east_.cells - 1, east_.cell_of(east) + 1);
  for (std::uint32_t row = first_row; row <= last_row; ++row) {
    for (std::uint32_t column = first_column; column <= last_column; ++column) {
      const std::size_t i = (std::size_t{row} * east_.cells) + column;
      auto& cell = candidates[i];
      if (!cell.empty() && (cell.back() & is_certain) != 0) continue;  // others come too late
      if (touched[i]) {
        cell.push_back(number);
        continue;
      }
      const Place middle{(east_.begin_of(column) + east_.begin_of(column + 1)) / 2,
                         (north_.begin_of(row) + north_.begin_of(row + 1)) / 2};
      if (standing(zone, middle, row) != Standing::outside) cell.push_back(number | is_certain);
    }
  }
}

void ZoneGrid::fill_cells() {
  Candidates candidates(std::size_t{east_.cells} * north_.cells);
  for (std::uint32_t number = 0; number < zones_.size(); ++number) {
    add_candidates(number, candidates);
  }
  std::map<std::vector<std::uint32_t>, std::uint32_t> known;
  for (const auto& cell : candidates) {
    if (cell.empty()) {
      cells_.push_back(nothing);
    } else if ((cell.front() & is_certain) != 0) {
      cells_.push_back(cell.front() & ~is_certain);
    } else {
      const auto [entry, is_new] = known.emplace(cell, static_cast<std::uint32_t>(lists_.size()));
      if (is_new) {
        lists_.insert(lists_.end(), cell.begin(), cell.end());
        lists_.push_back(nothing);
      }
      cells_.push_back(entry->second | is_list);
    }
  }
}

ZoneGrid::Standing ZoneGrid::standing(const Zone& zone, const Place& place,
                                      std::uint32_t row) const {
  if (row < zone.first_row || row - zone.first_row + 1 >= zone.row_begins.size()) {
    return Standing::outside;
  }
  const Side* side = zone.sides.data() + zone.row_begins[row - zone.first_row];
  const Side* const end = zone.sides.data() + zone.row_begins[row - zone.first_row + 1];
  bool is_inside = false;
  for (; side != end; ++side) {
    if (place.latitude < side->from.latitude || place.latitude > side->to.latitude) continue;
    // > 0: the side passes east of the place.
    const double turn =
        ((side->to.longitude - side->from.longitude) * (place.latitude - side->from.latitude)) -
        ((place.longitude - side->from.longitude) * (side->to.latitude - side->from.latitude));
    if (turn == 0) {
      const bool is_level = side->from.latitude == side->to.latitude;
      if (!is_level) return Standing::on_border;
      if (place.longitude >= side->from.longitude && place.longitude <= side->to.longitude) {
        return Standing::on_border;
      }
    }
    // Its northern end is not of it: where two sides meet, one of them counts.
    if (turn > 0 && place.latitude < side->to.latitude) is_inside = !is_inside;
  }
  return is_inside ? Standing::inside : Standing::outside;
}

std::uint32_t ZoneGrid::among(std::uint32_t list, const Place& place, std::uint32_t row) const {
  for (const std::uint32_t* next = lists_.data() + list; *next != nothing; ++next) {
    if ((*next & is_certain) != 0) return *next & ~is_certain;
    if (standing(zones_[*next], place, row) != Standing::outside) return *next;
  }
  return nothing;
}

std::optional<std::uint32_t> ZoneGrid::zone_of(const Place& place) const {
  const bool is_within = place.longitude >= east_.low && place.longitude <= east_.high &&
                         place.latitude >= north_.low && place.latitude <= north_.high;
  if (!is_within) return std::nullopt;
  const std::uint32_t row = north_.cell_of(place.latitude);
  const std::uint32_t cell =
      cells_[(std::size_t{row} * east_.cells) + east_.cell_of(place.longitude)];
  if (cell == nothing) return std::nullopt;
  if ((cell & is_list) == 0) return cell;
  const std::uint32_t zone = among(cell & ~is_list, place, row);
  return zone == nothing ? std::nullopt : std::optional(zone);
}

std::size_t ZoneGrid::bytes() const {
  std::size_t all = (cells_.capacity() + lists_.capacity()) * sizeof(std::uint32_t);
  for (const Zone& zone : zones_) {
    all += (zone.sides.capacity() * sizeof(Side)) +
           (zone.row_begins.capacity() * sizeof(std::uint32_t));
  }
  return all;
}

}  // namespace sosie::places
