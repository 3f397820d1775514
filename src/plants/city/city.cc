#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/catalog.h"
#include "plants/city/faults.h"
#include "plants/city/objects.h"
#include "simulation/plant.h"
#include "simulation/scalable.h"
#include "simulation/state_bytes.h"

namespace sosie {
namespace city {
namespace {

constexpr std::uint32_t state_version = 1;
constexpr std::int64_t most_objects = 1'000'000;
constexpr Duration shortest_period = std::chrono::milliseconds(1);
constexpr Duration longest_period = std::chrono::hours(1);

struct Config {
  std::string asset;
  std::size_t objects = 300;
  std::array<double, kinds> mix{};
  Duration period = std::chrono::seconds(10);
  bool spread = true;
  Sky::Place place;
};

/// Sensors of a city, by its districts: README.md has the formulas' sources.
class City final : public Plant, public Scalable {
 public:
  City(Config config, Map map, const Zone& zone)
      : config_(std::move(config)), map_(std::move(map)), clock_(zone), rhythm_(map_) {
    build();
  }

  std::size_t sensor_count() const override { return names_->sensors(); }
  SeriesInfo describe(std::size_t sensor) const override;
  Duration period() const override { return config_.period; }

  std::size_t devices() const override { return names_->size(); }
  Result<void> scale(std::size_t objects, Duration period) override;
  std::vector<SeriesInfo> examples() const override;

  void start(Timestamp at, std::uint64_t seed) override;
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override;

  std::span<const FaultType> fault_types() const override { return faults_->types(); }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    return faults_->inject(order, now_ + config_.period);
  }
  Result<void> cancel(std::uint64_t label) override { return faults_->cancel(label); }
  std::vector<Label> running() const override { return faults_->running(*objects_); }
  void set_fault_rate(double share) override { faults_->set_rate(share); }
  double fault_rate() const override { return faults_->rate(); }

  std::vector<std::string> weathers() const override { return Climate::orders(); }
  Result<void> set_weather(std::string_view weather) override {
    TRY(climate_.order(weather));
    weather_set_ = weather;
    return {};
  }
  std::string weather() const override { return std::string(climate_.name()); }

  std::string save() const override;
  Result<void> load(std::string_view state) override;
  std::unique_ptr<Plant> blank() const override {
    return std::make_unique<City>(config_, map_, clock_.zone());
  }

 private:
  void build();
  void spread(std::span<PlantValue> values) const;
  double dt_s() const { return std::chrono::duration<double>(config_.period).count(); }

  Config config_;
  const Map map_;
  CivilClock clock_;
  std::string weather_set_ = "auto";
  std::unique_ptr<Register> names_;
  std::unique_ptr<Objects> objects_;
  std::unique_ptr<Faults> faults_;

