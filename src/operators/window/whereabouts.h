#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/operator.h"
#include "core/zoning.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// In which zone each object was when: where it said that it was, or where the scenario says so.
///
/// Latitude and longitude come as two readings of one time. What an object says before its first
/// place waits for it, up to a few values and until it is given up. Places are kept as long as late
/// values may ask for them.
class Whereabouts {
 public:
  static constexpr std::uint32_t nowhere = 0xFFFFFFFF;  ///< not known yet, or (0, 0)
  static constexpr std::uint32_t outside = 0xFFFFFFFE;  ///< of all zones
  static constexpr std::uint32_t swapped = 0xFFFFFFFD;  ///< outside; inside if exchanged
  static constexpr std::size_t most_waiting = 16;

  enum class Half : std::uint8_t { latitude, longitude };
  struct Spot {
    double longitude = 0;
    double latitude = 0;
  };

  /// `kept`: so far behind the youngest place of an object, others are known.
  void begin(const Zoning& zoning, Micros kept) {
    zoning_ = &zoning;
    kept_ = kept;
  }
  std::uint32_t add_object();

  /// True: it has its first place by this.
  bool take(std::uint32_t object, Half half, const Reading& reading);
  /// Where it always is.
  void place(std::uint32_t object, const Spot& spot);

  /// A zone's number, or one of the above. Before its first place an object was there, too.
  std::uint32_t zone(std::uint32_t object, Micros at) const;
  bool is_placed(std::uint32_t object) const { return !objects_[object].stays.empty(); }
  /// Where it was said to be last.
  std::optional<Spot> spot(std::uint32_t object) const;

  /// False: there are too many already.
  bool wait(std::uint32_t object, const Reading& reading);
  std::vector<Reading> waiting(std::uint32_t object) {
    return std::exchange(objects_[object].waiting, {});
  }
  /// A value that waits no more, since it was said before `oldest`.
  struct GivenUp {
    std::uint32_t object = 0;
    Reading reading;
  };
  std::vector<GivenUp> give_up(Timestamp oldest);

  /// Ends a batch: its places are all there before its values ask, however far back they lie.
  void settle() { ++batch_; }

 private:
  static constexpr Micros never = std::numeric_limits<Micros>::min();
  struct Value {
    Micros at = never;
    double value = 0;
  };
  /// In one zone, from the first time to the last at which it was said to be there.
  struct Stay {
    Micros from = 0;
    Micros to = 0;
    std::uint32_t zone = nowhere;
  };
  using Stays = std::vector<Stay>;  ///< in order of time
  struct Object {
    Value latitude;
    Value longitude;
    Stays stays;
    std::uint64_t batch = 0;  ///< in which it said last where it is
    std::vector<Reading> waiting;
  };
  std::uint32_t find(const Spot& spot) const;
  static void insert(Stays& stays, Micros at, std::uint32_t zone);
  void forget(Object& object) const;

  const Zoning* zoning_ = nullptr;
  Micros kept_ = 0;
  std::uint64_t batch_ = 0;
  std::vector<Object> objects_;
  std::vector<std::uint32_t> waiting_;  ///< objects of which values wait, or waited lately
};

}  // namespace sosie::window
