#include "plants/wastewater/biology.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr std::array<double, Biology::reactors> volume_m3{1355, 1355, 1807, 1807, 1807};

// ASM1 at 15 degC; rates per hour.
constexpr double yield_h = 0.67;
constexpr double yield_a = 0.24;
constexpr double f_p = 0.08;
constexpr double i_xb = 0.08;
constexpr double i_xp = 0.06;
constexpr double k_s = 10;
constexpr double k_oh = 0.2;
constexpr double k_no = 0.5;
constexpr double k_nh = 1;
constexpr double k_oa = 0.4;
constexpr double k_x = 0.1;
constexpr double eta_g = 0.8;
constexpr double eta_h = 0.8;
constexpr double p_in_biomass = 0.02;  // ASM2d, as in particulate_p()
constexpr double p_in_products = 0.01;

/// k15 * exp(ln(k15 / k10) / 5 * (T - 15)): BSM2's law for the six rates that feel the cold.
double at(double k15_per_d, double k10_per_d, double celsius) {
  return k15_per_d / 24 * std::pow(k15_per_d / k10_per_d, (celsius - 15) / 5);
}

// Aeration.
constexpr double fixed_kla_per_h = 10;    // reactors 3 and 4: 240 1/d
constexpr double highest_kla_per_h = 15;  // 360 1/d
constexpr double offset_kla_per_h = 6;    // 144 1/d
constexpr double design_saturation = 8;
constexpr double blower_capacity_m3_h = 6000;
constexpr double valve_h = 4.0 / 60 / 2.3;  // 4 minutes to 90 %
constexpr double stripping_per_kla = 0.26;

// Loops: BSM1's gains in hours.
constexpr double do_gain = 25.0 / 24;
constexpr double do_reset_h = 0.002 * 24;
constexpr double do_track_h = 0.001 * 24;
constexpr double nitrate_gain_m3_h = 10000 * 1.355 / 24;
constexpr double nitrate_reset_h = 0.025 * 24;
constexpr double nitrate_track_h = 0.015 * 24;
constexpr double recycle_offset_m3_h = 18500 * 1.355 / 24;
constexpr double highest_recycle_m3_h = 92230 * 1.355 / 24;

/// The closed loop's steady state: where a plant that has run for a year begins.
struct Start {
  double ss, so, sno, snh, snd, alk, co2, xs, xnd;
};
constexpr std::array<Start, Biology::reactors> starts{{
    {3.24, 0.008, 3.5, 11.8, 1.36, 5.3, 0.95, 98.6, 6.18},
    {1.67, 0.000, 1.0, 12.5, 0.79, 5.6, 0.90, 91.7, 5.95},
    {1.22, 1.635, 6.2, 7.3, 0.83, 4.8, 1.0, 69.7, 4.71},
    {0.97, 2.475, 11.1, 2.8, 0.75, 4.2, 1.1, 54.4, 3.84},
    {0.81, 2.000, 13.5, 0.7, 0.66, 3.8, 1.0, 44.5, 3.26},
}};

struct Loop {
  double gain;
  double reset_h;
  double track_h;
  double offset;
  double high;
};
constexpr Loop do_loop{do_gain, do_reset_h, do_track_h, offset_kla_per_h, highest_kla_per_h};
constexpr Loop nitrate_loop{nitrate_gain_m3_h, nitrate_reset_h, nitrate_track_h,
                            recycle_offset_m3_h, highest_recycle_m3_h};

/// u = K e + I + offset, dI/dt = K/Ti e + (sat(u) - u)/Tt. Returns sat(u).
double drive(const Loop& loop, double error, double& integral) {
  const double wanted = loop.gain * error + integral + loop.offset;
  const double given = std::clamp(wanted, 0.0, loop.high);
  integral += step_h * (loop.gain / loop.reset_h * error) +
              lag_coefficient(loop.track_h) * (given - wanted);
  return given;
}

/// The six rates that feel the cold, per hour.
struct Kinetics {
  double mu_h, mu_a, b_h, b_a, k_a, k_h;
};

Kinetics kinetics_at(double celsius) {
  return {at(4, 3, celsius),       at(0.5, 0.3, celsius),   at(0.3, 0.2, celsius),
          at(0.05, 0.03, celsius), at(0.05, 0.04, celsius), at(3, 2.5, celsius)};
}

/// What the eight processes of ASM1 do in an hour, per cubic metre.
struct Rates {
  double growth_h;         ///< of heterotrophs with oxygen
  double growth_h_anoxic;  ///< with nitrate
  double growth_a;         ///< of nitrifiers
  double decay_h;
  double decay_a;
  double ammonification;
  double hydrolysis;
  double hydrolysis_n;
};

