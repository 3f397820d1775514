#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/operator.h"
#include "core/zoning.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// In which zone each object is: where it said last that it was, or where the scenario says so.
///
/// Latitude and longitude come as two readings of one time. What an object says before its first
/// place waits for it, up to a few values.
class Whereabouts {
 public:
  static constexpr std::uint32_t nowhere = 0xFFFFFFFF;  ///< not known yet, or (0, 0)
  static constexpr std::uint32_t outside = 0xFFFFFFFE;  ///< of all zones
  static constexpr std::uint32_t swapped = 0xFFFFFFFD;  ///< outside; inside if exchanged
  static constexpr std::size_t most_waiting = 16;

  enum class Half : std::uint8_t { latitude, longitude };

  void begin(const Zoning& zoning) { zoning_ = &zoning; }
  std::uint32_t add_object();

  /// True: it has its first place by this.
  bool take(std::uint32_t object, Half half, const Reading& reading);
  void place(std::uint32_t object, double longitude, double latitude);

  /// A zone's number, or one of the above.
  std::uint32_t zone(std::uint32_t object) const { return objects_[object].zone; }
  bool is_placed(std::uint32_t object) const { return objects_[object].is_placed; }

  /// False: there are too many already.
  bool wait(std::uint32_t object, const Reading& reading);
  std::vector<Reading> waiting(std::uint32_t object) {
    return std::exchange(objects_[object].waiting, {});
  }

 private:
  struct Value {
    Micros at = std::numeric_limits<Micros>::min();
    double value = 0;
  };
  struct Object {
    Value latitude;
    Value longitude;
    std::uint32_t zone = nowhere;
    bool is_placed = false;
    std::vector<Reading> waiting;
  };
  std::uint32_t find(double longitude, double latitude) const;

  const Zoning* zoning_ = nullptr;
  std::vector<Object> objects_;
};

}  // namespace sosie::window
