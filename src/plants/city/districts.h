#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plants/city/kinds.h"

namespace sosie::city {

/// In degrees, as GeoJSON has it.
struct Place {
  double lon = 0;
  double lat = 0;
  bool operator==(const Place&) const = default;
};

/// A part of the city, and what sort of part it is: shares from 0 to 1.
struct District {
  std::string code;
  std::string name;
  float homes = 0.5F;    ///< 1: 120 inhabitants a hectare
  float offices = 0.4F;  ///< 1: 94 jobs a hectare
  float going_out = 0.3F;
  float green = 0.3F;
  float traffic = 0.5F;
  float flown_over = 0;          ///< 1: below the approach to the airport
  std::uint8_t market_days = 0;  ///< bit 0: Sunday
  double area = 0;               ///< in square degrees, for weights
  Place low;                     ///< the corners of a box around it
  Place high;
  std::vector<std::vector<Place>> rings;  ///< of all its polygons and holes: even-odd

  bool contains(const Place& at) const;
};

/// Where an object of the second file stands.
struct Position {
  Place at;
  std::uint16_t district = 0;
  std::uint16_t places = 0;  ///< of a car park or a bicycle station; 0: not said
};

/// The city's districts and its known objects, from the GeoJSON that an OpenDataSoft portal exports
/// (scenarios/toulouse/data/README.md has the properties; all but the geometry may be missing).
///
/// Threads: any, once made.
class Map {
 public:
  static constexpr std::size_t most_districts = 4096;

  /// Errors: not there, no such GeoJSON, no district.
  static Result<Map> read_text(std::string_view districts);
  static Result<Map> read_file(const std::string& path);

  /// Objects' positions by kind (`type_objet`), in the file's order. Errors: no such GeoJSON; an
  /// unknown kind; a point that lies in no district.
  Result<void> add_positions(std::string_view geojson);
  Result<void> add_positions_file(const std::string& path);

  const std::vector<District>& districts() const { return districts_; }
  const std::vector<Position>& positions(ObjectKind kind) const {
    return positions_[static_cast<std::size_t>(kind)];
  }

  std::optional<std::uint16_t> district_at(const Place& at) const;
  /// By its code or its name.
  std::optional<std::uint16_t> named(std::string_view name) const;

  /// The n-th object of a kind: a known position, or somewhere in a district that suits the kind,
  /// always at the same place.
  Position place(ObjectKind kind, std::size_t number) const;

 private:
  Map() = default;
  void weigh();

  std::vector<District> districts_;
  std::array<std::vector<Position>, kinds> positions_;
  std::array<std::vector<float>, kinds> weight_so_far_;
};

}  // namespace sosie::city
