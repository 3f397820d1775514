// How well the detectors and the diagnosis do on the simulated plant: learns some days, lives some
// more with faults of every type ordered one after the other, and scores what was found.
//
//   ninja -C build/release measure && build/release/tests/detection/measure --seed 1000
//       [--start 2026-11-10] [--learn 7] [--days 3] [--natural | --quiet | --only KIND]
//       [--learn-rate 0.02] [--detectors a,b,c] [--sizes learn|check] [--verbose] [--clues]
//       [--diagnosis "least_chance=0.3"] [--anatomy]
//
// A detector's keys follow it: --detectors "limits,residual:margin=1;hold='5m'".
// --natural lets chance strike, as the scenario does; --quiet orders no faults: whatever is found
// is false; --only orders those of one kind; --clues writes what fit_verdict learns from; --anatomy
// says of each missed fault what was seen of it, of each false finding what it stands on, and of
// each sensor that is not the first suspect of its fault who else was heard;
// --sizes keeps to every second eighth of a fault's range of sizes, so that what is learned from
// and what is checked on have none in common. Seeds for choices: 1000 to 1999; for reporting: 2000
// and up, which no choice may look at.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "diagnosis/diagnosis.h"
#include "evaluation/confusion.h"
#include "evaluation/score.h"
#include "plug_ins.h"
#include "simulation/plant.h"

namespace {

using namespace sosie;
using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::minutes;

struct Options {
  std::uint64_t seed = 1;
  int learn_days = 7;
  int days = 3;
  bool quiet = false;
  bool natural = false;
  bool verbose = false;
  bool anatomy = false;
  std::string diagnosis;  ///< keys of [diagnosis]
  double learn_rate = 0.02;
  std::string only;   ///< order faults of this kind alone
  std::string sizes;  ///< "learn" or "check": which eighths of the sizes; empty: all
  std::string start = "2026-11-10";
  std::string detectors =
      "limits,rate,stuck,machine,missing,noise,residual,slope,clogging,replay,echo:seed=1,forest";
};

Options read(int count, char** arguments) {
  Options o;
  for (int i = 1; i < count; ++i) {
    const std::string_view key = arguments[i];
    if (key == "--quiet") o.quiet = true;
    if (key == "--natural") o.natural = true;
    if (key == "--verbose") o.verbose = true;
    if (key == "--anatomy") o.anatomy = true;
    if (key == "--clues") log::set_level(log::Level::debug);
    if (i + 1 == count) continue;
    const std::string value = arguments[i + 1];
    if (key == "--seed") o.seed = static_cast<std::uint64_t>(*to_integer(value));
    if (key == "--learn") o.learn_days = static_cast<int>(*to_integer(value));
    if (key == "--days") o.days = static_cast<int>(*to_integer(value));
    if (key == "--learn-rate") o.learn_rate = *to_number(value);
    if (key == "--start") o.start = value;
    if (key == "--only") o.only = value;
    if (key == "--sizes") o.sizes = value;
    if (key == "--detectors") o.detectors = value;
    if (key == "--diagnosis") o.diagnosis = value;
  }
  return o;
}

class Labels final : public LabelSink {
 public:
  void label(const Label& label) override { all[label.id] = label; }
  std::map<std::uint64_t, Label> all;
};

template <class T>
std::unique_ptr<T> must(Result<std::unique_ptr<T>> made) {
  if (made) return std::move(made).value();
  fmt::print(stderr, "{}\n", made.error().what);
  std::exit(1);
}

/// The plant's values as frames, as the engine's FrameBuilder makes them: the latest is kept while
/// a sensor is silent, but not for long, and what a wrong clock puts elsewhere does not come.
class Frames {
 public:
  explicit Frames(Plant& plant)
      : plant_(plant),
        step_(plant.sensor_count()),
        values_(step_.size(), std::nan("")),
        measured_at_(step_.size()),
        fresh_(step_.size()),
        is_serviced_(step_.size()) {}

