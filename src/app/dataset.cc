#include "app/dataset.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "base/time_text.h"
#include "simulation/ground_truth.h"
#include "wire/csv/writer.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

/// A file that is written from its begin to its end.
class Written {
 public:
  static Result<Written> open(const std::string& folder, std::string_view name) {
    Written made(fmt::format("{}/{}", folder, name));
    if (!made.file_) return made.failed();
    return made;
  }

  Result<void> write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return failed();
    return {};
  }
  Result<void> close() {
    if (std::fclose(file_.release()) != 0) return failed();
    return {};
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit Written(std::string path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "w")) {}
  Error failed() const {
    return {Errc::unavailable, fmt::format("{}: cannot be written: {}", path_,
                                           std::generic_category().message(errno))};
  }

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

std::string time_of(std::optional<Timestamp> at) {
  return at ? to_iso8601(*at) : std::string();
}

std::vector<std::string> names_of(const Plant& plant) {
  std::map<std::string, int> of_entity;
  const auto sensors = sensors_of(plant);
  for (const auto& sensor : sensors) ++of_entity[sensor.entity.str()];
  std::vector<std::string> names;
  names.reserve(sensors.size());
  for (const auto& sensor : sensors) {
    names.push_back(of_entity[sensor.entity.str()] == 1 ? sensor.entity.str() : sensor.name());
  }
  return names;
}

std::string head_of(const std::vector<std::string>& names) {
  std::vector<std::string_view> fields{"time"};
  fields.insert(fields.end(), names.begin(), names.end());
  std::string head;
  csv::append_record(head, fields);
  return head;
}

void append_row(std::string& to, Timestamp at, std::span<const PlantValue> values) {
  to += to_iso8601(at);
  for (const auto& value : values) {
    to += ',';
    if (!value.sent) continue;
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), value.value).ptr;
    to.append(digits.begin(), end);
  }
  to += "\r\n";
}

/// From 1 to 5 by the largest deviation: 3, 5, 10, 30, 100 noises.
int severity_of(double peak) {
  constexpr std::array<double, 4> steps{5, 10, 30, 100};
  return 1 +
         static_cast<int>(std::ranges::count_if(steps, [&](double step) { return peak > step; }));
}

void write_consequences(json::Writer& out, const GroundTruth& truth, std::size_t event,
                        const std::vector<std::string>& names) {
  struct Moved {
    Timestamp first;
    double peak = 0;
    double off = 0;
  };
  std::map<std::size_t, Moved> moved;
  for (const auto& trace : truth.traces()) {
    if (trace.event != event || trace.direct || !trace.first_moved) continue;
    auto& one = moved.try_emplace(trace.sensor, Moved{*trace.first_moved}).first->second;
    one.first = std::min(one.first, *trace.first_moved);
    if (std::abs(trace.peak) > std::abs(one.peak)) {
      one.peak = trace.peak;
      one.off = trace.peak_off;
    }
  }
  out.key("consequences");
  out.begin_array();
  for (const auto& [sensor, one] : moved) {
    out.begin_object();
    out.member("tag", names[sensor]);
    out.member("first_3sigma", to_iso8601(one.first));
    out.member("peak_z", one.peak);
    out.member("peak_abs", one.off);
    out.end_object();
  }
  out.end_array();
}

/// By which its events and its files are told from those of another.
std::string dataset_id(const DatasetOptions& options) {
  return fmt::format("{}-{}-{}", options.asset, options.seed, to_iso8601(options.start));
}
std::string event_id(const DatasetOptions& options, const TruthEvent& event) {
  return fmt::format("{}-{}", options.seed, event.label.id);
}

/// What its plant says of a fault of this name, if anything.
FaultType type_of(const Plant& plant, const std::string& scenario) {
  const auto types = plant.fault_types();
  const auto found = std::ranges::find(types, scenario, &FaultType::name);
  return found == types.end() ? FaultType() : *found;
}

