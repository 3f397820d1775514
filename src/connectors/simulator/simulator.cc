#include "simulation/simulator.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guarded.h"
#include "base/log.h"
#include "base/time_text.h"
#include "connectors/simulator/config.h"
#include "connectors/simulator/device.h"
#include "connectors/simulator/preface.h"
#include "core/catalog.h"
#include "core/follower.h"
#include "core/source.h"
#include "generating/generator.h"
#include "simulation/plant.h"

namespace sosie {
namespace {

constexpr int most_steps_a_batch = 64;
constexpr Duration remember_every = std::chrono::minutes(1);
constexpr Duration remember_every_when_fast = std::chrono::hours(6);

/// Labels while nobody listens: only those that had begun before are of interest, when they end.
class Quiet final : public LabelSink {
 public:
  Quiet(LabelSink& sink, std::vector<Label> before) : sink_(sink), before_(std::move(before)) {}
  void label(const Label& label) override {
    for (const Label& known : before_) {
      if (known.id == label.id) sink_.label(label);
    }
  }

 private:
  LabelSink& sink_;
  std::vector<Label> before_;
};

class NoLabels final : public LabelSink {
 public:
  void label(const Label&) override {}
};

Error not_begun() {
  return {Errc::unavailable, "the plant has not begun to live"};
}

/// A plant's life begins as its scenario says.
Result<void> set_out(Plant& plant, const SimulatorConfig& config, Timestamp at) {
  plant.set_fault_rate(config.fault_rate);
  TRY(plant.set_weather(config.weather));
  plant.start(at, config.seed);
  return {};
}

/// Where a remembered life stands.
struct Awake {
  Timestamp at;
  std::string weather_set;
};

/// What the scenario says has changed since counts; what people ordered meanwhile goes on. None:
/// another seed's or program's.
std::optional<Awake> go_on(Plant& plant, const SimulatorConfig& config, std::string_view bytes) {
  const auto preface = Preface::take(bytes);
  if (!preface || preface->seed != config.seed) return std::nullopt;
  const auto at_end = bytes.find('\n');
  const auto at = from_iso8601(bytes.substr(0, at_end));
  if (at_end == std::string_view::npos || !at) return std::nullopt;
  if (!plant.load(bytes.substr(at_end + 1))) return std::nullopt;
  Awake awake{*at, preface->weather_set};
  if (preface->fault_rate != config.fault_rate) plant.set_fault_rate(config.fault_rate);
  if (preface->weather != config.weather && plant.set_weather(config.weather)) {
    awake.weather_set = config.weather;
  }
  return awake;
}

/// Lives a plant and brings its readings: first its past, as fast as the intake takes it, then one
/// step a period at the clock's pace. In a later life it makes up for the time it was away.
///
/// Threads: `run` on the source's own; the Simulator's functions on any. The plant is in a Guarded,
/// open for the few microseconds of a step, so an order acts with the next step and need not wait.
class SimulatorSource final : public Source, public Simulator, public Follower {
 public:
  SimulatorSource(SimulatorConfig config, std::unique_ptr<Plant> plant)
      : config_(std::move(config)),
        speed_(config_.speed),
        life_(std::move(plant), config_.weather) {
    if (config_.send_to) device_.emplace(*config_.send_to);
  }

  std::vector<SeriesInfo> described() const override;
  Result<void> run(Intake& intake, std::stop_token stop) override;

  void labels_to(LabelSink& sink) override { labels_ = &sink; }
  void listener_moved(int from_port, int to_port) override;
  Status status() const override;
  Result<void> set_speed(double speed) override;
  Result<void> set_weather(const std::string& weather) override;
  Result<void> set_fault_rate(double share) override;
  Result<std::uint64_t> inject(const FaultOrder& order) override;
  Result<void> cancel(std::uint64_t label) override;
  Result<void> set_setpoint(const std::string& name, double value) override;
  Result<std::unique_ptr<Plant>> fork() const override;
  Result<std::unique_ptr<Plant>> revive(std::optional<std::string_view> remembered,
                                        Timestamp at) const override;

 private:
  /// The plant and what is told of it.
  struct Life {
    Life(std::unique_ptr<Plant> p, std::string weather)
        : plant(std::move(p)), weather_set(std::move(weather)), values(plant->sensor_count()) {}
    std::unique_ptr<Plant> plant;
    std::string weather_set;
    std::vector<PlantValue> values;
    Timestamp now;  ///< of its last step
    bool begun = false;
    bool catching_up = true;  ///< until it has been seen not to be
  };