  /// Sensors that are being calibrated, or stand at a machine that changes over.
  std::span<const std::uint8_t> is_serviced() const { return is_serviced_; }

  Frame next(LabelSink& labels) {
    const auto at = plant_.step(step_, labels);
    for (std::size_t i = 0; i < step_.size(); ++i) {
      is_serviced_[i] = step_[i].reason == QualityReason::maintenance ? 1 : 0;
      const bool has_come = step_[i].sent && step_[i].off_ms == 0;
      fresh_[i] = has_come ? 1 : 0;
      if (!has_come) {
        if (at - measured_at_[i] > patience * plant_.period()) values_[i] = std::nan("");
        continue;
      }
      const bool is_judged = step_[i].reason != QualityReason::maintenance;  // as FrameBuilder
      values_[i] = is_judged ? step_[i].value : std::nan("");
      measured_at_[i] = at;
    }
    return {at, values_, measured_at_, fresh_};
  }

 private:
  static constexpr int patience = 5;  ///< frames

  Plant& plant_;
  std::vector<PlantValue> step_;
  std::vector<double> values_;
  std::vector<Timestamp> measured_at_;
  std::vector<std::uint8_t> fresh_;
  std::vector<std::uint8_t> is_serviced_;
};

/// What is no fault and moves the plant: rain, storms, cold, calibrations and change-overs.
class Confounders {
 public:
  struct Spell {
    std::string_view what;
    Timestamp begin;
    Timestamp end;
    std::uint32_t column = no_column;  ///< of a calibration: the sensor's
  };

  explicit Confounders(std::span<const SeriesInfo> sensors) : open_(sensors.size()) {
    for (std::uint32_t i = 0; i < sensors.size(); ++i) {
      if (sensors[i].entity == "TIT-103") inlet_c_ = i;
    }
  }

  void learn(const Frame& frame) { coldest_c_ = std::min(coldest_c_, slow_c(frame)); }

  void look(const Frame& frame, std::string_view weather, std::span<const std::uint8_t> serviced) {
    step("rain", weather_, weather == "rain", frame.at, no_column);
    step("storm", storm_, weather == "storm", frame.at, no_column);
    const bool is_cold = slow_c(frame) < coldest_c_ - (cold_ ? 0 : 0.5);
    step("cold", cold_, is_cold, frame.at, no_column);
    for (std::uint32_t i = 0; i < serviced.size(); ++i) {
      step("calibration", open_[i], serviced[i] != 0, frame.at, i);
    }
  }

  const std::vector<Spell>& spells() const { return spells_; }

 private:
  /// The inlet's temperature, over two hours.
  double slow_c(const Frame& frame) {
    const double now = frame.values[inlet_c_];
    if (std::isnan(slow_c_)) slow_c_ = now;
    if (!std::isnan(now)) slow_c_ += (now - slow_c_) / (2 * 720);
    return slow_c_;
  }

  void step(std::string_view what, std::optional<std::size_t>& open, bool is_on, Timestamp at,
            std::uint32_t column) {
    if (is_on && !open) {
      open = spells_.size();
      spells_.push_back({what, at, at, column});
    }
    if (is_on) spells_[*open].end = at;
    if (!is_on) open.reset();
  }

  std::uint32_t inlet_c_ = 0;
  double slow_c_ = std::nan("");
  double coldest_c_ = 1e9;
  std::optional<std::size_t> weather_;
  std::optional<std::size_t> storm_;
  std::optional<std::size_t> cold_;
  std::vector<std::optional<std::size_t>> open_;
  std::vector<Spell> spells_;
};

struct Timed {
  std::string kind;
  std::unique_ptr<Detector> detector;
  double learn_s = 0;
  double settle_s = 0;
  double look_s = 0;
  std::size_t symptoms = 0;
};

class Counting final : public SymptomSink {
 public:
  explicit Counting(Diagnosis& diagnosis) : diagnosis_(diagnosis) {}
  void report(const Symptom& symptom) override {
    ++count;
    if (keeps) {
      kept.push_back(symptom);
      kept.back().shares = {};
    }
    diagnosis_.report(symptom);
  }
  std::size_t count = 0;
  bool keeps = false;
  std::vector<Symptom> kept;

