#include "detectors/residual/fit.h"

#include <algorithm>
#include <cmath>

#include "detectors/residual/judge.h"
#include "fusion/calibration.h"
#include "fusion/episode.h"
#include "fusion/tail.h"
#include "statistics/sketch.h"

namespace sosie::residual {
namespace {

constexpr std::size_t folds = 4;
constexpr std::size_t least_rows = 200;
constexpr double least_known = 0.2;    ///< of the rows: a column that is rarer is not learned
constexpr double mostly_known = 0.95;  ///< of the rows: what is missing of it matters little
constexpr int completions = 4;  ///< passes; each leaves of an error the share that is unknown
constexpr double least_creep =
    0.15;  ///< scaled units: a creep smaller than that is no one's concern
constexpr double least_misfit = 0.05;     ///< below it, a fifth of the columns is not off at all
constexpr std::size_t least_blocks = 20;  ///< of fewer, nothing is known of the last twentieth
constexpr double ordinary_blocks =
    0.95;                              ///< of learning's, in which nothing is wrong with a column
constexpr double beyond_ordinary = 4;  ///< times what it stays below there: no more is ordinary
constexpr double excursions_to_bear = 1e5;  ///< about two years of a tremble of hours
/// Of limits that `margin` has set, where there is a budget.
constexpr double largest_factor = 2;
/// Other weather than that of the learning, and cells that were repaired there, make later life
/// stranger than what was held out: on the plant's development seeds (1000 to 1003) by about this.
constexpr double prudence = 8;
constexpr double smallest_factor = 0.5;
constexpr int factor_steps = 32;
constexpr double unknown_cell = std::numeric_limits<double>::quiet_NaN();
constexpr double clip = 5;  ///< scaled units: one wild value must not bend the covariance

/// The middle and the spread of a column: median, and deviation of what lies between the 1 % and
/// the 99 % quantile. A spread of 0: it does not move, or is hardly ever there.
struct Spread {
  double center = 0;
  double scale = 0;
};

Spread spread_of(const History& history, std::size_t column) {
  std::vector<double> values;
  values.reserve(history.rows());
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const float value = history.row(r)[column];
    if (!std::isnan(value)) values.push_back(static_cast<double>(value));
  }
  const double least = least_known * static_cast<double>(history.rows());
  if (values.size() < least_rows || static_cast<double>(values.size()) < least) return {};
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  const double low = values[static_cast<std::size_t>(0.01 * last)];
  const double high = values[static_cast<std::size_t>(0.99 * last)];
  const double center = values[values.size() / 2];
  double sum = 0;
  for (const double value : values) {
    const double off = std::clamp(value, low, high) - center;
    sum += off * off;
  }
  return {.center = center, .scale = std::sqrt(sum / static_cast<double>(values.size()))};
}

/// Whether a column has a new value often enough to be held against what the others say now: a
/// laboratory's daily value has not.
bool is_lively(const History& history, std::size_t column) {
  std::size_t changes = 0;
  std::size_t known = 0;
  float before = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const float value = history.row(r)[column];
    if (std::isnan(value)) continue;
    changes += known > 0 && value != before ? 1U : 0U;
    ++known;
    before = value;
  }
  return changes * 50 > known;
}

/// The history of the columns that take part, scaled; 2 * columns a row.
struct Table {
  std::size_t width = 0;
  std::vector<double> cells;

  std::size_t rows() const { return width == 0 ? 0 : cells.size() / width; }
  std::span<double> row(std::size_t i) { return std::span(cells).subspan(i * width, width); }
  std::span<const double> row(std::size_t i) const {
    return std::span(cells).subspan(i * width, width);
  }
};