Rates rates_of(const Water& w, const Kinetics& k) {
  const double poison = w[toxin];
  const double oxygen = w[so] / (k_oh + w[so]);
  const double anoxic = k_oh / (k_oh + w[so]) * w[sno] / (k_no + w[sno]);
  const double food = w[ss] / (k_s + w[ss]);
  const double mu_h = k.mu_h / (1 + 0.25 * poison);
  const double mu_a = k.mu_a / (1 + poison);
  const double entrapped = w[xs] / std::max(w[xbh], 1e-6);
  Rates r{};
  r.growth_h = mu_h * food * oxygen * w[xbh];
  r.growth_h_anoxic = mu_h * food * anoxic * eta_g * w[xbh];
  r.growth_a = mu_a * w[snh] / (k_nh + w[snh]) * w[so] / (k_oa + w[so]) * w[xba];
  r.decay_h = k.b_h * w[xbh];
  r.decay_a = k.b_a * w[xba];
  r.ammonification = k.k_a * w[snd] * w[xbh];
  r.hydrolysis = k.k_h * entrapped / (k_x + entrapped) * (oxygen + eta_h * anoxic) * w[xbh];
  r.hydrolysis_n = r.hydrolysis * w[xnd] / std::max(w[xs], 1e-6);
  return r;
}

/// One step of `r(C)` in one reactor.
void react(Water& w, double kla_per_h, const Kinetics& kinetics) {
  const Rates r = rates_of(w, kinetics);
  const double growth_h = r.growth_h + r.growth_h_anoxic;
  const double breath = (1 - yield_h) / yield_h;  // g O2 (or nitrate's worth) per g biomass
  const double uptake = breath * r.growth_h + (4.57 - yield_a) / yield_a * r.growth_a;
  const double alk_rate = -i_xb / 14 * (growth_h + r.growth_a) +
                          breath / (14 * 2.86) * r.growth_h_anoxic - r.growth_a / (7 * yield_a) +
                          r.ammonification / 14;
  const double respired_mol = (uptake + breath * r.growth_h_anoxic) / 32;
  const double released_p =
      (p_in_biomass - p_in_products) * (r.decay_h + r.decay_a) + p_in_products * r.hydrolysis;
  const double decay = r.decay_h + r.decay_a;

  const double saturation = oxygen_saturation(w[temperature]);
  const double uptake_per_o2 = uptake / std::max(w[so], 1e-9);
  w[so] = (w[so] + step_h * kla_per_h * saturation) / (1 + step_h * (kla_per_h + uptake_per_o2));
  w[ss] = std::max(w[ss] + step_h * (r.hydrolysis - growth_h / yield_h), 0.0);
  w[snh] = std::max(
      w[snh] + step_h * (r.ammonification - i_xb * growth_h - (i_xb + 1 / yield_a) * r.growth_a),
      0.0);
  w[sno] =
      std::max(w[sno] + step_h * (r.growth_a / yield_a - breath / 2.86 * r.growth_h_anoxic), 0.0);
  w[snd] += step_h * (r.hydrolysis_n - r.ammonification);
  w[xnd] += step_h * ((i_xb - f_p * i_xp) * decay - r.hydrolysis_n);
  w[xs] += step_h * ((1 - f_p) * decay - r.hydrolysis);
  w[xbh] += step_h * (growth_h - r.decay_h);
  w[xba] += step_h * (r.growth_a - r.decay_a);
  w[xp] += step_h * f_p * decay;
  w[po4] = std::max(w[po4] + step_h * (released_p - p_in_biomass * (growth_h + r.growth_a)), 0.0);
  add_acid(w, -step_h * alk_rate);
  w[co2] += step_h * respired_mol;
  lose_co2(w, step_h * stripping_per_kla * kla_per_h);
  w[hydrocarbon] -= step_h * 0.3 * w[hydrocarbon];  // eaten, and carried off by the air
  w[toxin] -= step_h * 0.05 * w[toxin];
}

}  // namespace

Biology::Biology(double scale) : scale_(scale), recycle_m3_h_(931 * scale) {
  for (std::size_t i = 0; i < reactors; ++i) {
    const Start& s = starts[i];
    Water& w = tanks_[i];
    w[si] = 30;
    w[ss] = s.ss;
    w[so] = s.so;
    w[sno] = s.sno;
    w[snh] = s.snh;
    w[snd] = s.snd;
    w[alk] = s.alk;
    w[co2] = s.co2;
    w[po4] = 3.9;
    w[salt] = 450;
    w[metal_free] = 28;
    w[temperature] = 15;
    w[xi] = 1149;
    w[xs] = s.xs;
    w[xbh] = 2555;
    w[xba] = 153;
    w[xp] = 450;
    w[xnd] = s.xnd;
    w[metal_bound] = 3200;
  }
}