 private:
  Diagnosis& diagnosis_;
};

constexpr int timed_every =
    17;  ///< frames, which no rhythm shares: to ask for a thread's time is dear

/// CPU time of this thread, so that what else the machine does is not counted.
double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class F>
double seconds_of(F&& work) {
  const double start = cpu_s();
  work();
  return cpu_s() - start;
}

/// Of what is done each frame, from the frames that are timed.
template <class F>
double seconds_of(int frame, F&& work) {
  if (frame % timed_every == timed_every / 2) return timed_every * seconds_of(work);
  work();
  return 0;
}

std::string figure(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : "-";
}

/// Orders the plant's fault types in turn, one at a time, with quiet between.
class Orders {
 public:
  Orders(Plant& plant, std::uint64_t seed, const Options& options, Labels& labels)
      : plant_(plant),
        labels_(labels),
        random_(seed),
        only_(kind_from_text(options.only)),
        sizes_(options.sizes) {}

  void step(Timestamp at) {
    for (const auto id : taken_back_) labels_.all.erase(id);
    if (next_ == Timestamp{}) next_ = at + minutes(30);
    if (at < next_) return;
    const auto types = plant_.fault_types();
    if (turn_.empty()) {
      for (std::size_t i = 0; i < types.size(); ++i) {
        if (!only_ || types[i].kind == *only_) turn_.push_back(i);
      }
      for (std::size_t i = turn_.size(); i > 1; --i)
        std::swap(turn_[i - 1], turn_[random_.below(i)]);
    }
    const auto& type = types[turn_.back()];
    turn_.pop_back();
    const bool is_slow = type.kind == Kind::sensor_drift;
    const auto lasts = minutes(is_slow ? 480 + random_.below(480) : 45 + random_.below(120));
    order(type, Duration(lasts));
    // A slow one runs on beside the next, like in life.
    next_ = at + (is_slow && !only_ ? minutes(120) : lasts + minutes(120));
  }

 private:
  /// The plant draws the size, as it knows which are none; one that is not wanted is taken back.
  void order(const FaultType& type, Duration lasts) {
    constexpr int most_draws = 30;
    for (int draw = 0; draw < most_draws; ++draw) {
      auto ordered =
          plant_.inject({.fault = type.name, .target = "", .size = std::nullopt, .lasts = lasts});
      if (!ordered) {
        fmt::print(stderr, "{}: {}\n", type.name, ordered.error().what);
        return;
      }
      if (is_wanted(type, plant_.running().back().size) || draw + 1 == most_draws) return;
      (void)plant_.cancel(*ordered);
      taken_back_.push_back(*ordered);
    }
  }

  bool is_wanted(const FaultType& type, double size) const {
    constexpr double slices = 8;
    if (sizes_.empty() || type.size_high <= type.size_low) return true;
    const double part = (size - type.size_low) / (type.size_high - type.size_low);
    const bool is_even = static_cast<int>(std::min(part * slices, slices - 1)) % 2 == 0;
    return is_even == (sizes_ == "learn");
  }

