#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>

#include "core/catalog.h"
#include "core/detector.h"
#include "detectors/replay/rhyme.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/model_rows.h"

namespace sosie::replay {
namespace {

constexpr std::string_view kind_name = "replay";
constexpr std::uint32_t model_version = 2;

struct Config {
  Duration memory = std::chrono::hours(72);
  std::int64_t matches = 3;  ///< anchors in a row that must repeat with one and the same lag
  Duration hold = std::chrono::minutes(10);
};

/// Where a window of digits was seen.
struct Anchor {
  std::uint32_t tag = 0;   ///< of the window and its column
  std::uint32_t tick = 0;  ///< when: seconds / 4 since the epoch
};

/// Finds a sensor whose last digits repeat those of an earlier time, as they do when an attacker
/// plays a recording: sixteen new values with all their digits never come again by chance.
///
/// A gear hash (Xia et al.: FastCDC, 2016) of each column covers its last 16 new values. Where the
/// hash ends in zeros the window is an *anchor*, so the same values give the same anchors wherever
/// they stand. Anchors are kept in a table and looked up in it; several in a row with one and the
/// same lag make a replay. Where noise lies on all sensors no digits come again: `Rhyme` hears the
/// recording beneath it.
class Replay final : public Detector {
 public:
  explicit Replay(Config config) : config_(config), latches_({.off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    columns_.resize(columns.size());
    latches_.resize(columns.size());
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
    passed_over_ = is_state_;
    const double frames = static_cast<double>(config_.memory.count()) /
                          static_cast<double>(std::max<Duration::rep>(1, columns.period.count()));
    const double anchors = frames / anchor_every * static_cast<double>(columns.size());
    const auto size = std::bit_ceil(static_cast<std::size_t>(std::clamp(anchors, 1e3, 5e5)));
    if (size > table_.size()) table_.assign(size, {});
    rhyme_.resize(columns.size(), static_cast<std::size_t>(std::min(frames, 1e9)), columns.period);
    tick_of_value_ = std::chrono::duration<double>(columns.period).count() / tick_s;
    take_loaded();
  }

  void learn(const Frame& frame) override {
    rhyme_.set_learning(true);
    take(frame);
    for (auto& c : columns_) c.repeats_by_nature |= c.run >= config_.matches;
    if (const auto column = rhyme_.find_natural(passed_over_)) {
      columns_[*column].repeats_by_nature = true;
      passed_over_[*column] = 1;
    }
  }

  Result<void> settle() override {
    rhyme_.set_learning(false);
    pass_over();
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    take(frame);
    rhyme_.look(frame.at, passed_over_);
    if (latches_.busy() == 0 && !rhyme_.has_found()) {
      for (const auto i : anchors_) look_at(i, frame, out);
    } else {
      for (std::uint32_t i = 0; i < columns_.size(); ++i) look_at(i, frame, out);
    }
  }

  std::string save() const override {
    return save_rows(kind_name, model_version, names_, [&](std::uint32_t i) {
      return std::vector{columns_[i].repeats_by_nature ? 1.0 : 0.0, rhyme_.usual(i)};
    });
  }

  Result<void> load(std::string_view model) override {
    TRY(loaded_.load(model, kind_name, model_version, 2));
    take_loaded();
    return {};
  }

 private:
  static constexpr double anchor_every = 8;
  static constexpr std::uint64_t anchor_mask = 0x7;  ///< of the hash's top bits, its best mixed
  static constexpr unsigned window = 16;
  static constexpr double tick_s = 4;

  /// What a model says of the columns there are.
  void take_loaded() {
    loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
      columns_[i].repeats_by_nature = row[0] > 0;
      rhyme_.set_usual(i, row[1]);
    });
    pass_over();
  }

  struct Column {
    double last = std::numeric_limits<double>::quiet_NaN();
    std::uint64_t hash = 0;
    unsigned values = 0;     ///< new ones, up to `window`
    std::int64_t run = 0;    ///< anchors in a row that repeated with the lag
    std::uint32_t lag = 0;   ///< ticks
    bool is_anchor = false;  ///< the last value ended one
    bool repeats_by_nature = false;
    Timestamp since;  ///< when the run began
  };

  /// splitmix64's finalizer: every bit of a value stirs every bit of the hash.
  static std::uint64_t mix(double value) {
    auto x = std::bit_cast<std::uint64_t>(value);
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }

  double level(const Column& c) const {
    return static_cast<double>(c.run) / static_cast<double>(config_.matches);
  }

