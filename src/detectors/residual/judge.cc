#include "detectors/residual/judge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace sosie::residual {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t rows_at_once = 8;
using Lanes [[gnu::vector_size(lanes * sizeof(float))]] = float;

/// out += factor * row. Lengths are whole numbers of lanes.
void add_scaled(float factor, const float* row, float* out, std::size_t width) {
  for (std::size_t i = 0; i < width; i += lanes) {
    Lanes a;
    Lanes b;
    std::memcpy(&a, row + i, sizeof a);
    std::memcpy(&b, out + i, sizeof b);
    b += factor * a;
    std::memcpy(out + i, &b, sizeof b);
  }
}

/// The same of `rows_at_once` rows, one after the other: `out` is read and written once, and what
/// comes out is the same to the last digit.
void add_rows(const float* input, const float* rows, float* out, std::size_t width) {
  std::array<float, rows_at_once> factors{};  // a copy: `out` cannot change it
  std::copy_n(input, rows_at_once, factors.begin());
  for (std::size_t i = 0; i < width; i += lanes) {
    Lanes sum;
    std::memcpy(&sum, out + i, sizeof sum);
    for (std::size_t r = 0; r < rows_at_once; ++r) {
      Lanes row;
      std::memcpy(&row, rows + r * width + i, sizeof row);
      sum += factors.at(r) * row;
    }
    std::memcpy(out + i, &sum, sizeof sum);
  }
}

}  // namespace

Judge::Judge(const Model& model)
    : model_(model),
      width_((model.precision.size + lanes - 1) / lanes * lanes),
      precision_(width_ * model.precision.size, 0.0F),
      input_(width_, 0.0F),
      product_(width_, 0.0F),
      own_(model.columns.size(), 0.0F),
      certainty_(model.columns.size(), 0.0F),
      widening_(model.columns.size(), 1.0F),
      residual_(model.columns.size(), 0.0),
      is_done_(model.columns.size(), 0) {
  const auto n = model.columns.size();
  for (std::size_t i = 0; i < 2 * n; ++i) {
    for (std::size_t j = 0; j < 2 * n; ++j) {
      precision_[i * width_ + j] = static_cast<float>(model.precision.at(i, j));
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double now = model.precision.at(i, i);
    const double slow = model.precision.at(i + n, i + n);
    const double cross = model.precision.at(i, i + n);
    const double determinant = now * slow - cross * cross;
    pairs_.now.push_back(slow / determinant);
    pairs_.cross.push_back(-cross / determinant);
    pairs_.slow.push_back(now / determinant);
    own_[i] = precision_[i * width_ + i];
  }
  culprits_.reserve(most_culprits);
}

void Judge::multiply() {
  std::ranges::fill(product_, 0.0F);
  std::size_t i = 0;
  for (; i + rows_at_once <= model_.precision.size; i += rows_at_once) {
    add_rows(input_.data() + i, precision_.data() + i * width_, product_.data(), width_);
  }
  for (; i < model_.precision.size; ++i) {
    add_scaled(input_[i], precision_.data() + i * width_, product_.data(), width_);
  }
}

double Judge::residual_of(std::uint32_t column) const {
  const auto slow = column + model_.columns.size();
  return pairs_.now[column] * static_cast<double>(product_[column]) +
         pairs_.cross[column] * static_cast<double>(product_[slow]);
}

/// Puts what the others say in the column's place, now and slow.
void Judge::replace(std::uint32_t column) {
  const auto slow = column + model_.columns.size();
  const double cross = pairs_.cross[column];
  const auto g_now = static_cast<double>(product_[column]);
  const auto g_slow = static_cast<double>(product_[slow]);
  const auto off_now = static_cast<float>(pairs_.now[column] * g_now + cross * g_slow);
  const auto off_slow = static_cast<float>(cross * g_now + pairs_.slow[column] * g_slow);
  input_[column] -= off_now;
  input_[slow] -= off_slow;
  add_scaled(-off_now, precision_.data() + column * width_, product_.data(), width_);
  add_scaled(-off_slow, precision_.data() + slow * width_, product_.data(), width_);
}

/// What is left of the others' certainty without `column`: the diagonal of P with its row and
/// column eliminated. Exact for one; for several the order is neglected.
void Judge::do_without(std::uint32_t column) {
  const float* const row = precision_.data() + column * width_;
  const float pivot = row[column];
  for (std::size_t i = 0; i < certainty_.size(); ++i) {
    const float left = std::max(certainty_[i] - row[i] * row[i] / pivot, 0.02F * own_[i]);
    certainty_[i] = is_done_[i] != 0 ? certainty_[i] : left;
  }
}

void Judge::widen() {
  for (std::size_t i = 0; i < widening_.size(); ++i) {
    widening_[i] = std::sqrt(own_[i] / certainty_[i]);
  }
}

/// If any column is beyond its limit: the one whose replacement would take most away from u' P u.
std::optional<std::uint32_t> Judge::blame(std::span<const double> limits) {
  const auto n = static_cast<std::uint32_t>(model_.columns.size());
  unsigned beyond = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const double off = residual_of(i);
    const bool is_open = is_done_[i] == 0;
    residual_[i] = is_open ? off : residual_[i];
    beyond |= static_cast<unsigned>(is_open) &
              static_cast<unsigned>(std::abs(off) >= limits[i] * widening(i));
  }
  if (beyond == 0) return std::nullopt;
  std::uint32_t worst = n;
  double most = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (is_done_[i] != 0) continue;
    const auto now = static_cast<double>(product_[i]);
    const auto slow = static_cast<double>(product_[i + n]);
    const double gain =
        pairs_.now[i] * now * now + 2 * pairs_.cross[i] * now * slow + pairs_.slow[i] * slow * slow;
    if (gain > most) {
      most = gain;
      worst = i;
    }
  }
  if (worst == n) return std::nullopt;
  return worst;
}