  Plant& plant_;
  Labels& labels_;
  std::vector<std::uint64_t> taken_back_;
  Random random_;
  std::optional<Kind> only_;
  std::string sizes_;
  std::vector<std::size_t> turn_;
  Timestamp next_{};
};

/// Whether one of the first five suspects was tampered with, or follows from it.
bool names_one_of(const Finding& finding, const Label& label, std::span<const SeriesInfo> sensors) {
  for (std::size_t i = 0; i < std::min<std::size_t>(5, finding.suspects.size()); ++i) {
    const auto& entity = sensors[finding.suspects[i].series.index].entity;
    if (std::ranges::find(label.direct, entity) != label.direct.end()) return true;
    if (std::ranges::find(label.consequences, entity) != label.consequences.end()) return true;
  }
  return false;
}

/// Half a day before the looking begins, so that nothing found is an echo of one.
void end_all_faults(Plant& plant) {
  plant.set_fault_rate(0);
  for (const auto& label : plant.running()) (void)plant.cancel(label.id);
}

/// The label that a finding lies on longest and shares a sensor with.
const Label* truth_of(const Finding& f, const Labels& labels, std::span<const SeriesInfo> sensors,
                      Timestamp to) {
  const Label* best = nullptr;
  Duration longest{-1};
  for (const auto& [id, label] : labels.all) {
    const auto end = std::min(f.closed.value_or(to), label.end + minutes(10));
    const Duration shared = end - std::max(f.detected, label.start);
    if (shared <= longest || shared < Duration{} || !names_one_of(f, label, sensors)) continue;
    longest = shared;
    best = &label;
  }
  return best;
}

/// Whether what was said with which confidence was right: what tests/detection/fit_verdict.cc
/// learns and checks the weights of a verdict with.
void print_truth(const Labels& labels, const std::vector<Finding>& findings,
                 std::span<const SeriesInfo> sensors, Timestamp to) {
  for (const auto& f : findings) {
    const Label* label = truth_of(f, labels, sensors, to);
    fmt::print("truth {} {} said {} {:.3f}\n", f.id,
               label == nullptr ? "unknown" : to_text(label->kind), to_text(f.kind), f.confidence);
  }
}

void print_by_scenario(const Labels& labels, const std::vector<Finding>& findings,
                       std::span<const SeriesInfo> sensors, Timestamp from) {
  struct Row {
    int labels = 0, found = 0, right = 0, first = 0;
    std::vector<double> delay_min;
    std::map<std::string, int> said;
  };
  std::map<std::string, Row> rows;
  for (const auto& [id, label] : labels.all) {
    if (label.start < from) continue;
    Row& row = rows[std::string(to_text(label.kind)) + "/" + label.scenario];
    ++row.labels;
    const Finding* best = nullptr;
    bool is_named = false;
    for (const auto& f : findings) {  // one that was first said while the fault was there
      if (f.detected > label.end + minutes(10) || f.detected < label.start) continue;
      const bool names_it = names_one_of(f, label, sensors);
      if (best == nullptr || (names_it && !is_named)) best = &f;
      is_named = is_named || names_it;
    }
    if (best == nullptr) continue;
    ++row.found;
    row.first += is_named ? 1 : 0;
    row.right += best->kind == label.kind ? 1 : 0;
    ++row.said[std::string(to_text(best->kind))];
    row.delay_min.push_back(
        std::max(0.0, std::chrono::duration<double>(best->detected - label.start).count() / 60));
  }
  Row all;
  for (const auto& [name, row] : rows) {
    all.labels += row.labels;
    all.found += row.found;
    all.first += row.first;
    all.right += row.right;
  }
  fmt::print(
      "\nstrictly: of {} labels {} had a finding opened in their time, {} of them named a sensor "
      "concerned, {} the kind\n",
      all.labels, all.found, all.first, all.right);
  fmt::print("\n{:44} labels opened named right  delay/min  said\n", "fault");
  for (auto& [name, row] : rows) {
    std::ranges::sort(row.delay_min);
    std::string said;
    for (const auto& [kind, n] : row.said) said += fmt::format("{}×{} ", n, kind);
    fmt::print(
        "{:44} {:6} {:6} {:5} {:5} {:10} {}\n", name, row.labels, row.found, row.first, row.right,
        row.delay_min.empty() ? "-"
                              : fmt::format("{:.1f}", row.delay_min[row.delay_min.size() / 2]),
        said);
  }
}

/// By whom each fault was found: fit_verdict's --trade weighs with it what telling less would cost.
void print_events(const std::vector<Label>& truth, const std::vector<Finding>& found,
                  const ScoreOptions& held) {
  for (const auto& label : truth) {
    std::string ids;
    for (const auto& f : found) {
      if (belongs(f, label, held)) ids += fmt::format(" {}", f.id);
    }
    fmt::print("event {}/{}{}\n", to_text(label.kind), label.scenario, ids);
  }
  for (const auto& f : found) {
    const bool is_true =
        std::ranges::any_of(truth, [&](const Label& label) { return belongs(f, label, held); });
    fmt::print("told {} {}\n", f.id, is_true ? "true" : "false");
  }
}

std::string evidence_of(const Finding& f, std::span<const SeriesInfo> sensors) {
  std::string text;
  for (const auto& e : f.evidence) {
    text += fmt::format(" {}:{}@{}({:.2f})", e.detector, to_text(e.kind),
                        e.series ? sensors[e.series->index].entity : "*", e.score);
  }
  return text;
}

/// Why faults were missed, and what false findings stand on.
void print_anatomy(const std::vector<Label>& truth, const std::vector<Finding>& found,
                   const std::vector<Symptom>& symptoms, std::span<const SeriesInfo> sensors,
                   const Confounders& confounders, const ScoreOptions& held) {
  const auto hours_of = [](Duration d) { return std::chrono::duration<double>(d).count() / 3600; };
  const auto explains = [&](const Finding& f, const Label& l) { return belongs(f, l, held); };
  for (const auto& label : truth) {
    const auto finds = [&](const Finding& f) { return explains(f, label); };
    if (std::ranges::any_of(found, finds)) continue;
    std::string near;
    for (const auto& f : found) {
      if (f.detected > label.end + minutes(10) || f.closed.value_or(label.end) < label.start)
        continue;
      near += fmt::format(" #{}", f.id);
    }
    std::map<std::string, int> seen;
    for (const auto& s : symptoms) {
      if (!s.active || s.at < label.start || s.at > label.end + minutes(10)) continue;
      const std::string_view entity = s.column == no_column
                                          ? std::string_view("*")
                                          : std::string_view(sensors[s.column].entity);
      const bool is_direct = std::ranges::find(label.direct, entity) != label.direct.end();
      const bool follows =
          std::ranges::find(label.consequences, entity) != label.consequences.end();
      if (!is_direct && !follows) continue;
      seen[fmt::format("{}{}:{}@{}({:.2f})", is_direct ? "!" : "", s.detector, to_text(s.kind),
                       entity, s.score)]++;
    }
    std::string text;
    for (const auto& [what, n] : seen) text += " " + what;
    fmt::print("missed {}/{} size {:.3g} {:.1f} h {} | findings in its time:{} | seen:{}\n",
               to_text(label.kind), label.scenario, label.size, hours_of(label.end - label.start),
               fmt::join(label.direct, ","), near, text);
  }
  for (const auto& f : found) {
    if (std::ranges::any_of(truth, [&](const Label& l) { return explains(f, l); })) continue;
    std::string during;
    std::string after;
    double since = 1e9;
    for (const auto& l : truth) {
      if (f.detected >= l.start && f.detected <= l.end) during += " " + l.scenario;
      const double h = hours_of(f.detected - l.end);
      if (h >= 0 && h < since) {
        since = h;
        after = fmt::format("{:.1f} h after {}", h, l.scenario);
      }
    }
    std::string weather;
    for (const auto& s : confounders.spells()) {
      if (s.column == no_column && f.detected >= s.begin && f.detected <= s.end + hours(2))
        weather += fmt::format(" {}", s.what);
    }
    std::string suspects;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, f.suspects.size()); ++i) {
      suspects += fmt::format(" {}", sensors[f.suspects[i].series.index].entity);
    }
    fmt::print("false #{} {} {:.2f} {} {:.1f} h | {}{}; during:{}; {} |{} |{}\n", f.id,
               to_text(f.kind), f.confidence, to_iso8601(f.detected),
               hours_of(f.closed.value_or(f.detected) - f.detected),
               during.empty() ? "alone" : "beside", weather, during, after, suspects,
               evidence_of(f, sensors));
  }
}