  void pass_over() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      passed_over_[i] = is_state_[i] != 0 || columns_[i].repeats_by_nature ? 1 : 0;
    }
  }

  void look_at(std::uint32_t i, const Frame& frame, SymptomSink& out) {
    Column& c = columns_[i];
    const bool is_repeated = c.run >= config_.matches && c.is_anchor && !c.repeats_by_nature;
    const double beneath = rhyme_.level(i);
    if (!is_repeated && beneath < 1 && !latches_.is_active(i)) return;
    if (!is_repeated && beneath >= 1) {
      c.since = rhyme_.since(i);
      c.lag = static_cast<std::uint32_t>(static_cast<double>(rhyme_.lag(i)) * tick_of_value_);
    }
    const auto step = latches_.step(i, frame.at, std::max(is_repeated ? level(c) : 0, beneath));
    c.is_anchor = false;
    if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
  }

  /// Hashes first, then the table, which is in no cache: each of its places is on the way while the
  /// others are asked for.
  void take(const Frame& frame) {
    const auto now = static_cast<std::uint32_t>(
        static_cast<double>(frame.at.time_since_epoch().count()) * 1e-6 / tick_s);
    std::size_t count = 0;
    anchors_.resize(columns_.size());
    for (std::uint32_t i = 0; i < columns_.size(); ++i) {
      Column& c = columns_[i];
      const double value = frame.values[i];
      if (frame.fresh[i] == 0 || std::isnan(value) || value == c.last) continue;
      c.last = value;
      rhyme_.add(i, value);
      c.hash = (c.hash << 4U) + mix(value);  // after 16 shifts a value has left the hash
      const bool is_whole = c.values >= window && ((c.hash >> 60U) & anchor_mask) == 0;
      c.values += c.values < window ? 1U : 0U;
      anchors_[count] = i;  // no branch, as nobody can foretell which way it would go
      count += is_whole && is_state_[i] == 0 ? 1U : 0U;
    }
    anchors_.resize(count);
    for (const auto i : anchors_) __builtin_prefetch(&slot_of(key_of(i)), 1);
    for (const auto i : anchors_) meet(i, now, frame.at);
  }

  std::uint64_t key_of(std::uint32_t column) const {
    return columns_[column].hash ^ (column * 0x9e3779b97f4a7c15U);
  }
  Anchor& slot_of(std::uint64_t key) {
    return table_[(key * 0x9e3779b97f4a7c15U >> 24U) & (table_.size() - 1)];
  }

  /// The column's window is an anchor: was it seen before, and as long ago as the one before it?
  void meet(std::uint32_t column, std::uint32_t now, Timestamp at) {
    Column& c = columns_[column];
    const std::uint64_t key = key_of(column);
    const auto tag = static_cast<std::uint32_t>(key >> 20U) | 1U;
    Anchor& slot = slot_of(key);
    c.is_anchor = true;
    if (slot.tag == tag) {
      const auto lag = now - slot.tick;
      const bool is_same_lag = lag + 2 >= c.lag && lag <= c.lag + 2;
      if (c.run == 0 || !is_same_lag) {
        c.run = 1;
        c.since = at;
      } else {
        ++c.run;
      }
      c.lag = lag;
      // The first time stays: a recording played for hours keeps one lag.
      return;
    }
    c.run = 0;
    slot = {.tag = tag, .tick = now};
  }

  void report(bool active, const Frame& frame, std::uint32_t i, SymptomSink& out) const {
    const Column& c = columns_[i];
    const double lag_s = c.lag * tick_s;
    out.report({.detector = kind_name,
                .kind = SymptomKind::replay,
                .active = active,
                .at = frame.at,
                .since = c.since,
                .until = latches_.last_over(i),
                .column = i,
                .score = 0.8 + 0.2 * score_of(latches_.peak(i) - 1),
                .value = frame.values[i],
                .expected = frame.values[i],
                .low = frame.values[i],
                .high = frame.values[i],
                .anomaly = lag_s});
  }

  Config config_;
  ModelRows loaded_;
  ColumnNames names_;
  std::vector<Column> columns_;
  std::vector<std::uint8_t> is_state_;
  std::vector<std::uint8_t> passed_over_;  ///< states, and what repeats by nature
  Rhyme rhyme_;
  double tick_of_value_ = 1;  ///< ticks from one value to the next
  std::vector<Anchor> table_;
  std::vector<std::uint32_t> anchors_;  ///< of this frame: columns whose window is one
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.memory = TRY(section.duration("memory", config.memory));
  if (config.memory <= Duration{}) return section.wrong("memory", "expected a duration above 0");
  config.matches = TRY(section.integer("matches", config.matches));
  if (config.matches < 2) return section.wrong("matches", "expected 2 or more");
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Replay>(config);
}

}  // namespace
}  // namespace sosie::replay

namespace sosie {
void register_detectors_replay(Catalog& catalog);
void register_detectors_replay(Catalog& catalog) {
  catalog.add<Detector>("replay", replay::make);
}
}  // namespace sosie
