#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>

#include <fmt/format.h>

#include "base/every_second.h"
#include "base/random.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "statistics/columns.h"
#include "statistics/latch.h"
#include "statistics/matrix.h"
#include "statistics/model_bytes.h"

namespace sosie::echo {
namespace {

constexpr std::string_view kind_name = "echo";
constexpr std::uint32_t model_version = 1;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t lanes = 8;
constexpr std::int64_t least_rows = 400;  ///< of learning, for weights
constexpr double ridge = 0.05;            ///< of the covariance, as the residual detector's
constexpr double furthest = 6;  ///< deviations: what is beyond does not bend the covariance

struct Config {
  double slack = 0.1;        ///< correlation with what the others say that is nobody's concern
  double limit = 90;         ///< of the sum of what is beyond it, at least
  double peers = 0.9;        ///< share of the others that each column is held against
  std::int64_t rows = 4096;  ///< of learning kept; beyond that, every second one is dropped
  std::int64_t seed = 0;     ///< draws these peers; 0: the machine's own chance does
  Duration hold = std::chrono::minutes(5);
};

/// What was learned of a column.
struct Learned {
  double deviation = 0;  ///< 0: it takes no part
  double size = 0;       ///< mean size of the change from one new value to the next
  double center = 0;     ///< how much it ordinarily goes with what the others say
  double limit = infinity;
};

/// What a column showed of itself while it was learned, beside the weights of that time.
struct Trial {
  double highest = 0;  ///< Track::sum
  double total = 0;    ///< of products
  double count = 0;    ///< … of these
};

/// How a column's changes go with what the others' changes let expect of them.
struct Track {
  double last = nan;      ///< value
  double size = 0;        ///< of its changes, lately
  double said_size = 0;   ///< of what the others say of them
  double sum = 0;         ///< of the correlation beyond what is ordinary: Page's CUSUM
  double lately = 0;      ///< the correlation, over the last values
  double sizes_seen = 0;  ///< changes, while learning
  Timestamp since;        ///< when `sum` left 0
  Trial trial;
  Trial before;  ///< with the weights before these
};

/// Rows of learning, evenly in time: when there are too many, every second one is dropped.
class Rows {
 public:
  void begin(std::size_t columns) {
    if (columns == columns_) return;
    cells_.clear();
    columns_ = columns;
    stride_ = 1;
    seen_ = 0;
  }
  /// True when `most` are there.
  bool add(std::span<const double> values, std::size_t most) {
    if (seen_++ % stride_ != 0) return false;
    for (const double value : values) cells_.push_back(static_cast<float>(value));
    return count() >= most;
  }
  void thin_out() {
    keep_every_second(cells_, columns_);
    stride_ *= 2;
  }
  std::size_t count() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  std::span<const float> row(std::size_t i) const {
    return std::span(cells_).subspan(i * columns_, columns_);
  }

 private:
  std::size_t columns_ = 0;
  std::vector<float> cells_;
  std::size_t stride_ = 1;
  std::size_t seen_ = 0;
};

struct Spread {
  double mean = 0;
  double deviation = 0;  ///< 0: it does not move, or is mostly missing
};

Spread spread_of(const Rows& rows, std::size_t column) {
  double sum = 0;
  double squares = 0;
  double known = 0;
  for (std::size_t r = 0; r < rows.count(); ++r) {
    const auto value = static_cast<double>(rows.row(r)[column]);
    if (std::isnan(value)) continue;
    known += 1;
    const double off = value - sum;  // Welford's mean
    sum += off / known;
    squares += off * (value - sum);
  }
  if (known == 0 || 2 * known < static_cast<double>(rows.count())) return {};
  return {.mean = sum, .deviation = std::sqrt(squares / known)};
}

/// A sensor whose tremble goes with that of the others is no sensor: its noise is its own, while a
/// value that is computed from what the others show drags their noise in. So who knows all that the
/// detectors know, and shows what they expect, is found by showing it too well.
///
/// Each column's changes are held against those that the others' changes let expect (the ridge
/// regression of each column on the others; Redundancy), of a share of them that is drawn by a
/// secret: nobody can reckon what it has to go against. What they have in common beyond the
/// ordinary is summed up (Page, Biometrika 41, 1954).
class Echo final : public Detector {
 public:
  explicit Echo(Config config)
      : config_(config), latches_({.release = 0.8, .on_delay = {}, .off_delay = config.hold}) {}

