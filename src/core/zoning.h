#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sosie {

/// Named parts of a map: a city's districts.
///
/// Threads: any; it never changes.
class Zoning {
 public:
  /// One of them.
  struct Named {
    std::string id;     ///< unique here: "3.1"
    std::string label;  ///< for people: "Les Chalets"
  };

  virtual ~Zoning() = default;

  virtual const std::string& name() const = 0;  ///< "districts"
  virtual std::size_t size() const = 0;
  /// REQUIRES: zone < size().
  virtual const Named& operator[](std::size_t zone) const = 0;
  /// Which zone a place (degrees) lies in; none: in no zone. Budget: 150 ns for 60 zones.
  virtual std::optional<std::uint32_t> zone_at(double longitude, double latitude) const = 0;
};

}  // namespace sosie
