#include "statistics/state_memory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr std::size_t memory_lanes = 32;
constexpr double outermost = 0.02;
constexpr std::size_t most_for_width = 500;
constexpr std::size_t most_columns = 4096;  ///< a bound on what a damaged file can make us allocate

/// REQUIRES: both have `n`, a multiple of `memory_lanes`. Sums lane by lane, which a compiler may
/// keep in one vector without being told to change the order of additions.
float product(const float* a, const float* b, std::size_t n) {
  std::array<float, memory_lanes> sums{};
  for (std::size_t i = 0; i < n; i += memory_lanes) {
    for (std::size_t k = 0; k < memory_lanes; ++k) sums[k] += a[i + k] * b[i + k];
  }
  for (std::size_t half = memory_lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

/// A row's squared distance from a memory that is being chosen.
float apart(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

float length2(std::span<const float> a) {
  float sum = 0;
  for (const float x : a) sum += x * x;
  return sum;
}

float float_quantile(std::vector<float> values, double p) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(
                                       std::floor(p * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, at);
  return *at;
}

/// Chooses which rows are kept.
class Chooser {
 public:
  Chooser(std::span<const float> rows, std::size_t columns)
      : rows_(rows), columns_(columns), nearest_(rows.size() / columns, infinite) {
    for (std::size_t i = 0; i < count(); ++i) lengths_.push_back(length2(row(i)));
    far_out_ = float_quantile(lengths_, 1 - outermost);
  }

  std::size_t count() const { return nearest_.size(); }
  std::span<const float> row(std::size_t i) const { return rows_.subspan(i * columns_, columns_); }
  bool may_be_kept(std::size_t i) const { return lengths_[i] <= far_out_; }
  /// Squared distances of the rows from the nearest that was chosen.
  std::span<const float> nearest() const { return nearest_; }

  void choose(std::size_t chosen) {
    for (std::size_t i = 0; i < count(); ++i) {
      nearest_[i] = std::min(nearest_[i], apart(row(i), row(chosen)));
    }
  }

  /// The row that is furthest from all chosen ones; none if all are there.
  std::optional<std::size_t> furthest() const {
    std::optional<std::size_t> found;
    float distance = 0;
    for (std::size_t i = 0; i < count(); ++i) {
      if (!may_be_kept(i) || nearest_[i] <= distance) continue;
      distance = nearest_[i];
      found = i;
    }
    return found;
  }

 private:
  static constexpr float infinite = std::numeric_limits<float>::infinity();
  std::span<const float> rows_;
  std::size_t columns_;
  std::vector<float> nearest_;
  std::vector<float> lengths_;
  float far_out_ = 0;
};

/// The middle squared distance of rows from the nearest that is kept.
float usual_distance(std::span<const float> nearest) {
  std::vector<float> some;
  for (std::size_t i = 0; i < nearest.size(); i += nearest.size() / most_for_width + 1) {
    if (nearest[i] > 0) some.push_back(nearest[i]);
  }
  return some.empty() ? 1 : float_quantile(std::move(some), 0.5);
}

}  // namespace

StateMemory::StateMemory(std::span<const float> rows, std::size_t columns, std::size_t most)
    : columns_(columns),
      width_((columns + memory_lanes - 1) / memory_lanes * memory_lanes),
      padded_(width_),
      expected_(width_) {
  if (columns == 0 || rows.empty()) return;
  Chooser chooser(rows, columns);
  const auto wanted = std::min(most, chooser.count());
  const auto take = [&](std::size_t chosen) {
    keep(chooser.row(chosen));
    chooser.choose(chosen);
  };
  const auto half = wanted / 2 + 1;
  for (std::size_t i = 0; i < half; ++i) {
    const auto at = i * chooser.count() / half;
    if (chooser.may_be_kept(at)) take(at);
  }
  while (size() < wanted) {
    const auto next = chooser.furthest();
    if (!next) break;
    take(*next);
  }
  sharpness_ = 1 / (2 * usual_distance(chooser.nearest()));
  weights_.assign(size(), 0.0F);
}

void StateMemory::keep(std::span<const float> row) {
  vectors_.resize(vectors_.size() + width_);
  std::ranges::copy(row, vectors_.end() - static_cast<std::ptrdiff_t>(width_));
  squares_.push_back(length2(row));
}

void StateMemory::save(ModelWriter& writer) const {
  writer.integer(columns_);
  writer.number(static_cast<double>(sharpness_));
  writer.integer(size());
  std::vector<double> row(columns_);
  for (std::size_t m = 0; m < size(); ++m) {
    std::ranges::copy_n(vectors_.begin() + static_cast<std::ptrdiff_t>(m * width_),
                        static_cast<std::ptrdiff_t>(columns_), row.begin());
    writer.numbers(row);
  }
}

Result<StateMemory> StateMemory::load(ModelReader& reader) {
  const auto columns = TRY(reader.integer());
  if (columns > most_columns) {
    return Error{Errc::corrupt, fmt::format("a model remembers {} columns, at most {} expected",
                                            columns, most_columns)};
  }
  StateMemory memory({}, static_cast<std::size_t>(columns), 0);
  const auto sharpness = TRY(reader.number());
  memory.sharpness_ = static_cast<float>(sharpness);
  const auto count = TRY(reader.count(sizeof(std::uint64_t)));
  std::vector<float> vector(memory.columns_);
  for (std::size_t m = 0; m < count; ++m) {
    const auto row = TRY(reader.numbers());
    const bool is_whole = row.size() == vector.size() &&
                          std::ranges::all_of(row, [](double x) { return std::isfinite(x); });
    if (!is_whole) {
      return Error{Errc::corrupt, fmt::format("what a model remembers: {} numbers in a row, "
                                              "expected {} finite ones",
                                              row.size(), vector.size())};
    }
    std::ranges::transform(row, vector.begin(), [](double x) { return static_cast<float>(x); });
    memory.keep(vector);
  }
  if (!(memory.sharpness_ > 0)) {
    return Error{Errc::corrupt, "what a model remembers: a kernel of no width"};
  }
  memory.weights_.assign(count, 0.0F);
  return memory;
}

double StateMemory::distance(std::span<const float> u) {
  if (size() == 0) return 0;
  std::ranges::copy(u, padded_.begin());
  float nearest = std::numeric_limits<float>::infinity();
  for (std::size_t m = 0; m < size(); ++m) {  // |m|^2 - 2 m.u: |u|^2 is the same for all
    weights_[m] = squares_[m] - 2 * product(vectors_.data() + m * width_, padded_.data(), width_);
    nearest = std::min(nearest, weights_[m]);
  }
  std::ranges::fill(expected_, 0.0F);
  float total = 0;
  for (std::size_t m = 0; m < size(); ++m) {
    const float exponent = (weights_[m] - nearest) * sharpness_;
    if (!(exponent < 8)) continue;  // weighs less than a three-thousandth of the nearest
    const float weight = std::exp(-exponent);
    total += weight;
    const float* const vector = vectors_.data() + m * width_;
    for (std::size_t i = 0; i < width_; ++i) expected_[i] += weight * vector[i];
  }
  double sum = 0;
  for (std::size_t i = 0; i < columns_; ++i) {
    expected_[i] /= total;
    const double off = static_cast<double>(u[i]) - static_cast<double>(expected_[i]);
    sum += off * off;
  }
  return sum;
}

}  // namespace sosie
