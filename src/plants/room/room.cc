#include <array>

#include <fmt/format.h>

#include "core/catalog.h"
#include "plants/room/building.h"
#include "plants/room/faults.h"
#include "simulation/fault_roster.h"
#include "simulation/instrument.h"
#include "simulation/plant.h"
#include "simulation/sky.h"
#include "simulation/state_bytes.h"

namespace sosie {
namespace room {
namespace {

constexpr double usual_fault_rate = 0.02;
constexpr std::uint32_t state_version = 1;
constexpr double lowest_set_c = 5;
constexpr double highest_set_c = 30;

struct Config {
  std::string asset;
  std::string entity;
  Duration period = std::chrono::seconds(10);
  bool extras = true;
  Sky::Place place;
  Building::Traits building;
};

/// A room in its weather, with its sensors: README.md has the equations' numbers.
class Room final : public Plant {
 public:
  Room(Config config, const Zone& zone)
      : config_(std::move(config)),
        infos_(described(config_)),
        clock_(zone),
        sky_(config_.place, Random(0)),
        building_(config_.building, config_.building.day_set_c, 20, Random(0)),
        faults_(fault_specs(infos_.front().name()), infos_) {
    faults_.set_rate(usual_fault_rate);
    mount(Random(0));
  }

  std::size_t sensor_count() const override { return infos_.size(); }
  SeriesInfo describe(std::size_t sensor) const override { return infos_[sensor]; }
  Duration period() const override { return config_.period; }

  void start(Timestamp at, std::uint64_t seed) override;
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override;

  std::span<const FaultType> fault_types() const override { return faults_.types(); }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    return faults_.inject(order, now_ + config_.period);
  }
  Result<void> cancel(std::uint64_t label) override { return faults_.cancel(label, now_); }
  std::vector<Label> running() const override { return faults_.running(); }
  void set_fault_rate(double share) override { faults_.set_rate(share); }
  double fault_rate() const override { return faults_.rate(); }

  std::vector<std::string> weathers() const override { return Sky::orders(); }
  Result<void> set_weather(std::string_view weather) override {
    weather_set_ = TRY(Sky::order_named(weather));
    sky_.order(weather_set_);
    return {};
  }
  std::string weather() const override { return std::string(sky_.name()); }

  std::vector<Setpoint> setpoints() const override;
  Result<void> set_setpoint(std::string_view name, double value) override;

  std::string save() const override;
  Result<void> load(std::string_view state) override;
  std::unique_ptr<Plant> blank() const override {
    return std::make_unique<Room>(config_, clock_.zone());
  }

 private:
  static std::vector<SeriesInfo> described(const Config& config);
  void mount(const Random& random);
  void live(const Disturbance& disturbance);
  double truth(std::size_t sensor) const;
  double dt_s() const { return std::chrono::duration<double>(config_.period).count(); }

  // Set once in the constructor.
  Config config_;
  std::vector<SeriesInfo> infos_;
  CivilClock clock_;

  // The state.
  Timestamp now_;
  Sky::Order weather_set_ = Sky::Order::automatic;
  Sky sky_;
  Building building_;
  std::vector<Instrument> instruments_;
  FaultRoster faults_;
};

std::vector<SeriesInfo> Room::described(const Config& config) {
  const auto sensor = [&](const char* attribute, SharedWords quantity, const char* unit, double low,
                          double high) {
    SeriesInfo info;
    info.entity = config.entity;
    info.attribute = attribute;
    info.asset = config.asset;
    info.stage = "room";
    info.stage_name = {"Room", "Salle"};
    info.quantity = std::move(quantity);
    info.unit = unit;
    info.low = low;
    info.high = high;
    return info;
  };
  std::vector<SeriesInfo> all{
      sensor("temperature", {"room temperature", "température de la salle"}, "°C", -10, 60)};
  if (!config.extras) return all;
  all.push_back(sensor("outside_temperature", {"outside temperature", "température extérieure"},
                       "°C", -30, 50));
  all.push_back(sensor("heating_power", {"heating power", "puissance de chauffage"}, "W", 0,
                       2 * config.building.heater_w));
  return all;
}

double Room::truth(std::size_t sensor) const {
  const std::array truths{building_.air_c(), sky_.outside_c(), building_.heating_w()};
  return truths.at(sensor);
}

/// A thermometer in air takes its minute; both show hundredths, the power meter whole watts.
void Room::mount(const Random& random) {
  static constexpr std::array<Instrument::Traits, 3> kinds{{
      {.response_s = 60, .noise_sd = 0.03, .per_unit = 100, .low = -10, .high = 60},
      {.response_s = 120, .noise_sd = 0.05, .per_unit = 100, .low = -30, .high = 50},
      {.response_s = 2, .noise_sd = 4, .per_unit = 1, .low = 0, .high = 20000},
  }};
  instruments_.clear();
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    instruments_.emplace_back(kinds.at(i), truth(i), random.fork(2 * i), random.fork(2 * i + 1));
  }
}

void Room::live(const Disturbance& disturbance) {
  const CivilTime time = clock_.at(now_);
  sky_.step(time, dt_s());
  building_.step(time, sky_, disturbance, dt_s());
}

/// Three days are lived unseen, so that the walls have the warmth of their season.
void Room::start(Timestamp at, std::uint64_t seed) {
  const Random root(seed);
  sky_ = Sky(config_.place, root.fork(1));
  sky_.order(weather_set_);
  building_ = Building(config_.building, config_.building.day_set_c, 20, root.fork(2));
  const auto steps = std::chrono::hours(72) / config_.period;
  now_ = at - steps * config_.period;
  for (std::int64_t i = 0; i < steps; ++i) {
    now_ += config_.period;
    live({});
  }
  mount(root.fork(3));
  faults_.start(at, root.fork(4));
  now_ = at;
}

Timestamp Room::step(std::span<PlantValue> values, LabelSink& labels) {
  now_ += config_.period;
  faults_.step(now_, config_.period, labels);
  live(disturbance_of(faults_));
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    values[i] = instruments_[i].measure(truth(i), dt_s(), faults_.tamper(i));
  }
  return now_;
}

