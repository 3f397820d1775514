#include "diagnosis/recent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace sosie::diagnosis {
namespace {

constexpr std::size_t most_values = 2'000'000;
constexpr std::size_t most_rows = 720;
constexpr std::size_t least_rows = 90;
constexpr std::size_t rows_before = 30;
constexpr std::size_t least_before = 3;
constexpr double step_rows = 10;  ///< of the way that `straight` walks
constexpr std::size_t dense_rows = 15;
constexpr std::size_t most_visits = 90;
constexpr double clear_trembles = 3;
constexpr double per_doubling = 0.2;
constexpr Duration long_memory = std::chrono::hours(72);
constexpr Duration short_memory = std::chrono::minutes(10);
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Means of what is known.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    count_ += 1;
  }
  std::optional<double> value() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / count_;
  }

 private:
  double sum_ = 0;
  double count_ = 0;
};

void put_loudness(double usual, double lately, Shape& shape) {
  if (usual > 0 && lately > 0) {
    const double doublings = per_doubling * std::log2(std::sqrt(lately / usual));
    shape.louder = std::clamp(doublings, 0.0, 1.0);
    shape.calmer = std::clamp(-doublings, 0.0, 1.0);
  } else if (usual > 0) {
    shape.calmer = 1;  // it stands still
  }
}

}  // namespace

void Recent::begin(std::size_t columns, Duration period) {
  columns_ = columns;
  most_ = columns == 0 ? 0 : std::clamp(most_values / columns, least_rows, most_rows);
  block_ = std::max<Duration>(std::chrono::minutes(1), period);
  block_end_ = last_end_ = {};
  sums_.assign(columns, {});
  days_.assign(columns, {});
  most_blocks_ = static_cast<std::uint32_t>(std::max<Duration::rep>(1, long_memory / block_));
  pace_ = 1.0 / most_blocks_;
  quick_pace_ = 1.0 / static_cast<double>(std::max<Duration::rep>(1, short_memory / block_));
  ring_.assign(columns * most_, {nan, nan});
  next_ = filled_ = 0;
}

void Recent::look(const Frame& frame) {
  if (columns_ == 0) return;
  if (block_end_ == Timestamp{}) block_end_ = frame.at + block_;
  if (frame.at >= block_end_) {
    close_block();
    last_end_ = block_end_;
    block_end_ = frame.at + block_;
  }
  for (std::size_t i = 0; i < columns_; ++i) {
    const double value = frame.values[i];
    if (std::isnan(value)) continue;
    Sum& sum = sums_[i];
    sum.values += value;
    ++sum.count;
    if (frame.fresh[i] == 0) continue;
    if (sum.is_known) {
      sum.squares += (value - sum.last) * (value - sum.last);
      ++sum.changes;
    }
    sum.last = value;
    sum.is_known = true;
  }
}

void Recent::close_block() {
  Block* const row = ring_.data() + next_ * columns_;
  for (std::size_t i = 0; i < columns_; ++i) {
    Sum& sum = sums_[i];
    row[i].mean = sum.count == 0 ? nan : static_cast<float>(sum.values / sum.count);
    row[i].tremble = sum.changes == 0 ? nan : static_cast<float>(sum.squares / sum.changes);
    if (sum.count > 0) follow(days_[i], sum.values / sum.count);
    sum.values = sum.squares = 0;
    sum.count = sum.changes = 0;
  }
  next_ = (next_ + 1) % most_;
  filled_ = std::min(filled_ + 1, most_);
}

const Recent::Block& Recent::back(std::size_t age, std::uint32_t column) const {
  return ring_[(next_ + most_ - 1 - age) % most_ * columns_ + column];
}

/// From two blocks before to this one, whose mean is `mean`; 0: not known.
double Recent::step_over_two(std::size_t age, std::uint32_t column, double mean) const {
  const double two_back = age + 2 < filled_ ? back(age + 2, column).mean : nan;
  return std::isnan(two_back) ? 0 : std::abs(mean - two_back);
}

double Recent::stirred() const {
  constexpr std::size_t lately = 10;
  constexpr std::size_t before = 360;  // blocks
  constexpr std::size_t stride = 15;
  constexpr double far = 2.5;  // deviations
  constexpr std::size_t least = 120;
  if (filled_ < least) return 0;
  // Block by block, as they lie in memory: column by column, each of them would be fetched anew.
  Levels now(columns_);
  for (std::size_t age = 0; age < lately; age += 2) add_block(age, age + 2, now);
  Levels usual(columns_);
  for (std::size_t age = 2 * lately; age < std::min(filled_, before); age += stride) {
    add_block(age, age + stride, usual);
  }
  std::size_t judged = 0;
  std::size_t moved = 0;
  for (std::size_t column = 0; column < columns_; ++column) {
    if (now.count[column] == 0 || usual.count[column] == 0) continue;
    const double mean = usual.sum[column] / usual.count[column];
    const double square = usual.squares[column] / usual.count[column];
    const double variance = square - mean * mean;
    if (variance <= 1e-12 * square) continue;  // a state that rests
    ++judged;
    const double off = std::abs(now.sum[column] / now.count[column] - mean);
    moved += off > far * std::sqrt(variance) ? 1U : 0U;
  }
  return judged == 0 ? 0 : static_cast<double>(moved) / static_cast<double>(judged);
}

