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
/// Other than in BSM1, whose settler's solids are always made as its feed's of the moment are, and
/// which so makes and loses nitrogen, the settler here remembers what its solids are made of, all
/// mixed; and above the feed the sludge goes on breathing:
///
///     dM_c/dt = Q_f X_f,c - (Q_e X_e + Q_u X_u) M_c / M       M_c: the solids of kind c, M: all
///     dS_O/dt = -6/h S_O      X_BH decays for it, as in ASM1
///
/// In a steady state the solids are made as the feed's are, and BSM1's steady state stays; what the
/// settler breathes moves it by up to 1 %.
///
/// What else the water carries (`Water`) goes with the same flows, in Biology and Settler.
class ActivatedSludge {
 public:
  static constexpr double usually_breathed_per_h = 6;
  explicit ActivatedSludge(double scale, double breathed_per_h = usually_breathed_per_h);

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
  /// What the air gave and took in a step, g.
  struct Gas {
    double oxygen_in = 0;
    double nitrogen_out = 0;
  };
  /// One step. A state that would be no number any more is not taken: all stays as it was.
  /// Counting the gas costs time; it is added to `gas`.
  void step(const Drive& drive, Gas* gas = nullptr);

  /// From now on by these; what the tanks hold stays.
  void live_by(const bsm1::WorksParameters& parameters);
  /// The station's own, at the size that the constructor was told.
  const bsm1::WorksParameters& parameters() const { return parameters_; }

  /// Puts what reactor 1 to 5 holds, or what left above and below in the last step, in its mean,
  /// into `water`; the rest stays.
  void show_reactor(std::size_t number, Water& water) const;
  void show_effluent(Water& water) const { show(effluent_, water); }
  void show_underflow(Water& water) const { show(underflow_, water); }

  /// In reactors and settlers.
  Amount holds() const;

  /// ASM1's eight rates in all reactors, 1/d, under the last step's toxin.
  std::array<bsm1::Lane, bsm1::processes> rates() const {
    return works_.asm1().rates(state_.reactors, works_.vigour());
  }

  /// Where the layers' profile crosses 3000 g/m3, between the middles of two layers; m from the
  /// bottom.
  double blanket_m() const;
  double solids_g_m3(std::size_t layer) const;

  const bsm1::WorksState& state() const { return state_; }
  const bsm1::Works& works() const { return works_; }

 private:
  /// Means over a step: the settler's top and bottom, and what comes to it.
  struct Passing {
    bsm1::Layer top{};
    bsm1::Layer bottom{};
    bsm1::Mixture feed{};
    void note(const bsm1::WorksState& state, double weight);
  };
  void adapt(const Drive& drive);
  void carry(const Passing& mean, const bsm1::Duty& duty);
  void breathe();
  static void show(const bsm1::Mixture& mixture, Water& water);

  bsm1::WorksParameters parameters_;
  bsm1::Works works_;
  double breathed_per_h_;
  bsm1::WorksState state_;
  bsm1::Mixture settled_{};  ///< the settler's solids by kind, g
  bsm1::Mixture effluent_{};
  bsm1::Mixture underflow_{};
};

}  // namespace sosie::wastewater