/// Takes `u` in; what is not known is filled in by what the others say.
void Judge::start(std::span<const double> u) {
  const auto n = static_cast<std::uint32_t>(model_.columns.size());
  constexpr double far = 1e4;  // keeps a wild value from drowning the others' digits
  for (std::size_t i = 0; i < u.size(); ++i) {
    const auto near = static_cast<float>(std::clamp(u[i], -far, far));
    input_[i] = std::isnan(u[i]) ? 0.0F : near;
  }
  bool is_any_unknown = false;
  for (std::uint32_t i = 0; i < n; ++i) {
    is_done_[i] = std::isnan(u[i]) || std::isnan(u[i + n]) ? 1 : 0;
    is_any_unknown = is_any_unknown || is_done_[i] != 0;
  }
  std::ranges::copy(own_, certainty_.begin());
  std::ranges::fill(widening_, 1.0F);
  std::ranges::fill(residual_, 0.0);
  culprits_.clear();
  multiply();
  if (!is_any_unknown) return;
  for (int sweep = 0; sweep < 2; ++sweep) {  // unknown columns that lean on each other settle
    for (std::uint32_t i = 0; i < n; ++i) {
      if (is_done_[i] == 0) continue;
      replace(i);
      if (sweep == 0) do_without(i);
    }
  }
  widen();
}

void Judge::judge(std::span<const double> u, std::span<const double> limits) {
  const auto n = static_cast<std::uint32_t>(model_.columns.size());
  start(u);
  auto blamed = blame(limits);
  for (std::size_t turn = 0; blamed && turn < most_culprits; ++turn) {
    const double level = std::abs(residual_[*blamed]) / (limits[*blamed] * widening(*blamed));
    if (level >= 1) culprits_.push_back(*blamed);
    is_done_[*blamed] = 1;
    replace(*blamed);
    do_without(*blamed);
    widen();
    blamed = blame(limits);
  }
  t2_ = 0;
  for (std::size_t i = 0; i < 2UL * n; ++i) {
    t2_ += static_cast<double>(input_[i]) * static_cast<double>(product_[i]);
  }
}

}  // namespace sosie::residual
