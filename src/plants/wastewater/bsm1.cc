#include "plants/wastewater/bsm1.h"

#include <algorithm>
#include <cmath>

#include "plants/wastewater/component_names.h"
#include "plants/wastewater/evaluation.h"
#include "plants/wastewater/ledger.h"
#include "plants/wastewater/state_sum.h"

namespace sosie::bsm1 {
namespace {

constexpr double piece_d = 5 * minute_d;  // between two looks at whether all is well
constexpr double followed = 2.3;          // RK4's limit is 2.785; less, as a piece may grow faster
constexpr int most_steps = 30000;         // in a piece
constexpr double second_d = 1.0 / 86400;

using bsm1::advance;  // for states of one array each

void advance(const LoopState& from, double factor, const LoopState& slope, LoopState& to) {
  advance(from.oxygen_seen.level, factor, slope.oxygen_seen.level, to.oxygen_seen.level);
  advance(from.nitrate_seen.level, factor, slope.nitrate_seen.level, to.nitrate_seen.level);
  advance(from.kla_per_d.level, factor, slope.kla_per_d.level, to.kla_per_d.level);
  to.internal_m3_d = from.internal_m3_d + factor * slope.internal_m3_d;
  to.oxygen_integral = from.oxygen_integral + factor * slope.oxygen_integral;
  to.nitrate_integral = from.nitrate_integral + factor * slope.nitrate_integral;
}

Result<void> check_inflow(const Inflow& in) {
  for (std::size_t c = 0; c < components; ++c) {
    if (!(in.water[c] >= 0) || !std::isfinite(in.water[c])) {
      return Error{Errc::invalid, fmt::format("influent: {} is {}; expected 0 or more",
                                              component_names[c], in.water[c])};
    }
  }
  if (!(in.celsius > 0 && in.celsius < 45)) {
    return Error{Errc::invalid, fmt::format("influent: {} degC; expected 0 to 45", in.celsius)};
  }
  return {};
}

Result<void> check_state(const WorksState& works) {
  for (std::size_t c = 0; c < components; ++c) {
    for (std::size_t r = 0; r < reactor_count; ++r) {
      const double value = works.reactors[c][r];
      if (!(value >= 0) || !std::isfinite(value)) {
        return Error{Errc::invalid, fmt::format("state: {} of reactor {} is {}; expected 0 or more",
                                                component_names[c], r + 1, value)};
      }
    }
  }
  for (std::size_t i = 0; i < layers; ++i) {
    for (const double value : works.settler[i]) {
      if (!(value >= 0) || !std::isfinite(value)) {
        return Error{
            Errc::invalid,
            fmt::format("state: layer {} of the settler has {}; expected 0 or more", i + 1, value)};
      }
    }
  }
  return {};
}

Result<void> check_config(const Bsm1::Config& config) {
  TRY(config.works.check());
  TRY(config.loops.check());
  struct Flow {
    const char* name;
    double m3_d;
  };
  for (const Flow& flow : {Flow{"return", config.return_m3_d},
                           {"waste", config.waste_m3_d},
                           {"internal", config.internal_m3_d}}) {
    if (!(flow.m3_d >= 0 && flow.m3_d <= 1e9)) {
      return Error{Errc::invalid,
                   fmt::format("{} flow is {} m3/d; expected 0 to 1e9", flow.name, flow.m3_d)};
    }
  }
  for (std::size_t r = 0; r < reactor_count; ++r) {
    if (!(config.kla_per_d[r] >= 0 && config.kla_per_d[r] <= 1e4)) {
      return Error{Errc::invalid, fmt::format("kLa of reactor {} is {} 1/d; expected 0 to 1e4",
                                              r + 1, config.kla_per_d[r])};
    }
  }
  if (!(config.step_s >= 0.01 && config.step_s <= 25)) {
    return Error{Errc::invalid, fmt::format("a step of {} s; expected 0.01 to 25 (27 is where RK4 "
                                            "leaves the solution)",
                                            config.step_s)};
  }
  return {};
}

/// The sum of all is no number if one of them is none. Cheaper than asking each.
double sum_of(const PlantState& state) {
  double sum = 0;
  for (const Lane& row : state.works.reactors) {
    for (const double value : row) sum += std::abs(value);
  }
  for (const Layer& layer : state.works.settler) {
    for (const double value : layer) sum += std::abs(value);
  }
  const LoopState& loops = state.loops;
  return sum + loops.oxygen_seen.out() + loops.nitrate_seen.out() + loops.kla_per_d.out() +
         loops.internal_m3_d + loops.oxygen_integral + loops.nitrate_integral;
}

constexpr double largest = 1e9;  // g/m3: what has more has blown up, though it is a number yet

bool is_sound(double value) {
  return std::abs(value) < largest;
}

double largest_change(const WorksState& before, const WorksState& after) {
  double change = 0;
  const auto note = [&](double a, double b) {
    change = std::max(change, std::abs(b - a) / std::max(std::abs(b), 1e-3));
  };
  for (std::size_t c = 0; c < components; ++c) {
    for (std::size_t r = 0; r < reactor_count; ++r)
      note(before.reactors[c][r], after.reactors[c][r]);
  }
  for (std::size_t i = 0; i < layers; ++i) {
    for (std::size_t k = 0; k < columns; ++k) note(before.settler[i][k], after.settler[i][k]);
  }
  return change;
}

}  // namespace

Inflow constant_inflow() {
  Inflow in;
  in.water[si] = 30;
  in.water[ss] = 69.5;
  in.water[xi] = 51.2;
  in.water[xs] = 202.32;
  in.water[xbh] = 28.17;
  in.water[snh] = 31.56;
  in.water[snd] = 6.95;
  in.water[xnd] = 10.59;
  in.water[salk] = 7;
  in.m3_d = 18446;
  return in;
}

Bsm1::Bsm1(const Config& config) : config_(config), works_(config.works, 15) {}

Result<Bsm1> Bsm1::create(const Config& config) {
  TRY(check_config(config));
  Bsm1 plant(config);
  plant.state_ = usual_start(config);
  return plant;
}

Result<void> Bsm1::feed(const Inflow& inflow) {
  TRY(check_inflow(inflow));
  if (!(inflow.m3_d > config_.waste_m3_d && inflow.m3_d <= 1e9)) {
    return Error{Errc::invalid, fmt::format("influent: {} m3/d; expected more than what is wasted, "
                                            "{} m3/d, and 1e9 at most",
                                            inflow.m3_d, config_.waste_m3_d)};
  }
  inflow_ = inflow;
  if (inflow.celsius != works_.celsius()) works_ = Works(config_.works, inflow.celsius);
  duty_.influent = inflow.water;
  duty_.influent_m3_d = inflow.m3_d;
  duty_.internal_m3_d = config_.internal_m3_d;
  duty_.return_m3_d = config_.return_m3_d;
  duty_.waste_m3_d = config_.waste_m3_d;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    duty_.kla_per_d[r] = config_.kla_per_d[r] * works_.kla_factor();
  }
  return {};
}

