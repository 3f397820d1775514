#include "plants/wastewater/tertiary.h"

#include <cmath>

#include "plants/wastewater/design.h"

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double coagulation_m3 = 260;
constexpr double filter_m3 = 120;
constexpr double filter_capacity_m3_h = 2200;

constexpr double iron_mol_l = 3.5;  // FeCl3, 40 %
constexpr double highest_dose_l_h = 350;
constexpr double precipitation = 1.37;
constexpr double iron_g_mol = 55.85;

constexpr double passing = 0.30;  // of the particles, through a clean filter
constexpr double clean_loss_kpa = 9;
constexpr double double_loss_kg = 157;  // m_0
constexpr double wash_at_kpa = 35;
constexpr double wash_every_h = 24;
constexpr double wash_lasts_h = 1.0 / 6;
constexpr double wash_flow_m3_h = 400;

}  // namespace

void Tertiary::coagulate(const Stream& in, const Disturbance& d, const Feedback& feedback,
                         const Followed& followed) {
  inlet_ = in.water;
  lose_co2(inlet_, 0.25);
  const double taken_up = 0.2 * (oxygen_saturation(inlet_[temperature]) - inlet_[so]);
  inlet_[so] += taken_up;
  oxygen_in_g_ = taken_up * in.flow_m3_h * step_h;
  flush(coagulated_, {in.flow_m3_h, inlet_}, coagulation_m3 * scale_);

  const double load_mol_h = std::max(feedback.phosphate_tertiary, 0.0) * in.flow_m3_h / 31;
  reported_l_h_ =
      std::min(feedback.set.fe_per_p * load_mol_h / iron_mol_l, highest_dose_l_h * scale_);
  if (d.ferric_pump_failed) reported_l_h_ = 0;
  if (followed.ferric_l_h) reported_l_h_ = *followed.ferric_l_h;
  dosing_pump_state_ = d.ferric_pump_failed ? 2 : 1;

  // The true dose acts on the water that comes in, in the mixer at the tank's inlet.
  const double true_mol_m3 =
      reported_l_h_ * d.ferric_factor * iron_mol_l / std::max(in.flow_m3_h, 1.0);
  const double fresh = in.flow_m3_h * step_h / (coagulation_m3 * scale_ + in.flow_m3_h * step_h);
  const double phosphate_mol = inlet_[po4] / 31;
  const double ratio = phosphate_mol > 1e-6 ? true_mol_m3 / phosphate_mol : 0;
  const double bound = inlet_[po4] * (1 - std::exp(-precipitation * ratio));
  coagulated_[po4] -= fresh * bound;
  add_acid(coagulated_, fresh * 3 * true_mol_m3);
  coagulated_[salt] += fresh * 2 * true_mol_m3 * iron_g_mol;
  iron_dose_g_m3_ = true_mol_m3 * iron_g_mol;
}

void Tertiary::filter(double flow_m3_h, double clogging_speed) {
  const double capacity = filter_capacity_m3_h * scale_;
  bypass_m3_h_ = std::max(flow_m3_h - capacity, 0.0);
  const double through = flow_m3_h - bypass_m3_h_;
  const double load = through / (mean_effluent_m3_h * scale_);

  // A loaded filter lets more through.
  const double share = passing * (0.9 + 0.1 * load) + 0.06 * ramp(held_kg_ / scale_, 150, 500);
  flush(filtered_, {through, with_solids(coagulated_, share)}, filter_m3 * scale_);
  // Of the precipitate most is held too: 0.4 mg/l of iron is left of the usual dose.
  const double target_fe = 0.03 * iron_dose_g_m3_ + 0.015 * tss(filtered_);
  iron_g_m3_ += lag_coefficient(0.3) * (target_fe - iron_g_m3_);

  const double kg = (1 - share) * through * step_h / 1000;
  for (std::size_t i = Water::first_solid; i < parts; ++i) held_.c[i] += kg * coagulated_.c[i];
  held_kg_ += clogging_speed * (kg * (tss(coagulated_)) + 1e-3 * through * step_h * 0.6);
  loss_kpa_ = clean_loss_kpa * load * (1 + held_kg_ / (double_loss_kg * scale_));
  filtered_m3_h_ = through;
}

/// While it washes, a part of the filtered water takes what was held back to the plant's head.
void Tertiary::wash(double flow_m3_h, std::optional<bool> is_washed) {
  timer_h_ += step_h;
  const bool is_time = timer_h_ >= wash_every_h;
  if (is_time) timer_h_ -= wash_every_h;
  if (is_washed) {
    if (!*is_washed) washing_h_ = 0;
    if (*is_washed && washing_h_ <= 0) washing_h_ = wash_lasts_h;
  } else if (is_time || (washing_h_ <= 0 && loss_kpa_ > wash_at_kpa)) {
    washing_h_ = wash_lasts_h;
  }
  wash_m3_h_ = washing_h_ > 0 ? std::min(wash_flow_m3_h * scale_, flow_m3_h) : 0;
  wash_ = filtered_;
  if (wash_m3_h_ <= 0) return;
  const double taken = std::min(1.5 * step_h / std::max(washing_h_, step_h), 1.0);
  const double g_m3_per_kg = 1000 * taken / (wash_m3_h_ * step_h);
  for (std::size_t i = Water::first_solid; i < parts; ++i) {
    wash_.c[i] = filtered_.c[i] + held_.c[i] * g_m3_per_kg;
    held_.c[i] -= taken * held_.c[i];
  }
  held_kg_ -= taken * held_kg_;
  filtered_m3_h_ -= wash_m3_h_;
  washing_h_ -= step_h;
}

Amount Tertiary::holds() const {
  Amount all = amount(coagulated_, coagulation_m3 * scale_);
  all += amount(filtered_, filter_m3 * scale_);
  all += {0, 1000 * cod(held_), 1000 * total_n(held_)};  // kg
  return all;
}
double Tertiary::total_p() const {
  return filtered_[po4] + 0.025 * tss(filtered_);
}
double Tertiary::power_kw() const {
  return 0.02 * filter_flow_m3_h() + (washing_h_ > 0 ? 30 * scale_ : 0);
}

void Tertiary::step(const Stream& in, const Disturbance& d, const Feedback& feedback,
                    const Followed& followed) {
  coagulate(in, d, feedback, followed);
  filter(in.flow_m3_h, d.filter_clogging);
  wash(filtered_m3_h_, followed.is_washed);
}

}  // namespace sosie::wastewater
