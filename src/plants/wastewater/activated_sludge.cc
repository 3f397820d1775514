#include "plants/wastewater/activated_sludge.h"

#include <algorithm>
#include <cmath>

#include "plants/wastewater/bsm1.h"
#include "plants/wastewater/design.h"
#include "plants/wastewater/state_sum.h"

namespace sosie::wastewater {
namespace {

constexpr double bsm1_volumes = 1.355;  // of this station: 1042 m3/h where BSM1 has 769
constexpr double step_d = step_h / 24;
constexpr double followed_step = 2.3;  // times the oxygen's time; RK4's limit is 2.785
constexpr int most_parts = 50;         // of a step
constexpr double warmer_c = 0.01;      // less does not change the rates
constexpr double sludge_g_m3 = 3000;   // BSM1's limit of what is sludge
constexpr double least_alkalinity = 0.02;

struct Shared {
  Water::Part part;
  bsm1::Component component;
};
constexpr std::array<Shared, bsm1::components> shared{{{Water::si, bsm1::si},
                                                       {Water::ss, bsm1::ss},
                                                       {Water::xi, bsm1::xi},
                                                       {Water::xs, bsm1::xs},
                                                       {Water::xbh, bsm1::xbh},
                                                       {Water::xba, bsm1::xba},
                                                       {Water::xp, bsm1::xp},
                                                       {Water::so, bsm1::so},
                                                       {Water::sno, bsm1::sno},
                                                       {Water::snh, bsm1::snh},
                                                       {Water::snd, bsm1::snd},
                                                       {Water::xnd, bsm1::xnd},
                                                       {Water::alk, bsm1::salk}}};

bsm1::Mixture to_mixture(const Water& water) {
  bsm1::Mixture mixture{};
  for (const Shared& s : shared) mixture[s.component] = water[s.part];
  return mixture;
}

/// How a sludge settles by its volume index: v0 = 17.4 e^(-0.0113 SVI) + 3.931 m/h, and 1.043 -
/// 0.9834 e^(-0.00581 SVI) l/g in the exponent (Härtel and Pöpel 1992), each beside its value at
/// 110 ml/g, where BSM1's own hold. What never settles grows with the index, too.
bsm1::SettlerParameters settling(bsm1::SettlerParameters p, double svi) {
  const auto speed = [](double index) { return 17.4 * std::exp(-0.0113 * index) + 3.931; };
  const auto hindrance = [](double index) { return 1.043 - 0.9834 * std::exp(-0.00581 * index); };
  p.v0_m_d *= speed(svi) / speed(normal_svi_ml_g);
  p.v0_max_m_d *= speed(svi) / speed(normal_svi_ml_g);
  p.r_h_m3_g *= hindrance(svi) / hindrance(normal_svi_ml_g);
  p.f_ns *= std::pow(svi / normal_svi_ml_g, 0.8);
  return p;
}

bool is_number(const bsm1::WorksState& state) {
  double sum = 0;
  for (const bsm1::Lane& row : state.reactors) {
    for (const double value : row) sum += value;
  }
  for (const bsm1::Layer& layer : state.settler) {
    for (const double value : layer) sum += value;
  }
  return std::isfinite(sum);
}

}  // namespace

ActivatedSludge::ActivatedSludge(double scale, double breathed_per_h)
    : parameters_(bsm1::WorksParameters{}.scaled(bsm1_volumes * scale)),
      works_(parameters_, 15),
      breathed_per_h_(breathed_per_h),
      state_(bsm1::usual_start({.works = parameters_}).works),
      effluent_(works_.effluent(state_)),
      underflow_(works_.underflow(state_)) {
  for (const bsm1::Layer& layer : state_.settler) {
    const bsm1::Mixture water =
        bsm1::to_mixture(layer, state_.reactor(bsm1::reactor_count), parameters_.asm1.tss_per_cod);
    for (const bsm1::Component part : bsm1::solid_parts) {
      settled_[part] += works_.layer_m3() * water[part];
    }
  }
}

void ActivatedSludge::live_by(const bsm1::WorksParameters& parameters) {
  parameters_ = parameters;
  works_ = bsm1::Works(parameters_, works_.celsius());
}

void ActivatedSludge::show(const bsm1::Mixture& mixture, Water& water) {
  for (const Shared& s : shared) water[s.part] = mixture[s.component];
}

/// The model at this step's temperature, sludge and toxin.
void ActivatedSludge::adapt(const Drive& drive) {
  const double celsius = std::clamp(drive.celsius, 1.0, 40.0);
  if (std::abs(celsius - works_.celsius()) > warmer_c) {
    works_ = bsm1::Works(parameters_, celsius);
  }
  works_.set_settling(drive.sludge_volume_index == normal_svi_ml_g
                          ? parameters_.settler
                          : settling(parameters_.settler, drive.sludge_volume_index));
  bsm1::Vigour vigour = bsm1::full_vigour;
  for (std::size_t r = 0; r < bsm1::reactor_count; ++r) {
    vigour.heterotrophs[r] = 1 / (1 + 0.25 * drive.toxin[r]);
    vigour.autotrophs[r] = 1 / (1 + drive.toxin[r]);
  }
  works_.set_vigour(vigour);
}

void ActivatedSludge::Passing::note(const bsm1::WorksState& state, double weight) {
  for (std::size_t k = 0; k < bsm1::columns; ++k) {
    top[k] += weight * state.settler.front()[k];
    bottom[k] += weight * state.settler.back()[k];
  }
  for (const bsm1::Component part : bsm1::solid_parts) {
    feed[part] += weight * state.reactors[part][bsm1::reactor_count - 1];
  }
}

/// What left the settler above and below, and what its solids are made of after it.
void ActivatedSludge::carry(const Passing& mean, const bsm1::Duty& duty) {
  const double tss_per_cod = parameters_.asm1.tss_per_cod;
  effluent_ = bsm1::to_mixture(mean.top, settled_, tss_per_cod);
  underflow_ = bsm1::to_mixture(mean.bottom, settled_, tss_per_cod);
  const double below_m3_d = duty.return_m3_d + duty.waste_m3_d;
  for (const bsm1::Component part : bsm1::solid_parts) {
    settled_[part] +=
        step_d * (duty.settler_m3_d() * mean.feed[part] - duty.effluent_m3_d() * effluent_[part] -
                  below_m3_d * underflow_[part]);
  }
}

/// The clear layers' oxygen is breathed by the sludge, which decays for it.
void ActivatedSludge::breathe() {
  const bsm1::Asm1Parameters& p = parameters_.asm1;
  const double breathed = 1 - 1 / (1 + step_h * breathed_per_h_);
  double oxygen_g = 0;
  for (std::size_t i = 0; i < bsm1::feed_layer; ++i) {
    oxygen_g += state_.settler[i][bsm1::layer_so] * breathed * works_.layer_m3();
  }
  const double decayed_g = oxygen_g / (1 - p.f_p);
  if (!(oxygen_g > 0 && decayed_g < settled_[bsm1::xbh] / 2)) return;
  for (std::size_t i = 0; i < bsm1::feed_layer; ++i) {
    state_.settler[i][bsm1::layer_so] *= 1 - breathed;
  }
  const double left = 1 - p.tss_per_cod * oxygen_g / bsm1::solids_of(settled_, p.tss_per_cod);
  for (bsm1::Layer& layer : state_.settler) layer[bsm1::layer_tss] *= left;
  settled_[bsm1::xbh] -= decayed_g;
  settled_[bsm1::xp] += p.f_p * decayed_g;
  settled_[bsm1::xnd] += (p.i_xb - p.f_p * p.i_xp) * decayed_g;
}

Amount ActivatedSludge::holds() const {
  Amount all;
  Water water;
  for (std::size_t r = 0; r < bsm1::reactor_count; ++r) {
    show_reactor(r + 1, water);
    all += amount(water, parameters_.volume_m3[r]);
  }
  for (const bsm1::Layer& layer : state_.settler) {
    show(bsm1::to_mixture(layer, {}, parameters_.asm1.tss_per_cod), water);
    all += amount(water, works_.layer_m3());
  }
  show(settled_, water);  // g, where the others are g/m3
  all += {0, cod(water), total_n(water)};
  return all;
}

void ActivatedSludge::step(const Drive& drive, Gas* gas) {
  adapt(drive);
  bsm1::Duty duty;
  duty.influent = to_mixture(drive.in.water);
  duty.influent_m3_d = 24 * drive.in.flow_m3_h;
  duty.internal_m3_d = 24 * drive.recycle_m3_h;
  duty.return_m3_d = 24 * drive.return_m3_h;
  duty.waste_m3_d = 24 * drive.waste_m3_h;
  for (std::size_t r = 0; r < bsm1::reactor_count; ++r) duty.kla_per_d[r] = 24 * drive.kla_per_h[r];

  duty.settled = settled_;

  const bsm1::WorksState before = state_;
  const double fastest = works_.stiffness(state_, duty);
  const int parts =
      std::clamp(static_cast<int>(std::ceil(step_d * fastest / followed_step)), 1, most_parts);
  Passing mean;
  Gas given;
  const auto note = [&](const bsm1::WorksState& state) {
    mean.note(state, 0.5 / parts);
    if (gas == nullptr) return;
    const bsm1::Works::Gas per_d = works_.gas(state, duty);
    given.oxygen_in += step_d / 2 / parts * per_d.oxygen_in;
    given.nitrogen_out += step_d / 2 / parts * per_d.nitrogen_out;
  };
  for (int part = 0; part < parts; ++part) {
    bsm1::advance_heun(works_, duty, step_d / parts, state_, note);
  }

  for (std::size_t r = 0; r < bsm1::reactor_count; ++r) {  // an acid spill may take all of it
    state_.reactors[bsm1::salk][r] = std::max(state_.reactors[bsm1::salk][r], least_alkalinity);
  }
  if (!is_number(state_)) {
    state_ = before;
    return;
  }
  carry(mean, duty);
  breathe();
  if (gas != nullptr) {
    gas->oxygen_in += given.oxygen_in;
    gas->nitrogen_out += given.nitrogen_out;
  }
}

void ActivatedSludge::show_reactor(std::size_t number, Water& water) const {
  show(state_.reactor(number), water);
}

double ActivatedSludge::solids_g_m3(std::size_t layer) const {
  return state_.settler[layer - 1][bsm1::layer_tss];
}

double ActivatedSludge::blanket_m() const {
  const double layer_m = parameters_.settler.height_m / bsm1::layers;
  double below_g_m3 = 0;  // the layer under the one that is looked at
  for (std::size_t up = 0; up < bsm1::layers; ++up) {
    const double here = solids_g_m3(bsm1::layers - up);
    const double middle_m = layer_m * (static_cast<double>(up) + 0.5);
    if (here < sludge_g_m3) {
      if (up == 0) return middle_m * here / sludge_g_m3;
      return middle_m - layer_m * (sludge_g_m3 - here) / (below_g_m3 - here);
    }
    below_g_m3 = here;
  }
  return parameters_.settler.height_m;
}

}  // namespace sosie::wastewater