  void declare(Intake& intake);
  Result<void> begin(Intake& intake, const std::stop_token& stop);
  Result<void> begin_first(Life& life, Timestamp at);
  bool wake(std::string_view bytes);
  void skip_to(Timestamp at, const std::stop_token& stop);
  bool hand_over(Intake& intake, int steps, const std::stop_token& stop);
  void live(Intake& intake, const std::stop_token& stop);
  Timestamp due(Intake& intake, const std::stop_token& stop);
  int gather(Timestamp until);
  void order_faults(Life& life);
  Duration memory_span(bool behind) const;
  void remember(Intake& intake);
  void pace(Clock& clock);

  const SimulatorConfig config_;
  NoLabels nowhere_;
  LabelSink* labels_ = &nowhere_;  ///< set before `run`
  std::atomic<double> speed_;
  std::atomic<ScaledClock*> clock_ = nullptr;  ///< the engine's, once `run` has been called
  mutable Guarded<Life> life_;

  // The source's thread only.
  std::string key_;
  Duration period_{};
  std::vector<SeriesId> ids_;
  std::vector<Reading> batch_;
  std::optional<Device> device_;
  bool is_live_ = false;                                  ///< its past has been made
  Timestamp lived_;                                       ///< the plant's last step
  std::deque<std::pair<Timestamp, FaultOrder>> to_come_;  ///< faults of the first life's past
  Timestamp remembered_;  ///< the step whose state was last remembered
};

// ---- control

Simulator::Status SimulatorSource::status() const {
  return life_.with([&](Life& life) {
    const auto types = life.plant->fault_types();
    Status s;
    s.plant = config_.kind;
    s.seed = config_.seed;
    s.speed = speed_;
    s.weather = life.plant->weather();
    s.weather_set = life.weather_set;
    s.weathers = life.plant->weathers();
    s.fault_rate = life.begun ? life.plant->fault_rate() : config_.fault_rate;
    s.now = life.now;
    s.catching_up = life.catching_up;
    s.running = life.plant->running();
    s.types = {types.begin(), types.end()};
    s.setpoints = life.plant->setpoints();
    return s;
  });
}

Result<void> SimulatorSource::set_speed(double speed) {
  if (!is_between(speed, 0, highest_speed)) {
    return Error{Errc::invalid, fmt::format("speed {} where 0 (as fast as possible) to {} was "
                                            "expected",
                                            speed, highest_speed)};
  }
  speed_ = speed;
  if (ScaledClock* clock = clock_) {
    clock->set_speed(speed);
    // A clock that stands still would never wake a source that waits for its next step.
    if (speed == 0)
      clock->advance(clock->now() + life_.with([](Life& l) { return l.plant->period(); }));
  }
  return {};
}

Result<void> SimulatorSource::set_weather(const std::string& weather) {
  return life_.with([&](Life& life) -> Result<void> {
    TRY(life.plant->set_weather(weather));
    life.weather_set = weather;
    return {};
  });
}

Result<void> SimulatorSource::set_fault_rate(double share) {
  if (!is_between(share, 0, highest_fault_rate)) {
    return Error{Errc::invalid, fmt::format("fault_rate {} where 0 to {} was expected", share,
                                            highest_fault_rate)};
  }
  life_.with([&](Life& life) { life.plant->set_fault_rate(share); });
  return {};
}

Result<std::uint64_t> SimulatorSource::inject(const FaultOrder& order) {
  return life_.with([&](Life& life) -> Result<std::uint64_t> {
    if (!life.begun) return not_begun();
    return life.plant->inject(order);
  });
}

Result<void> SimulatorSource::cancel(std::uint64_t label) {
  return life_.with([&](Life& life) { return life.plant->cancel(label); });
}

Result<void> SimulatorSource::set_setpoint(const std::string& name, double value) {
  TRY(life_.with([&](Life& life) { return life.plant->set_setpoint(name, value); }));
  log::info("simulator", "setpoint {} is {:g} now", name, value);
  return {};
}

Result<std::unique_ptr<Plant>> SimulatorSource::fork() const {
  std::unique_ptr<Plant> copy;
  std::string state;
  const bool begun = life_.with([&](Life& life) {
    if (!life.begun) return false;
    copy = life.plant->blank();
    state = life.plant->save();
    return true;
  });
  if (!begun) return not_begun();
  TRY(copy->load(state));
  return copy;
}

Result<std::unique_ptr<Plant>> SimulatorSource::revive(std::optional<std::string_view> remembered,
                                                       Timestamp at) const {
  auto plant = life_.with([](Life& life) { return life.plant->blank(); });
  if (!remembered) {
    TRY(set_out(*plant, config_, at));
    return plant;
  }
  if (!go_on(*plant, config_, *remembered)) {
    return Error{Errc::unsupported, "the plant's stored state is of another seed or program"};
  }
  return plant;
}

/// The device sends to this program's own broker: it goes on doing so.
void SimulatorSource::listener_moved(int from_port, int to_port) {
  auto address = config_.send_to;
  if (!address || !context::move_port(*address, from_port, to_port)) return;
  log::info("simulator", "its readings go to {} instead", address->base);
  device_.emplace(std::move(*address));
}

// ---- beginning

std::vector<SeriesInfo> SimulatorSource::described() const {
  return life_.with([](Life& life) { return sensors_of(*life.plant); });
}

void SimulatorSource::declare(Intake& intake) {
  life_.with([&](Life& life) {
    ids_.clear();
    const auto sensors = sensors_of(*life.plant);
    for (const SeriesInfo& info : sensors) ids_.push_back(intake.declare(info));
    key_ = "simulator/" + sensors.front().asset;
    period_ = life.plant->period();
    if (device_) device_->know(sensors, ids_);
  });
  batch_.reserve(ids_.size() * most_steps_a_batch);
}

/// Only a ScaledClock can be given another speed, and which clock there is, is the engine's choice:
/// hence the cast. With any other clock the plant keeps that clock's pace.
void SimulatorSource::pace(Clock& clock) {
  clock_ = dynamic_cast<ScaledClock*>(&clock);
  if (ScaledClock* scaled = clock_) scaled->set_speed(speed_);
}

Result<void> SimulatorSource::begin_first(Life& life, Timestamp at) {
  TRY(set_out(*life.plant, config_, at));
  life.weather_set = config_.weather;
  life.now = lived_ = at;
  life.begun = true;
  return {};
}

/// Lives up to `at` unheard: what happened then is nobody's reading.
void SimulatorSource::skip_to(Timestamp at, const std::stop_token& stop) {
  log::info("simulator", "away since {}, longer than the history: going on from {}",
            to_iso8601(lived_), to_iso8601(at));
  Quiet quiet(*labels_, life_.with([](Life& life) { return life.plant->running(); }));
  while (lived_ + period_ <= at && !stop.stop_requested()) {
    life_.with([&](Life& life) {
      for (int i = 0; i < most_steps_a_batch && lived_ + period_ <= at; ++i) {
        life.now = lived_ = life.plant->step(life.values, quiet);
      }
    });
  }
  for (const Label& label : life_.with([](Life& life) { return life.plant->running(); })) {
    labels_->label(label);
  }
}

bool SimulatorSource::wake(std::string_view bytes) {
  return life_.with([&](Life& life) {
    const auto known = go_on(*life.plant, config_, bytes);
    if (!known) return false;
    life.weather_set = known->weather_set;
    life.now = lived_ = known->at;
    life.begun = true;
    return true;
  });
}

Result<void> SimulatorSource::begin(Intake& intake, const std::stop_token& stop) {
  const Timestamp now = intake.clock().now();
  const auto whole = [&](Timestamp at) { return at - at.time_since_epoch() % period_; };
  if (life_.with([](Life& life) { return life.begun; })) return {};  // run was called anew
  const auto known = intake.recall(key_);
  if (known && wake(*known)) {
    if (now - lived_ > config_.history) skip_to(whole(now - config_.history), stop);
    return {};
  }
  if (known) {
    log::warning("simulator",
                 "what was remembered of the plant is of another seed or program: "
                 "a new life begins now");
  }
  const Duration past = known ? Duration::zero() : config_.history + config_.commissioning;
  for (std::size_t i = 0; !known && i < config_.first_faults.size(); ++i) {
    to_come_.emplace_back(now - config_.first_faults[i].ago, config_.first_faults[i].order);
  }
  return life_.with([&](Life& life) { return begin_first(life, whole(now - past)); });
}

// ---- living

/// Waits for the next step's time, and says up to when the plant may live now.
Timestamp SimulatorSource::due(Intake& intake, const std::stop_token& stop) {
  if (speed_ == 0 && clock_ != nullptr) {
    return std::max(lived_ + most_steps_a_batch * period_, intake.clock().now());
  }
  intake.clock().sleep(lived_ + period_, stop);
  return intake.clock().now();
}

void SimulatorSource::order_faults(Life& life) {
  while (!to_come_.empty() && to_come_.front().first <= lived_ + period_) {
    if (const auto ordered = life.plant->inject(to_come_.front().second); !ordered) {
      log::error("simulator", "a fault of the scenario: {}", ordered.error().what);
    }
    to_come_.pop_front();
  }
}

/// Lives up to `until`, or for as many steps as a batch may hold. How many it were.
int SimulatorSource::gather(Timestamp until) {
  batch_.clear();
  int steps = 0;
  life_.with([&](Life& life) {
    for (; steps < most_steps_a_batch && lived_ + period_ <= until; ++steps) {
      order_faults(life);
      life.now = lived_ = life.plant->step(life.values, *labels_);
      for (std::size_t k = 0; k < ids_.size(); ++k) {
        const PlantValue& value = life.values[k];
        if (!value.sent) continue;
        batch_.push_back({lived_ + std::chrono::milliseconds(value.off_ms), value.value, ids_[k],
                          value.quality, value.reason});
      }
    }
    life.catching_up = until - lived_ > most_steps_a_batch * period_;
  });
  return steps;
}

void SimulatorSource::remember(Intake& intake) {
  auto bytes = life_.with([&](Life& life) {
    const Preface preface{config_.seed, config_.fault_rate, config_.weather, life.weather_set};
    return preface.before(to_iso8601(lived_) + "\n" + life.plant->save());
  });
  intake.remember(key_, std::move(bytes));
  remembered_ = lived_;
}

/// How much plant time may pass before its state is kept again: a minute, but not much more often
/// than every ten seconds of people's time.
Duration SimulatorSource::memory_span(bool behind) const {
  const double speed = speed_;
  if (behind || speed == 0) return remember_every_when_fast;
  const double factor = std::max(1.0, speed / 6);
  return Duration(static_cast<Duration::rep>(static_cast<double>(remember_every.count()) * factor));
}

/// The past is made straight into the program, to its last step: a device sends one reading after
/// the other, and would be missed for so long. What is measured from then on, a device may send.
bool SimulatorSource::hand_over(Intake& intake, int steps, const std::stop_token& stop) {
  if (batch_.empty()) return true;
  if (steps == 1 || speed_ == 0) is_live_ = true;
  if (device_ && is_live_) return device_->send(batch_, intake, stop);
  return intake.put(batch_, "simulator").refused == 0;
}

void SimulatorSource::live(Intake& intake, const std::stop_token& stop) {
  remembered_ = lived_;
  bool all_taken = true;
  bool was_behind = false;
  while (!stop.stop_requested()) {
    const Timestamp until = due(intake, stop);
    if (stop.stop_requested()) break;
    const int steps = gather(until);
    if (speed_ == 0 && clock_ != nullptr) clock_.load()->advance(lived_);  // first: none is early
    all_taken = hand_over(intake, steps, stop);
    // A state that is ahead of its readings would lose them: it is not kept.
    if (!all_taken) continue;
    const bool behind = until - lived_ > most_steps_a_batch * period_;
    if (lived_ - remembered_ >= memory_span(behind) || (was_behind && !behind)) remember(intake);
    was_behind = behind;
  }
  if (all_taken && lived_ > remembered_) remember(intake);
}

Result<void> SimulatorSource::run(Intake& intake, std::stop_token stop) {
  declare(intake);
  pace(intake.clock());
  TRY(begin(intake, stop));
  live(intake, stop);
  clock_ = nullptr;
  return {};
}

// ---- making

Result<std::unique_ptr<Source>> make(const Catalog& catalog, Section& section) {
  if (!section.has("plant")) {
    return section.wrong("plant", "is missing: a table [source.plant] with the plant's kind");
  }
  auto config = TRY(SimulatorConfig::read(section));
  auto plant_section = TRY(section.table("plant"));
  config.kind = TRY(plant_section.text("kind"));
  auto plant = TRY(catalog.make<Plant>(plant_section));
  if (plant->sensor_count() == 0) return section.wrong("plant", "has no sensor");
  const auto known = plant->set_weather(config.weather);
  if (!known) return section.wrong("weather", known.error().what);
  TRY(config.read_faults(section, *plant));
  TRY(generating::MessageConfig::read(section, *plant));  // is `sosie simulate`'s; checked here too
  return std::make_unique<SimulatorSource>(std::move(config), std::move(plant));
}

}  // namespace

void register_connectors_simulator(Catalog& catalog);
void register_connectors_simulator(Catalog& catalog) {
  // The catalog outlives its makers, and knows the plants by the time a scenario is read.
  catalog.add<Source>("simulator", [&catalog](Section& section) { return make(catalog, section); });
}

}  // namespace sosie
