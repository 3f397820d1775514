// What one frame costs, detector by detector: learns a week of the simulated plant with chance
// faults, then looks at a day of it several times over and takes of each frame the quickest, so
// that what else the machine does is not counted.
//
//   ninja -C build/release frame_cost && build/release/tests/detection/frame_cost [--seed 42]
//       [--runs 5] [--days 1] [--learn 7] [--cold] [--detectors limits,rate]
//
// The plant lives between two frames, so that caches are as cold as beside a source; --cold empties
// the first two levels besides. The last line tells apart what two programs say: the same symptoms
// and findings give the same number.
#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "diagnosis/diagnosis.h"
#include "plug_ins.h"
#include "simulation/plant.h"

namespace {

using namespace sosie;

constexpr int frames_per_day = 17'280;  ///< one each 5 s

struct Options {
  std::uint64_t seed = 42;
  int runs = 5;
  int days = 1;
  int learn_days = 7;
  bool is_cold = false;
  std::string detectors =
      "limits,rate,stuck,machine,missing,noise,residual,slope,clogging,replay,echo,forest";
};

Options read(std::span<char*> arguments) {
  Options o;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view key = arguments[i];
    if (key == "--cold") o.is_cold = true;
    if (i + 1 == arguments.size()) continue;
    const std::string value = arguments[i + 1];
    if (key == "--seed") o.seed = static_cast<std::uint64_t>(*to_integer(value));
    if (key == "--runs") o.runs = static_cast<int>(*to_integer(value));
    if (key == "--days") o.days = static_cast<int>(*to_integer(value));
    if (key == "--learn") o.learn_days = static_cast<int>(*to_integer(value));
    if (key == "--detectors") o.detectors = value;
  }
  return o;
}

template <class T>
T must(Result<T> made) {
  if (made) return std::move(made).value();
  fmt::print(stderr, "{}\n", made.error().what);
  std::exit(1);
}

class NoLabels final : public LabelSink {
 public:
  void label(const Label& /*label*/) override {}
};

/// The plant's values as frames, as the engine's FrameBuilder makes them.
class Frames {
 public:
  explicit Frames(Plant& plant)
      : plant_(plant),
        step_(plant.sensor_count()),
        values_(step_.size(), std::numeric_limits<double>::quiet_NaN()),
        measured_at_(step_.size()),
        fresh_(step_.size()) {}