Table scaled(const History& history, const std::vector<std::size_t>& kept, const Model& model) {
  const auto n = kept.size();
  Table table{.width = 2 * n, .cells = {}};
  table.cells.resize(history.rows() * table.width);
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const auto from = history.row(r);
    const auto to = table.row(r);
    for (std::size_t i = 0; i < n; ++i) {
      const auto& c = model.columns[i];
      to[i] = (static_cast<double>(from[kept[i]]) - c.center) / c.scale;
      to[i + n] = (static_cast<double>(from[kept[i] + history.columns]) - c.center) / c.scale;
    }
  }
  return table;
}

std::size_t fold_of(std::size_t row, std::size_t block) {
  return row / block % folds;
}

/// Sums of products of each fold, so that a model without one fold costs a subtraction.
class Moments {
 public:
  Moments(const Table& table, std::size_t block)
      : sums_(folds, Matrix(table.width)), rows_(folds, 0) {
    std::vector<double> clean(table.width);
    for (std::size_t r = 0; r < table.rows(); ++r) {
      std::ranges::transform(table.row(r), clean.begin(), [](double x) {
        return std::isnan(x) ? 0.0 : std::clamp(x, -clip, clip);
      });
      Matrix& sum = sums_[fold_of(r, block)];
      ++rows_[fold_of(r, block)];
      for (std::size_t i = 0; i < clean.size(); ++i) {
        double* const out = sum.row(i);
        for (std::size_t j = 0; j <= i; ++j) out[j] += clean[i] * clean[j];
      }
    }
  }

  /// P of all folds but `left_out` (== folds: of all).
  Matrix precision(std::size_t left_out, double ridge) const {
    Matrix all(sums_.front().size);
    double rows = 0;
    for (std::size_t f = 0; f < folds; ++f) {
      if (f == left_out) continue;
      rows += static_cast<double>(rows_[f]);
      for (std::size_t k = 0; k < all.cells.size(); ++k) all.cells[k] += sums_[f].cells[k];
    }
    for (double& cell : all.cells) cell /= std::max(rows, 1.0);
    for (std::size_t i = 0; i < all.size; ++i) all.at(i, i) += ridge;
    if (!invert(all)) return Matrix(0);  // cannot be, with a ridge: the sum is positive definite
    return all;
  }

 private:
  std::vector<Matrix> sums_;
  std::vector<std::size_t> rows_;
};

/// Columns of which so much is missing that it matters how it is filled in.
std::vector<std::uint8_t> gappy_in(const Table& table) {
  const auto n = table.width / 2;
  std::vector<std::size_t> known(n);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t i = 0; i < n; ++i) known[i] += std::isnan(table.row(r)[i]) ? 0U : 1U;
  }
  std::vector<std::uint8_t> gappy;
  gappy.reserve(n);
  for (const auto count : known) {
    const double least = mostly_known * static_cast<double>(table.rows());
    gappy.push_back(static_cast<double>(count) < least ? 1 : 0);
  }
  return gappy;
}

/// Fills in what is not known of gappy columns by what the others say. Left at nought it would be a
/// value like any other, and all that a column has to do with others would seem weaker.
///
/// By turns what is not known is filled in and what that teaches is learned, of whole rows alone at
/// first if these are enough (Dempster, Laird, Rubin: Maximum likelihood from incomplete data via
/// the EM algorithm, 1977; what it adds to the variance is far below the ridge). Means are learned
/// with it: a column that is known in other weather than the rest is not centred where they are.
class Completion {
 public:
  Completion(const Table& table, std::span<const std::uint8_t> is_gappy, Model& model,
             const FitConfig& config)
      : table_(table),
        is_gappy_(is_gappy),
        model_(model),
        config_(config),
        filled_(table),
        means_(table.width) {
    for (std::size_t r = 0; r < table.rows(); ++r) {
      if (!is_whole(table.row(r))) rows_.push_back(r);
    }
  }

