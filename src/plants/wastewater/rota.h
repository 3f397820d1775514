#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.h"

namespace sosie::wastewater {

/// Takes turns: a machine and its reserve, which changes over with it every 24 to 168 hours, within
/// one to two minutes: one runs down while the other runs up. Planned, and no fault; what is told
/// of it is told of the place where either runs.
class Rota {
 public:
  explicit Rota(Random random);

  /// 5 s.
  void step();

  bool is_changing() const { return left_ > 0; }
  /// Until the flow and the sensors have come to rest again, too.
  bool is_announced() const { return left_ > 0 || unrest_ > 0; }
  /// What the machine gives, of what it would: 1 but in a change-over, when it falls to 0.4.
  double level() const { return level_; }

 private:
  Random random_;
  std::int32_t to_next_;  ///< steps
  std::int32_t lasts_ = 1;
  std::int32_t left_ = 0;    ///< of the change-over
  std::int32_t unrest_ = 0;  ///< still to come after it
  double level_ = 1;
};

/// The station's machines that change over, by turns. The control room knows: what the sensors at
/// the machine say meanwhile has the quality of a sensor under maintenance.
struct Rotas {
  static constexpr std::size_t count = 5;
  explicit Rotas(Random random);
  void step();

  Rota lift_pump;  ///< P-101
  Rota blower_301;
  Rota blower_302;
  Rota recycle_pump;  ///< P-301
  Rota return_pump;   ///< P-401

  std::array<const Rota*, count> all() const;
  /// What looks at the machine or at what it gives, in the order of `all`.
  static std::span<const std::string_view> tags(std::size_t which);
};

}  // namespace sosie::wastewater
