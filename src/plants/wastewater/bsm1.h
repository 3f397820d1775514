#pragma once

#include "plants/wastewater/loops.h"
#include "plants/wastewater/works.h"

namespace sosie::bsm1 {

/// What comes in. Held until the next.
struct Inflow {
  Mixture water{};
  double m3_d = 0;
  double celsius = 15;  ///< of all the water: there is no heat in this model
};

/// BSM1's constant influent: the averages of its dry weather.
Inflow constant_inflow();

enum class Control {
  open,    ///< kLa5 84 1/d, internal recycle 55 338 m3/d
  closed,  ///< both kept by loops
};

struct PlantState {
  WorksState works;
  LoopState loops;  ///< at rest in open loop
};

class Evaluation;
class Ledger;

/// The benchmark's plant, alive: 145 states in open loop, 160 in closed loop, by the classical
/// fourth-order method of Runge and Kutta at a fixed step (docs/decisions/0009).
///
/// The step is shortened where an influent makes the oxygen's time shorter than RK4 can follow; the
/// same inputs give the same bits.
class Bsm1 {
 public:
  struct Config {
    WorksParameters works{};
    Loops loops{};
    Control control = Control::open;
    double return_m3_d = 18446;
    double waste_m3_d = 385;
    double internal_m3_d = 55338;  ///< open loop
    std::array<double, reactor_count> kla_per_d{0, 0, 240, 240,
                                                84};  ///< at 15 degC; [4]: open loop
    double step_s = 20;                               ///< at most
  };

  /// The plant near its steady state, without an inflow yet. Errors: invalid, naming what is wrong.
  static Result<Bsm1> create(const Config& config);

  /// What flows in from now on. Errors: invalid, naming the value that cannot be.
  Result<void> feed(const Inflow& inflow);

  /// Lives `days`. Errors: unsupported, with the time and the state that is no number any more, or
  /// moves faster than can be followed; the plant is then as it was before, at most 5 minutes ago.
  /// REQUIRES: it was fed.
  Result<void> live(double days);
  /// The same, evaluated, or with its books kept.
  Result<void> live(double days, Evaluation& evaluation);
  Result<void> live(double days, Ledger& ledger);

  /// Lives under the inflow until no state changes by more than a 1e-10th of itself in a day; 400
  /// days at most. What it takes does not count: the time is again what it was.
  Result<void> settle();

  const PlantState& state() const { return state_; }
  /// Errors: invalid, naming a state that is negative or no number.
  Result<void> set_state(const PlantState& state);

  double time_d() const { return time_d_; }
  void set_time(double days) { time_d_ = days; }
  const Config& config() const { return config_; }
  const Inflow& inflow() const { return inflow_; }
  const Works& works() const { return works_; }

  /// How the plant is run in `state`: in closed loop, as its loops say.
  Duty duty(const PlantState& state) const;
  Duty duty() const { return duty(state_); }
  /// kLa asked for, 1/d, at 15 degC.
  double kla_5(const PlantState& state) const;

  Mixture effluent() const { return works_.effluent(state_.works); }
  Mixture underflow() const { return works_.underflow(state_.works); }

  /// Suspended solids in reactors and settler, g.
  double solids_g() const;

 private:
  explicit Bsm1(const Config& config);
  using Stages = std::array<PlantState, 4>;
  void derive(const PlantState& y, PlantState& change) const;
  void step(double days, Stages* stages);
  Result<void> check_finite() const;
  Result<int> steps_for(double days) const;
  template <class Step>
  Result<void> live_by(double days, Step&& step);

  Config config_;
  Works works_;
  Inflow inflow_;
  Duty duty_;  ///< but for what the loops move
  PlantState state_;
  PlantState slope_;  ///< step()'s own, kept so that it need not be cleared each time
  PlantState stage_;  ///< idem
  double time_d_ = 0;
};

/// The benchmark's initial values (asm1init.m): closed loop's steady state, to four digits.
PlantState usual_start(const Bsm1::Config& config);

}  // namespace sosie::bsm1
