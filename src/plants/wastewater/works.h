#pragma once

#include <array>
#include <optional>

#include "plants/wastewater/asm1.h"
#include "plants/wastewater/takacs.h"

namespace sosie::bsm1 {

inline constexpr std::size_t reactor_count = 5;

/// BSM1's plant: two reactors without air, three with, a settler (asm1init.m, reginit.m).
struct WorksParameters {
  Asm1Parameters asm1;
  SettlerParameters settler;
  std::array<double, reactor_count> volume_m3{1000, 1000, 1333, 1333, 1333};

  /// Errors: invalid, naming the parameter, its value and what was expected.
  Result<void> check() const;

  /// All volumes, and the settler's area, times `factor`: with all flows times the same, every
  /// concentration stays.
  WorksParameters scaled(double factor) const;
};

/// What comes in, and how the plant is run. Held for a step.
struct Duty {
  Mixture influent{};
  double influent_m3_d = 0;
  double internal_m3_d = 0;  ///< from the last reactor to the first
  double return_m3_d = 0;    ///< from the settler's bottom to the first reactor
  double waste_m3_d = 0;     ///< from the settler's bottom, out
  std::array<double, reactor_count> kla_per_d{};  ///< as it is, at the water's temperature
  /// What the settler's solids are made of, in any amount. None: as in BSM1, of what its feed's
  /// are.
  std::optional<Mixture> settled{};

  double reactors_m3_d() const { return influent_m3_d + internal_m3_d + return_m3_d; }
  double settler_m3_d() const { return influent_m3_d + return_m3_d; }
  double effluent_m3_d() const { return influent_m3_d - waste_m3_d; }
};

/// Reactors and settler: 65 + 80 states. The three idle lanes of `reactors` are 0.
struct WorksState {
  Reactors reactors{};
  Settler settler{};

  Mixture reactor(std::size_t number) const;  ///< 1..5
  void set_reactor(std::size_t number, const Mixture& water);
};

/// Reactors and settler as one system of differential equations, at one temperature.
///
///     V dC/dt = Q (C_in - C) + V r(C),   and for oxygen + V kLa (S_sat - S_O)
class Works {
 public:
  Works() : Works(WorksParameters{}, 15) {}
  Works(const WorksParameters& parameters, double celsius);

  /// Sets `change` to dy/dt, per day.
  void derive(const WorksState& y, const Duty& duty, WorksState& change) const;

  /// The fastest of the reactors' times, 1/d: a step must be shorter than 2.78 over it (RK4).
  double stiffness(const WorksState& y, const Duty& duty) const;

  Mixture effluent(const WorksState& y) const;
  Mixture underflow(const WorksState& y) const;

  /// What leaves as gas and comes as oxygen, g/d.
  struct Gas {
    double oxygen_in = 0;
    double nitrogen_out = 0;  ///< N2, formed of nitrate
  };
  Gas gas(const WorksState& y, const Duty& duty) const;

  /// From now on; the rest stays.
  void set_vigour(const Vigour& vigour) { vigour_ = vigour; }
  const Vigour& vigour() const { return vigour_; }
  void set_settling(const SettlerParameters& settler) { takacs_ = Takacs(settler); }
  const Asm1& asm1() const { return asm1_; }

  double celsius() const { return celsius_; }
  double oxygen_saturation() const { return saturation_; }
  /// kLa(T) / kLa(15) = 1.024^(T - 15).
  double kla_factor() const { return kla_factor_; }
  const WorksParameters& parameters() const { return parameters_; }
  double layer_m3() const { return takacs_.layer_m3(); }

 private:
  WorksParameters parameters_;
  double celsius_;
  double saturation_;
  double kla_factor_;
  Asm1 asm1_;
  Takacs takacs_;
  Vigour vigour_ = full_vigour;
  Lane per_volume_{};  ///< 1/m3; 0 where there is no reactor
};

/// g/m3, 8.0 at 15 degC (BSM2's law).
double saturation_of_oxygen(double celsius);

}  // namespace sosie::bsm1