  Table run() {
    if (rows_.empty()) return std::move(filled_);
    Table whole{.width = table_.width, .cells = {}};
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      const auto row = table_.row(r);
      if (is_whole(row)) whole.cells.insert(whole.cells.end(), row.begin(), row.end());
    }
    const bool is_enough = whole.rows() >= std::max(least_rows, 2 * table_.width);
    learn(is_enough ? whole : table_);
    for (int pass = 0; pass < completions; ++pass) {
      if (pass > 0) learn(filled_);
      fill();
    }
    return std::move(filled_);
  }

 private:
  bool is_unknown(std::span<const double> row, std::size_t i) const {
    const auto n = is_gappy_.size();
    return is_gappy_[i] != 0 && (std::isnan(row[i]) || std::isnan(row[i + n]));
  }

  /// In its gappy columns.
  bool is_whole(std::span<const double> row) const {
    for (std::size_t i = 0; i < is_gappy_.size(); ++i) {
      if (is_unknown(row, i)) return false;
    }
    return true;
  }

  void learn(const Table& from) {
    Table centred = from;
    std::vector<double> known(from.width, 0.0);
    std::ranges::fill(means_, 0.0);
    for (std::size_t r = 0; r < from.rows(); ++r) {
      for (std::size_t i = 0; i < from.width; ++i) {
        const double value = from.row(r)[i];
        if (std::isnan(value)) continue;
        means_[i] += std::clamp(value, -clip, clip);
        ++known[i];
      }
    }
    for (std::size_t i = 0; i < from.width; ++i) means_[i] /= std::max(known[i], 1.0);
    for (std::size_t r = 0; r < from.rows(); ++r) {
      for (std::size_t i = 0; i < from.width; ++i) centred.row(r)[i] -= means_[i];
    }
    model_.precision = Moments(centred, config_.block).precision(folds, config_.ridge);
  }

  void fill() {
    const auto n = model_.columns.size();
    const std::vector<double> no_limits(n, std::numeric_limits<double>::infinity());
    Judge judge(model_);
    std::vector<double> centred(table_.width);
    for (const auto r : rows_) {
      const auto from = table_.row(r);
      const auto to = filled_.row(r);
      for (std::size_t i = 0; i < table_.width; ++i) centred[i] = from[i] - means_[i];
      judge.judge(centred, no_limits);
      for (std::size_t i = 0; i < n; ++i) {
        if (!is_unknown(from, i)) continue;
        to[i] = static_cast<double>(judge.input()[i]) + means_[i];
        to[i + n] = static_cast<double>(judge.input()[i + n]) + means_[i + n];
      }
    }
  }

  const Table& table_;
  std::span<const std::uint8_t> is_gappy_;
  Model& model_;
  const FitConfig& config_;
  Table filled_;
  std::vector<double> means_;
  std::vector<std::size_t> rows_;  ///< that are not whole
};

/// Moves the centres of gappy columns to where these are in all rows, as those of the others are;
/// `filled` is the table without unknown cells in them.
void centre_anew(std::span<const std::uint8_t> is_gappy, Table& table, Table& filled,
                 Model& model) {
  const auto n = model.columns.size();
  std::vector<double> values(filled.rows());
  for (std::size_t i = 0; i < n; ++i) {
    if (is_gappy[i] == 0) continue;
    for (std::size_t r = 0; r < filled.rows(); ++r) values[r] = filled.row(r)[i];
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    const double moved = *middle;
    model.columns[i].center += moved * model.columns[i].scale;
    for (auto* const one : {&table, &filled}) {
      for (std::size_t r = 0; r < one->rows(); ++r) {
        one->row(r)[i] -= moved;
        one->row(r)[i + n] -= moved;
      }
    }
  }
}

/// Out-of-block residuals of a table, and what they say of limits.
struct Trial {
  std::vector<double> residuals;  ///< columns a row; NaN: not known
  std::vector<double> t2;         ///< one a row
};

/// Which cells of a table's columns say something of residuals: columns a row. All but what is
/// unknown of gappy columns.
std::vector<std::uint8_t> known_in(const Table& table, std::span<const std::uint8_t> is_gappy) {
  const auto n = table.width / 2;
  std::vector<std::uint8_t> known;
  known.reserve(table.rows() * n);
  for (std::size_t r = 0; r < table.rows(); ++r) {
    for (std::size_t i = 0; i < n; ++i) {
      known.push_back(is_gappy[i] != 0 && std::isnan(table.row(r)[i]) ? 0 : 1);
    }
  }
  return known;
}