  // The state, besides that of objects and faults.
  Timestamp now_;
  Climate climate_{Sky::Place{}, Random(0)};
  Rhythm rhythm_;
};

void City::build() {
  const double rate = faults_ ? faults_->rate() : 0.02;
  names_ = std::make_unique<Register>(config_.objects, config_.mix);
  objects_ = std::make_unique<Objects>(map_, *names_);
  faults_ = std::make_unique<Faults>(config_.asset, map_, *names_);
  faults_->set_rate(rate);
}

/// All that is the same for every object of a kind.
SeriesInfo described(const Traits& kind, Quantity quantity) {
  const About& what = about_of(quantity);
  SeriesInfo info;
  info.attribute = what.attribute;
  info.stage = kind.name;
  info.stage_name = {kind.en, kind.fr};
  info.quantity = {what.en, what.fr};
  info.unit = what.unit;
  info.low = what.low;
  info.high = what.high;
  return info;
}

SeriesInfo City::describe(std::size_t sensor) const {
  const auto [object, quantity] = names_->sensor(sensor);
  SeriesInfo info = described(traits_of(names_->kind(object)), quantity);
  info.entity = names_->name(object);
  info.asset = config_.asset;
  info.location = map_.districts()[objects_->district(object)].name;
  return info;
}

std::vector<SeriesInfo> City::examples() const {
  std::vector<SeriesInfo> all;
  for (const Traits& kind : traits) {
    for (const Quantity quantity : kind.quantities()) {
      all.push_back(described(kind, quantity));
      all.back().entity = kind.name;
    }
  }
  return all;
}

Result<void> City::scale(std::size_t objects, Duration period) {
  if (objects < 1 || objects > most_objects) {
    return Error{Errc::invalid,
                 fmt::format("{} objects where 1 to {} were expected", objects, most_objects)};
  }
  config_.objects = objects;
  config_.period = std::clamp(period, shortest_period, longest_period);
  build();
  return {};
}

void City::start(Timestamp at, std::uint64_t seed) {
  const Random root(seed);
  now_ = at;
  climate_ = Climate(config_.place, root.fork(1));
  // It was accepted before.
  if (const auto ordered = climate_.order(weather_set_); !ordered) weather_set_ = "auto";
  const CivilTime time = clock_.at(at);
  climate_.step(time, dt_s());
  rhythm_.start(time, climate_);
  const std::vector<Trouble> calm(map_.districts().size());
  rhythm_.step(time, at, dt_s(), climate_, calm);
  objects_->start(seed, rhythm_);
  faults_->start(at, root.fork(2), *objects_);
}

Timestamp City::step(std::span<PlantValue> values, LabelSink& labels) {
  now_ += config_.period;
  faults_->step(now_, config_.period, *objects_, labels);
  const CivilTime time = clock_.at(now_);
  climate_.step(time, dt_s());
  rhythm_.step(time, now_, dt_s(), climate_, faults_->trouble());
  objects_->step({rhythm_, climate_, time, static_cast<float>(dt_s())}, values);
  if (config_.spread) spread(values);
  faults_->falsify(values);
  return now_;
}

/// The objects' periods end one after the other, the last one's with the step.
void City::spread(std::span<PlantValue> values) const {
  const auto count = static_cast<std::int64_t>(names_->size());
  const std::int64_t period_us = config_.period.count();
  std::int64_t object = 0;
  std::size_t sensor = 0;
  for (std::size_t k = 0; k < kinds; ++k) {
    for (std::size_t i = 0; i < names_->count(static_cast<ObjectKind>(k)); ++i, ++object) {
      const auto off_ms =
          static_cast<std::int32_t>(-period_us * (count - 1 - object) / count / 1000);
      for (const std::size_t end = sensor + traits.at(k).width; sensor < end; ++sensor) {
        values[sensor].off_ms = off_ms;
      }
    }
  }
}

std::string City::save() const {
  std::string state;
  put_state(state, state_version);
  put_state(state, static_cast<std::uint64_t>(names_->size()));
  put_state(state, static_cast<std::uint64_t>(map_.districts().size()));
  put_state(state, now_);
  put_state(state, climate_);
  rhythm_.save(state);
  objects_->save(state);
  faults_->save(state);
  return state;
}

Result<void> City::load(std::string_view state) {
  std::uint32_t version = 0;
  std::uint64_t count = 0;
  std::uint64_t districts = 0;
  if (!take_state(state, version) || version != state_version || !take_state(state, count) ||
      count != names_->size() || !take_state(state, districts) ||
      districts != map_.districts().size()) {
    return Error{Errc::unsupported, "the city's state is of another version or size"};
  }
  if (!take_state(state, now_) || !take_state(state, climate_) || !rhythm_.load(state) ||
      !objects_->load(state) || !faults_->load(state, *objects_) || !state.empty()) {
    return Error{Errc::corrupt, "the city's state is damaged"};
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
  return section.wrong("mix", "has no object: one weight must be above 0");
}

Result<Map> map_from(Section& section) {
  const auto districts = TRY(section.path("districts"));
  auto map = Map::read_file(districts);
  if (!map) return section.wrong("districts", map.error().what);
  const auto positions = TRY(section.path("positions", ""));
  if (positions.empty()) return map;
  const auto added = map->add_positions_file(positions);
  if (!added) return section.wrong("positions", added.error().what);
  return map;
}

Result<Sky::Place> place_from(Section& section) {
  Sky::Place place;
  place.latitude_deg = TRY(section.number("latitude_deg", 43.6));
  if (!(std::abs(place.latitude_deg) <= 66)) {
    return section.wrong("latitude_deg", "must be from -66 to 66");
  }
  place.mean_c = TRY(section.number("mean_outside_c", 14));
  if (!(place.mean_c >= -20 && place.mean_c <= 35)) {
    return section.wrong("mean_outside_c", "must be from -20 to 35");
  }
  place.summer_swing_k = 8;
  place.day_swing_k = 5;
  return place;
}

Result<std::unique_ptr<Plant>> make(Section& section) {
  Config config;
  config.asset = TRY(section.text("asset", "city"));
  const auto objects = TRY(section.integer("objects", 300));
  if (objects < 1 || objects > most_objects) {
    return section.wrong("objects", fmt::format("is {}, expected 1 to {}", objects, most_objects));
  }
  config.objects = static_cast<std::size_t>(objects);
  config.mix = TRY(mix_from(section));
  config.period = TRY(section.duration("period", config.period));
  if (config.period < shortest_period || config.period > longest_period) {
    return section.wrong("period", "must be from 1ms to 1h");
  }
  config.spread = TRY(section.flag("spread", config.spread));
  config.place = TRY(place_from(section));
  auto map = TRY(map_from(section));
  const auto zone_name = TRY(section.text("zone", "Europe/Paris"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  return std::make_unique<City>(std::move(config), std::move(map), *zone);
}

}  // namespace
}  // namespace city

void register_plants_city(Catalog& catalog);
void register_plants_city(Catalog& catalog) {
  catalog.add<Plant>("city", city::make);
}

}  // namespace sosie
