#include "plants/wastewater/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/time_text.h"
#include "plants/wastewater/archive.h"
#include "plants/wastewater/design.h"
#include "plants/wastewater/instruments.h"
#include "plants/wastewater/local_clock.h"
#include "plants/wastewater/parallel_inlet.h"
#include "plants/wastewater/process.h"
#include "plants/wastewater/sensor_list.h"

namespace sosie::wastewater {
namespace {

constexpr Duration model_step = std::chrono::seconds(5);
constexpr Duration longest_leap = std::chrono::hours(1);
constexpr Duration settles_in = std::chrono::hours(6);
constexpr double follows_flows_h = 4;  // of sludge, which people set
constexpr std::uint32_t parallel_version = 2;
constexpr double finer = 1000;  // than the instruments' resolution

// What is done there, as its instruments tell.
constexpr std::array<Measured::Place, 1> ferric_place{{{"FIT-501"}}};
constexpr std::array<Measured::Place, 1> chlorine_place{{{"FIT-602"}}};
constexpr std::array<Measured::Place, 1> return_place{{{"FIT-401"}}};
constexpr std::array<Measured::Place, 1> waste_place{{{"FIT-402"}}};
constexpr std::string_view wash_tag = "YS-510";
/// When the screens are raked, and how many are open, no instrument tells: the model cannot know.
constexpr std::string_view screen_tag = "PDIT-112";
constexpr double dose_lag_h = 0.5 / 60;

/// The instruments without noise, and finer.
std::vector<SensorRow> quiet(std::vector<SensorRow> rows) {
  for (SensorRow& row : rows) {
    row.noise_sd = 0;
    row.per_unit *= finer;
  }
  return rows;
}

/// What must be the same for a state to fit.
struct Identity {
  double population_equivalent = 0;
  double departure = 0;
  std::uint64_t seed = 0;
  std::uint64_t sensors = 0;
  std::uint64_t tags = 0;  ///< their mark, in the list's order

  bool operator==(const Identity&) const = default;
  std::string text() const {
    return fmt::format("population_equivalent {}, departure {}, seed {}, {} sensors ({:x})",
                       population_equivalent, departure, seed, sensors, tags);
  }
};

class Parallel final : public ParallelModel {
 public:
  struct Config {
    double population_equivalent = 125000;
    double departure = 0.08;
    std::uint64_t seed = 1;
  };

  Parallel(Config config, const std::vector<SensorRow>& rows, Zone zone)
      : identity_(identity_of(config, rows)),
        scale_(config.population_equivalent / design_population),
        departure_(Departure::draw(config.departure, Random(config.seed))),
        timers_off_(std::chrono::seconds(Random(config.seed).fork(1).below(86400))),
        rows_(quiet(rows)),
        column_(rows_.size()),
        clock_(std::move(zone)),
        process_(config.population_equivalent, Random(0)),
        instruments_(rows_, 0, process_),
        inlet_(rows_, departure_),
        ferric_(ferric_place, dose_lag_h, rows_),
        chlorine_(chlorine_place, dose_lag_h, rows_),
        return_(return_place, follows_flows_h, rows_),
        waste_(waste_place, follows_flows_h, rows_),
        read_(rows_.size(), no_reading),
        values_(rows_.size(), nothing_yet),
        serviced_(rows_.size(), 0),
        off_(rows_.size(), 0.0),
        is_silent_(rows_.size(), 0) {
    process_.depart(departure_);
    for (const std::size_t row : inlet_.believed()) is_silent_[row] = 1;
    for (const Measured* one : {&ferric_, &chlorine_, &return_, &waste_}) {
      for (const std::size_t row : one->believed()) is_silent_[row] = 1;
    }
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const auto& tag = rows_[r].info.entity;
      if (tag == screen_tag || tag == wash_tag) is_silent_[r] = 1;
      if (tag == wash_tag) wash_row_ = r;
    }
  }