/// Residuals of every row of `table` under the model that knows the other folds, where `known`;
/// `moments` are those of the rows to learn from. Cells beyond `limits` get their predictions
/// instead, so that faults nobody labelled do not stay in what is learned.
Trial try_out(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
              Model& model, const FitConfig& config, std::span<const double> limits) {
  const auto n = model.columns.size();
  Trial trial;
  trial.residuals.resize(table.rows() * n, 0.0);
  trial.t2.resize(table.rows(), 0.0);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    model.precision = moments.precision(fold, config.ridge);
    Judge judge(model);
    for (std::size_t r = 0; r < table.rows(); ++r) {
      if (fold_of(r, config.block) != fold) continue;
      judge.judge(table.row(r), limits);
      const auto found = judge.residuals();
      for (std::size_t i = 0; i < n; ++i) {
        trial.residuals[r * n + i] = known[r * n + i] != 0 ? found[i] : unknown_cell;
      }
      trial.t2[r] = judge.t2();
      for (const auto culprit : judge.culprits()) table.row(r)[culprit] -= found[culprit];
    }
  }
  return trial;
}

/// Slow averages of all cells, as they are had while looking.
Table averaged(const Table& table, double forget) {
  Table slow = table;
  for (std::size_t r = 1; r < table.rows(); ++r) {
    const auto before = slow.row(r - 1);
    const auto row = slow.row(r);
    for (std::size_t i = 0; i < table.width; ++i) {
      if (std::isnan(row[i])) {
        row[i] = before[i];
      } else if (!std::isnan(before[i])) {
        row[i] = before[i] + forget * (row[i] - before[i]);
      }
    }
  }
  return slow;
}

/// What came in the last hours: one average of all cells less a slower one.
Table banded(const Table& table, double quick_forget, double slow_forget) {
  auto band = averaged(table, quick_forget);
  std::vector<double> slow(table.row(0).begin(), table.row(0).end());
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const auto now = table.row(r);
    const auto row = band.row(r);
    for (std::size_t i = 0; i < table.width; ++i) {
      if (std::isnan(slow[i])) slow[i] = now[i];
      if (!std::isnan(now[i])) slow[i] += slow_forget * (now[i] - slow[i]);
      row[i] -= slow[i];
    }
  }
  return band;
}

/// The slow averages anew, after cells were repaired.
void renew_slow(Table& table, double forget) {
  const auto n = table.width / 2;
  for (std::size_t r = 1; r < table.rows(); ++r) {
    const auto before = table.row(r - 1);
    const auto row = table.row(r);
    for (std::size_t i = 0; i < n; ++i) {
      if (std::isnan(row[i]) || std::isnan(before[i + n])) continue;
      row[i + n] = before[i + n] + forget * (row[i] - before[i + n]);
    }
  }
}

/// The sizes of one column's residuals.
Sketch sizes(const Trial& trial, std::size_t n, std::size_t column) {
  Sketch sketch;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    if (!std::isnan(trial.residuals[at])) sketch.add(std::abs(trial.residuals[at]));
  }
  return sketch;
}

double sigma_of(const Sketch& sizes) {
  return std::max(sizes.quantile(0.5) * 1.4826, 1e-6);
}

double t2_limit(const Trial& trial) {
  Sketch t2;
  for (const double value : trial.t2) t2.add(std::max(value, 0.0));
  return std::max(t2.unlikely(), t2.quantile(1));
}

/// Rows in which a state is not as usual, or was not so just before; 0: as usual, else the number
/// of the excursion.
struct Excursions {
  double usual = 0;
  std::vector<std::uint32_t> of_row;
  std::uint32_t count = 0;
};

