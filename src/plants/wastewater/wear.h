#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.h"
#include "plants/wastewater/influent.h"

namespace sosie::wastewater {

/// Something that wears evenly, and which people put right when it is due: on a working day, from 8
/// to 15 o'clock. No fault; the plant goes on meanwhile.
class Wear {
 public:
  struct Law {
    double every_h;
    double takes_h;
  };
  /// Begins in the middle of its life.
  Wear(Law law, Random random);

  /// 5 s.
  void step(const LocalTime& time);

  /// 0: as new, 1: due. A little more until somebody comes.
  double share() const { return share_; }
  /// People are at it, or the sensors have not come to rest since.
  bool is_announced() const { return left_ > 0 || unrest_ > 0; }

 private:
  double per_step_;
  double mended_per_step_;  ///< when it was due
  std::int32_t takes_;      ///< steps
  std::int32_t left_ = 0;
  std::int32_t unrest_ = 0;
  double share_;
};

/// What wears in the station. The control room knows when somebody is at it, as of a machine that
/// changes over (`rota.h`).
struct Wears {
  static constexpr std::size_t count = 3;
  explicit Wears(Random random);
  void step(const LocalTime& time);

  Wear diffusers;  ///< they clog, and are cleaned with acid every 60 days
  Wear sleeves;    ///< the UV lamps', wiped every two weeks
  Wear lamps;      ///< UV: replaced after 12 000 h

  std::array<const Wear*, count> all() const;
  /// What is done, as `Upkeep` calls it, in the order of `all`.
  static std::string_view kind(std::size_t which);
  /// What looks at it.
  static std::span<const std::string_view> tags(std::size_t which);
};

}  // namespace sosie::wastewater