void write_causes(json::Writer& out, const FaultType& type, const Label& label) {
  const std::string aimed = label.direct.empty() ? std::string() : label.direct.front();
  out.member("root_cause", type.root_cause.empty() ? aimed : type.root_cause);
  out.member("mechanism", type.mechanism);
  out.key("parameters");
  out.begin_object();
  if (!type.parameter.empty()) out.member(type.parameter, label.size);
  out.end_object();
}

std::string event_line(const GroundTruth& truth, std::size_t which, const DatasetOptions& options,
                       const std::vector<std::string>& names, const Plant& plant) {
  constexpr std::size_t least_moved = 12;
  const TruthEvent& event = truth.events()[which];
  const Label& label = event.label;
  const FaultType type = type_of(plant, label.scenario);
  json::Writer out;
  out.begin_object();
  out.member("event_id", event_id(options, event));
  out.member("dataset_id", dataset_id(options));
  out.member("seed", options.seed);
  out.member("family", to_text(label.kind));
  out.member("scenario_id", type.scenario_id);
  out.member("scenario", label.scenario);
  out.member("severity", severity_of(event.peak));
  out.member("t_inject_start", to_iso8601(label.start));
  out.member("t_inject_end", to_iso8601(label.cause_ends.value_or(label.end)));
  out.member("t_label_end", to_iso8601(label.end));
  out.member("t_effect_start", time_of(event.effect_from));
  out.member("t_effect_end", time_of(event.effect_to));
  out.key("targets");
  out.begin_array();
  for (const auto& name : label.direct) out.value(name);
  out.end_array();
  write_consequences(out, truth, which, names);
  write_causes(out, type, label);
  out.member("size", label.size);
  out.member("control_loop_closed", plant.has_control_loops());
  out.member("weather", event.weather);
  out.key("confounders_active");
  out.begin_array();
  for (const auto confounder : event.confounders) out.value(confounder);
  out.end_array();
  out.member("detectable", event.moved >= least_moved);
  out.member("operator_text_fr", label.text.fr);
  out.member("operator_text_en", label.text.en);
  out.end_object();
  return out.text() + "\n";
}

std::string trace_line(const GroundTruth& truth, const TruthTrace& trace,
                       const DatasetOptions& options, const std::vector<std::string>& names) {
  const TruthEvent& event = truth.events()[trace.event];
  const auto id = event_id(options, event);
  const auto from = to_iso8601(trace.from);
  const auto to = to_iso8601(trace.to);
  const auto peak = fmt::format("{:.4g}", trace.peak);
  const std::array<std::string_view, 9> fields{names[trace.sensor],
                                               from,
                                               to,
                                               trace.direct ? "direct" : "consequence",
                                               to_text(event.label.kind),
                                               event.label.scenario,
                                               id,
                                               peak,
                                               to_text(trace.worst)};
  std::string line;
  csv::append_record(line, fields);
  return line;
}

/// Who is looked after, as lines of JSON.
class Maintenance {
 public:
  explicit Maintenance(const std::vector<std::string>& names)
      : names_(names), stays_(names.size()) {}

  void look(Timestamp at, std::span<const Upkeep> upkeep) {
    for (const Upkeep& one : upkeep) {
      auto& stay = stays_[one.sensor];
      if (stay && stay->kind != one.kind) tell(one.sensor, at);
      if (!stay) stay = Stay{.kind = one.kind, .since = at};
      stay->seen = at;
    }
    for (std::size_t i = 0; i < stays_.size(); ++i) {
      if (stays_[i] && stays_[i]->seen < at) tell(i, at);
    }
  }
  /// With what is not over yet.
  const std::string& lines(Timestamp end) {
    for (std::size_t i = 0; i < stays_.size(); ++i) {
      if (stays_[i]) tell(i, end);
    }
    return lines_;
  }

 private:
  struct Stay {
    std::string_view kind;
    Timestamp since;
    Timestamp seen{};
  };

  void tell(std::size_t sensor, Timestamp end) {
    const Stay stay = *std::exchange(stays_[sensor], std::nullopt);
    json::Writer out;
    out.begin_object();
    out.member("tag", names_[sensor]);
    out.member("kind", stay.kind);
    out.member("start", to_iso8601(stay.since));
    out.member("end", to_iso8601(end));
    out.end_object();
    lines_ += out.text() + "\n";
  }