double Bsm1::kla_5(const PlantState& state) const {
  return config_.control == Control::open ? config_.kla_per_d[4] : state.loops.kla_per_d.out();
}

Duty Bsm1::duty(const PlantState& state) const {
  Duty duty = duty_;
  if (config_.control == Control::closed) {
    duty.kla_per_d[4] = state.loops.kla_per_d.out() * works_.kla_factor();
    duty.internal_m3_d = state.loops.internal_m3_d;
  }
  return duty;
}

Result<void> Bsm1::set_state(const PlantState& state) {
  TRY(check_state(state.works));
  state_ = state;
  return {};
}

void Bsm1::derive(const PlantState& y, PlantState& change) const {
  if (config_.control == Control::open) {
    works_.derive(y.works, duty_, change.works);
    return;
  }
  works_.derive(y.works, duty(y), change.works);
  config_.loops.derive(y.loops, y.works.reactors[so][4], y.works.reactors[sno][1], change.loops);
}

/// y' = y + h/6 (k1 + 2 k2 + 2 k3 + k4), the sum gathered on the way.
void Bsm1::step(double h, Stages* stages) {
  const PlantState begin = state_;
  PlantState& slope = slope_;
  PlantState& stage = stage_;
  const auto note = [&](std::size_t which, const PlantState& at) {
    if (stages != nullptr) (*stages)[which] = at;
  };
  const auto go = [&](double factor, const PlantState& from, PlantState& to) {
    advance(from.works, factor, slope.works, to.works);
    if (config_.control == Control::closed) advance(from.loops, factor, slope.loops, to.loops);
  };
  note(0, begin);
  derive(begin, slope);
  go(h / 6, begin, state_);
  go(h / 2, begin, stage);
  note(1, stage);
  derive(stage, slope);
  go(h / 3, state_, state_);
  go(h / 2, begin, stage);
  note(2, stage);
  derive(stage, slope);
  go(h / 3, state_, state_);
  go(h, begin, stage);
  note(3, stage);
  derive(stage, slope);
  go(h / 6, state_, state_);
}

Result<void> Bsm1::check_finite() const {
  if (is_sound(sum_of(state_))) return {};
  const auto became = [&](std::string_view state, std::string_view place, std::size_t number,
                          double value) {
    return Error{Errc::unsupported, fmt::format("at day {:.4f}: {} of {} {} became {}", time_d_,
                                                state, place, number, value)};
  };
  for (std::size_t c = 0; c < components; ++c) {
    for (std::size_t r = 0; r < reactor_count; ++r) {
      const double value = state_.works.reactors[c][r];
      if (!is_sound(value)) return became(component_names[c], "reactor", r + 1, value);
    }
  }
  for (std::size_t i = 0; i < layers; ++i) {
    for (std::size_t k = 0; k < columns; ++k) {
      const double value = state_.works.settler[i][k];
      const std::string_view name = k == layer_tss ? "TSS" : component_names[soluble_parts[k]];
      if (!is_sound(value)) return became(name, "the settler's layer", i + 1, value);
    }
  }
  return Error{Errc::unsupported,
               fmt::format("at day {:.4f}: a state of the loops is no number", time_d_)};
}