std::vector<Setpoint> Room::setpoints() const {
  const auto thermostat = [](const char* name, Words words, double usual, double value) {
    return Setpoint{.name = name,
                    .words = std::move(words),
                    .unit = "°C",
                    .low = lowest_set_c,
                    .high = highest_set_c,
                    .usual = usual,
                    .value = value};
  };
  return {thermostat("day", {"thermostat by day", "thermostat le jour"}, config_.building.day_set_c,
                     building_.day_set_c()),
          thermostat("night", {"thermostat by night", "thermostat la nuit"},
                     config_.building.night_set_c, building_.night_set_c())};
}

Result<void> Room::set_setpoint(std::string_view name, double value) {
  const auto which = TRY(find_setpoint(setpoints(), name, value));
  if (which == 0) {
    building_.set_thermostat(value, building_.night_set_c());
  } else {
    building_.set_thermostat(building_.day_set_c(), value);
  }
  return {};
}

std::string Room::save() const {
  std::string state;
  put_state(state, state_version);
  put_state(state, static_cast<std::uint32_t>(instruments_.size()));
  put_state(state, now_);
  put_state(state, weather_set_);
  put_state(state, sky_);
  put_state(state, building_);
  for (const Instrument& instrument : instruments_) put_state(state, instrument);
  faults_.save(state);
  return state;
}

Result<void> Room::load(std::string_view state) {
  std::uint32_t version = 0;
  std::uint32_t count = 0;
  if (!take_state(state, version) || version != state_version || !take_state(state, count) ||
      count != instruments_.size()) {
    return Error{Errc::unsupported, "the room's state is of another version or sensor list"};
  }
  bool whole = take_state(state, now_) && take_state(state, weather_set_) &&
               take_state(state, sky_) && take_state(state, building_);
  for (Instrument& instrument : instruments_) whole = whole && take_state(state, instrument);
  if (!whole || !faults_.load(state) || !state.empty()) {
    return Error{Errc::corrupt, "the room's state is damaged"};
  }
  return {};
}

Result<double> number_between(Section& section, std::string_view key, double usual, double low,
                              double high) {
  const double value = TRY(section.number(key, usual));
  if (value >= low && value <= high) return value;
  return section.wrong(key, fmt::format("is {}, expected {} to {}", value, low, high));
}

Result<std::unique_ptr<Plant>> make(Section& section) {
  Config config;
  config.asset = TRY(section.text("asset", "room"));
  config.entity = TRY(section.text("entity", "Room1"));
  config.period = TRY(section.duration("period", config.period));
  if (config.period < std::chrono::seconds(1) || config.period > std::chrono::minutes(10)) {
    return section.wrong("period", "must be from 1s to 10m");
  }
  config.extras = TRY(section.flag("extras", config.extras));
  config.building.heater_w = TRY(number_between(section, "heater_w", 4500, 0, 10000));
  config.building.day_set_c =
      TRY(number_between(section, "day_set_c", 21.5, lowest_set_c, highest_set_c));
  config.building.night_set_c =
      TRY(number_between(section, "night_set_c", 20.8, lowest_set_c, highest_set_c));
  config.building.glass_m2 = TRY(number_between(section, "glass_m2", 14, 0, 100));
  config.place.latitude_deg = TRY(number_between(section, "latitude_deg", 45.6, -66, 66));
  config.place.mean_c = TRY(number_between(section, "mean_outside_c", 12, -20, 35));
  const auto zone_name = TRY(section.text("zone", "Europe/Paris"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  return std::make_unique<Room>(std::move(config), *zone);
}

}  // namespace
}  // namespace room

void register_plants_room(Catalog& catalog);
void register_plants_room(Catalog& catalog) {
  catalog.add<Plant>("room", room::make);
}

}  // namespace sosie