  void begin(const AssetColumns& columns) override {
    known_ = 0;
    std::unordered_map<std::string, std::size_t> by_name;
    for (std::size_t c = 0; c < columns.size(); ++c) by_name.emplace(columns.info[c]->name(), c);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const auto found = by_name.find(rows_[r].info.name());
      column_[r] = found == by_name.end() ? std::nullopt : std::optional(found->second);
      known_ += column_[r] ? 1 : 0;
    }
  }

  std::size_t known() const override { return known_; }

  bool step(const Frame& frame, std::span<double> expected) override {
    std::ranges::fill(expected, no_reading);
    if (frame.at < now_) return true;  // it has lived through that, and goes on from its time
    const bool follows = now_ != Timestamp{} && frame.at - now_ <= longest_leap;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      read_[r] = column_[r] ? frame.values[*column_[r]] : no_reading;
    }
    if (now_ == Timestamp{}) live_unseen(frame.at);
    now_ = std::max(now_, frame.at - longest_leap);
    for (; now_ + model_step <= frame.at; now_ += model_step) live(now_ + model_step);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (column_[r] && is_silent_[r] == 0) expected[*column_[r]] = values_[r].value;
    }
    return follows;
  }

  Duration settling_time() const override { return settles_in; }

  std::string save() const override {
    std::string state;
    put_bytes(state, parallel_version);
    put_bytes(state, identity_);
    put_bytes(state, sizeof(Process));
    put_bytes(state, now_);
    put_bytes(state, process_);
    put_bytes(state, feedback_);
    put_bytes(state, inlet_.state());
    for (const Measured* one : {&ferric_, &chlorine_, &return_, &waste_}) {
      put_bytes(state, one->state());
    }
    instruments_.save(state);
    return state;
  }

  Result<void> load(std::string_view state) override;

 private:
  /// It has lived through no step since it was made, or was given a state.
  static constexpr PlantValue nothing_yet{.value = no_reading};

  static Identity identity_of(const Config& config, const std::vector<SensorRow>& rows) {
    Identity identity{.population_equivalent = config.population_equivalent,
                      .departure = config.departure,
                      .seed = config.seed,
                      .sensors = rows.size(),
                      .tags = mark_of({})};
    for (const SensorRow& row : rows) {
      identity.tags = mark_of(" ", mark_of(row.info.entity, identity.tags));
    }
    return identity;
  }

  /// A dry day and a part of one, so that the model begins in the middle of its life, and its
  /// timers where nobody knows the plant's to be.
  void live_unseen(Timestamp at) {
    now_ = at - model_step;
    for (Timestamp t = at - std::chrono::hours(24) - timers_off_; t < at; t += model_step) {
      process_.influent.step_as_usual(clock_.at(t));
      process_.step_beside(clock_.at(t), {process_.influent.stream(), {}, departure_.transfer},
                           feedback_);
      hear();
    }
    instruments_ = Instruments(rows_, 0, process_);
  }

  /// The loops hear the model's own water: what the plant's sensors say is to be judged by it.
  void hear() {
    const Setpoints set = feedback_.set;
    feedback_ = {process_.biology.reactor(5)[Water::so], process_.biology.reactor(2)[Water::sno],
                 process_.tertiary.inlet()[Water::po4], process_.disinfection.residual_chlorine(),
                 set};
  }

  static std::optional<double> known_value(const Measured& measured) {
    return measured.is_known() ? std::optional(measured.value()) : std::nullopt;
  }

  Followed follow() {
    Followed followed;
    const double usual_dose = process_.tertiary.dose_l_h();
    ferric_.step(read_, usual_dose);
    chlorine_.step(read_, process_.disinfection.dose_l_h());
    return_.step(read_, usual_return_m3_h * scale_);
    waste_.step(read_, usual_waste_m3_h * scale_);
    followed.ferric_l_h = known_value(ferric_);
    followed.chlorine_l_h = known_value(chlorine_);
    feedback_.set.return_share = return_.value() / (usual_return_m3_h * scale_);
    feedback_.set.waste_share = waste_.value() / (usual_waste_m3_h * scale_);
    if (wash_row_ && !std::isnan(read_[*wash_row_])) followed.is_washed = read_[*wash_row_] == 1;
    return followed;
  }

  void live(Timestamp at) {
    const LocalTime time = clock_.at(at);
    process_.influent.step_as_usual(time);
    inlet_.step(read_, process_.influent.stream());
    process_.step_beside(time, {inlet_.stream(), follow(), departure_.transfer}, feedback_);
    hear();
    instruments_.step(process_, {}, {serviced_, off_}, values_);
  }

  // Set once in the constructor.
  Identity identity_;
  double scale_;
  Departure departure_;
  Duration timers_off_;
  std::vector<SensorRow> rows_;
  std::optional<std::size_t> wash_row_;

  std::vector<std::optional<std::size_t>> column_;  ///< of the asset, of each row
  std::size_t known_ = 0;

  // The state.
  Timestamp now_;
  LocalClock clock_;
  Process process_;
  Feedback feedback_;
  Instruments instruments_;
  ParallelInlet inlet_;
  Measured ferric_;
  Measured chlorine_;
  Measured return_;
  Measured waste_;

  // A step's own.
  std::vector<double> read_;
  std::vector<PlantValue> values_;  ///< no part of the state
  std::vector<std::uint8_t> serviced_;
  std::vector<double> off_;
  std::vector<std::uint8_t> is_silent_;  ///< rows of which nothing is said
};