void Biology::control(const Disturbance& d, const Feedback& feedback) {
  const double setpoint = d.do_setpoint_g_m3 > 0 ? d.do_setpoint_g_m3 : feedback.set.oxygen_g_m3;
  const double asked = drive(do_loop, setpoint - feedback.do_reactor_5, do_integral_);
  valve_kla_per_h_ += lag_coefficient(valve_h) * (asked - valve_kla_per_h_);

  const double recycle = drive(nitrate_loop, feedback.set.nitrate_g_m3 - feedback.nitrate_reactor_2,
                               nitrate_integral_) *
                         scale_;
  recycle_m3_h_ = d.recycle_pump_failed ? 0 : recycle;
  recycle_pump_state_ = d.recycle_pump_failed ? 2 : 1;
}

/// The blowers share the air that the three reactors ask for, as far as they can give it.
void Biology::blow(const Disturbance& d) {
  const std::array<double, reactors> asked{0, 0, fixed_kla_per_h, fixed_kla_per_h,
                                           valve_kla_per_h_};
  const double capacity = blower_capacity_m3_h * scale_ * (d.blower_share_301 + d.blower_share_302);
  double wanted = 0;
  for (std::size_t i = 0; i < reactors; ++i) {
    // kLa V S_sat / (0.299 kg/Nm3 * transfer 0.15 * 1000 g/kg)
    air_m3_h_[i] = asked[i] * volume_m3[i] * scale_ * design_saturation / (0.299 * 0.15 * 1000);
    wanted += air_m3_h_[i];
  }
  const double given = wanted > capacity ? capacity / wanted : 1;
  double power = 0;
  for (std::size_t i = 0; i < reactors; ++i) {
    air_m3_h_[i] *= given;
    // Oil on the water lowers the transfer; colder water takes oxygen up more slowly.
    const double alpha = 1 - 0.25 * ramp(tanks_[i][hydrocarbon], 1, 20);
    const double warmth = std::pow(1.024, tanks_[i][temperature] - 15);
    kla_per_h_[i] = asked[i] * given * alpha * warmth;
    power += design_saturation / 1800 * volume_m3[i] * scale_ * asked[i] * given;
  }
  const double total = wanted * given / scale_;
  header_kpa_ = total > 0 ? 49 + 1.35e-7 * total * total : 0;
  blower_kw_ = power * header_kpa_ / 58;
  blower_speed_pct_ = d.blower_share_301 > 0 ? 100 * std::min(wanted / capacity, 1.0) : 0;
  blower_state_ = {d.blower_share_301 < 1 ? 2 : 1, d.blower_share_302 < 1 ? 2 : 1};
}

/// Nitrite stays behind when the first of nitrification's two steps outruns the second: with little
/// oxygen, in the heat, or after a shock. Filtered over two hours.
void Biology::follow_nitrite() {
  const Water& w = tanks_.back();
  const double first = w[so] / (0.4 + w[so]) * std::pow(1.03, w[temperature] - 15);
  const double second = w[so] / (0.75 + w[so]) * 1.15 / (1 + 0.5 * w[toxin]);
  const double excess = std::max(first - second, 0.0) * std::min(w[snh], 5.0);
  const double target = std::min(0.011 * w[sno] + 0.6 * excess, w[sno]);
  nitrite_g_m3_ += lag_coefficient(2) * (target - nitrite_g_m3_);
}

void Biology::step(const Stream& in, const Stream& return_sludge, double air_temperature_c,
                   const Disturbance& d, const Feedback& feedback) {
  air_c_ = air_temperature_c;
  in_m3_h_ = in.flow_m3_h;
  control(d, feedback);
  blow(d);
  Stream stream = join(join(in, return_sludge), {recycle_m3_h_, tanks_.back()});
  const Kinetics kinetics = kinetics_at(tanks_[2][temperature]);  // the five are within 0.2 degC
  for (std::size_t i = 0; i < reactors; ++i) {
    flush(tanks_[i], stream, volume_m3[i] * scale_);
    tanks_[i][temperature] += step_h * 0.005 * (air_c_ - tanks_[i][temperature]);
    react(tanks_[i], kla_per_h_[i], kinetics);
    stream.water = tanks_[i];
  }
  through_m3_h_ = in.flow_m3_h + return_sludge.flow_m3_h;
  follow_nitrite();
}

/// Adiabatic compression of the outside air at the blowers' efficiency.
double Biology::blower_discharge_c() const {
  const double ratio = (101.3 + header_kpa_) / 101.3;
  return air_c_ + (air_c_ + 273.15) * (std::pow(ratio, 0.283) - 1) / 0.66 + 2;
}
double Biology::mixer_kw() const {
  double mixed_m3 = 0;
  for (std::size_t i = 0; i < reactors; ++i) {
    if (kla_per_h_[i] < 20.0 / 24) mixed_m3 += volume_m3[i] * scale_;
  }
  return 0.005 * mixed_m3 + 0.004 * recycle_m3_h_;
}
double Biology::valve_pct() const {
  return 100 * std::pow(valve_kla_per_h_ / highest_kla_per_h, 0.8);
}
double Biology::level_m() const {
  return 4.95 + 0.05 * std::pow(in_m3_h_ / (mean_influent_m3_h * scale_), 0.67);
}

}  // namespace sosie::wastewater
