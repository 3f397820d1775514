#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace sosie::wastewater {

/// One step of the model: 5 s, in hours, the unit of time of all rates here.
inline constexpr double step_h = 5.0 / 3600;

/// What a cubic metre of water carries: the state that all tanks share and streams bring from one
/// to the next. Names as in ASM1 (Henze et al. 2000) where ASM1 has them.
struct Water {
  enum Part : std::size_t {
    si,           ///< inert soluble COD, g/m3
    ss,           ///< readily biodegradable COD, g/m3
    so,           ///< dissolved oxygen, g/m3
    sno,          ///< nitrate and nitrite, g N/m3
    snh,          ///< ammonia, g N/m3
    snd,          ///< soluble organic nitrogen, g N/m3
    alk,          ///< alkalinity, mol/m3
    co2,          ///< dissolved carbon dioxide, mol/m3
    po4,          ///< phosphate, g P/m3
    salt,         ///< conductivity of what takes no part in any reaction, uS/cm: the tracer
    hydrocarbon,  ///< g/m3
    metal_free,   ///< metals in solution, mg/m3
    toxin,        ///< inhibitor, 1: halves the nitrifiers' growth
    temperature,  ///< degC; mixes as heat does
    xi,           ///< inert particulate COD, g/m3; what follows settles
    xs,           ///< slowly biodegradable COD, g/m3
    xbh,          ///< heterotrophs, g COD/m3
    xba,          ///< nitrifiers, g COD/m3
    xp,           ///< products of decay, g COD/m3
    xnd,          ///< particulate organic nitrogen, g N/m3
    metal_bound,  ///< metals on particles, mg/m3
    parts,
  };
  static constexpr std::size_t first_solid = xi;

  std::array<double, parts> c{};

  double& operator[](Part part) { return c[part]; }
  double operator[](Part part) const { return c[part]; }
};

/// Water on its way: how much, and what is in it.
struct Stream {
  double flow_m3_h = 0;
  Water water;
};

/// What a volume of water holds of what no process makes or loses. COD is theoretical: oxygen
/// counts -1, nitrate -4.57 (to ammonia), nitrogen gas -(4.57 - 2.86).
struct Amount {
  double m3 = 0;
  double cod_g = 0;
  double nitrogen_g = 0;

  Amount& operator+=(const Amount& other) {
    m3 += other.m3;
    cod_g += other.cod_g;
    nitrogen_g += other.nitrogen_g;
    return *this;
  }
};
inline constexpr double cod_of_nitrate = -4.57;
inline constexpr double cod_of_nitrogen_gas = -(4.57 - 2.86);
Amount amount(const Water& water, double m3);

/// The streams joined; nothing appears and nothing is lost. No flow at all: `a`'s water.
Stream join(const Stream& a, const Stream& b);

/// A fully mixed tank over one step (implicit Euler, so that what leaves is what the tank holds):
///
///     V dC/dt = Q_in (C_in - C)
///
/// `volume_m3` is the volume before the step; holds for a changing volume too.
void flush(Water& tank, const Stream& in, double volume_m3);

/// Particles multiplied by `factor`; what is dissolved stays.
Water with_solids(const Water& water, double factor);

double tss(const Water& water);                 ///< g/m3, 0.75 g per g particulate COD (BSM1)
double cod(const Water& water);                 ///< g/m3
double soluble_cod(const Water& water);         ///< g/m3
double bod5(const Water& water, double share);  ///< g/m3; share 0.65 raw, 0.25 treated (BSM1)
double kjeldahl_n(const Water& water);          ///< g N/m3
double total_n(const Water& water);             ///< g N/m3
double particulate_p(const Water& water);  ///< g P/m3: ASM2d's contents, 0.01 and 0.02 g P/g COD
double total_metal(const Water& water);    ///< mg/m3

/// Metals in balance with the particles: dissolved = all / (1 + Kd TSS), Kd = 3e4 l/kg, in the
/// middle of zinc's, copper's, lead's, nickel's, chromium's and cadmium's 1e4 to 1e5.
void share_metal(Water& water);

/// The carbonate equilibrium: pH = pK1(T) + log10(ALK / CO2).
double ph(const Water& water);

/// At 25 degC, uS/cm: the tracer and the limiting conductivities of the ions that react.
double conductivity(const Water& water);

/// Saturation of oxygen, g/m3, 8.0 at 15 degC (BSM2's law).
double oxygen_saturation(double temperature_c);

/// A strong acid (base: negative) turns bicarbonate into carbon dioxide, mole by mole.
void add_acid(Water& water, double mol_m3);

/// A fall over a weir: `share` of the way of carbon dioxide to its balance with air.
void lose_co2(Water& water, double share);

/// The exact coefficient of a first-order lag of `time_h` over one step: 1 - exp(-step/time). By
/// its series where the step is short, so that the compiler knows it where it knows the time.
constexpr double lag_coefficient(double time_h) {
  const double x = step_h / time_h;
  if (x > 0.1) return -std::expm1(-x);
  return x *
         (1 -
          x / 2 *
              (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8)))))));
}

/// From 0 at `low` to 1 at `high`, straight in between.
inline double ramp(double x, double low, double high) {
  return std::clamp((x - low) / (high - low), 0.0, 1.0);
}

}  // namespace sosie::wastewater