Result<int> Bsm1::steps_for(double days) const {
  const double fastest = works_.stiffness(state_.works, duty());
  const double longest = std::min(config_.step_s * second_d, followed / fastest);
  const double steps = std::ceil(days / longest - 1e-6);
  if (!(steps <= most_steps)) {
    return Error{Errc::unsupported,
                 fmt::format("at day {:.4f}: oxygen moves within {:.2g} s, too fast to be followed",
                             time_d_, 1 / (fastest * second_d))};
  }
  return std::max(static_cast<int>(steps), 1);
}

template <class Step>
Result<void> Bsm1::live_by(double days, Step&& step_once) {
  const int pieces = std::max(static_cast<int>(std::ceil(days / piece_d - 1e-6)), 1);
  const double piece = days / pieces;
  for (int i = 0; i < pieces; ++i) {
    const PlantState good = state_;
    const int steps = TRY(steps_for(piece));
    for (int k = 0; k < steps; ++k) step_once(piece / steps);
    if (auto sound = check_finite(); !sound) {
      state_ = good;
      return sound;
    }
    time_d_ += piece;
  }
  return {};
}

Result<void> Bsm1::live(double days) {
  return live_by(days, [this](double h) { step(h, nullptr); });
}

Result<void> Bsm1::live(double days, Evaluation& evaluation) {
  return live_by(days, [&](double h) {
    step(h, nullptr);
    evaluation.step(*this, h);
  });
}

Result<void> Bsm1::live(double days, Ledger& ledger) {
  Stages stages;
  return live_by(days, [&](double h) {
    step(h, &stages);
    ledger.enter(*this, stages, h);
  });
}

Result<void> Bsm1::settle() {
  const double began_d = time_d_;
  constexpr int most_days = 400;
  for (int day = 0; day < most_days; ++day) {
    const WorksState before = state_.works;
    TRY(live(1));
    if (largest_change(before, state_.works) < 1e-10) break;
  }
  time_d_ = began_d;
  return {};
}

double Bsm1::solids_g() const {
  double grams = 0;
  const double tss_per_cod = config_.works.asm1.tss_per_cod;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    grams += config_.works.volume_m3[r] * solids_of(state_.works.reactor(r + 1), tss_per_cod);
  }
  for (const Layer& layer : state_.works.settler) grams += works_.layer_m3() * layer[layer_tss];
  return grams;
}

PlantState usual_start(const Bsm1::Config& config) {
  struct Start {
    double ss, xs, xbh, xba, xp, so, sno, snh, snd, xnd, salk;
  };
  constexpr std::array<Start, reactor_count> starts{{
      {3.2439, 98.6029, 2552.11, 151.672, 446.925, 0.0076964, 3.5133, 11.8312, 1.3621, 6.1775,
       5.3399},
      {1.6707, 91.7032, 2552.37, 151.53, 448.084, 6.0271e-05, 1.0, 12.5482, 0.78899, 5.9537,
       5.5706},
      {1.2195, 69.6594, 2560.2, 152.687, 449.634, 1.635, 6.2289, 7.3197, 0.8307, 4.7131, 4.8236},
      {0.97326, 54.4484, 2563.31, 153.711, 451.185, 2.4745, 11.0693, 2.7825, 0.75276, 3.8403,
       4.1538},
      {0.80801, 44.4828, 2562.85, 154.163, 452.737, 2.0, 13.5243, 0.67193, 0.6645, 3.2605, 3.8277},
  }};
  constexpr std::array<double, layers> solids{12.5,  18.1,  29.5,  69.0,  356.3,
                                              356.3, 356.3, 356.3, 356.3, 6399.3};
  PlantState state;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    const Start& s = starts[r];
    state.works.set_reactor(r + 1, {30, s.ss, 1149.168, s.xs, s.xbh, s.xba, s.xp, s.so, s.sno,
                                    s.snh, s.snd, s.xnd, s.salk});
  }
  const Layer feed = to_layer(state.works.reactor(reactor_count), config.works.asm1.tss_per_cod);
  for (std::size_t i = 0; i < layers; ++i) {
    state.works.settler[i] = feed;
    state.works.settler[i][layer_tss] = solids[i];
  }
  state.loops = config.loops.resting(2.0, 1.0, 131.65, 16485.6 * config.loops.recycle_scale);
  return state;
}

}  // namespace sosie::bsm1
