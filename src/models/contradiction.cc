#include "models/contradiction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "models/regression.h"

namespace sosie::models {
namespace {

constexpr std::size_t least_table = 200;
constexpr std::size_t rows_a_column = 3;
constexpr std::size_t within = 10;         ///< rows, of the differences at first
constexpr std::size_t half_window = 2;     ///< rows on either side that a residual is seen with
constexpr std::size_t longest_pause = 10;  ///< rows in which it is not off, within a stretch
constexpr std::size_t least_off = 3;       ///< rows
constexpr std::size_t most_culprits = 3;   ///< in a row
constexpr int most_turns = 8;
constexpr double off_limit = 4;       ///< deviations of its ordinary residual
constexpr double ridge_added = 0.01;  ///< to the correlations' diagonal
constexpr double wild = 8;            ///< deviations: beyond, a value says no more

/// The middle of values that are there; NaN of none.
double middle_of(std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Values as deviations from the median, row by row; NaN: missing, or of a column that never moves.
class Deviations {
 public:
  explicit Deviations(const std::vector<std::vector<float>>& columns)
      : width_(columns.size()),
        rows_(columns.empty() ? 0 : columns.front().size()),
        cells_(width_ * rows_, std::numeric_limits<double>::quiet_NaN()) {
    for (std::size_t i = 0; i < width_; ++i) take(columns[i], i);
  }

  std::size_t width() const { return width_; }
  std::size_t rows() const { return rows_; }
  std::span<const double> row(std::size_t r) const {
    return std::span(cells_).subspan(r * width_, width_);
  }

 private:
  void take(const std::vector<float>& column, std::size_t i) {
    std::vector<double> known;
    known.reserve(rows_);
    for (const float value : column) {
      if (!std::isnan(value)) known.push_back(static_cast<double>(value));
    }
    const double middle = middle_of(known);
    for (double& value : known) value = std::abs(value - middle);
    const double scale = 1.4826 * middle_of(known);
    if (!(scale > 0)) return;
    for (std::size_t r = 0; r < rows_; ++r) {
      const double off = (static_cast<double>(column[r]) - middle) / scale;
      cells_[r * width_ + i] = std::clamp(off, -wild, wild);
    }
  }

  std::size_t width_;
  std::size_t rows_;
  std::vector<double> cells_;
};

/// Sums of products of rows, and what becomes of them.
class Products {
 public:
  explicit Products(std::size_t width) : width_(width), sums_(width * width), clean_(width) {}

  void add(std::span<const double> row) {
    for (std::size_t i = 0; i < width_; ++i) clean_[i] = std::isnan(row[i]) ? 0 : row[i];
    for (std::size_t i = 0; i < width_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) sums_[i * width_ + j] += clean_[i] * clean_[j];
    }
    ++rows_;
  }

  std::size_t rows() const { return rows_; }

  /// The inverse of the ridged correlations.
  std::vector<double> precision() const {
    std::vector<double> a(sums_);
    std::vector<double> size(width_);
    for (std::size_t i = 0; i < width_; ++i) {
      size[i] = std::sqrt(std::max(a[i * width_ + i], 1e-12));
    }
    for (std::size_t i = 0; i < width_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const double cell = i == j ? 1 + ridge_added : a[i * width_ + j] / size[i] / size[j];
        a[i * width_ + j] = a[j * width_ + i] = cell;
      }
    }
    invert(a, width_);
    for (std::size_t i = 0; i < width_; ++i) {
      for (std::size_t j = 0; j < width_; ++j) a[i * width_ + j] /= size[i] * size[j];
    }
    return a;
  }

 private:
  std::size_t width_;
  std::size_t rows_ = 0;
  std::vector<double> sums_;
  std::vector<double> clean_;
};

class Search {
 public:
  explicit Search(const std::vector<std::vector<float>>& columns)
      : table_(columns),
        product_(table_.width()),
        residuals_(table_.width() * table_.rows()),
        is_off_(table_.width() * table_.rows(), 0) {}

  std::vector<std::vector<OffRows>> run() {
    std::vector<std::vector<OffRows>> found(table_.width());
    const auto rows = table_.rows();
    if (rows < std::max(least_table, rows_a_column * table_.width())) return found;
    precision_ = of_differences();
    for (int turn = 0; turn < most_turns; ++turn) {
      const auto before = is_off_;
      mark();
      if (turn > 0 && is_off_ == before) break;
      const auto learned = of_levels();
      if (learned.rows() * 2 < rows) return found;
      precision_ = learned.precision();
    }
    for (std::size_t i = 0; i < table_.width(); ++i) found[i] = stretches_of(i);
    return found;
  }

