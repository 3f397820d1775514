#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "plants/wastewater/archive.h"
#include "plants/wastewater/confounders.h"
#include "plants/wastewater/design.h"
#include "plants/wastewater/drift.h"
#include "plants/wastewater/faults.h"
#include "plants/wastewater/instruments.h"
#include "plants/wastewater/local_clock.h"
#include "plants/wastewater/parallel.h"
#include "plants/wastewater/process.h"
#include "plants/wastewater/sensor_list.h"
#include "plants/wastewater/services.h"
#include "simulation/plant.h"

namespace sosie {
namespace wastewater {
namespace {

constexpr std::array<std::string_view, 4> weather_names{"dry", "rain", "storm", "auto"};
/// What the control loops listen to; a list of sensors may lack them, then they know the truth.
constexpr std::array<std::string_view, 4> loop_tags{"AIT-306-DO", "AIT-310-NO3", "AIT-502-PO4",
                                                    "AIT-601-CL2"};
/// What the filter's wash moves.
constexpr std::array<std::string_view, 4> wash_tags{"PDIT-506", "YS-510", "JIT-511", "FIT-801"};
constexpr Duration step_time = std::chrono::seconds(5);
constexpr double usual_fault_rate = 0.02;
constexpr std::uint32_t state_version = 5;

/// A setpoint as people see it, and where it stands. One of a flow is kept as a share of the usual
/// flow, and shown as m3/h.
struct SetpointRow {
  std::string_view name;
  std::string_view en;
  std::string_view fr;
  std::string_view unit;
  double low;  ///< of a flow: share
  double high;
  double Setpoints::* at;
  double flow_m3_h = 0;  ///< the usual one; 0: it is no flow
};
constexpr std::array<SetpointRow, 6> setpoint_rows{{
    {"oxygen", "oxygen in reactor 5", "oxygène du bassin 5", "mg/l", 0.2, 6,
     &Setpoints::oxygen_g_m3},
    {"nitrate", "nitrate in reactor 2", "nitrates du bassin 2", "mg/l", 0.1, 6,
     &Setpoints::nitrate_g_m3},
    {"return_sludge", "flow of return sludge", "débit de recirculation des boues", "m3/h", 0.2, 1.8,
     &Setpoints::return_share, usual_return_m3_h},
    {"waste_sludge", "flow of waste sludge", "débit d'extraction des boues", "m3/h", 0, 4,
     &Setpoints::waste_share, usual_waste_m3_h},
    {"ferric", "ferric dose per phosphate", "dose de fer par phosphate", "mol/mol", 0, 4,
     &Setpoints::fe_per_p},
    {"chlorine", "residual chlorine", "chlore résiduel", "mg/l", 0, 1, &Setpoints::chlorine_g_m3},
}};

Result<Weather> weather_from(std::string_view text) {
  for (std::size_t i = 0; i < weather_names.size(); ++i) {
    if (weather_names.at(i) == text) return static_cast<Weather>(i);
  }
  return Error{Errc::invalid, fmt::format("weather '{}' where one of {} was expected", text,
                                          fmt::join(weather_names, ", "))};
}

/// A station for urban waste water, from its sewer to its river: README.md has its equations.
class Wastewater final : public Plant {
 public:
  struct Config {
    std::string asset;
    double population_equivalent = 125000;
    NoiseLaw noise = NoiseLaw::own;
    bool has_drift = false;
  };

  Wastewater(Config config, std::vector<SensorRow> rows, Zone zone)
      : config_(std::move(config)),
        rows_(std::move(rows)),
        clock_(std::move(zone)),
        process_(config_.population_equivalent, Random(0)),
        instruments_(rows_, 0, process_, config_.noise),
        services_(rows_, Random(0)),
        drift_(rows_, Random(0), config_.has_drift),
        board_(rows_, config_.asset, Random(0), usual_fault_rate) {
    for (const SensorRow& row : rows_) infos_.push_back(row.info);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (std::ranges::find(wash_tags, rows_[i].info.entity.str()) != wash_tags.end()) {
        at_wash_.push_back(i);
      }
      for (std::size_t k = 0; k < loop_tags.size(); ++k) {
        if (rows_[i].info.entity == loop_tags.at(k)) listened_.at(k) = i;
      }
      for (std::size_t k = 0; k < Rotas::count; ++k) {
        const auto tags = Rotas::tags(k);
        if (std::ranges::find(tags, rows_[i].info.entity.str()) != tags.end()) {
          at_machine_.at(k).push_back(i);
        }
      }
      for (std::size_t k = 0; k < Wears::count; ++k) {
        const auto tags = Wears::tags(k);
        if (std::ranges::find(tags, rows_[i].info.entity.str()) != tags.end()) {
          at_wear_.at(k).push_back(i);
        }
      }
    }
  }