  void begin(const AssetColumns& columns) override {
    names_.begin(columns);
    const auto n = columns.size();
    rows_.begin(n);
    learned_.resize(n);
    tracks_.resize(n);
    changes_.resize(n);
    latches_.resize(n);
    is_state_.clear();
    for (const auto* info : columns.info) is_state_.push_back(is_state(*info) ? 1 : 0);
    const auto old_width = width_;
    const auto old = std::move(weights_);
    width_ = (n + lanes - 1) / lanes * lanes;
    weights_.assign(n * width_, 0.0F);
    for (std::size_t at = 0; at < old.size(); ++at) {
      weights_[at / old_width * width_ + at % old_width] = old[at];
    }
    scaled_.assign(width_, 0.0F);
    said_.assign(width_, 0.0F);
    // Sensors that a model knows have joined, perhaps; it has been read once already.
    if (const auto model = std::exchange(waited_for_, {}); !model.empty()) {
      static_cast<void>(load(model));
    }
  }

  void learn(const Frame& frame) override {
    if (is_settled_) {  // it goes on: what was thought the most so far bounds nothing
      for (auto& learned : learned_) learned.limit = infinity;
      is_settled_ = false;
    }
    take(frame);
    for (std::size_t i = 0; i < tracks_.size(); ++i) learn_size(i);
    compare(frame.at);
    for (auto& track : tracks_) track.trial.highest = std::max(track.trial.highest, track.sum);
    if (!rows_.add(frame.values, static_cast<std::size_t>(config_.rows))) return;
    if (fit()) start_trial();
    rows_.thin_out();
  }

  Result<void> settle() override {
    for (std::size_t i = 0; is_fit_ && i < tracks_.size(); ++i) {
      Learned& learned = learned_[i];
      Track& track = tracks_[i];
      const double beyond = margin * std::max(track.trial.highest, track.before.highest);
      const double count = track.trial.count + track.before.count;
      const bool is_judged = learned.deviation > 0 && count >= least_count &&
                             beyond <= most_limits * config_.limit;  // else it is so by nature
      learned.limit = is_judged ? std::max(config_.limit, beyond) : infinity;
      // Of few values the mean product may be that far off.
      const double unsure = std::max(0.0, 3 / std::sqrt(std::max(count, 1.0)) - config_.slack);
      learned.center =
          std::max(0.0, (track.trial.total + track.before.total) / std::max(count, 1.0)) + unsure;
      track.sum = track.lately = track.said_size = 0;
    }
    is_settled_ = true;
    // On all of it: what has shown itself ordinary beside earlier weights stays. Of few rows, after
    // a sensor has joined, the earlier weights are better.
    if (is_fit_ && rows_.count() >= static_cast<std::size_t>(least_rows)) fit();
    return {};
  }

  void look(const Frame& frame, SymptomSink& out) override {
    if (!is_fit_) return;
    take(frame);
    compare(frame.at);
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      if (tracks_[i].sum < learned_[i].limit && latches_.is_quiet(i)) continue;
      const auto step = latches_.step(i, frame.at, tracks_[i].sum / learned_[i].limit);
      if (step != Latches::Step::none) report(step != Latches::Step::ended, frame, i, out);
    }
  }

  std::string save() const override {
    if (!is_fit_) return {};
    ModelWriter writer(kind_name, model_version);
    const auto n = names_.size();
    writer.integer(n);
    std::vector<double> row;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& l = learned_[i];
      const bool is_judged = !std::isinf(l.limit);
      row = {l.deviation, l.size, l.center, is_judged ? l.limit : 0};
      for (std::size_t j = 0; j < n; ++j) {
        row.push_back(static_cast<double>(weights_[i * width_ + j]));
      }
      writer.text(names_[i]);
      writer.numbers(row);
    }
    return std::move(writer).finish();
  }