 private:
  std::vector<double> of_differences() const {
    Products products(table_.width());
    std::vector<double> step(table_.width());
    for (std::size_t r = within; r < table_.rows(); ++r) {
      for (std::size_t i = 0; i < step.size(); ++i) {
        step[i] = table_.row(r)[i] - table_.row(r - within)[i];
      }
      products.add(step);
    }
    return products.precision();
  }

  /// Of the rows in which nothing is off; of those of them that are whole, if these are many.
  Products of_levels() const {
    Products all(table_.width());
    Products whole(table_.width());
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      const auto marks = std::span(is_off_).subspan(r * table_.width(), table_.width());
      if (std::ranges::find(marks, 1) != marks.end()) continue;
      const auto row = table_.row(r);
      all.add(row);
      if (std::ranges::none_of(row, [](double x) { return std::isnan(x); })) whole.add(row);
    }
    return whole.rows() * 2 > all.rows() ? whole : all;
  }

  double residual(std::size_t i) const { return product_[i] / precision_[i * table_.width() + i]; }

  void multiply(std::span<const double> row) {
    const auto n = table_.width();
    std::ranges::fill(product_, 0.0);
    for (std::size_t j = 0; j < n; ++j) {
      if (std::isnan(row[j])) continue;
      for (std::size_t i = 0; i < n; ++i) product_[i] += precision_[i * n + j] * row[j];
    }
  }

  std::vector<double> sigmas() {
    const auto n = table_.width();
    std::vector<double> sigmas(n);
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      multiply(table_.row(r));
      for (std::size_t i = 0; i < n; ++i) residuals_[r * n + i] = residual(i);
    }
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<double> sizes;
      sizes.reserve(table_.rows());
      for (std::size_t r = 0; r < table_.rows(); ++r) {
        if (!std::isnan(table_.row(r)[i])) sizes.push_back(std::abs(residuals_[r * n + i]));
      }
      sigmas[i] = 1.4826 * middle_of(sizes);
    }
    return sigmas;
  }

  void mark() {
    const auto n = table_.width();
    const auto limits = sigmas();
    std::vector<std::uint8_t> marks(is_off_.size(), 0);
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      multiply(table_.row(r));
      for (std::size_t turn = 0; turn < most_culprits; ++turn) {
        const auto worst = worst_of(r, limits);
        if (worst == n) break;
        marks[r * n + worst] = 1;
        const double off = residual(worst);
        for (std::size_t i = 0; i < n; ++i) product_[i] -= off * precision_[i * n + worst];
      }
    }
    for (std::size_t i = 0; i < n; ++i) smooth(marks, i);
  }

  /// The column whose replacement takes most away, if it is beyond its limit; the width: none is.
  std::size_t worst_of(std::size_t r, std::span<const double> limits) const {
    const auto n = table_.width();
    std::size_t worst = n;
    double most = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::isnan(table_.row(r)[i])) continue;
      const double gain = product_[i] * product_[i] / precision_[i * n + i];
      if (gain <= most) continue;
      most = gain;
      worst = i;
    }
    const bool is_off =
        worst < n && std::abs(residual(worst)) > off_limit * std::max(limits[worst], 1e-9);
    return is_off ? worst : n;
  }

  /// Most of five rows.
  void smooth(const std::vector<std::uint8_t>& marks, std::size_t i) {
    const auto n = table_.width();
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      const auto from = r - std::min(r, half_window);
      const auto to = std::min(r + half_window + 1, table_.rows());
      std::size_t count = 0;
      for (auto k = from; k < to; ++k) count += marks[k * n + i];
      is_off_[r * n + i] = 2 * count > to - from ? 1 : 0;
    }
  }

  std::vector<OffRows> stretches_of(std::size_t i) const {
    std::vector<OffRows> found;
    for (std::size_t r = 0; r < table_.rows(); ++r) {
      if (is_off_[r * table_.width() + i] == 0) continue;
      if (found.empty() || r > found.back().to + longest_pause) found.push_back({r, r});
      found.back().to = r + 1;
    }
    std::erase_if(found, [](const OffRows& off) { return off.to - off.from < least_off; });
    return found;
  }

  Deviations table_;
  std::vector<double> precision_;
  std::vector<double> product_;  ///< P u of the row that is looked at
  std::vector<double> residuals_;
  std::vector<std::uint8_t> is_off_;
};

}  // namespace

std::vector<std::vector<OffRows>> contradictions(const std::vector<std::vector<float>>& columns) {
  return Search(columns).run();
}

}  // namespace sosie::models