Result<void> Parallel::load(std::string_view state) {
  std::uint32_t version = 0;
  Identity identity;
  if (!take_bytes(state, version) || version != parallel_version || !take_bytes(state, identity)) {
    return Error{Errc::corrupt, "the model's state is of another build, or damaged"};
  }
  if (identity != identity_) {
    return Error{Errc::unsupported, fmt::format("the model's state is of {}; expected {}",
                                                identity.text(), identity_.text())};
  }
  std::size_t process_size = 0;
  if (!take_bytes(state, process_size) || process_size != sizeof(Process)) {
    return Error{Errc::corrupt, "the model's state is of another build, or damaged"};
  }
  Timestamp now;
  Process process = process_;
  Feedback feedback;
  auto inlet = inlet_.state();
  std::array<Measured::State, 4> done;
  bool is_whole = take_bytes(state, now) && take_bytes(state, process) &&
                  take_bytes(state, feedback) && take_bytes(state, inlet);
  for (auto& one : done) is_whole = is_whole && take_bytes(state, one);
  Instruments instruments(rows_, 0, process_);
  if (!is_whole || !instruments.load(state) || !state.empty()) {
    return Error{Errc::corrupt, "the model's state is damaged"};
  }
  now_ = now;
  process_ = process;
  feedback_ = feedback;
  inlet_.go_on_from(inlet);
  ferric_.go_on_from(done[0]);
  chlorine_.go_on_from(done[1]);
  return_.go_on_from(done[2]);
  waste_.go_on_from(done[3]);
  instruments_ = std::move(instruments);
  std::ranges::fill(values_, nothing_yet);
  return {};
}

}  // namespace

Result<std::unique_ptr<ParallelModel>> make_parallel(Section& section) {
  Parallel::Config config;
  config.population_equivalent =
      TRY(section.number("population_equivalent", config.population_equivalent));
  if (config.population_equivalent < 1000 || config.population_equivalent > 5e6) {
    return section.wrong("population_equivalent", "must be from 1 000 to 5 000 000");
  }
  config.departure = TRY(section.number("departure", config.departure));
  if (!(config.departure >= 0 && config.departure <= 0.2)) {
    return section.wrong("departure", "must be from 0 to 0.2");
  }
  const auto seed = TRY(section.integer("seed", 1));
  config.seed = static_cast<std::uint64_t>(seed);
  const auto zone_name = TRY(section.text("zone", "Europe/Paris"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  const auto path = TRY(section.path("sensors"));
  const auto rows = read_sensor_list(path, "model");
  if (!rows && rows.error().code == Errc::not_found) {
    return section.wrong("sensors", "expected a file that can be read: " + rows.error().what);
  }
  if (!rows) return rows.error();
  return std::make_unique<Parallel>(config, *rows, *zone);
}

}  // namespace sosie::wastewater
