#include <array>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/catalog.h"
#include "plants/fleet/devices.h"
#include "plants/fleet/faults.h"
#include "plants/fleet/roads.h"
#include "plants/fleet/sensors.h"
#include "plants/fleet/weather.h"
#include "simulation/plant.h"
#include "simulation/scalable.h"
#include "simulation/state_bytes.h"

namespace sosie {
namespace fleet {
namespace {

constexpr std::uint32_t state_version = 1;
constexpr std::int64_t most_devices = 1'000'000;
constexpr Duration shortest_period = std::chrono::milliseconds(1);
constexpr Duration longest_period = std::chrono::minutes(1);

struct Config {
  std::string asset;
  std::size_t devices = 300;
  std::array<double, kinds> mix{};
  Duration period = std::chrono::seconds(5);
  bool spread = true;
  Sky::Place place;
};

/// Vehicles and machines of a town: README.md has the equations' numbers.
class Fleet final : public Plant, public Scalable {
 public:
  Fleet(Config config, RoadMap roads, const Zone& zone)
      : config_(std::move(config)), roads_(std::move(roads)), clock_(zone) {
    build();
  }

  std::size_t sensor_count() const override { return names_->size() * quantities; }
  SeriesInfo describe(std::size_t sensor) const override {
    return described(*names_, sensor / quantities, static_cast<Quantity>(sensor % quantities),
                     config_.asset);
  }
  Duration period() const override { return config_.period; }

  std::size_t devices() const override { return names_->size(); }
  Result<void> scale(std::size_t devices, Duration period) override;

  void start(Timestamp at, std::uint64_t seed) override;
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override;

  std::span<const FaultType> fault_types() const override { return faults_->types(); }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    return faults_->inject(order, now_ + config_.period, *devices_);
  }
  Result<void> cancel(std::uint64_t label) override { return faults_->cancel(label); }
  std::vector<Label> running() const override { return faults_->running(); }
  void set_fault_rate(double share) override { faults_->set_rate(share); }
  double fault_rate() const override { return faults_->rate(); }

  std::vector<std::string> weathers() const override { return Sky::orders(); }
  Result<void> set_weather(std::string_view weather) override {
    weather_set_ = TRY(Sky::order_named(weather));
    weather_.order(weather_set_);
    return {};
  }
  std::string weather() const override { return std::string(weather_.sky().name()); }

  std::string save() const override;
  Result<void> load(std::string_view state) override;
  std::unique_ptr<Plant> blank() const override {
    return std::make_unique<Fleet>(config_, roads_, clock_.zone());
  }

 private:
  void build();
  float activity(const CivilTime& time) const;
  void spread(std::span<PlantValue> values) const;
  float dt_s() const { return std::chrono::duration<float>(config_.period).count(); }

  Config config_;
  const RoadMap roads_;
  CivilClock clock_;
  std::unique_ptr<Register> names_;
  std::unique_ptr<Devices> devices_;
  std::unique_ptr<Faults> faults_;

