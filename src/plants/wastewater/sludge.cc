#include "plants/wastewater/sludge.h"

#include <cmath>

#include "plants/wastewater/design.h"
#include "plants/wastewater/separate.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double digester_m3 = 4117;  // BSM2's 3400, for this plant's load
constexpr double digestion_per_h = 0.25 / 24;
constexpr double methane_m3_per_kg = 0.35;
constexpr double dissolved_n_share = 0.7;  // the rest becomes struvite
constexpr double inert_share = 0.003;      // of what is digested: stays dissolved
constexpr double normal_load_kg_h = 260;   // COD destroyed on a normal day
constexpr double normal_alk = 91;          // mol/m3, in the digester
constexpr double side_stream_removal = 0.8;
constexpr double capture = 0.98;
constexpr double blend_h = 2;  // evens out the primary sludge's pulses

// The centrifuge, and what may wait for it.
constexpr double shift_begins_h = 8;
constexpr double shift_ends_h = 16;
constexpr double emptied_in_h = 8;
constexpr double highest_spun_m3_h = 50;
constexpr double overtime_from_m3 = 1500;
constexpr double overtime_until_m3 = 1000;
constexpr double usually_waiting_m3 = 300;

constexpr double stays_of_biomass = 0.08;
constexpr double n_in_biomass = 0.08;
constexpr double n_in_products = 0.06;
constexpr double ln_1_05 = 0.04879016416943205;

/// What bulking leaves of a sludge's thickness: a power of its volume index beside the usual one.
double of_index(double svi, double power) {
  return svi == normal_svi_ml_g ? 1 : std::pow(normal_svi_ml_g / svi, power);
}

}  // namespace

SludgeLine::SludgeLine(double scale)
    : scale_(scale),
      blend_m3_(20 * scale),
      struvite_n_g_(2.1e6 * scale),
      waiting_m3_(usually_waiting_m3 * scale),
      waiting_struvite_n_g_(struvite_n_g_ * usually_waiting_m3 / digester_m3) {
  Water& d = digester_;
  d[si] = 108;
  d[ss] = 9;
  d[alk] = normal_alk;
  d[co2] = 0.6;
  d[snh] = 1210;
  d[snd] = 0.9;
  d[po4] = 4;
  d[salt] = 420;
  d[metal_free] = 67;
  d[temperature] = 35;
  d[xi] = 11400;
  d[xs] = 3620;
  d[xbh] = 2470;
  d[xba] = 126;
  d[xp] = 3170;
  d[xnd] = 190;
  d[metal_bound] = 31600;
  waiting_ = blend_ = d;
  blend_[temperature] = 15;
}

Amount SludgeLine::holds() const {
  Amount all = amount(blend_, blend_m3_);
  all += amount(digester_, digester_m3 * scale_);
  all += amount(waiting_, waiting_m3_);
  all += {0, 0, struvite_n_g_ + waiting_struvite_n_g_};
  return all;
}

/// The waste sludge is thickened to 5.5 % less what bulking costs; its water goes back at once.
void SludgeLine::thicken(const Stream& primary, const Stream& waste, double svi) {
  const double target = 5.5 * of_index(svi, 0.4);
  thickened_pct_ += lag_coefficient(1) * (target - thickened_pct_);
  const Parted parted = separate(waste, thickened_pct_, capture);
  returned_ = parted.thin;
  const Stream sludge = join(primary, parted.thick);
  flush(blend_, sludge, blend_m3_);
  feed_ = {blend_m3_ / blend_h, blend_};
  blend_m3_ += step_h * (sludge.flow_m3_h - feed_.flow_m3_h);
}

/// One step at `per_h` of all that is degradable.
void SludgeLine::decay(double per_h) {
  Water& d = digester_;
  const double volume_m3 = digester_m3 * scale_;
  // Oxygen and nitrate take their COD first.
  d[xs] -= d[so] - (cod_of_nitrate - cod_of_nitrogen_gas) * d[sno];
  const double n2_g = d[sno] * volume_m3;
  d[so] = d[sno] = 0;

  const double share = 1 - 1 / (1 + step_h * per_h);
  const auto take = [&](Water::Part part) {
    const double taken = share * d[part];
    d[part] -= taken;
    return taken;
  };
  const double biomass = take(xbh) + take(xba);
  const double destroyed = take(ss) + take(xs) + (1 - stays_of_biomass) * biomass;
  const double freed_n =
      take(snd) + take(xnd) + (n_in_biomass - stays_of_biomass * n_in_products) * biomass;
  d[xp] += stays_of_biomass * biomass;
  d[si] += inert_share * destroyed;
  d[snh] += dissolved_n_share * freed_n;
  d[alk] += dissolved_n_share * freed_n / 14;
  struvite_n_g_ += (1 - dissolved_n_share) * freed_n * volume_m3;
  take(hydrocarbon);
  take(toxin);
  share_metal(d);

  const double methane_g = (1 - inert_share) * destroyed * volume_m3;
  methane_cod_kg_h_ = methane_g / 1000 / step_h;
  left_ = {0, methane_g + cod_of_nitrogen_gas * n2_g, n2_g};
}

