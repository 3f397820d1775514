#include "plants/wastewater/biology.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr std::array<double, Biology::reactors> volume_m3{1355, 1355, 1807, 1807, 1807};

const bsm1::Petersen& standard_matrix() {
  static const bsm1::Petersen matrix = bsm1::petersen({});
  return matrix;
}

constexpr double ln_1_03 = 0.02955880224154443;
constexpr double kept_co2 = 0.002;     // mol/m3, as in add_acid()
constexpr double p_in_biomass = 0.02;  // ASM2d
constexpr double p_in_products = 0.01;

// Aeration.
constexpr double fixed_kla_per_h = 10;    // reactors 3 and 4: 240 1/d
constexpr double highest_kla_per_h = 15;  // 360 1/d
constexpr double offset_kla_per_h = 6;    // 144 1/d
constexpr double design_saturation = 8;
constexpr double blower_capacity_m3_h = 6000;
constexpr double valve_h = 4.0 / 60 / 2.3;  // 4 minutes to 90 %
constexpr double stripping_per_kla = 0.26;

// The air header: the water over the diffusers, pipes, and what clogs the diffusers.
constexpr double hydrostatic_kpa = 49;
constexpr double pipes_kpa_h2_m6 = 1.24e-7;
constexpr double foul_diffusers_kpa = 1.5;

// Loops: BSM1's gains in hours.
constexpr double do_gain = 25.0 / 24;
constexpr double do_reset_h = 0.002 * 24;
constexpr double do_track_h = 0.001 * 24;
constexpr double nitrate_gain_m3_h = 10000 * 1.355 / 24;
constexpr double nitrate_reset_h = 0.025 * 24;
constexpr double nitrate_track_h = 0.015 * 24;
constexpr double recycle_offset_m3_h = 18500 * 1.355 / 24;
constexpr double highest_recycle_m3_h = 92230 * 1.355 / 24;

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

/// 0: it stands, 1: it runs, 2: fault.
int state_of(bool has_failed, const Rota& rota) {
  if (has_failed) return 2;
  return rota.is_changing() ? 0 : 1;
}

/// What ASM1's processes do to what it does not know, in each reactor, per hour.
struct Beside {
  bsm1::Lane oxygen{};  ///< breathed, g/m3; nitrate counts as the oxygen that it is worth
  bsm1::Lane alk{};     ///< mol/m3
  bsm1::Lane po4{};     ///< g/m3
};
Beside beside(const std::array<bsm1::Lane, bsm1::processes>& per_d) {
  const bsm1::Petersen& matrix = standard_matrix();
  Beside sum;
  for (std::size_t k = 0; k < bsm1::processes; ++k) {
    const double alk = matrix[k][bsm1::salk] / 24;
    const double breathed = (matrix[k][bsm1::so] + (k == 1 ? 2.86 * matrix[k][bsm1::sno] : 0)) / 24;
    for (std::size_t i = 0; i < bsm1::lanes; ++i) {
      sum.alk[i] += alk * per_d[k][i];
      sum.oxygen[i] -= breathed * per_d[k][i];
    }
  }
  for (std::size_t i = 0; i < bsm1::lanes; ++i) {
    const double growth = per_d[0][i] + per_d[1][i] + per_d[2][i];
    const double decay = per_d[3][i] + per_d[4][i];
    sum.po4[i] = ((p_in_biomass - p_in_products) * decay + p_in_products * per_d[6][i] -
                  p_in_biomass * growth) /
                 24;
  }
  return sum;
}

/// One step of reactor `i`: carbon dioxide of respiration and of spent alkalinity, stripped with
/// the air; phosphate in biomass; oil and toxin that are eaten.
void react_beside(Water& w, const Beside& per_h, std::size_t i, double kla_per_h) {
  w[po4] = std::max(w[po4] + step_h * per_h.po4[i], 0.0);
  w[co2] = std::max(w[co2] + step_h * (per_h.oxygen[i] / 32 - per_h.alk[i]), kept_co2);
  lose_co2(w, step_h * stripping_per_kla * kla_per_h);
  w[hydrocarbon] -= step_h * 0.3 * w[hydrocarbon];  // eaten, and carried off by the air
  w[toxin] -= step_h * 0.05 * w[toxin];
}

}  // namespace

Biology::Biology(double scale, double settler_breathes_per_h)
    : scale_(scale), sludge_(scale, settler_breathes_per_h), recycle_m3_h_(931 * scale) {
  for (std::size_t i = 0; i < reactors; ++i) {
    Water& w = tanks_[i];
    w[co2] = 1;
    w[po4] = 3.9;
    w[salt] = 450;
    w[metal_free] = 28;
    w[temperature] = 15;
    w[metal_bound] = 3200;
    sludge_.show_reactor(i + 1, w);
  }
}

void Biology::control(const Machines& machines, const Feedback& feedback) {
  const Disturbance& d = machines.disturbance;
  const Rota& pump = machines.rotas.recycle_pump;
  const double setpoint = d.do_setpoint_g_m3 > 0 ? d.do_setpoint_g_m3 : feedback.set.oxygen_g_m3;
  const double asked = drive(do_loop, setpoint - feedback.do_reactor_5, do_integral_);
  valve_kla_per_h_ += lag_coefficient(valve_h) * (asked - valve_kla_per_h_);

  const double recycle = drive(nitrate_loop, feedback.set.nitrate_g_m3 - feedback.nitrate_reactor_2,
                               nitrate_integral_) *
                         scale_;
  recycle_m3_h_ = d.recycle_pump_failed ? 0 : recycle * pump.level();
  recycle_pump_state_ = state_of(d.recycle_pump_failed, pump);
}

