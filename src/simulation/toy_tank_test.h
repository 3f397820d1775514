#pragma once

// What tests of forks share: the smallest plant that has everything a plant may have.

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "simulation/fault_roster.h"
#include "simulation/plant.h"
#include "simulation/state_bytes.h"

namespace sosie {

/// A tank that is filled and drains: dV/dt = inflow - V/T - leak. Two sensors, two faults, two
/// weathers, one setpoint, a step a minute.
class ToyTank final : public Plant {
 public:
  ToyTank() : faults_(specs(), infos()) {
    faults_.set_rate(0);
    start(*from_iso8601("2026-11-20T12:00:00Z"), 1);
  }

  std::size_t sensor_count() const override { return infos().size(); }
  SeriesInfo describe(std::size_t sensor) const override { return infos()[sensor]; }
  Duration period() const override { return std::chrono::minutes(1); }
  void start(Timestamp at, std::uint64_t seed) override {
    state_ = {.now = at, .noise = Random(seed).fork(1)};
    faults_.start(at, Random(seed).fork(2));
  }
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override {
    state_.now += period();
    faults_.step(state_.now, period(), labels);
    const auto* leak = faults_.find("leak");
    const double inflow = state_.inflow * (state_.wet ? 2 : 1);
    const double out = state_.volume / 5 + (leak != nullptr ? leak->size : 0);
    state_.volume = std::max(state_.volume + (inflow - out) / 60, 0.0);
    values[0] = {.value = state_.volume + 0.01 * state_.noise.normal()};
    values[1] = {.value = inflow + 0.01 * state_.noise.normal()};
    if (faults_.tamper(1).stuck) values[1].sent = false;
    return state_.now;
  }
  std::span<const FaultType> fault_types() const override { return faults_.types(); }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    return faults_.inject(order, state_.now + period());
  }
  Result<void> cancel(std::uint64_t label) override { return faults_.cancel(label, state_.now); }
  std::vector<Label> running() const override { return faults_.running(); }
  void set_fault_rate(double share) override { faults_.set_rate(share); }
  double fault_rate() const override { return faults_.rate(); }
  std::vector<std::string> weathers() const override { return {"dry", "wet"}; }
  Result<void> set_weather(std::string_view weather) override {
    if (weather != "dry" && weather != "wet") return Error{Errc::invalid, "no such weather"};
    state_.wet = weather == "wet";
    return {};
  }
  std::string weather() const override { return state_.wet ? "wet" : "dry"; }
  std::vector<std::string_view> confounders() const override {
    if (!state_.wet) return {};
    return {"rain"};
  }
  std::vector<Setpoint> setpoints() const override {
    return {{.name = "inflow",
             .words = {"inflow", "débit entrant"},
             .unit = "m3/h",
             .low = 0,
             .high = 4,
             .usual = 1,
             .value = state_.inflow}};
  }
  Result<void> set_setpoint(std::string_view name, double value) override {
    TRY(find_setpoint(setpoints(), name, value));
    state_.inflow = value;
    return {};
  }
  std::string save() const override {
    std::string bytes;
    put_state(bytes, state_);
    faults_.save(bytes);
    return bytes;
  }
  Result<void> load(std::string_view bytes) override {
    if (take_state(bytes, state_) && faults_.load(bytes) && bytes.empty()) return {};
    return Error{Errc::corrupt, "the tank's state is damaged"};
  }
  std::unique_ptr<Plant> blank() const override { return std::make_unique<ToyTank>(); }

 private:
  struct State {
    Timestamp now;
    double volume = 5;
    double inflow = 1;
    bool wet = false;
    Random noise{0};
  };

  static std::vector<SeriesInfo> infos() {
    const auto sensor = [](const char* entity, const char* unit, double high) {
      SeriesInfo info;
      info.entity = entity;
      info.attribute = "value";
      info.asset = "tank";
      info.unit = unit;
      info.low = 0;
      info.high = high;
      return info;
    };
    return {sensor("level", "m3", 10), sensor("flow", "m3/h", 10)};
  }
  static std::vector<FaultSpec> specs() {
    FaultSpec leak;
    leak.type = {"leak", Kind::process_malfunction, {"leak", "fuite"}, {"tank"}, "m3/h", 0.1, 2};
    leak.direct = {"level"};
    FaultSpec stuck;
    stuck.type = {"stuck", Kind::sensor_failure, {"stuck", "bloqué"}, {}, "", 0, 0};
    stuck.act = SensorAct::stuck;
    return {leak, stuck};
  }

  State state_;
  FaultRoster faults_;
};

}  // namespace sosie
