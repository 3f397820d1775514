#include "plants/wastewater/sludge.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double digester_m3 = 4117;  // BSM2's 3400, for this plant's load
constexpr double digestion_per_h = 0.25 / 24;
constexpr double methane_m3_per_kg = 0.35;
constexpr double dissolved_n_share = 0.75;  // the rest leaves as struvite and with the cake
constexpr double normal_load_kg_h = 290;    // degradable COD destroyed on a normal day
constexpr double side_stream_removal = 0.8;
constexpr double capture = 0.98;

}  // namespace

SludgeLine::SludgeLine(double scale)
    : scale_(scale),
      degradable_kg_(24000 * scale),
      bound_n_kg_(1250 * scale),
      ammonia_kg_(4940 * scale) {}

/// The waste sludge is thickened to 5.5 % less what bulking costs; its water goes back at once.
void SludgeLine::thicken(const Stream& primary, const Stream& waste, double svi) {
  const double target = 5.5 * std::pow(normal_svi_ml_g / svi, 0.4);
  thickened_pct_ += lag_coefficient(1) * (target - thickened_pct_);
  const double waste_kg_h = waste.flow_m3_h * tss(waste.water) / 1000;
  const double thick_m3_h = std::min(capture * waste_kg_h / (10 * thickened_pct_), waste.flow_m3_h);

  const auto degradable = [](const Water& w) { return w[xs] + 0.92 * (w[xbh] + w[xba]); };
  const auto nitrogen = [](const Water& w) { return w[xnd] + 0.076 * (w[xbh] + w[xba]); };
  const double kg = capture / 1000;
  // The blend tank before the digester evens out the primary sludge's pulses.
  const double even = lag_coefficient(2);
  feed_m3_h_ += even * (primary.flow_m3_h + thick_m3_h - feed_m3_h_);
  feed_cod_kg_h_ += even * (primary.flow_m3_h * degradable(primary.water) / 1000 +
                            kg * waste.flow_m3_h * degradable(waste.water) - feed_cod_kg_h_);
  feed_n_kg_h_ += even * (primary.flow_m3_h * nitrogen(primary.water) / 1000 +
                          kg * waste.flow_m3_h * nitrogen(waste.water) - feed_n_kg_h_);

  const double over_m3_h = waste.flow_m3_h - thick_m3_h;
  const double carried = over_m3_h > 0 ? (1 - capture) * waste.flow_m3_h / over_m3_h : 0;
  returned_ = {over_m3_h, with_solids(waste.water, carried)};
}

void SludgeLine::digest(double share) {
  const double warmth = std::pow(1.05, digester_c_ - 35);
  const double destroyed_share = digestion_per_h * share * warmth;
  const double out_share = feed_m3_h_ / (digester_m3 * scale_);
  const double keep = 1 / (1 + step_h * (out_share + destroyed_share));
  degradable_kg_ = (degradable_kg_ + step_h * feed_cod_kg_h_) * keep;
  bound_n_kg_ = (bound_n_kg_ + step_h * feed_n_kg_h_) * keep;
  ammonia_kg_ = (ammonia_kg_ + step_h * dissolved_n_share * destroyed_share * bound_n_kg_) /
                (1 + step_h * out_share);
  const double destroyed_kg_h = destroyed_share * degradable_kg_;

  // Acids gather where the methane makers are slower than those who feed them.
  const double wanted_acids =
      1 + 3 * (1 - share) + 0.4 * (destroyed_kg_h / (normal_load_kg_h * scale_) - 1);
  acids_ += lag_coefficient(6) * (wanted_acids - acids_);
  const double wanted_methane = 0.61 - 0.05 * (acids_ - 1);
  methane_share_ += lag_coefficient(3) * (wanted_methane - methane_share_);
  const double wanted_gas = methane_m3_per_kg * destroyed_kg_h / methane_share_;
  gas_m3_h_ += lag_coefficient(0.5) * (wanted_gas - gas_m3_h_);
}
double SludgeLine::digester_ph() const {
  return 7.3 - 0.9 * std::log10(std::max(acids_, 0.2));
}

/// The engine burns the mean production, a little more when the holder is full; the flare the rest.
void SludgeLine::store_gas() {
  const double engine_m3_h = 150 * scale_ + 8 * scale_ * (holder_mbar_ - 22);
  const double burnt = std::clamp(engine_m3_h, 0.0, 260 * scale_);
  const double flare = 100 * scale_ * ramp(holder_mbar_, 35, 40);
  holder_mbar_ = std::max(holder_mbar_ + step_h * (gas_m3_h_ - burnt - flare) / (12 * scale_), 0.0);
}

void SludgeLine::dewater(const LocalTime& time, double svi) {
  const bool shift = !time.is_weekend() && time.hour >= 8 && time.hour < 16;
  centrifuge_ += lag_coefficient(0.05) * ((shift ? 1.0 : 0.0) - centrifuge_);
  const double target = 27 * std::pow(normal_svi_ml_g / svi, 0.2);
  cake_pct_ += lag_coefficient(12) * (target - cake_pct_);
  reject_nh_g_m3_ = 1000 * ammonia_kg_ / (digester_m3 * scale_);

  const double reject_m3_h = feed_m3_h_ * (1 - thickened_pct_ / cake_pct_);
  Water reject = returned_.water;
  for (std::size_t i = Water::first_solid; i < parts; ++i) reject.c[i] = 0;
  reject[snh] = reject_nh_g_m3_ * (1 - side_stream_removal);
  reject[alk] = 4 + reject[snh] / 14;
  reject[co2] = 1.5;
  reject[po4] = 25;
  reject[si] = 120;
  reject[so] = 0;
  reject[temperature] = 24;
  returned_ = join(returned_, {reject_m3_h, reject});
  power_kw_ = 35 * centrifuge_ * scale_ + 0.005 * digester_m3 * scale_ +
              (12.5 + 0.3 * feed_m3_h_ / scale_) * scale_;
}

void SludgeLine::step(const Feed& feed, const LocalTime& time, double air_c, const Disturbance& d) {
  thicken(feed.primary, feed.waste, feed.sludge_volume_index);
  // The heater holds 35 degC; cold feed and cold air pull at it.
  const double pull = 0.02 * (air_c - 12) / 10;
  digester_c_ += lag_coefficient(8) * (35 + 5 * pull - digester_c_);
  digest(d.digestion_share);
  store_gas();
  dewater(time, feed.sludge_volume_index);
}

}  // namespace sosie::wastewater