/// False findings that begin while something is no fault and moves the plant, or soon after; one of
/// a calibration must blame its sensor.
void print_confounders(const std::vector<Label>& truth, const std::vector<Finding>& found,
                       const Confounders& confounders, const ScoreOptions& held) {
  std::map<std::string_view, std::pair<int, int>> counts;  // spells, with a false finding
  for (const auto& spell : confounders.spells()) {
    auto& [all, hit] = counts[spell.what];
    ++all;
    hit += std::ranges::any_of(found, [&](const Finding& f) {
      if (f.detected < spell.begin || f.detected > spell.end + hours(1)) return false;
      const auto blamed = std::span(f.suspects).first(std::min<std::size_t>(3, f.suspects.size()));
      const bool is_meant =
          spell.column == no_column || std::ranges::any_of(blamed, [&](const Suspect& s) {
            return s.series.index == spell.column;
          });
      return is_meant &&
             std::ranges::none_of(truth, [&](const Label& l) { return belongs(f, l, held); });
    });
  }
  int all = 0;
  int hit = 0;
  for (const auto& [what, n] : counts) {
    fmt::print("confounders: {:12} {:4}, with a false finding {:3}\n", what, n.first, n.second);
    all += n.first;
    hit += n.second;
  }
  fmt::print("confounders: all {}, with a false finding {} ({:.3f})\n", all, hit,
             all > 0 ? static_cast<double>(hit) / all : 0.0);
}

