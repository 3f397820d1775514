#pragma once

#include <array>
#include <cstddef>

#include "base/result.h"

/// The Benchmark Simulation Model no. 1 (BSM1): Alex et al., IWA task group report, 2008/2018. Time
/// is in days and flows are in m3/d here, as in all that was published about it.
namespace sosie::bsm1 {

/// The components of ASM1, in the order of the benchmark's files: g COD/m3, S_O g O2/m3, nitrogen
/// g N/m3, alkalinity mol HCO3/m3.
enum Component : std::size_t {  // NOLINT(performance-enum-size): an index
  si,
  ss,
  xi,
  xs,
  xbh,
  xba,
  xp,
  so,
  sno,
  snh,
  snd,
  xnd,
  salk,
  components
};
inline constexpr std::size_t processes = 8;

using Mixture = std::array<double, components>;

/// ASM1's parameters with BSM1's values (asm1init.m, asm1_bsm2.c, Jeppsson). Those that feel the
/// cold have two values: at 15 and at 10 degC.
struct Asm1Parameters {
  struct Rate {
    double at_15c;
    double at_10c;
  };

  // Stoichiometry.
  double y_h = 0.67;             ///< g COD of cells formed per g COD oxidised
  double y_a = 0.24;             ///< g COD of cells formed per g N oxidised
  double f_p = 0.08;             ///< share of decayed biomass that stays inert
  double i_xb = 0.08;            ///< g N/g COD in biomass
  double i_xp = 0.06;            ///< g N/g COD in inert particles
  double tss_per_cod = 0.75;     ///< g SS/g COD of particles
  double cod_of_nitrate = 2.86;  ///< g COD taken by a g of nitrate that becomes N2
  double cod_of_ammonia = 4.57;  ///< g O2 taken by a g of ammonia that becomes nitrate

  // Kinetics, 1/d.
  Rate mu_h{4.0, 3.0};
  Rate mu_a{0.5, 0.3};
  Rate b_h{0.3, 0.2};
  Rate b_a{0.05, 0.03};
  Rate k_h{3.0, 2.5};    ///< g COD/(g COD d)
  Rate k_a{0.05, 0.04};  ///< m3/(g COD d)

  double k_s = 10;
  double k_oh = 0.2;
  double k_no = 0.5;
  double k_nh = 1;
  double k_oa = 0.4;
  double k_x = 0.1;
  double eta_g = 0.8;
  double eta_h = 0.8;

  /// Errors: invalid, naming the parameter, its value and what was expected.
  Result<void> check() const;
};

/// The Petersen matrix: what a unit of each process does to each component.
using Petersen = std::array<Mixture, processes>;
Petersen petersen(const Asm1Parameters& parameters);

/// What a unit of each component holds.
Mixture cod_content(const Asm1Parameters& p);       ///< theoretical: g COD; S_O -1, nitrate -4.57
Mixture nitrogen_content(const Asm1Parameters& p);  ///< g N
Mixture charge_content();                           ///< mol

/// How many reactors are computed side by side: five, and three that are always empty, so that the
/// compiler makes vectors of them.
inline constexpr std::size_t lanes = 8;
using Lane = std::array<double, lanes>;
using Reactors = std::array<Lane, components>;

/// How fast organisms grow beside how fast they would, in each reactor: less under a toxin.
struct Vigour {
  Lane heterotrophs;
  Lane autotrophs;
};
inline constexpr Lane everywhere{1, 1, 1, 1, 1, 1, 1, 1};
inline constexpr Vigour full_vigour{everywhere, everywhere};

/// A model at one temperature: k(T) = k15 exp(ln(k15/k10)/5 (T - 15)) (asm1_bsm2.c).
class Asm1 {
 public:
  Asm1() : Asm1(Asm1Parameters{}, 15) {}
  Asm1(const Asm1Parameters& parameters, double celsius);

  /// Adds what the eight processes do to `reactors` in a day to `change`. Concentrations below zero
  /// count as zero (as in asm1.c).
  void react(const Reactors& reactors, Reactors& change, const Vigour& vigour = full_vigour) const;

  /// The eight rates in one reactor, 1/d: for tests and balances.
  std::array<double, processes> rates(const Mixture& water) const;

  /// The same in all reactors, side by side.
  std::array<Lane, processes> rates(const Reactors& reactors,
                                    const Vigour& vigour = full_vigour) const;

  /// d(oxygen uptake)/d(S_O) in each reactor, 1/d: the fastest time of all, which bounds the step.
  Lane oxygen_stiffness(const Reactors& reactors) const;

 private:
  struct EightRates;
  EightRates rates_in(const Reactors& reactors, const Vigour& vigour, std::size_t lane) const;

  double mu_h_, mu_a_, b_h_, b_a_, k_h_, k_a_;
  double k_s_, k_oh_, k_no_, k_nh_, k_oa_, k_x_, eta_g_, eta_h_;
  Petersen matrix_;
};

}  // namespace sosie::bsm1