  Frame next() {
    NoLabels labels;
    const auto at = plant_.step(step_, labels);
    for (std::size_t i = 0; i < step_.size(); ++i) {
      const bool has_come = step_[i].sent && step_[i].off_ms == 0;
      fresh_[i] = has_come ? 1 : 0;
      const bool is_judged = step_[i].reason != QualityReason::maintenance;
      if (has_come) {
        values_[i] = is_judged ? step_[i].value : std::numeric_limits<double>::quiet_NaN();
        measured_at_[i] = at;
      } else if (at - measured_at_[i] > patience * plant_.period()) {
        values_[i] = std::numeric_limits<double>::quiet_NaN();
      }
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
};

/// FNV-1a of whatever was said.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  void add(double number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    add({bytes, sizeof bytes});
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

/// Keeps what was reported; it is passed on outside of the detectors' time, as their own sink.
class Passing final : public SymptomSink {
 public:
  explicit Passing(Diagnosis& diagnosis) : diagnosis_(diagnosis) {}
  void report(const Symptom& symptom) override {
    const auto began = stopwatch();
    diagnosis_.report(symptom);
    took += std::chrono::duration<double, std::micro>(stopwatch() - began).count();
    ++count;
    digest.add(symptom.detector);
    for (const double x : {symptom.score, symptom.value, symptom.expected, symptom.low,
                           symptom.high, symptom.anomaly}) {
      digest.add(x);
    }
    for (const auto& share : symptom.shares) digest.add(share.contribution);
    digest.add(std::to_string(symptom.at.time_since_epoch().count()));
    digest.add(std::to_string(symptom.since.time_since_epoch().count()));
    digest.add(std::to_string(symptom.column));
  }
  double took = 0;  ///< us, since it was last set to 0
  std::uint64_t count = 0;
  Digest digest;

 private:
  Diagnosis& diagnosis_;
};

/// What a run writes down, for the parent: us of each part of each frame.
struct Sheet {
  std::size_t parts = 0;
  std::size_t frames = 0;
  float* us = nullptr;           ///< frames × (parts + 1): the last is the whole
  std::uint8_t* told = nullptr;  ///< something was reported or explained
  std::uint64_t* digest = nullptr;

  float& at(std::size_t frame, std::size_t part) const { return us[frame * (parts + 1) + part]; }
};

template <class T>
T* shared(std::size_t count) {
  void* const memory =
      ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return static_cast<T*>(memory);
}

/// Reads through 2 MB.
double empty_caches() {
  static std::vector<double> much(1 << 18, 1.0);
  double sum = 0;
  for (std::size_t i = 0; i < much.size(); i += 8) sum += much[i] += 1e-9;
  return sum;
}

void digest_events(std::span<const FindingEvent> events, Digest& digest) {
  for (const auto& event : events) {
    const auto& f = event.finding;
    digest.add(f.sentence.en);
    digest.add(f.sentence.fr);
    for (const double x : {f.score, f.confidence, f.forest_score}) digest.add(x);
    for (const auto& s : f.suspects) {
      digest.add(s.share);
      digest.add(s.value);
    }
    digest.add(static_cast<double>(f.kind));
    digest.add(static_cast<double>(f.evidence.size()));
  }
}

void look(const Options& o, Frames& frames, std::span<const std::unique_ptr<Detector>> detectors,
          Diagnosis& diagnosis, const Sheet& sheet) {
  Passing sink(diagnosis);
  std::vector<FindingEvent> events;
  double sum = 0;
  const auto us = [](auto from, auto to) {
    return std::chrono::duration<double, std::micro>(to - from).count();
  };
  for (std::size_t t = 0; t < sheet.frames; ++t) {
    const Frame frame = frames.next();
    if (o.is_cold) sum += empty_caches();
    events.clear();
    const auto before = sink.count;
    double gathering = 0;
    double whole = 0;
    for (std::size_t d = 0; d < detectors.size(); ++d) {
      sink.took = 0;
      const auto began = stopwatch();
      detectors[d]->look(frame, sink);
      const double took = us(began, stopwatch());
      sheet.at(t, d) = static_cast<float>(took - sink.took);
      gathering += sink.took;
      whole += took;
    }
    const auto began = stopwatch();
    diagnosis.end_frame(frame, events);
    const double took = us(began, stopwatch());
    sheet.at(t, detectors.size()) = static_cast<float>(took + gathering);
    sheet.at(t, sheet.parts) = static_cast<float>(whole + took);
    sheet.told[t] = sink.count != before || !events.empty() ? 1 : 0;
    digest_events(events, sink.digest);
  }
  if (sum < 0) sink.digest.add(sum);
  *sheet.digest = sink.digest.value();
}

double quantile(std::vector<float> values, double q) {
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return static_cast<double>(*at);
}

void print(std::string_view name, const std::vector<float>& all, const std::vector<float>& told) {
  double sum = 0;
  for (const float x : all) sum += static_cast<double>(x);
  fmt::print("{:12} {:8.3f} {:8.3f} {:8.3f} {:8.3f} | {:8.3f} {:8.3f} {:8.3f}\n", name,
             sum / static_cast<double>(all.size()), quantile(all, 0.5), quantile(all, 0.95),
             quantile(all, 0.99), quantile(told, 0.5), quantile(told, 0.95), quantile(told, 0.99));
}

/// The day after a week of learning, from the same start each time.
void live(const Options& o, const Sheet& sheet) {
  Catalog catalog;
  register_plant_and_detectors(catalog);
  auto plant_section = must(Section::read_text(fmt::format(
      "kind = 'wastewater'\nsensors = '{}/scenarios/traffeyere/sensors.csv'\n", SOSIE_ROOT)));
  const auto plant = must(catalog.make<Plant>(plant_section));
  const auto sensors = sensors_of(*plant);
  AssetColumns columns;
  columns.asset = "traffeyere";
  columns.period = plant->period();
  for (std::uint32_t i = 0; i < sensors.size(); ++i) {
    columns.series.push_back({i});
    columns.info.push_back(&sensors[i]);
  }
  std::vector<std::unique_ptr<Detector>> detectors;
  for (const auto name : split(o.detectors, ',')) {
    auto section = must(Section::read_text(detector_toml(name)));
    detectors.push_back(must(catalog.make<Detector>(section)));
    detectors.back()->begin(columns);
  }
  Diagnosis diagnosis({.least_chance = 0.55});
  diagnosis.begin(columns);
  plant->start(*from_iso8601("2026-11-10T00:00:00Z"), o.seed);
  plant->set_fault_rate(0.02);
  Frames frames(*plant);
  for (int t = 0; t < o.learn_days * frames_per_day; ++t) {
    const Frame frame = frames.next();
    for (const auto& detector : detectors) detector->learn(frame);
  }
  for (const auto& detector : detectors) {
    if (const auto settled = detector->settle(); !settled) {
      fmt::print("{}\n", settled.error().what);
    }
  }
  look(o, frames, detectors, diagnosis, sheet);
}

}  // namespace

int main(int count, char** arguments) {
  const auto o = read({arguments, static_cast<std::size_t>(count)});
  const auto names = split(o.detectors, ',');
  Sheet sheet{.parts = names.size() + 1,
              .frames = static_cast<std::size_t>(o.days * frames_per_day)};
  const auto cells = sheet.frames * (sheet.parts + 1);
  sheet.us = shared<float>(cells);
  sheet.told = shared<std::uint8_t>(sheet.frames);
  sheet.digest = shared<std::uint64_t>(1);
  std::vector<float> best(cells, std::numeric_limits<float>::infinity());
  for (int run = 0; run < o.runs; ++run) {
    std::fflush(stdout);
    const auto child = ::fork();  // memory as fresh as the first time
    if (child == 0) {
      live(o, sheet);
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    for (std::size_t i = 0; i < cells; ++i) best[i] = std::min(best[i], sheet.us[i]);
  }
  std::copy(best.begin(), best.end(), sheet.us);

  const auto told = static_cast<std::size_t>(std::count(sheet.told, sheet.told + sheet.frames, 1));
  fmt::print("{} frames, {} of them told something; us, the quickest of {} runs\n", sheet.frames,
             told, o.runs);
  fmt::print("{:12} {:>8} {:>8} {:>8} {:>8} | {:>8} {:>8} {:>8}\n", "", "mean", "P50", "P95", "P99",
             "told P50", "P95", "P99");
  for (std::size_t part = 0; part <= sheet.parts; ++part) {
    std::vector<float> all;
    std::vector<float> of_told;
    for (std::size_t t = 0; t < sheet.frames; ++t) {
      all.push_back(sheet.at(t, part));
      if (sheet.told[t] != 0) of_told.push_back(sheet.at(t, part));
    }
    const auto name = part < names.size()    ? names[part]
                      : part == names.size() ? "diagnosis"
                                             : std::string_view("all");
    print(name, all, of_told);
  }
  fmt::print("said {:016x}\n", *sheet.digest);
  return 0;
}