void Recent::add_block(std::size_t age, std::size_t next, Levels& levels) const {
  constexpr std::size_t line = 64;  // bytes
  const Block* const coming = &back(std::min(next, filled_ - 1), 0);
  for (std::size_t i = 0; i < columns_; i += line / sizeof(Block)) __builtin_prefetch(coming + i);
  const Block* const blocks = &back(age, 0);
  double* const sum = levels.sum.data();
  double* const squares = levels.squares.data();
  double* const count = levels.count.data();
  for (std::size_t i = 0; i < columns_; ++i) {
    const auto mean = static_cast<double>(blocks[i].mean);
    const bool is_known = !std::isnan(mean);
    const double known = is_known ? mean : 0;
    sum[i] += known;
    squares[i] += known * known;
    count[i] += is_known ? 1 : 0;
  }
}

/// Plain means at first. Every minute of every column: no division once it has seen enough.
void Recent::follow(Days& days, double value) const {
  ++days.count;
  const double pace = days.count < most_blocks_ ? 1.0 / days.count : pace_;
  days.mean += pace * (value - days.mean);
  days.square += pace * (value * value - days.square);
  days.lately += std::max(pace, quick_pace_) * (value - days.lately);
}

double Recent::astray(std::uint32_t column) const {
  const auto& days = days_[column];
  if (days.count * block_ < std::chrono::hours(24)) return 0;
  const double variance = days.square - days.mean * days.mean;
  if (variance <= 1e-12 * days.square) return 0;
  return (days.lately - days.mean) / std::sqrt(variance);
}

double Recent::share_astray() const {
  constexpr double far = 3;
  if (columns_ == 0) return 0;
  std::size_t found = 0;
  for (std::uint32_t column = 0; column < columns_; ++column) {
    found += std::abs(astray(column)) >= far ? 1U : 0U;
  }
  return static_cast<double>(found) / static_cast<double>(columns_);
}

std::size_t Recent::rows_since(Timestamp onset) const {
  // A detector dates the onset a little late: what lies two blocks before belongs to it.
  const auto since = std::max<Duration>(Duration{}, last_end_ - onset);
  return std::min<std::size_t>(filled_, static_cast<std::size_t>(since / block_) + 3);
}

std::optional<Usual> Recent::usual(std::uint32_t column, Timestamp onset) const {
  constexpr std::size_t visits = 24;  // to twice as many; each is a wait for memory
  constexpr std::size_t least = 10;
  if (column >= columns_) return std::nullopt;
  const auto after = rows_since(onset);
  const auto stride = (filled_ - after) / visits | 1U;  // odd: what goes to and fro shows both
  std::size_t known = 0;
  Usual usual{.mean = 0,
              .low = std::numeric_limits<double>::infinity(),
              .high = -std::numeric_limits<double>::infinity()};
  for (auto age = after; age < filled_; age += stride) {
    const double value = back(age, column).mean;
    if (std::isnan(value)) continue;
    ++known;
    usual.mean += (value - usual.mean) / static_cast<double>(known);
    usual.low = std::min(usual.low, value);
    usual.high = std::max(usual.high, value);
  }
  if (known < least) return std::nullopt;
  return usual;
}

Shape Recent::shape(std::uint32_t column, Timestamp onset) const {
  if (column >= columns_ || filled_ == 0) return {};
  const auto after = rows_since(onset);
  Mean level_before;
  Mean tremble_before;
  for (auto age = after; age < std::min(filled_, after + rows_before); ++age) {
    level_before.add(back(age, column).mean);
    tremble_before.add(back(age, column).tremble);
  }
  const auto base = level_before.value();
  if (!base || filled_ < after + least_before) return {};
  Mean tremble_now;
  double furthest = 0;
  double now = 0;
  double steepest = 0;
  double way = 0;
  double walked_from = *base;
  double walked_at = static_cast<double>(after);
  for (auto age = after; age > 0;) {
    // All of its beginning; of what came later no more than what it takes to see the way.
    const bool is_young = after - age < dense_rows;
    age -= is_young ? 1 : std::min(age, after / most_visits + 1);
    const Block& block = back(age, column);
    if (age < rows_before / 3) tremble_now.add(block.tremble);
    if (std::isnan(block.mean)) continue;
    now = block.mean - *base;
    furthest = std::max(furthest, std::abs(now));
    steepest = std::max(steepest, step_over_two(age, column, block.mean));
    if (walked_at - static_cast<double>(age) < step_rows && age > 0) continue;
    walked_at = static_cast<double>(age);
    way += std::abs(block.mean - walked_from);
    walked_from = block.mean;
  }
  Shape shape;
  const double usual = tremble_before.value().value_or(0);
  put_loudness(usual, tremble_now.value().value_or(0), shape);
  if (furthest <= clear_trembles * std::sqrt(usual) || furthest <= 0) return shape;
  shape.jump = std::min(1.0, steepest / furthest);
  shape.straight = way > 0 ? std::min(1.0, std::abs(now) / way) : 0;
  shape.back = 1 - std::min(1.0, std::abs(now) / furthest);
  return shape;
}

}  // namespace sosie::diagnosis
