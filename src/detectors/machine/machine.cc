#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"

namespace sosie::machine {
namespace {

constexpr std::string_view kind_name = "machine";
constexpr std::uint32_t model_version = 1;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Config {
  Duration on_delay = std::chrono::seconds(10);
  Duration hold = std::chrono::minutes(2);
};

/// Says when a machine reports by its state that it has failed, or is in a state it never was in.
///
/// States are columns of class S. Where the unit is "0/1/2" they are stop, run and fault, as
/// control systems number them, and fault is told whatever learning saw.
class Machine final : public Detector {
 public:
  explicit Machine(Config config)
      : latches_({.release = 1, .on_delay = config.on_delay, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    latches_.resize(columns.size());
    learned_.resize(columns.size());
    seen_.resize(columns.size());
    states_.clear();
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
      const auto& info = *columns.info[i];
      if (!is_state(info)) continue;
      states_.push_back({.column = i,
                         .knows_fault = info.unit == "0/1/2",
                         .low = info.low.value_or(-std::numeric_limits<double>::infinity()),
                         .high = info.high.value_or(std::numeric_limits<double>::infinity())});
    }
    take_loaded();
  }

  void learn(const Frame& frame) override {
    for (const auto& state : states_) {
      if (speaks(frame, state)) count(seen_[state.column], shown(frame, state));
    }
  }

  Result<void> settle() override {
    for (const auto& state : states_) {
      const auto& seen = seen_[state.column];
      if (seen.frames >= least_frames) learned_[state.column] = learned_of(seen);
    }
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    for (auto& state : states_) {
      const auto i = state.column;
      if (!speaks(frame, state)) continue;
      const double value = shown(frame, state);
      // A line that trembles is in no state: what is new must at least stand.
      const bool is_odd =
          has_failed(state, value) || (value == state.before && is_new(state, value));
      state.before = value;
      const auto step = latches_.step(i, frame.at, is_odd ? 1 : 0);
      if (step != Latches::Step::none) {
        report(step != Latches::Step::ended, has_failed(state, value), frame, i, out);
      }
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      const auto& l = learned_[i];
      if (l.count == 0) return std::vector<double>{};
      std::vector<double> row{static_cast<double>(l.count)};
      row.insert(row.end(), l.values.begin(), l.values.end());
      return row;
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 1 + most_values));
    take_loaded();
    return {};
  }

 private:
  static constexpr std::size_t most_values = 8;        ///< more are no states
  static constexpr std::uint64_t least_frames = 1000;  ///< of learning, to say "never"
  static constexpr double fault = 2;
  static constexpr double slack = 0.2;
  static constexpr double score_of_fault = 0.9;
  static constexpr double score_of_new = 0.6;

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      auto& l = learned_[i];
      l.count = static_cast<std::size_t>(std::clamp(row[0], 0.0, static_cast<double>(most_values)));
      std::ranges::copy(row.subspan(1), l.values.begin());
    });
  }

  struct State {
    std::uint32_t column = 0;
    bool knows_fault = false;
    double low = 0;  ///< of what it can show: beyond is no state, and for `limits` to tell
    double high = 0;
    double before = nan;  ///< what it showed last
  };

  /// The states it was in while learning, the usual one first.
  struct Learned {
    std::array<double, most_values> values{};
    std::size_t count = 0;  ///< 0: nothing was learned
  };

  struct Seen {
    std::array<double, most_values> values{};
    std::array<std::uint64_t, most_values> times{};
    std::size_t distinct = 0;  ///< most_values + 1: more than that
    std::uint64_t frames = 0;
  };

  static bool speaks(const Frame& frame, const State& state) {
    return frame.fresh[state.column] != 0 && !std::isnan(frame.values[state.column]);
  }

  /// Numbered states are whole numbers, whatever noise the line adds.
  static double shown(const Frame& frame, const State& state) {
    const double value = frame.values[state.column];
    const double whole = std::round(value);
    return state.knows_fault && std::abs(value - whole) <= slack ? whole : value;
  }

  static void count(Seen& seen, double value) {
    ++seen.frames;
    const auto known = std::span(seen.values).first(std::min(seen.distinct, most_values));
    const auto found = std::ranges::find(known, value);
    if (found != known.end()) {
      ++seen.times.at(static_cast<std::size_t>(found - known.begin()));
    } else if (seen.distinct < most_values) {
      seen.values.at(seen.distinct) = value;
      seen.times.at(seen.distinct++) = 1;
    } else {
      seen.distinct = most_values + 1;
    }
  }

  static Learned learned_of(const Seen& seen) {
    Learned learned;
    if (seen.distinct > most_values) return learned;
    learned.count = seen.distinct;
    learned.values = seen.values;
    const auto times = std::span(seen.times).first(seen.distinct);
    const auto usual = std::ranges::max_element(times) - times.begin();
    std::swap(learned.values.front(), learned.values.at(static_cast<std::size_t>(usual)));
    return learned;
  }

  static bool has_failed(const State& state, double value) {
    return state.knows_fault && value == fault;
  }

  bool is_new(const State& state, double value) const {
    const auto& l = learned_[state.column];
    if (l.count == 0 || value < state.low || value > state.high) return false;
    const auto known = std::span(l.values).first(l.count);
    return std::ranges::find(known, value) == known.end();
  }

  void report(bool active, bool failed, const Frame& frame, std::uint32_t i,
              SymptomSink& out) const {
    const double usual = learned_[i].count > 0 ? learned_[i].values.front() : nan;
    const double expected = std::isnan(usual) || usual == fault ? 1 : usual;
    out.report({.detector = kind_name,
                .kind = SymptomKind::command,
                .active = active,
                .at = frame.at,
                .since = latches_.since(i),
                .until = latches_.last_over(i),
                .column = i,
                .score = failed || !active ? score_of_fault : score_of_new,
                .value = frame.values[i],
                .expected = expected,
                .low = expected,
                .high = expected,
                .anomaly = 1});
  }

  ModelRows loaded_;
  ColumnNames names_;
  std::vector<State> states_;
  std::vector<Learned> learned_;
  std::vector<Seen> seen_;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.on_delay = TRY(section.duration("on_delay", config.on_delay));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Machine>(config);
}

}  // namespace
}  // namespace sosie::machine

namespace sosie {
void register_detectors_machine(Catalog& catalog);
void register_detectors_machine(Catalog& catalog) {
  catalog.add<Detector>("machine", machine::make);
}
}  // namespace sosie