/// Whether false findings are denser in weather, with the hour after it, than without: long spells
/// have some in any case.
void print_weather(const std::vector<Label>& truth, const std::vector<Finding>& found,
                   const Confounders& confounders, const ScoreOptions& held, Timestamp from,
                   Timestamp to) {
  const auto is_in_weather = [&](Timestamp at) {
    return std::ranges::any_of(confounders.spells(), [&](const Confounders::Spell& spell) {
      return spell.column == no_column && at >= spell.begin && at <= spell.end + hours(1);
    });
  };
  std::array<double, 2> days{};
  std::array<double, 2> counts{};
  for (auto at = from; at < to; at += minutes(10)) days.at(is_in_weather(at) ? 1 : 0) += 1.0 / 144;
  for (const auto& f : found) {
    if (std::ranges::any_of(truth, [&](const Label& l) { return belongs(f, l, held); })) continue;
    counts.at(is_in_weather(f.detected) ? 1 : 0) += 1;
  }
  fmt::print("false a day: in weather {:.2f} ({} in {:.1f} days), without {:.2f} ({} in {:.1f})\n",
             days[1] > 0 ? counts[1] / days[1] : 0, counts[1], days[1],
             days[0] > 0 ? counts[0] / days[0] : 0, counts[0], days[0]);
}

/// Of faults of one sensor that were found: how often it is the first suspect of the finding that
/// tells of them.
void print_first(const std::vector<Label>& truth, const std::vector<Finding>& found,
                 const Score& score, std::span<const SeriesInfo> sensors, bool tells_all) {
  int all = 0;
  int first = 0;
  for (const auto& outcome : score.label_outcomes) {
    const auto& label = truth[outcome.label];
    const bool is_of_sensor =
        label.kind == Kind::sensor_failure || label.kind == Kind::sensor_drift;
    if (!is_of_sensor || label.direct.size() != 1 || !outcome.by) continue;
    ++all;
    first += outcome.blames_it ? 1 : 0;
    if (tells_all && !outcome.blames_it) {
      const auto& by = found[*outcome.by];
      fmt::print("not first #{} {} {} | {} |{}\n", by.id, label.scenario, label.direct.front(),
                 to_iso8601(by.onset), evidence_of(by, sensors));
    }
  }
  fmt::print("faulty sensor first: {} of {} single-sensor faults that were found ({})\n", first,
             all, all > 0 ? fmt::format("{:.3f}", static_cast<double>(first) / all) : "-");
}