/// The blowers share the air that the three reactors ask for, as far as they can give it.
void Biology::blow(const Machines& machines) {
  const Disturbance& d = machines.disturbance;
  const Rota& blower_301 = machines.rotas.blower_301;
  const Rota& blower_302 = machines.rotas.blower_302;
  const std::array<double, reactors> asked{0, 0, fixed_kla_per_h, fixed_kla_per_h,
                                           valve_kla_per_h_};
  const double capacity = blower_capacity_m3_h * scale_ * (d.blower_share_301 + d.blower_share_302);
  double wanted = 0;
  for (std::size_t i = 0; i < reactors; ++i) {
    // kLa V S_sat / (0.299 kg/Nm3 * transfer 0.15 * 1000 g/kg)
    air_m3_h_[i] = asked[i] * volume_m3[i] * scale_ * design_saturation / (0.299 * 0.15 * 1000);
    wanted += air_m3_h_[i];
  }
  const double in_turn = (blower_301.level() + blower_302.level()) / 2;
  const double given = in_turn * (wanted > capacity ? capacity / wanted : 1);
  double power = 0;
  for (std::size_t i = 0; i < reactors; ++i) {
    air_m3_h_[i] *= given;
    // Oil on the water lowers the transfer; colder water takes oxygen up more slowly.
    const double alpha = 1 - 0.25 * ramp(tanks_[i][hydrocarbon], 0.4, 8);
    kla_per_h_[i] = asked[i] * given * alpha * sludge_.works().kla_factor() * machines.transfer;
    power += design_saturation / 1800 * volume_m3[i] * scale_ * asked[i] * given;
  }
  const double total = wanted * given / scale_;
  header_kpa_ = total > 0 ? hydrostatic_kpa + pipes_kpa_h2_m6 * total * total +
                                foul_diffusers_kpa * machines.fouling
                          : 0;
  blower_kw_ = power * header_kpa_ / 58;
  blower_speed_pct_ = d.blower_share_301 > 0 ? 100 * std::min(wanted / capacity, 1.0) : 0;
  blower_state_ = {state_of(d.blower_share_301 < 1, blower_301),
                   state_of(d.blower_share_302 < 1, blower_302)};
}

/// Nitrite stays behind when the first of nitrification's two steps outruns the second: with little
/// oxygen, in the heat, or after a shock. Filtered over two hours.
void Biology::follow_nitrite() {
  const Water& w = tanks_.back();
  const double first = w[so] / (0.4 + w[so]) * std::exp(ln_1_03 * (w[temperature] - 15));
  const double second = w[so] / (0.75 + w[so]) * 1.15 / (1 + 0.5 * w[toxin]);
  const double excess = std::max(first - second, 0.0) * std::min(w[snh], 5.0);
  const double target = std::min(0.011 * w[sno] + 0.6 * excess, w[sno]);
  nitrite_g_m3_ += lag_coefficient(2) * (target - nitrite_g_m3_);
}

void Biology::step(const Stream& in, const Draw& draw, double air_temperature_c,
                   const Machines& machines, const Feedback& feedback, ActivatedSludge::Gas* gas) {
  air_c_ = air_temperature_c;
  in_m3_h_ = in.flow_m3_h;
  control(machines, feedback);
  blow(machines);
  const Beside per_h = beside(sludge_.rates());
  ActivatedSludge::Drive drive{.in = in,
                               .recycle_m3_h = recycle_m3_h_,
                               .return_m3_h = draw.returned.flow_m3_h,
                               .waste_m3_h = draw.waste_m3_h,
                               .kla_per_h = kla_per_h_,
                               .celsius = tanks_[2][temperature],  // the five are within 0.2 degC
                               .sludge_volume_index = draw.sludge_volume_index};
  for (std::size_t i = 0; i < reactors; ++i) {
    drive.toxin[i] = tanks_[i][toxin];
  }
  Stream stream = join(join(in, draw.returned), {recycle_m3_h_, tanks_.back()});
  sludge_.step(drive, gas);
  for (std::size_t i = 0; i < reactors; ++i) {
    flush(tanks_[i], stream, volume_m3[i] * scale_);
    tanks_[i][temperature] += step_h * 0.005 * (air_c_ - tanks_[i][temperature]);
    react_beside(tanks_[i], per_h, i, kla_per_h_[i]);
    stream.water = tanks_[i];
  }
  for (std::size_t i = 0; i < reactors; ++i) {
    sludge_.show_reactor(i + 1, tanks_[i]);
    share_metal(tanks_[i]);
  }
  through_m3_h_ = in.flow_m3_h + draw.returned.flow_m3_h;
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
  return 5.0 + 0.05 * std::pow(in_m3_h_ / (mean_influent_m3_h * scale_), 0.67);
}

}  // namespace sosie::wastewater