  const std::vector<std::string>& names_;
  std::vector<std::optional<Stay>> stays_;  ///< by sensor
  std::string lines_;
};

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double labelled_share(const GroundTruth& truth) {
  return share(truth.labelled(), truth.values());
}

std::string card_of(const GroundTruth& truth, const DatasetOptions& options, Timestamp end) {
  std::map<std::string, std::size_t> families;
  std::set<std::string> scenarios;
  for (const auto& event : truth.events()) {
    ++families[std::string(to_text(event.label.kind))];
    scenarios.insert(event.label.scenario);
  }
  json::Writer out;
  out.begin_object();
  out.member("what", "simulated: no value here was measured");
  out.member("dataset_id", dataset_id(options));
  out.member("sosie", SOSIE_VERSION);
  out.member("scenario", options.scenario);
  out.member("seed", options.seed);
  out.member("fault_rate", options.fault_rate);
  out.member("start", to_iso8601(options.start));
  out.member("end", to_iso8601(end));
  out.member("rows", truth.steps());
  out.member("values", truth.values());
  out.member("labelled_share", labelled_share(truth));
  out.member("share_of_time_under_an_event", share(truth.steps_under_event(), truth.steps()));
  out.member("moved_noises", GroundTruth::moved_noises);
  out.member("events", truth.events().size());
  out.key("families");
  out.begin_object();
  for (const auto& [family, count] : families) out.member(family, count);
  out.end_object();
  out.key("scenarios");
  out.begin_array();
  for (const auto& scenario : scenarios) out.value(scenario);
  out.end_array();
  out.end_object();
  return out.text() + "\n";
}

Result<void> write_truth(const GroundTruth& truth, const DatasetOptions& options,
                         const std::vector<std::string>& names, const Plant& plant) {
  auto events = TRY(Written::open(options.folder, "events.jsonl"));
  for (std::size_t i = 0; i < truth.events().size(); ++i) {
    TRY(events.write(event_line(truth, i, options, names, plant)));
  }
  TRY(events.close());
  auto labels = TRY(Written::open(options.folder, "labels.csv"));
  TRY(labels.write("tag,start,end,role,family,scenario,event_id,peak_z,quality\r\n"));
  for (const auto& trace : truth.traces()) {
    TRY(labels.write(trace_line(truth, trace, options, names)));
  }
  return labels.close();
}

void show_progress(Timestamp at, std::uint64_t rows) {
  std::fprintf(stderr, "\r%s  %llu rows ", to_iso8601(at).c_str(),
               static_cast<unsigned long long>(rows));
}

/// One life of the plant and of its double.
class Life {
 public:
  Life(Plant& plant, const DatasetOptions& options, const std::function<Result<void>()>& begin,
       const std::stop_token& stop)
      : plant_(plant), options_(options), begin_(begin), stop_(stop) {}

  /// `each` is told of each step. Where a labelled share is wanted, the rate is steered towards it
  /// every hour. Returns what was found, finished.
  template <class Each>
  Result<std::unique_ptr<GroundTruth>> live(double fault_rate, const Each& each) {
    plant_.set_fault_rate(fault_rate);
    plant_.start(options_.start, options_.seed);
    TRY(plant_.set_weather(options_.weather));
    auto truth = TRY(GroundTruth::beside(plant_));
    TRY(begin_());
    std::vector<PlantValue> values(plant_.sensor_count());
    Timestamp told{};
    Timestamp steered = options_.start;
    auto at = options_.start;
    while (at + plant_.period() <= options_.end && !stop_.stop_requested()) {
      at = plant_.step(values, *truth);
      truth->step(at, values, plant_);
      TRY(each(at, std::span<const PlantValue>(values)));
      if (options_.labelled && at - steered >= std::chrono::hours(1)) {
        steered = at;
        plant_.set_fault_rate(fault_rate * way_to_go(*truth, at));
      }
      if (const Timestamp now = SystemClock().now(); now - told > std::chrono::seconds(1)) {
        told = now;
        show_progress(at, truth->steps());
      }
    }
    truth->finish();
    return truth;
  }