  std::size_t sensor_count() const override { return infos_.size(); }
  SeriesInfo describe(std::size_t sensor) const override { return infos_[sensor]; }
  double noise(std::size_t sensor) const override {
    return sensor_noise(rows_[sensor], config_.noise);
  }
  Duration period() const override { return step_time; }

  void start(Timestamp at, std::uint64_t seed) override;
  Timestamp step(std::span<PlantValue> values, LabelSink& labels) override;

  std::span<const FaultType> fault_types() const override { return board_.types(); }
  Result<std::uint64_t> inject(const FaultOrder& order) override {
    return board_.inject(order, now_ + step_time, instruments_);
  }
  Result<void> cancel(std::uint64_t label) override { return board_.cancel(label, now_); }
  std::vector<Label> running() const override { return board_.running(); }
  void set_fault_rate(double share) override { board_.set_rate(share); }
  double fault_rate() const override { return board_.rate(); }

  std::vector<std::string> weathers() const override {
    return {weather_names.begin(), weather_names.end()};
  }
  Result<void> set_weather(std::string_view weather) override {
    weather_set_ = TRY(weather_from(weather));
    process_.order(weather_set_);
    return {};
  }
  std::string weather() const override {
    return std::string(weather_names.at(static_cast<std::size_t>(process_.weather())));
  }

  std::vector<std::string_view> confounders() const override;
  std::vector<Upkeep> upkeep() const override;
  bool has_control_loops() const override { return true; }

  std::vector<Setpoint> setpoints() const override;
  Result<void> set_setpoint(std::string_view name, double value) override;

  std::string save() const override;
  Result<void> load(std::string_view state) override;
  std::unique_ptr<Plant> blank() const override {
    return std::make_unique<Wastewater>(config_, rows_, clock_.zone());
  }

 private:
  void hear(std::span<const PlantValue> values);
  void announce(std::span<PlantValue> values) const;
  std::uint64_t fingerprint() const;
  bool load_parts(std::string_view& state);
  double unit_of(const SetpointRow& row) const;

  // Set once in the constructor.
  Config config_;
  std::vector<SensorRow> rows_;
  std::vector<SeriesInfo> infos_;
  std::array<std::optional<std::size_t>, loop_tags.size()> listened_;
  std::array<std::vector<std::size_t>, Rotas::count> at_machine_;  ///< sensors
  std::array<std::vector<std::size_t>, Wears::count> at_wear_;     ///< sensors
  std::vector<std::size_t> at_wash_;                               ///< sensors
  LocalClock clock_;

  // The state.
  Timestamp now_;
  Weather weather_set_ = Weather::automatic;
  Process process_;
  Feedback feedback_;
  Instruments instruments_;
  Services services_;
  Drift drift_;
  FaultBoard board_;