Excursions excursions_of(const History& history, std::size_t state, std::size_t wake) {
  Excursions found;
  std::vector<float> values;
  for (std::size_t r = 0; r < history.rows(); ++r) {
    if (!std::isnan(history.row(r)[state])) values.push_back(history.row(r)[state]);
  }
  found.of_row.assign(history.rows(), 0);
  if (values.empty()) return found;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  found.usual = static_cast<double>(values[values.size() / 2]);
  std::size_t left = 0;
  for (std::size_t r = 0; r < history.rows(); ++r) {
    const double value = static_cast<double>(history.row(r)[state]);
    if (std::abs(value - found.usual) > Model::state_slack) {
      if (left == 0) ++found.count;
      left = wake + 1;
    }
    if (left == 0) continue;
    found.of_row[r] = found.count;
    --left;
  }
  return found;
}

/// Whether a column leaves the others, further than it does 99 % of the time else, in most
/// excursions.
bool is_habit(const Excursions& state, const Trial& trial, std::size_t n, std::size_t column) {
  Sketch elsewhere;
  std::vector<double> largest(state.count + 1, 0.0);  // of each excursion
  for (std::size_t r = 0; r < state.of_row.size(); ++r) {
    const double size = std::abs(trial.residuals[r * n + column]);
    if (std::isnan(size)) continue;
    if (state.of_row[r] == 0) elsewhere.add(size);
    largest[state.of_row[r]] = std::max(largest[state.of_row[r]], size);
  }
  const double far = 1.5 * elsewhere.quantile(0.99);
  const auto jumped =
      std::count_if(largest.begin() + 1, largest.end(), [&](double size) { return size > far; });
  return jumped >= 3 && 2 * jumped >= static_cast<std::ptrdiff_t>(state.count);
}

/// What a column showed during excursions teaches nothing.
void forget_cells(const Excursions& state, std::uint32_t column, Table& table) {
  for (std::size_t r = 0; r < table.rows(); ++r) {
    if (state.of_row[r] != 0) table.row(r)[column] = unknown_cell;
  }
}

/// What `fit` was given, and which of the model's columns are judged.
struct Learning {
  const History& history;
  std::span<const std::string> names;
  std::span<const std::uint8_t> judged;
  std::span<const std::uint8_t> is_judged;
};

/// Finds the habits, and makes the cells in which they show unknown: they teach nothing.
void find_habits(const Learning& learning, const Trial& trial, std::size_t wake, Model& model,
                 Table& table) {
  const auto& [history, names, judged, is_judged] = learning;
  const auto n = model.columns.size();
  for (std::size_t s = 0; s < history.columns; ++s) {
    if (judged[s] != 0) continue;
    const auto state = excursions_of(history, s, wake);
    const auto away = std::ranges::count_if(state.of_row, [](std::uint32_t e) { return e != 0; });
    if (state.count < 3 || away * 10 > static_cast<std::ptrdiff_t>(history.rows())) continue;
    Model::Habit habit{.state = names[s], .usual = state.usual, .columns = {}};
    for (std::uint32_t i = 0; i < n; ++i) {
      if (is_judged[i] == 0 || !is_habit(state, trial, n, i)) continue;
      habit.columns.push_back(i);
      forget_cells(state, i, table);
    }
    if (!habit.columns.empty()) model.habits.push_back(std::move(habit));
  }
}

/// The misfit that one row in ten of learning exceeds.
double misfit_limit(const Model& model, const Trial& trial, double Model::Column::* limit) {
  const auto n = model.columns.size();
  std::vector<double> limits;
  limits.reserve(n);
  for (const auto& column : model.columns) limits.push_back(column.*limit);
  std::vector<double> scratch;
  Sketch seen;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    seen.add(misfit(std::span(trial.residuals).subspan(r * n, n), limits, scratch));
  }
  return std::max(seen.quantile(0.75), least_misfit);
}