 private:
  /// What is still to be labelled, over what would be if it were spread evenly: 1 is on course.
  double way_to_go(const GroundTruth& truth, Timestamp at) const {
    constexpr double most = 4;
    const double gone = std::chrono::duration<double>(at - options_.start) /
                        std::chrono::duration<double>(options_.end - options_.start);
    if (gone >= 1) return 0;
    const double all = static_cast<double>(truth.values()) / gone;
    const double still = 1 - static_cast<double>(truth.labelled()) / (*options_.labelled * all);
    return std::clamp(still / (1 - gone), 0.0, most);
  }

  Plant& plant_;
  const DatasetOptions& options_;
  const std::function<Result<void>()>& begin_;
  const std::stop_token& stop_;
};

/// The fault rate with which the labelled share that is wanted is reached. One event of the
/// process may be half a percent of a month, so that a life that was steered may still end beside
/// it: then another is lived.
Result<double> find_rate(Life& life, double wanted, const std::stop_token& stop) {
  constexpr double near_enough = 0.05;
  constexpr double labels_per_fault =
      2.5;  // of the wastewater plant: what is moved beside what is struck
  constexpr std::array<double, 12> tries{1,   1.2,  0.8, 1.5,  0.65, 1.1,
                                         0.9, 1.35, 0.7, 1.05, 0.95, 0.55};
  double nearest = 0;
  for (const double part : tries) {
    if (stop.stop_requested()) break;
    const double rate = part * wanted / labels_per_fault;
    const auto truth = TRY(
        life.live(rate, [](Timestamp, std::span<const PlantValue>) -> Result<void> { return {}; }));
    const double reached = labelled_share(*truth);
    std::fprintf(stderr, "\nfrom a fault rate of %.5f on, %.2f %% of all values are labelled\n",
                 rate, 100 * reached);
    if (std::abs(reached - wanted) <= near_enough * wanted) return rate;
    if (std::abs(reached - wanted) < std::abs(nearest - wanted)) nearest = reached;
  }
  return Error{
      Errc::not_found,
      fmt::format("no life of this span has {:.2f} % of its values labelled; the nearest had "
                  "{:.2f} %: take a longer one or another seed",
                  100 * wanted, 100 * nearest)};
}

}  // namespace

Result<void> write_dataset(Plant& plant, DatasetOptions options,
                           const std::function<Result<void>()>& begin,
                           const std::stop_token& stop) {
  options.asset = plant.describe(0).asset.str();
  std::error_code problem;
  std::filesystem::create_directories(options.folder, problem);
  if (problem) {
    return Error{Errc::unavailable, fmt::format("{}: {}", options.folder, problem.message())};
  }
  Life life(plant, options, begin, stop);
  if (options.labelled) {
    options.fault_rate = TRY(find_rate(life, *options.labelled, stop));
  }
  const auto names = names_of(plant);
  auto readings = TRY(Written::open(options.folder, "readings.csv"));
  std::string rows = head_of(names);
  Timestamp last = options.start;
  Maintenance maintenance(names);
  const auto truth = TRY(life.live(
      options.fault_rate, [&](Timestamp at, std::span<const PlantValue> values) -> Result<void> {
        constexpr std::size_t flush_at = 1 << 16;
        last = at;
        append_row(rows, at, values);
        maintenance.look(at, plant.upkeep());
        if (rows.size() < flush_at) return {};
        auto written = readings.write(rows);
        rows.clear();
        return written;
      }));
  TRY(readings.write(rows));
  TRY(readings.close());
  TRY(write_truth(*truth, options, names, plant));
  auto services = TRY(Written::open(options.folder, "maintenance.jsonl"));
  TRY(services.write(maintenance.lines(last)));
  TRY(services.close());
  auto card = TRY(Written::open(options.folder, "dataset.json"));
  TRY(card.write(card_of(*truth, options, last)));
  TRY(card.close());
  show_progress(last, truth->steps());
  std::fprintf(stderr, "\n%zu faults; %.2f %% of all values are labelled\n", truth->events().size(),
               100 * labelled_share(*truth));
  return {};
}

}  // namespace sosie::app