  // Worked out again when needed.
  LocalTime time_;  ///< of the last step
};

/// Loops hear what the sensors say, true or not; of a silent one they keep the last value.
void Wastewater::hear(std::span<const PlantValue> values) {
  const std::array<double*, loop_tags.size()> heard{
      &feedback_.do_reactor_5, &feedback_.nitrate_reactor_2, &feedback_.phosphate_tertiary,
      &feedback_.chlorine};
  for (std::size_t k = 0; k < loop_tags.size(); ++k) {
    const auto& sensor = listened_.at(k);
    if (!sensor) {
      *heard.at(k) = find_probe(loop_tags.at(k))->look(process_);
    } else if (values[*sensor].sent) {
      *heard.at(k) = values[*sensor].value;
    }
  }
}

/// Of a change-over the control room knows, and of works at what wears.
void Wastewater::announce(std::span<PlantValue> values) const {
  const auto rotas = process_.rotas().all();
  for (std::size_t k = 0; k < rotas.size(); ++k) {
    if (!rotas.at(k)->is_announced()) continue;
    for (const std::size_t sensor : at_machine_.at(k)) mark_serviced(values[sensor]);
  }
  const auto wears = process_.wears().all();
  for (std::size_t k = 0; k < wears.size(); ++k) {
    if (!wears.at(k)->is_announced()) continue;
    for (const std::size_t sensor : at_wear_.at(k)) mark_serviced(values[sensor]);
  }
}

std::vector<std::string_view> Wastewater::confounders() const {
  const bool has_service =
      std::ranges::any_of(services_.serviced(), [](auto one) { return one != 0; });
  return confounders_at(time_, process_, has_service);
}

std::vector<Upkeep> Wastewater::upkeep() const {
  std::vector<Upkeep> all;
  const auto add = [&](std::size_t sensor, std::string_view kind) {
    if (std::ranges::find(all, sensor, &Upkeep::sensor) == all.end()) all.push_back({sensor, kind});
  };
  const auto serviced = services_.serviced();
  for (std::size_t i = 0; i < serviced.size(); ++i) {
    if (serviced[i] != 0) add(i, service_kind(rows_[i]));
  }
  const auto rotas = process_.rotas().all();
  for (std::size_t k = 0; k < rotas.size(); ++k) {
    if (!rotas.at(k)->is_announced()) continue;
    for (const std::size_t sensor : at_machine_.at(k)) add(sensor, "rotation");
  }
  const auto wears = process_.wears().all();
  for (std::size_t k = 0; k < wears.size(); ++k) {
    if (!wears.at(k)->is_announced()) continue;
    for (const std::size_t sensor : at_wear_.at(k)) add(sensor, Wears::kind(k));
  }
  if (process_.tertiary.wash_pump_state() == 1) {
    for (const std::size_t sensor : at_wash_) add(sensor, "backwash");
  }
  return all;
}

/// A dry day is lived unseen, so that the plant begins in the middle of its life.
void Wastewater::start(Timestamp at, std::uint64_t seed) {
  const Random root(seed);
  process_ = Process(config_.population_equivalent, root.fork(1));
  feedback_ = {};
  process_.order(Weather::dry);
  for (Timestamp t = at - std::chrono::hours(24); t < at; t += step_time) {
    process_.step(clock_.at(t), Disturbance{}, feedback_);
    feedback_ = {process_.biology.reactor(5)[Water::so], process_.biology.reactor(2)[Water::sno],
                 process_.tertiary.inlet()[Water::po4], process_.disinfection.residual_chlorine()};
  }
  process_.order(weather_set_);
  instruments_ = Instruments(rows_, root.fork(2).bits(), process_, config_.noise);
  services_ = Services(rows_, root.fork(4));
  services_.start(at);
  drift_ = Drift(rows_, root.fork(5), config_.has_drift);
  drift_.start(services_.days_since(at));
  board_ = FaultBoard(rows_, config_.asset, root.fork(3), board_.rate());
  board_.start(at);
  now_ = at;
}

Timestamp Wastewater::step(std::span<PlantValue> values, LabelSink& labels) {
  now_ += step_time;
  board_.step(now_, instruments_, labels);
  time_ = clock_.at(now_);
  process_.step(time_, board_.disturbance(), feedback_);
  services_.step(now_, time_);
  drift_.step();
  for (const std::size_t sensor : services_.finished()) drift_.calibrated(sensor);
  instruments_.step(process_, board_.meddling(), {services_.serviced(), drift_.off()}, values);
  announce(values);
  hear(values);
  return now_;
}

/// What 1 of a setpoint is shown as: a share of a flow as that flow, at this plant's size.
double Wastewater::unit_of(const SetpointRow& row) const {
  if (row.flow_m3_h <= 0) return 1;
  return row.flow_m3_h * config_.population_equivalent / design_population;
}

std::vector<Setpoint> Wastewater::setpoints() const {
  std::vector<Setpoint> all;
  all.reserve(setpoint_rows.size());
  for (const SetpointRow& row : setpoint_rows) {
    const double unit = unit_of(row);
    all.push_back({.name = std::string(row.name),
                   .words = {std::string(row.en), std::string(row.fr)},
                   .unit = std::string(row.unit),
                   .low = row.low * unit,
                   .high = row.high * unit,
                   .usual = Setpoints{}.*row.at * unit,
                   .value = feedback_.set.*row.at * unit});
  }
  return all;
}

Result<void> Wastewater::set_setpoint(std::string_view name, double value) {
  const auto which = TRY(find_setpoint(setpoints(), name, value));
  const SetpointRow& row = setpoint_rows.at(which);
  feedback_.set.*row.at = value / unit_of(row);
  return {};
}

/// Of all that must be the same for a state to fit: the layout of its parts and the sensors.
std::uint64_t Wastewater::fingerprint() const {
  std::uint64_t mark = mark_of({});
  for (const SensorRow& row : rows_) mark = mark_of(row.info.entity, mark);
  return mark_of(fmt::format("{} {} {} {} {} {}", sizeof(Process), sizeof(Fault),
                             fault_rows().size(), config_.population_equivalent,
                             static_cast<int>(config_.noise), config_.has_drift),
                 mark);
}

std::string Wastewater::save() const {
  std::string state;
  put_bytes(state, state_version);
  put_bytes(state, fingerprint());
  put_bytes(state, now_);
  put_bytes(state, weather_set_);
  put_bytes(state, process_);
  put_bytes(state, feedback_);
  instruments_.save(state);
  services_.save(state);
  drift_.save(state);
  board_.save(state);
  return state;
}

bool Wastewater::load_parts(std::string_view& state) {
  return take_bytes(state, now_) && take_bytes(state, weather_set_) &&
         take_bytes(state, process_) && take_bytes(state, feedback_) && instruments_.load(state) &&
         services_.load(state) && drift_.load(state) && board_.load(state) && state.empty();
}

Result<void> Wastewater::load(std::string_view state) {
  std::uint32_t version = 0;
  std::uint64_t mark = 0;
  if (!take_bytes(state, version) || version != state_version || !take_bytes(state, mark) ||
      mark != fingerprint()) {
    return Error{Errc::unsupported, "the plant's state is of another version or sensor list"};
  }
  if (!load_parts(state)) return Error{Errc::corrupt, "the plant's state is damaged"};
  return {};
}

Result<std::unique_ptr<Plant>> make(Section& section) {
  Wastewater::Config config;
  config.asset = TRY(section.text("asset", "traffeyere"));
  config.population_equivalent = TRY(section.number("population_equivalent", 125000));
  if (config.population_equivalent < 1000 || config.population_equivalent > 5e6) {
    return section.wrong("population_equivalent", "must be from 1 000 to 5 000 000");
  }
  const auto noise = TRY(section.text("noise", "own"));
  if (noise != "own" && noise != "benchmark") {
    return section.wrong("noise", "must be \"own\" or \"benchmark\"");
  }
  config.noise = noise == "own" ? NoiseLaw::own : NoiseLaw::benchmark;
  config.has_drift = TRY(section.flag("drift", false));
  const auto zone_name = TRY(section.text("zone", "Europe/Paris"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  const auto path = TRY(section.path("sensors"));
  auto rows = read_sensor_list(path, config.asset);
  if (!rows && rows.error().code == Errc::not_found) {
    return section.wrong("sensors", "expected a file that can be read: " + rows.error().what);
  }
  if (!rows) return rows.error();
  return std::make_unique<Wastewater>(std::move(config), std::move(rows).value(), *zone);
}

}  // namespace
}  // namespace wastewater

void register_plants_wastewater(Catalog& catalog);
void register_plants_wastewater(Catalog& catalog) {
  catalog.add<Plant>("wastewater", wastewater::make);
  catalog.add<ParallelModel>("wastewater", wastewater::make_parallel);
}

}  // namespace sosie