/// How often a column's residual went from one side to the other: so many excursions did learning
/// see, however many rows it had.
double excursions_of(const Trial& trial, std::size_t n, std::size_t column) {
  double square = 0;
  double known = 0;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    if (std::isnan(trial.residuals[at])) continue;
    square += trial.residuals[at] * trial.residuals[at];
    ++known;
  }
  const double far = 0.5 * std::sqrt(square / std::max(known, 1.0));
  double changes = 0;
  double side = 0;
  for (std::size_t at = column; at < trial.residuals.size(); at += n) {
    const double value = trial.residuals[at];
    if (!(std::abs(value) >= far) || value * side > 0) continue;
    if (side != 0) ++changes;
    side = value > 0 ? 1 : -1;
  }
  return changes;
}

/// How much further than in learning a residual may go in a year or two: the largest of N normal
/// excursions is about sqrt(2 ln N) deviations (Leadbetter, Lindgren, Rootzen: Extremes, 1983). A
/// level that crept up and down three times in a week has hardly shown what it can do.
double reach_of(const Trial& trial, std::size_t n, std::size_t column) {
  const double seen = std::max(3.0, excursions_of(trial, n, column));
  return std::max(1.1, std::sqrt(std::log(excursions_to_bear) / std::log(seen)));
}

/// How far a column may be off. Faults that nobody labelled are a few hours of learning, in which a
/// residual goes to many times what it does else (a repair leaves some of that): a limit is no more
/// than a few times what it stays below in nearly all blocks. Weather that lasts is more blocks.
double furthest(const Trial& trial, std::size_t n, std::size_t column, std::size_t block) {
  std::vector<double> peaks;
  peaks.reserve(trial.t2.size() / block + 1);
  bool is_begun = false;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    if (r % block == 0) is_begun = false;
    const double size = std::abs(trial.residuals[r * n + column]);
    if (std::isnan(size)) continue;
    if (!is_begun) peaks.push_back(0);
    is_begun = true;
    peaks.back() = std::max(peaks.back(), size);
  }
  if (peaks.empty()) return 0;
  const double reach = reach_of(trial, n, column) * std::ranges::max(peaks);
  if (peaks.size() < least_blocks) return std::max(reach, sizes(trial, n, column).unlikely());
  const auto nearly_all =
      peaks.begin() +
      static_cast<std::ptrdiff_t>(ordinary_blocks * static_cast<double>(peaks.size() - 1));
  std::ranges::nth_element(peaks, nearly_all);
  return std::min(reach, beyond_ordinary * *nearly_all);
}

/// Out-of-block residuals at the three paces.
struct Trials {
  Trial fast;
  Trial slow;
  Trial band;
};

/// Tables are tens of megabytes: one at a time.
Trials try_all(Table& table, std::span<const std::uint8_t> known, const Moments& moments,
               Model& model, const FitConfig& config) {
  const std::vector<double> no_limits(model.columns.size(),
                                      std::numeric_limits<double>::infinity());
  Trials trials;
  trials.fast = try_out(table, known, moments, model, config, no_limits);
  {
    auto slow = averaged(table, config.drift_forget);
    trials.slow = try_out(slow, known, moments, model, config, no_limits);
  }
  auto band = banded(table, config.band_quick_forget, config.band_slow_forget);
  trials.band = try_out(band, known, moments, model, config, no_limits);
  return trials;
}

/// Of each column, from how far it went; `trials` are as they were, or seen through their widening.
void set_column_limits(Model& model, const Trials& trials, std::span<const std::uint8_t> is_judged,
                       const FitConfig& config) {
  const auto [margin, block] = std::pair(config.margin, config.block);
  const auto& [fast, slow, band] = trials;
  const auto n = model.columns.size();
  for (std::size_t i = 0; i < n; ++i) {
    auto& column = model.columns[i];
    column.sigma = sigma_of(sizes(fast, n, i));
    if (is_judged[i] == 0) continue;
    column.fast_limit = margin * std::max(furthest(fast, n, i, block), 5 * column.sigma);
    column.slow_limit = margin * std::max({furthest(slow, n, i, block), column.sigma, least_creep});
    column.band_limit = margin * std::max({furthest(band, n, i, block), column.sigma, least_creep});
  }
}