/// The plant's control loops, as its scenario declares them.
std::vector<ControlLoop> loops_of_scenario() {
  const auto read = []() -> Result<Diagnosis::Config> {
    auto scenario = TRY(Section::read_file(SOSIE_ROOT "/scenarios/traffeyere/traffeyere.toml"));
    auto section = TRY(scenario.table("diagnosis"));
    return Diagnosis::read(section, {});
  };
  const auto config = read();
  if (config) return config->loops;
  fmt::print(stderr, "{}\n", config.error().what);
  std::exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  const auto o = read(count, arguments);
  Catalog catalog;
  register_plant_and_detectors(catalog);
  auto plant_section = Section::read_text(fmt::format(
      "kind = 'wastewater'\nsensors = '{}/scenarios/traffeyere/sensors.csv'\n", SOSIE_ROOT));
  auto plant = must(catalog.make<Plant>(*plant_section));

  const auto sensors = sensors_of(*plant);
  AssetColumns columns;
  columns.asset = "traffeyere";
  columns.period = plant->period();
  for (std::uint32_t i = 0; i < sensors.size(); ++i) {
    columns.series.push_back({i});
    columns.info.push_back(&sensors[i]);
  }
  std::vector<Timed> detectors;
  for (const auto name : split(o.detectors, ',')) {
    const auto kind = name.substr(0, name.find(':'));
    std::string keys(kind == name ? "" : name.substr(kind.size() + 1));
    std::ranges::replace(keys, ';', '\n');
    auto section = Section::read_text(detector_toml(kind, keys));
    detectors.push_back({std::string(kind), must(catalog.make<Detector>(*section))});
    detectors.back().detector->begin(columns);
  }
  auto diagnosis_toml = o.diagnosis;
  std::ranges::replace(diagnosis_toml, ';', '\n');
  auto diagnosis_section = Section::read_text(diagnosis_toml);
  const auto diagnosis_config = Diagnosis::read(*diagnosis_section, {.loops = loops_of_scenario()});
  if (!diagnosis_config) {
    fmt::print(stderr, "{}\n", diagnosis_config.error().what);
    return 1;
  }
  Diagnosis diagnosis(*diagnosis_config);
  diagnosis.begin(columns);

  Labels labels;
  const auto start_at = from_iso8601(o.start + "T00:00:00Z");
  if (!start_at) {
    fmt::print(stderr, "--start: read '{}', expected a day such as 2026-11-05\n", o.start);
    return 2;
  }
  const Timestamp start = *start_at;
  plant->start(start, o.seed);
  plant->set_fault_rate(o.learn_rate);
  Frames frames(*plant);
  Confounders confounders(sensors);
  const int per_day = static_cast<int>(hours(24) / plant->period());
  for (int t = 0; t < o.learn_days * per_day; ++t) {
    if (!o.natural && t == (o.learn_days * per_day) - per_day / 2) end_all_faults(*plant);
    const Frame frame = frames.next(labels);
    confounders.learn(frame);
    for (auto& d : detectors) d.learn_s += seconds_of(t, [&] { d.detector->learn(frame); });
  }
  for (auto& d : detectors) {
    d.settle_s = seconds_of([&] {
      if (auto settled = d.detector->settle(); !settled) fmt::print("{}\n", settled.error().what);
    });
  }

  std::map<std::uint64_t, Finding> findings;
  std::vector<FindingEvent> events;
  std::size_t told = 0;
  Counting sink(diagnosis);
  sink.keeps = o.anatomy;
  Orders orders(*plant, o.seed * 977, o, labels);
  Timestamp from{};
  Timestamp now{};
  double diagnosis_s = 0;
  for (int t = 0; t < o.days * per_day; ++t) {
    const Frame frame = frames.next(labels);
    now = frame.at;
    if (from == Timestamp{}) from = now;
    if (!o.quiet && !o.natural) orders.step(now);
    confounders.look(frame, plant->weather(), frames.is_serviced());
    for (auto& d : detectors) {
      const auto before = sink.count;
      d.look_s += seconds_of(t, [&] { d.detector->look(frame, sink); });
      d.symptoms += sink.count - before;
    }
    events.clear();
    diagnosis_s += seconds_of(t, [&] { diagnosis.end_frame(frame, events); });
    for (auto& event : events) {
      ++told;
      if (o.verbose && event.what != FindingEvent::What::updated) {
        const auto& f = event.finding;
        fmt::print("{} {} #{} {} {:.2f} {}\n", to_iso8601(now),
                   event.what == FindingEvent::What::opened ? "open " : "close", f.id,
                   to_text(f.kind), f.confidence, f.sentence.en);
      }
      findings[event.finding.id] = std::move(event.finding);
    }
  }

  std::vector<Label> truth;
  std::vector<Finding> found;
  for (auto& [id, label] : labels.all) {
    if (label.end >= from) truth.push_back(label);
  }
  for (auto& [id, finding] : findings) found.push_back(finding);
  if (o.verbose) {
    for (const auto& l : truth) {
      fmt::print("label {} .. {} {} {} {}\n", to_iso8601(l.start), to_iso8601(l.end), l.scenario,
                 fmt::join(l.direct, ","), l.size);
    }
  }
  SeriesTable table;
  for (const auto& info : sensors) table.declare(info);
  ScoreOptions held;
  held.series = &table;
  const Score score = sosie::score(truth, found, from, now, held);
  fmt::print("\nseed {} learn {} d, look {} d: labels {} findings {} events {}\n", o.seed,
             o.learn_days, o.days, score.labels, score.findings, told);
  const auto line = [](std::string_view name, const Figures& f) {
    fmt::print(
        "{:14} recall {} precision {} f1 {} false/day {} delay {} s accuracy {} alarm share {}\n",
        name, figure(f.recall), figure(f.precision), figure(f.f1), figure(f.false_per_day),
        figure(f.median_delay_s), figure(f.sample_accuracy), figure(f.alarm_share));
  };
  line("sosie", score.figures);
  for (const auto& floor : score.floors) line(floor.name, floor.figures);
  const auto confusion = confusion_of(score);
  fmt::print("kind accuracy {} macro-F1 {} strict {}\n", figure(score.kind_accuracy),
             figure(confusion.macro_f1()), figure(confusion.strict_macro_f1()));
  for (const auto& k : score.kinds) {
    fmt::print("  {:20} labels {:3} found {:3} right {:3} findings {:3} true {:3}\n",
               to_text(k.kind), k.labels, k.found, k.named_right, k.findings, k.true_findings);
  }
  print_first(truth, found, score, sensors, o.anatomy);
  print_confounders(truth, found, confounders, held);
  print_weather(truth, found, confounders, held, from, now);
  print_events(truth, found, held);
  if (o.anatomy) print_anatomy(truth, found, sink.kept, sensors, confounders, held);
  print_truth(labels, found, sensors, now);
  print_by_scenario(labels, found, sensors, from);
  const double frames_looked = o.days * per_day;
  const double frames_learned = std::max(1, o.learn_days * per_day);
  fmt::print("\n");
  for (const auto& d : detectors) {
    fmt::print("{:10} learn {:.2f} us settle {:.2f} s look {:.2f} us a frame, {} symptoms\n",
               d.kind, d.learn_s / frames_learned * 1e6, d.settle_s, d.look_s / frames_looked * 1e6,
               d.symptoms);
  }
  fmt::print("diagnosis  end_frame {:.2f} us\n", diagnosis_s / frames_looked * 1e6);
}
