#include <array>

#include <fmt/format.h>

#include "core/catalog.h"
#include "plants/energy_meter/laboratory.h"
#include "simulation/fault_roster.h"
#include "simulation/instrument.h"
#include "simulation/plant.h"
#include "simulation/state_bytes.h"

namespace sosie {
namespace energy_meter {
namespace {

constexpr double usual_fault_rate = 0.02;
constexpr std::uint32_t state_version = 1;
constexpr double highest_kwh = 40;
constexpr Duration unseen = std::chrono::hours(3);  ///< lived before the first step

struct Config {
  std::string asset;
  std::string entity;
  std::string attribute;
  std::string location;
  Duration period = std::chrono::seconds(2);
  Duration interval = std::chrono::minutes(15);
  double scale = 1;
  bool uniform = false;
  double uniform_low_kwh = 5;
  double uniform_high_kwh = 15;
  Sky::Place place;
};

FaultSpec of_meter(SensorAct act, Kind kind, const char* name, Words words, const char* unit,
                   double low, double high) {
  FaultSpec spec;
  spec.type = {.name = name,
               .kind = kind,
               .words = std::move(words),
               .targets = {},
               .size_unit = unit,
               .size_low = low,
               .size_high = high};
  spec.act = act;
  return spec;
}

std::vector<FaultSpec> fault_specs(const std::string& series) {
  using enum SensorAct;
  using enum Kind;
  std::vector<FaultSpec> specs{
      of_meter(stuck, sensor_failure, "stuck", {"stuck", "bloqué"}, "", 0, 0),
      of_meter(spikes, sensor_failure, "spikes", {"spikes", "pics"}, "kWh", 6, 15),
      of_meter(noise, sensor_failure, "noise_burst", {"noise", "bruit"}, "x", 8, 20),
      of_meter(dropout, sensor_failure, "dropout", {"dropout", "coupures"}, "", 0.7, 1),
      of_meter(bias, sensor_drift, "bias", {"offset", "décalage"}, "kWh", 1.5, 4),
      of_meter(drift, sensor_drift, "drift", {"drift", "dérive"}, "kWh", 2, 5),
      of_meter(gain, cyber_attack, "under_reporting", {"meter made to say less", "compteur bridé"},
               "x", 0.4, 0.7),
      of_meter(none, process_malfunction, "machine_left_on",
               {"machine left on", "machine restée allumée"}, "kW", 12, 30),
      of_meter(none, process_malfunction, "base_load",
               {"base load has grown", "talon de consommation accru"}, "kW", 6, 15),
      of_meter(none, process_malfunction, "cooling_dead",
               {"air conditioning dead", "climatisation en panne"}, "", 0, 0),
  };
  constexpr std::array<const char*, 3> equipment{"machine", "base", "cooling"};
  for (std::size_t i = 0; i < equipment.size(); ++i) {
    FaultSpec& spec = specs[specs.size() - equipment.size() + i];
    spec.type.targets = {equipment.at(i)};
    spec.direct = {series};
    spec.hours_high = 6;
  }
  return specs;
}

/// An electricity meter of a laboratory. It shows the present load as what it would be over one
/// interval: kWh = kW * interval. README.md says why.
class EnergyMeter final : public Plant {
 public:
  EnergyMeter(Config config, const Zone& zone)
      : config_(std::move(config)),
        info_(described(config_)),
        clock_(zone),
        laboratory_(config_.scale, Timestamp{}, config_.place, Random(0)),
        meter_(traits(), config_.uniform_low_kwh, Random(0), Random(0)),
        random_(0),
        faults_(fault_specs(info_.name()), {&info_, 1}) {
    faults_.set_rate(usual_fault_rate);
  }

  std::size_t sensor_count() const override { return 1; }
  SeriesInfo describe(std::size_t /*sensor*/) const override { return info_; }
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
    laboratory_.order(weather_set_);
    return {};
  }
  std::string weather() const override { return std::string(laboratory_.sky().name()); }

  std::string save() const override;
  Result<void> load(std::string_view state) override;
  std::unique_ptr<Plant> blank() const override {
    return std::make_unique<EnergyMeter>(config_, clock_.zone());
  }

 private:
  static SeriesInfo described(const Config& config);
  /// A class 1 meter: 1 % of what it shows, most of it steady; its noise is 0.2 % of ten.
  static Instrument::Traits traits() {
    return {.response_s = 0, .noise_sd = 0.02, .per_unit = 100, .low = 0, .high = highest_kwh};
  }
  double truth_kwh();
  double dt_s() const { return std::chrono::duration<double>(config_.period).count(); }

  // Set once in the constructor.
  Config config_;
  SeriesInfo info_;
  CivilClock clock_;