void set_misfit_limits(Model& model, const Trials& trials) {
  model.misfit_limit = misfit_limit(model, trials.fast, &Model::Column::fast_limit);
  model.slow_misfit_limit = misfit_limit(model, trials.slow, &Model::Column::slow_limit);
  model.band_misfit_limit = misfit_limit(model, trials.band, &Model::Column::band_limit);
}

/// Makes residuals smaller where the whole asset is in a state never seen, as looking does.
void widen(const Model& model, double Model::Column::* limit, double t2_limit, double misfit_limit,
           Trial& trial) {
  const auto n = model.columns.size();
  std::vector<double> limits;
  limits.reserve(n);
  for (const auto& column : model.columns) limits.push_back(column.*limit);
  std::vector<double> scratch;
  for (std::size_t r = 0; r < trial.t2.size(); ++r) {
    const auto row = std::span(trial.residuals).subspan(r * n, n);
    const double excess = std::sqrt(std::max(1.0, trial.t2[r] / t2_limit));
    const double widening = band_widening(excess, misfit_limit, row, limits, scratch);
    for (double& residual : row) residual /= widening;
  }
}

void widen(const Model& model, Trials& trials) {
  widen(model, &Model::Column::fast_limit, model.t2_limit, model.misfit_limit, trials.fast);
  widen(model, &Model::Column::slow_limit, model.slow_t2_limit, model.slow_misfit_limit,
        trials.slow);
  widen(model, &Model::Column::band_limit, model.band_t2_limit, model.band_misfit_limit,
        trials.band);
}

/// Bands widen in rough weather, so it is what lies beyond a widened band that was never seen: the
/// rain of learning must not make the limits of calm days.
void set_limits(Model& model, const Trials& trials, std::span<const std::uint8_t> is_judged,
                const FitConfig& config) {
  model.t2_limit = config.margin * t2_limit(trials.fast);
  model.slow_t2_limit = config.margin * t2_limit(trials.slow);
  model.band_t2_limit = config.margin * t2_limit(trials.band);
  set_column_limits(model, trials, is_judged, config);
  set_misfit_limits(model, trials);
  Trials seen = trials;
  widen(model, seen);
  set_column_limits(model, seen, is_judged, config);
  set_misfit_limits(model, trials);
}

/// How far over its limit the furthest column is, row by row, where all limits are `factor` times
/// what they are: quick residuals smoothed as they are while looking, and slow ones.
std::vector<double> levels_at(double factor, const Model& model, const Trials& trials) {
  const auto& [fast, slow, band] = trials;
  const auto n = model.columns.size();
  std::vector<double> levels(fast.t2.size(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& column = model.columns[i];
    if (std::isinf(column.fast_limit)) continue;
    const double quick = std::max(factor * column.fast_limit, column.least);
    const double creep = std::max(factor * column.slow_limit, column.least);
    const double lately = std::max(factor * column.band_limit, column.least);
    double smooth = 0;
    for (std::size_t r = 0; r < levels.size(); ++r) {
      if (std::isnan(fast.residuals[r * n + i])) continue;
      smooth += 0.5 * (fast.residuals[r * n + i] - smooth);
      levels[r] = std::max({levels[r], std::abs(smooth) / quick,
                            std::abs(slow.residuals[r * n + i]) / creep,
                            std::abs(band.residuals[r * n + i]) / lately});
    }
  }
  return levels;
}

std::size_t episodes_in(std::span<const double> levels) {
  fusion::Episode episode({.on = 1, .off = 0.7, .hold = 10});
  std::size_t count = 0;
  for (const double level : levels) {
    const bool was_active = episode.is_active();
    count += episode.look(level) && !was_active ? 1U : 0U;
  }
  return count;
}

/// Makes all limits smaller or larger together, so that ordinary life begins as many episodes as
/// are allowed.
void keep_to_budget(Model& model, const Trials& trials, const FitConfig& config) {
  double factor = largest_factor;
  model.held_out_episodes = episodes_in(levels_at(factor, model, trials));
  for (int step = 1; step <= factor_steps; ++step) {
    const double next = largest_factor * std::pow(smallest_factor / largest_factor,
                                                  static_cast<double>(step) / factor_steps);
    const auto levels = levels_at(next, model, trials);
    const auto tail = fusion::Tail::fit(levels);
    std::vector<double> surprises;
    surprises.reserve(levels.size());
    for (const double level : levels) surprises.push_back(tail.surprise(level));
    const auto limit =
        fusion::limit_for(surprises, config.rows_per_day, config.allowed_per_day / prudence);
    if (tail.surprise(1) < limit.on) break;
    factor = next;
    model.held_out_episodes = episodes_in(levels);
  }
  model.held_out_days = static_cast<double>(trials.fast.t2.size()) / config.rows_per_day;
  for (auto& column : model.columns) {
    column.fast_limit *= factor;
    column.slow_limit *= factor;
    column.band_limit *= factor;
  }
  model.misfit_limit /= factor;  // it is in limits
  model.slow_misfit_limit /= factor;
  model.band_misfit_limit /= factor;
}

}  // namespace