  // The state, besides that of devices and faults.
  Timestamp now_;
  Sky::Order weather_set_ = Sky::Order::automatic;
  Weather weather_{Sky::Place{}, Random(0)};
};

void Fleet::build() {
  const double rate = faults_ ? faults_->rate() : 0.02;
  names_ = std::make_unique<Register>(config_.devices, config_.mix);
  devices_ = std::make_unique<Devices>(roads_, *names_);
  faults_ = std::make_unique<Faults>(config_.asset, *names_);
  faults_->set_rate(rate);
}

Result<void> Fleet::scale(std::size_t devices, Duration period) {
  if (devices < 1 || devices > most_devices) {
    return Error{Errc::invalid,
                 fmt::format("{} devices where 1 to {} were expected", devices, most_devices)};
  }
  config_.devices = devices;
  config_.period = std::clamp(period, shortest_period, longest_period);
  build();
  return {};
}

/// A third of the fleet works at night, half of it at the weekend, all of it by day.
float Fleet::activity(const CivilTime& time) const {
  const double day = std::clamp(std::min((time.hour - 4) / 3, (20 - time.hour) / 4), 0.0, 1.0);
  return static_cast<float>(0.35 + (time.is_weekend() ? 0.2 : 0.65) * day);
}

void Fleet::start(Timestamp at, std::uint64_t seed) {
  const Random root(seed);
  now_ = at;
  weather_ = Weather(config_.place, root.fork(1));
  weather_.order(weather_set_);
  const CivilTime time = clock_.at(at);
  weather_.step(time, dt_s());
  devices_->start(seed, {weather_, dt_s(), activity(time)});
  faults_->start(at, root.fork(2), *devices_);
}

Timestamp Fleet::step(std::span<PlantValue> values, LabelSink& labels) {
  now_ += config_.period;
  faults_->step(now_, config_.period, *devices_, labels);
  const CivilTime time = clock_.at(now_);
  weather_.step(time, dt_s());
  devices_->step({weather_, dt_s(), activity(time)}, values);
  if (config_.spread) spread(values);
  faults_->falsify(values);
  return now_;
}

/// The devices' periods end one after the other, the last one's with the step.
void Fleet::spread(std::span<PlantValue> values) const {
  const auto count = static_cast<std::int64_t>(names_->size());
  const std::int64_t period_us = config_.period.count();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto off_ms = static_cast<std::int32_t>(-period_us * (count - 1 - i) / count / 1000);
    for (PlantValue& value : values.subspan(static_cast<std::size_t>(i) * quantities, quantities)) {
      value.off_ms = off_ms;
    }
  }
}

std::string Fleet::save() const {
  std::string state;
  put_state(state, state_version);
  put_state(state, static_cast<std::uint64_t>(names_->size()));
  put_state(state, now_);
  put_state(state, weather_set_);
  put_state(state, weather_);
  faults_->save(state);
  devices_->save(state);
  return state;
}

Result<void> Fleet::load(std::string_view state) {
  std::uint32_t version = 0;
  std::uint64_t count = 0;
  if (!take_state(state, version) || version != state_version || !take_state(state, count) ||
      count != names_->size()) {
    return Error{Errc::unsupported, "the fleet's state is of another version or size"};
  }
  if (!take_state(state, now_) || !take_state(state, weather_set_) ||
      !take_state(state, weather_) || !faults_->load(state) || !devices_->load(state) ||
      !state.empty()) {
    return Error{Errc::corrupt, "the fleet's state is damaged"};
  }
  return {};
}

// ---- making

Result<std::array<double, kinds>> mix_from(Section& section) {
  auto table = TRY(section.table("mix"));
  std::array<double, kinds> mix{};
  double total = 0;
  for (std::size_t i = 0; i < kinds; ++i) {
    const std::string_view key = traits.at(i).name;
    const double usual = section.has("mix") ? 0 : traits.at(i).weight;
    mix.at(i) = TRY(table.number(key, usual));
    if (!(mix.at(i) >= 0)) return table.wrong(key, "must not be negative");
    total += mix.at(i);
  }
  TRY(table.finish());
  if (total > 0) return mix;
  return section.wrong("mix", "has no device: one weight must be above 0");
}

Result<std::unique_ptr<Plant>> make(Section& section) {
  Config config;
  config.asset = TRY(section.text("asset", "fleet"));
  const auto devices = TRY(section.integer("devices", 300));
  if (devices < 1 || devices > most_devices) {
    return section.wrong("devices", fmt::format("is {}, expected 1 to {}", devices, most_devices));
  }
  config.devices = static_cast<std::size_t>(devices);
  config.mix = TRY(mix_from(section));
  config.period = TRY(section.duration("period", config.period));
  if (config.period < shortest_period || config.period > longest_period) {
    return section.wrong("period", "must be from 1ms to 1m");
  }
  config.spread = TRY(section.flag("spread", config.spread));
  config.place.latitude_deg = TRY(section.number("latitude_deg", 60.17));
  if (!(std::abs(config.place.latitude_deg) <= 66)) {
    return section.wrong("latitude_deg", "must be from -66 to 66");
  }
  config.place.mean_c = TRY(section.number("mean_outside_c", 6.5));
  if (!(config.place.mean_c >= -20 && config.place.mean_c <= 35)) {
    return section.wrong("mean_outside_c", "must be from -20 to 35");
  }
  config.place.summer_swing_k = 11.5;
  config.place.day_swing_k = 4;
  const auto path = TRY(section.path("roads"));
  auto roads = RoadMap::read_file(path);
  if (!roads) return section.wrong("roads", roads.error().what);
  const auto zone_name = TRY(section.text("zone", "Europe/Helsinki"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  return std::make_unique<Fleet>(std::move(config), std::move(*roads), *zone);
}

}  // namespace
}  // namespace fleet

void register_plants_fleet(Catalog& catalog);
void register_plants_fleet(Catalog& catalog) {
  catalog.add<Plant>("fleet", fleet::make);
}

}  // namespace sosie