void SludgeLine::digest(double share, double air_c) {
  // The heater holds 35 degC; cold feed and cold air pull at it.
  const double pull = 0.02 * (air_c - 12) / 10;
  const double held_c =
      digester_c() + lag_coefficient(8) * (35 + 5 * pull - digester_[temperature]);
  const double volume_m3 = digester_m3 * scale_;
  flush(digester_, feed_, volume_m3);
  digester_[temperature] = held_c;
  const double fresh = feed_.flow_m3_h * step_h / (volume_m3 + feed_.flow_m3_h * step_h);
  struvite_n_out_g_ = fresh * struvite_n_g_;
  struvite_n_g_ -= struvite_n_out_g_;
  digested_ = {feed_.flow_m3_h, digester_};
  decay(digestion_per_h * share * std::exp(ln_1_05 * (held_c - 35)));

  // Acids gather where the methane makers are slower than those who feed them.
  const double wanted_acids =
      1 + 3 * (1 - share) + 0.4 * (methane_cod_kg_h_ / (normal_load_kg_h * scale_) - 1);
  acids_ += lag_coefficient(6) * (wanted_acids - acids_);
  const double wanted_methane = 0.61 - 0.05 * (acids_ - 1);
  methane_share_ += lag_coefficient(3) * (wanted_methane - methane_share_);
  const double wanted_gas = methane_m3_per_kg * methane_cod_kg_h_ / methane_share_;
  gas_m3_h_ += lag_coefficient(0.5) * (wanted_gas - gas_m3_h_);
}
double SludgeLine::digester_ph() const {
  const double alk_per_acids = std::max(digester_[alk], 1.0) / normal_alk / std::max(acids_, 0.2);
  return 7.3 + 0.9 * std::log10(alk_per_acids);
}

/// The engine burns the mean production, a little more when the holder is full; the flare the rest.
void SludgeLine::store_gas() {
  const double engine_m3_h = 150 * scale_ + 8 * scale_ * (holder_mbar_ - 22);
  const double burnt = std::clamp(engine_m3_h, 0.0, 260 * scale_);
  const double flare = 100 * scale_ * ramp(holder_mbar_, 35, 40);
  holder_mbar_ = std::max(holder_mbar_ + step_h * (gas_m3_h_ - burnt - flare) / (12 * scale_), 0.0);
}

double SludgeLine::spin(const LocalTime& time) {
  if (waiting_m3_ > overtime_from_m3 * scale_) overtime_ = true;
  if (waiting_m3_ < overtime_until_m3 * scale_) overtime_ = false;
  const bool shift = !time.is_weekend() && time.hour >= shift_begins_h && time.hour < shift_ends_h;
  centrifuge_ += lag_coefficient(0.05) * ((shift || overtime_ ? 1.0 : 0.0) - centrifuge_);
  if (centrifuge_ < 1e-3) centrifuge_ = 0;
  const double spun_m3_h =
      centrifuge_ * std::min(waiting_m3_ / emptied_in_h, highest_spun_m3_h * scale_);

  flush(waiting_, digested_, waiting_m3_);
  const double filled_m3 = waiting_m3_ + step_h * digested_.flow_m3_h;
  waiting_m3_ = filled_m3 - step_h * spun_m3_h;
  waiting_struvite_n_g_ += struvite_n_out_g_;
  struvite_n_out_g_ = waiting_struvite_n_g_ * step_h * spun_m3_h / filled_m3;
  waiting_struvite_n_g_ -= struvite_n_out_g_;
  return spun_m3_h;
}

void SludgeLine::dewater(const LocalTime& time, double svi) {
  const Stream spun{spin(time), waiting_};
  const double target = 27 * of_index(svi, 0.2);
  cake_pct_ += lag_coefficient(12) * (target - cake_pct_);
  Parted parted = separate(spun, cake_pct_, capture);
  left_ += amount(parted.thick.water, parted.thick.flow_m3_h * step_h);
  left_.nitrogen_g += struvite_n_out_g_;

  Water& reject = parted.thin.water;
  const double removed = side_stream_removal * reject[snh];
  reject[snh] -= removed;
  reject[alk] = std::max(reject[alk] - removed / 14, 0.0);
  const double removed_g = removed * parted.thin.flow_m3_h * step_h;
  oxygen_in_g_ = -cod_of_nitrogen_gas * removed_g;
  left_ += {0, cod_of_nitrogen_gas * removed_g, removed_g};
  reject[co2] = 1.5;
  reject[po4] = 25;
  reject[temperature] = 24;
  returned_ = join(returned_, parted.thin);
  power_kw_ = 35 * centrifuge_ * scale_ + 0.005 * digester_m3 * scale_ +
              (12.5 + 0.3 * feed_m3_h() / scale_) * scale_;
}

void SludgeLine::step(const Feed& feed, const LocalTime& time, double air_c, const Disturbance& d) {
  thicken(feed.primary, feed.waste, feed.sludge_volume_index);
  digest(d.digestion_share, air_c);
  store_gas();
  dewater(time, feed.sludge_volume_index);
}

}  // namespace sosie::wastewater