Model fit(const History& history, std::span<const std::string> names,
          std::span<const std::uint8_t> judged, std::span<const double> least,
          const FitConfig& config) {
  Model model;
  if (history.rows() < least_rows) return model;
  std::vector<std::size_t> kept;
  std::vector<std::uint8_t> is_judged;
  for (std::size_t i = 0; i < history.columns; ++i) {
    const auto spread = spread_of(history, i);
    if (!(spread.scale > 1e-9 * std::abs(spread.center))) continue;
    kept.push_back(i);
    is_judged.push_back(judged[i] != 0 && is_lively(history, i) ? 1 : 0);
    model.columns.push_back({.name = names[i],
                             .center = spread.center,
                             .scale = spread.scale,
                             .least = least[i] / spread.scale});
  }
  if (kept.size() < 3) return Model{};
  auto table = scaled(history, kept, model);

  // First without limits, to see how large residuals are; then with wide ones, to repair what is
  // faulty in the history; then for good.
  const std::vector<double> no_limits(kept.size(), std::numeric_limits<double>::infinity());
  auto wide_limits = no_limits;
  const auto is_gappy = gappy_in(table);
  {
    auto filled = Completion(table, is_gappy, model, config).run();
    centre_anew(is_gappy, table, filled, model);
    const auto known = known_in(table, is_gappy);
    const Moments raw(filled, config.block);
    const auto first = try_out(table, known, raw, model, config, no_limits);
    find_habits({history, names, judged, is_judged}, first, config.wake, model, table);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (is_judged[i] != 0) wide_limits[i] = 6 * sigma_of(sizes(first, kept.size(), i));
    }
    try_out(table, known_in(table, is_gappy), raw, model, config, wide_limits);
    renew_slow(table, config.memory_forget);
  }
  const auto known = known_in(table, is_gappy);
  if (std::ranges::find(is_gappy, 1) != is_gappy.end()) {
    table = Completion(table, is_gappy, model, config).run();
    renew_slow(table, config.memory_forget);
  }
  const Moments moments(table, config.block);
  const Trials trials = try_all(table, known, moments, model, config);
  set_limits(model, trials, is_judged, config);
  if (config.allowed_per_day > 0) {
    // Quarters in a row, as what comes is not between days that were learned from either.
    FitConfig quarters = config;
    quarters.block = table.rows() / folds + 1;
    const Moments apart(table, quarters.block);
    Trials later = try_all(table, known, apart, model, quarters);
    widen(model, later);
    keep_to_budget(model, later, config);
  }
  model.precision = moments.precision(folds, config.ridge);
  return model;
}

}  // namespace sosie::residual