  // The state.
  Timestamp now_;
  Sky::Order weather_set_ = Sky::Order::automatic;
  Laboratory laboratory_;
  Instrument meter_;
  Random random_;
  FaultRoster faults_;
};

SeriesInfo EnergyMeter::described(const Config& config) {
  SeriesInfo info;
  info.entity = config.entity;
  info.attribute = config.attribute;
  info.asset = config.asset;
  info.stage = "laboratory";
  info.stage_name = {"Laboratory", "Laboratoire"};
  info.quantity = {"energy", "énergie"};
  info.location = config.location;
  info.unit = "kWh";
  info.low = 0;
  info.high = highest_kwh;
  return info;
}

void EnergyMeter::start(Timestamp at, std::uint64_t seed) {
  const Random root(seed);
  laboratory_ = Laboratory(config_.scale, at - unseen, config_.place, root.fork(1));
  laboratory_.order(weather_set_);
  for (Timestamp t = at - unseen; t < at; t += std::chrono::minutes(1)) {
    laboratory_.advance(t + std::chrono::minutes(1), clock_, {});
  }
  meter_ = Instrument(traits(), config_.uniform_low_kwh, root.fork(2), root.fork(3));
  random_ = root.fork(4);
  faults_.start(at, root.fork(5));
  now_ = at;
}

double EnergyMeter::truth_kwh() {
  Disturbance disturbance;
  if (const auto* fault = faults_.find("machine_left_on")) disturbance.left_on_kw = fault->size;
  if (const auto* fault = faults_.find("base_load")) disturbance.leak_kw = fault->size;
  disturbance.no_cooling = faults_.find("cooling_dead") != nullptr;
  const double interval_h =
      std::chrono::duration<double, std::ratio<3600>>(config_.interval).count();
  if (config_.uniform) {
    return random_.uniform(config_.uniform_low_kwh, config_.uniform_high_kwh) +
           (disturbance.left_on_kw + disturbance.leak_kw) * interval_h;
  }
  return laboratory_.advance(now_, clock_, disturbance) * interval_h;
}

Timestamp EnergyMeter::step(std::span<PlantValue> values, LabelSink& labels) {
  now_ += config_.period;
  faults_.step(now_, config_.period, labels);
  const double truth = truth_kwh();
  values[0] = meter_.measure(truth, dt_s(), faults_.tamper(0));
  return now_;
}

std::string EnergyMeter::save() const {
  std::string state;
  put_state(state, state_version);
  put_state(state, config_.uniform);
  put_state(state, now_);
  put_state(state, weather_set_);
  put_state(state, laboratory_);
  put_state(state, meter_);
  put_state(state, random_);
  faults_.save(state);
  return state;
}

Result<void> EnergyMeter::load(std::string_view state) {
  std::uint32_t version = 0;
  bool uniform = false;
  if (!take_state(state, version) || version != state_version || !take_state(state, uniform) ||
      uniform != config_.uniform) {
    return Error{Errc::unsupported, "the meter's state is of another version or profile"};
  }
  if (!take_state(state, now_) || !take_state(state, weather_set_) ||
      !take_state(state, laboratory_) || !take_state(state, meter_) ||
      !take_state(state, random_) || !faults_.load(state) || !state.empty()) {
    return Error{Errc::corrupt, "the meter's state is damaged"};
  }
  return {};
}

Result<void> read_profile(Section& section, Config& config) {
  static constexpr std::array<std::string_view, 2> profiles{"laboratory", "uniform"};
  config.uniform = TRY(section.choice("profile", "laboratory", profiles)) == "uniform";
  config.uniform_low_kwh = TRY(section.number("uniform_low_kwh", config.uniform_low_kwh));
  config.uniform_high_kwh = TRY(section.number("uniform_high_kwh", config.uniform_high_kwh));
  if (!(config.uniform_low_kwh >= 0 && config.uniform_high_kwh > config.uniform_low_kwh &&
        config.uniform_high_kwh <= highest_kwh)) {
    return section.wrong(
        "uniform_high_kwh",
        fmt::format("must be above uniform_low_kwh, and both from 0 to {}", highest_kwh));
  }
  config.scale = TRY(section.number("scale", config.scale));
  if (!(config.scale >= 0.1 && config.scale <= 2)) {
    return section.wrong("scale", "must be from 0.1 to 2");
  }
  return {};
}

Result<std::unique_ptr<Plant>> make(Section& section) {
  Config config;
  config.asset = TRY(section.text("asset", "laboratory"));
  config.entity = TRY(section.text("entity", "Sensor-LARI-01"));
  config.attribute = TRY(section.text("attribute", "energy"));
  config.location = TRY(section.text("location", "LARI Research Lab"));
  config.period = TRY(section.duration("period", config.period));
  if (config.period < std::chrono::milliseconds(100) || config.period > std::chrono::minutes(15)) {
    return section.wrong("period", "must be from 100ms to 15m");
  }
  config.interval = TRY(section.duration("interval", config.interval));
  if (config.interval < std::chrono::minutes(1) || config.interval > std::chrono::hours(1)) {
    return section.wrong("interval", "must be from 1m to 1h");
  }
  TRY(read_profile(section, config));
  const auto zone_name = TRY(section.text("zone", "Europe/Paris"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  return std::make_unique<EnergyMeter>(std::move(config), *zone);
}

}  // namespace
}  // namespace energy_meter

void register_plants_energy_meter(Catalog& catalog);
void register_plants_energy_meter(Catalog& catalog) {
  catalog.add<Plant>("energy_meter", energy_meter::make);
}

}  // namespace sosie
