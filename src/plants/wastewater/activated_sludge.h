#pragma once

#include <array>

#include "plants/wastewater/water.h"
#include "plants/wastewater/works.h"

namespace sosie::wastewater {

/// The reactors and the settlers of the station, as one: BSM1's equations (`works.h`), its volumes
/// and its settler's area times 1.355 `scale`, so that they hold every concentration that BSM1's
/// would. By Heun's method, 5 s a step, less where the oxygen is faster; nothing is lost between
/// the two.
///
/// What else the water carries (`Water`) goes with the same flows, in Biology and Settler.
class ActivatedSludge {
 public:
  explicit ActivatedSludge(double scale);

  struct Drive {
    Stream in;
    double recycle_m3_h = 0;
    double return_m3_h = 0;
    double waste_m3_h = 0;
    std::array<double, bsm1::reactor_count> kla_per_h{};
    std::array<double, bsm1::reactor_count> toxin{};  ///< 1: halves the nitrifiers' growth
    double celsius = 15;
    double sludge_volume_index = 110;  ///< ml/g
  };
  /// One step. A state that would be no number any more is not taken: all stays as it was.
  void step(const Drive& drive);

  /// Puts what reactor 1 to 5, or layer 1 to 10 from the top, holds into `water`; the rest stays.
  void show_reactor(std::size_t number, Water& water) const;
  void show_layer(std::size_t number, Water& water) const;

  /// ASM1's eight rates in a reactor, 1/d.
  std::array<double, bsm1::processes> rates(std::size_t number) const;

  /// Where the layers' profile crosses 3000 g/m3, between the middles of two layers; m from the
  /// bottom.
  double blanket_m() const;
  double solids_g_m3(std::size_t layer) const;

  const bsm1::WorksState& state() const { return state_; }
  const bsm1::Works& works() const { return works_; }

 private:
  void adapt(const Drive& drive);

  bsm1::WorksParameters parameters_;
  bsm1::Works works_;
  bsm1::WorksState state_;
  std::array<double, bsm1::reactor_count> toxin_{};
};

}  // namespace sosie::wastewater
