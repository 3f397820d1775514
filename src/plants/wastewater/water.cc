#include "plants/wastewater/water.h"

#include <cmath>

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double co2_in_balance_with_air = 0.02;  // mol/m3, Henry's law at 420 ppm and 15 degC
constexpr double least_alk = 0.02;                // keeps the logarithm alive after an acid spill
constexpr double least_co2 = 0.002;
constexpr double tss_per_cod = 0.75;

double particulate_cod(const Water& w) {
  return w[xi] + w[xs] + w[xbh] + w[xba] + w[xp];
}

}  // namespace

Amount amount(const Water& w, double m3) {
  return {m3, m3 * (cod(w) - w[so] + cod_of_nitrate * w[sno]), m3 * total_n(w)};
}

Stream join(const Stream& a, const Stream& b) {
  Stream both{a.flow_m3_h + b.flow_m3_h, a.water};
  if (both.flow_m3_h <= 0) return both;
  const double share = b.flow_m3_h / both.flow_m3_h;
  for (std::size_t i = 0; i < parts; ++i) {
    both.water.c[i] += share * (b.water.c[i] - a.water.c[i]);
  }
  return both;
}

void flush(Water& tank, const Stream& in, double volume_m3) {
  const double fresh = in.flow_m3_h * step_h;
  const double share = fresh / (volume_m3 + fresh);
  for (std::size_t i = 0; i < parts; ++i) tank.c[i] += share * (in.water.c[i] - tank.c[i]);
}

Water with_solids(const Water& water, double factor) {
  Water out = water;
  for (std::size_t i = Water::first_solid; i < parts; ++i) out.c[i] *= factor;
  return out;
}

double tss(const Water& w) {
  return tss_per_cod * particulate_cod(w);
}
double soluble_cod(const Water& w) {
  return w[si] + w[ss];
}
double cod(const Water& w) {
  return soluble_cod(w) + particulate_cod(w);
}
double bod5(const Water& w, double share) {
  return share * (w[ss] + w[xs] + 0.92 * (w[xbh] + w[xba]));
}
double kjeldahl_n(const Water& w) {
  return w[snh] + w[snd] + w[xnd] + 0.08 * (w[xbh] + w[xba]) + 0.06 * (w[xp] + w[xi]);
}
double total_n(const Water& w) {
  return kjeldahl_n(w) + w[sno];
}
double particulate_p(const Water& w) {
  return 0.01 * (w[xi] + w[xs]) + 0.02 * (w[xbh] + w[xba]);
}
double total_metal(const Water& w) {
  return w[metal_free] + w[metal_bound];
}

void share_metal(Water& w) {
  constexpr double kd_m3_g = 0.03;
  const double all = total_metal(w);
  w[metal_free] = all / (1 + kd_m3_g * tss(w));
  w[metal_bound] = all - w[metal_free];
}

double ph(const Water& w) {
  const double kelvin = w[temperature] + 273.15;
  const double pk1 = 3404.71 / kelvin + 0.032786 * kelvin - 14.8435;  // Harned and Davis 1943
  return pk1 + std::log10(std::max(w[alk], least_alk) / std::max(w[co2], least_co2));
}

double conductivity(const Water& w) {
  return w[salt] + 94.6 * w[alk] + 73.5 * w[snh] / 14 + 71.5 * w[sno] / 14 + 57 * w[po4] / 31;
}

double oxygen_saturation(double temperature_c) {
  const double t = (temperature_c + 273.15) / 100;
  return 0.9997743214 * 8.0 / 10.5 * 56.12 * 6791.5 *
         std::exp(-66.7354 + 87.4755 / t + 24.4526 * std::log(t));
}

void add_acid(Water& w, double mol_m3) {
  w[alk] = std::max(w[alk] - mol_m3, least_alk);
  w[co2] = std::max(w[co2] + mol_m3, least_co2);
}

void lose_co2(Water& w, double share) {
  w[co2] -= share * (w[co2] - co2_in_balance_with_air);
}

}  // namespace sosie::wastewater