  Result<void> load(std::string_view model) override {
    auto reader = TRY(ModelReader::open(model, kind_name, model_version));
    const auto n = TRY(reader.count(2 * sizeof(std::uint64_t)));
    std::vector<std::uint32_t> places;
    std::vector<std::vector<double>> rows;
    places.reserve(n);
    rows.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto name = TRY(reader.text());
      auto row = TRY(reader.numbers());
      const bool is_whole = row.size() == n + own &&
                            std::ranges::all_of(row, [](double x) { return std::isfinite(x); });
      if (!is_whole) {
        return Error{Errc::corrupt, fmt::format("a model of echo: '{}' has {} numbers, {} were "
                                                "expected, and all of them finite",
                                                name, row.size(), n + own)};
      }
      places.push_back(names_.find(name).value_or(no_column));
      rows.push_back(std::move(row));
    }
    const bool are_all_here = std::ranges::find(places, no_column) == places.end();
    waited_for_ = are_all_here ? std::string_view() : model;
    adopt(places, rows);
    return {};
  }

 private:
  static constexpr std::size_t own = 4;       ///< numbers of a saved column before its weights
  static constexpr double least_count = 200;  ///< new values: of fewer nothing is known
  static constexpr double margin = 1.5;       ///< times the highest sum of learning
  static constexpr double most_limits = 7;    ///< times the limit
  static constexpr double clip = 4;           ///< times the usual size of a change: an event
  static constexpr double lately_pace = 0.01;
  static constexpr double size_pace = 1.0 / 64;
  /// The deviation of a product of two normal variables, each in its mean size.
  static constexpr double product_size = 1.5708;
  static constexpr double most_product = 2.5;  ///< in that: what many do at once is no tremble

  void adopt(std::span<const std::uint32_t> places, std::span<const std::vector<double>> rows) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] == no_column) continue;
      const auto& row = rows[i];
      learned_[places[i]] = {.deviation = row[0],
                             .size = row[1],
                             .center = row[2],
                             .limit = row[3] > 0 ? row[3] : infinity};
      for (std::size_t j = 0; j < places.size(); ++j) {
        if (places[j] == no_column) continue;
        weights_[places[i] * width_ + places[j]] = static_cast<float>(row[own + j]);
      }
    }
    is_fit_ = true;
  }

  /// How each column has changed; 0: it has not.
  void take(const Frame& frame) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      const double value = frame.values[i];
      double& last = tracks_[i].last;
      const bool is_told = frame.fresh[i] != 0 && !std::isnan(value);
      const double change = value - last;
      changes_[i] = is_told && !std::isnan(change) ? change : 0;
      last = is_told ? value : last;
    }
  }

  void learn_size(std::size_t i) {
    const double size = std::abs(changes_[i]);
    if (size == 0) return;
    double& usual = learned_[i].size;
    const double most = usual > 0 ? clip * usual : size;
    const double weight = std::max(1 / ++tracks_[i].sizes_seen, 1e-4);
    usual += weight * (std::min(size, most) - usual);
  }

  void compare(Timestamp at) {
    if (!is_fit_) return;
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      const auto& l = learned_[i];
      const double most = clip * l.size;
      const double change = std::clamp(changes_[i], -most, most);
      // What echoes the others would have them echo it.
      const bool is_heard = (l.deviation > 0) & (2 * tracks_[i].sum < l.limit);
      scaled_[i] = is_heard ? static_cast<float>(change / l.deviation) : 0.0F;
    }
    multiply();
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      if (changes_[i] != 0 && learned_[i].deviation > 0) add(i, at);
    }
  }

  /// said_ = weights_' scaled_, four rows at a time: a fourth of the loads and stores.
  void multiply() {
    std::ranges::fill(said_, 0.0F);
    float* const into = said_.data();
    const float* const factors = scaled_.data();
    const auto n = tracks_.size();
    std::size_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const float* const row = weights_.data() + i * width_;
      for (std::size_t j = 0; j < width_; ++j) {
        into[j] += factors[i] * row[j] + factors[i + 1] * row[width_ + j] +
                   factors[i + 2] * row[2 * width_ + j] + factors[i + 3] * row[3 * width_ + j];
      }
    }
    for (; i < n; ++i) {
      const float* const row = weights_.data() + i * width_;
      for (std::size_t j = 0; j < width_; ++j) into[j] += factors[i] * row[j];
    }
  }

  /// `value` in the running mean `size` of such values' sizes, which takes it in.
  static double in_sizes(double value, double& size) {
    const double now = std::abs(value);
    if (size <= 0) size = now;
    const double most = clip * size;
    const double scaled = size > 0 ? std::clamp(value / size, -clip, clip) : 0;
    size += size_pace * (std::min(now, most) - size);
    return scaled;
  }

  void add(std::size_t i, Timestamp at) {
    Track& track = tracks_[i];
    const double said = in_sizes(static_cast<double>(said_[i]), track.said_size);
    const double both = in_sizes(changes_[i], track.size) * said / product_size;
    const double product = std::clamp(both, -most_product, most_product);  // a pump that starts
    track.trial.total += product;
    ++track.trial.count;
    track.lately += lately_pace * (product - track.lately);
    const double ordinary = learned_[i].center + config_.slack;
    if (track.sum <= 0) track.since = at;
    const double most = std::min(2 * learned_[i].limit, 1e6);
    const bool is_over = track.sum >= learned_[i].limit && track.lately < ordinary;
    track.sum = is_over ? 0 : std::clamp(track.sum + product - ordinary, 0.0, most);
  }

  /// Weights from what was seen so far. False: there are none.
  bool fit() {
    const auto n = tracks_.size();
    std::vector<double> mean;
    mean.reserve(n);
    for (std::size_t c = 0; c < n; ++c) {
      const auto spread = spread_of(rows_, c);
      mean.push_back(spread.mean);
      learned_[c].deviation = is_state_[c] == 0 ? spread.deviation : 0;
    }
    Matrix precision(n);
    std::vector<double> u(n, 0.0);
    for (std::size_t r = 0; r < rows_.count(); ++r) {
      for (std::size_t c = 0; c < n; ++c) {
        const double off = static_cast<double>(rows_.row(r)[c]) - mean[c];
        const double s = learned_[c].deviation;
        u[c] = s > 0 && !std::isnan(off) ? std::clamp(off / s, -furthest, furthest) : 0;
      }
      for (std::size_t i = 0; i < n; ++i) {
        double* const row = precision.row(i);
        for (std::size_t j = 0; j <= i; ++j) row[j] += u[i] * u[j];
      }
    }
    for (double& cell : precision.cells) cell /= static_cast<double>(rows_.count());
    for (std::size_t i = 0; i < n; ++i) precision.at(i, i) += ridge;
    if (!invert(precision)) return false;  // cannot be, with a ridge
    set_weights(precision);
    return true;
  }

  void set_weights(const Matrix& precision) {
    const auto n = tracks_.size();
    if (secret_ == 0) secret_ = static_cast<std::uint64_t>(config_.seed);
    if (secret_ == 0) {
      std::random_device chance;
      secret_ = (std::uint64_t{chance()} << 32U) | chance() | 1U;
    }
    Random random(secret_);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        const bool is_peer = random.uniform() < config_.peers && i != j;
        const double p = i >= j ? precision.at(i, j) : precision.at(j, i);
        weights_[j * width_ + i] = is_peer ? static_cast<float>(-p / precision.at(i, i)) : 0.0F;
      }
    }
  }

  /// What is seen from here on is held against the weights as they are now.
  void start_trial() {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
      Track& track = tracks_[i];
      learned_[i].center = std::max(0.0, track.trial.total / std::max(track.trial.count, 1.0));
      track.before = track.trial;
      track.trial = {};
      track.sum = track.said_size = 0;
    }
    is_fit_ = true;
  }

  void report(bool active, const Frame& frame, std::size_t i, SymptomSink& out) const {
    out.report({.detector = kind_name,
                .kind = SymptomKind::replay,
                .active = active,
                .at = frame.at,
                .since = tracks_[i].since,
                .until = latches_.last_over(i),
                .column = static_cast<std::uint32_t>(i),
                .score = 0.8 + 0.2 * score_of(latches_.peak(i) - 1),
                .value = frame.values[i],
                .expected = frame.values[i],
                .low = frame.values[i],
                .high = frame.values[i],
                .anomaly = tracks_[i].lately});
  }

  Config config_;
  ColumnNames names_;
  std::string waited_for_;  ///< a model that knows sensors which are not there yet
  std::size_t width_ = 0;   ///< columns, rounded up to whole vectors
  std::vector<Learned> learned_;
  std::vector<Track> tracks_;
  std::vector<std::uint8_t> is_state_;
  std::vector<double> changes_;  ///< of this frame
  std::vector<float> scaled_;    ///< the same in deviations
  std::vector<float> said_;      ///< what the others' let expect
  std::vector<float> weights_;   ///< row i: what a change of column i says of each other
  Rows rows_;
  std::uint64_t secret_ = 0;
  bool is_fit_ = false;
  bool is_settled_ = false;
  Latches latches_;
};

Result<std::unique_ptr<Detector>> make(Section& section) {
  Config config;
  config.slack = TRY(section.number("slack", config.slack));
  if (config.slack <= 0) return section.wrong("slack", "expected a number above 0");
  config.limit = TRY(section.number("limit", config.limit));
  if (config.limit <= 0) return section.wrong("limit", "expected a number above 0");
  config.peers = TRY(section.number("peers", config.peers));
  const bool is_share = config.peers > 0 && config.peers <= 1;
  if (!is_share) return section.wrong("peers", "expected a number above 0, at most 1");
  config.rows = TRY(section.integer("rows", config.rows));
  if (config.rows < least_rows) {
    return section.wrong("rows", fmt::format("expected {} or more", least_rows));
  }
  config.seed = TRY(section.integer("seed", config.seed));
  config.hold = TRY(section.duration("hold", config.hold));
  return std::make_unique<Echo>(config);
}

}  // namespace
}  // namespace sosie::echo

namespace sosie {
void register_detectors_echo(Catalog& catalog);
void register_detectors_echo(Catalog& catalog) {
  catalog.add<Detector>("echo", echo::make);
}
}  // namespace sosie
