#include "multivariate/asset_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/every_second.h"
#include "core/detector.h"

namespace sosie {
namespace {

constexpr double least_known = 0.6;      ///< share of the rows
constexpr std::size_t lively_from = 50;  ///< one new value in so many rows
constexpr double reach = 3;              ///< deviations that a middle follows at most at a time
constexpr double pace_alarmed = 0.1;
constexpr std::size_t most_asset_columns = 4096;  ///< what a damaged file can make us allocate

}  // namespace

void Windows::begin(std::size_t columns, std::vector<double> rows) {
  columns_ = columns;
  rows_ = std::move(rows);
  means_.assign(columns_ * rows_.size(), 0.0F);
  seen_ = 0;
}

void Windows::take(std::span<const float> row) {
  seen_ += 1;
  for (std::size_t w = 0; w < rows_.size(); ++w) {
    const auto share = static_cast<float>(std::max(1 / rows_[w], 1 / seen_));
    float* const mean = means_.data() + w * columns_;
    for (std::size_t i = 0; i < columns_; ++i) mean[i] += share * (row[i] - mean[i]);
  }
}

void AssetRows::begin(const AssetColumns& columns) {
  if (columns.size() != names_.size()) {  // rows of another width
    cells_.clear();
    stride_ = 1;
  }
  names_.begin(columns);
  infos_ = columns.info;
  period_ = columns.period;
  blocks_.begin(columns.size());
  adopt();
}

bool AssetRows::take(const Frame& frame) {
  return blocks_.add(frame, sample() - period_ / 2, 1, config_.phase);
}

void AssetRows::remember() {
  if (seen_++ % stride_ != 0) return;
  if (rows() >= config_.rows) thin_out();
  for (const double value : blocks_.mean()) cells_.push_back(static_cast<float>(value));
}

void AssetRows::thin_out() {
  keep_every_second(cells_, names_.size());
  stride_ *= 2;
}

/// The median, and the deviation of what lies between the 1 % and the 99 % quantile; a scale of 0:
/// it does not move, or is hardly ever there.
AssetRows::Column AssetRows::column_of(std::size_t i) const {
  std::vector<double> values;
  values.reserve(rows());
  for (std::size_t at = i; at < cells_.size(); at += names_.size()) {
    if (!std::isnan(cells_[at])) values.push_back(static_cast<double>(cells_[at]));
  }
  Column column{.name = names_[i], .center = 0, .scale = 0};
  if (static_cast<double>(values.size()) < least_known * static_cast<double>(rows())) return column;
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  const double low = values[static_cast<std::size_t>(0.01 * last)];
  const double high = values[static_cast<std::size_t>(0.99 * last)];
  column.center = values[values.size() / 2];
  double sum = 0;
  for (const double value : values) {
    const double off = std::clamp(value, low, high) - column.center;
    sum += off * off;
  }
  column.scale = std::sqrt(sum / static_cast<double>(values.size()));
  if (!(column.scale > 1e-9 * std::abs(column.center))) column.scale = 0;
  return column;
}

/// A laboratory's daily value stands for a day: nothing to hold against what is now.
bool AssetRows::is_lively(std::size_t i) const {
  std::size_t changes = 0;
  for (std::size_t at = i + names_.size(); at < cells_.size(); at += names_.size()) {
    changes += cells_[at] != cells_[at - names_.size()] ? 1U : 0U;
  }
  return changes * lively_from > rows();
}

bool AssetRows::learn() {
  if (rows() < least_rows) return false;
  std::vector<Column> found;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const bool is_of_state = is_state(*infos_[i]);
    if (is_of_state ? !config_.with_states : !is_lively(i)) continue;
    auto column = column_of(i);
    if (column.scale > 0) found.push_back(std::move(column));
  }
  if (found.size() < least_columns) return false;
  columns_ = std::move(found);
  adopt();
  learn_peers();
  return true;
}

/// What the i-th column shows, in deviations; NaN: it is not known.
void AssetRows::set(std::size_t i, double value) {
  const double off = (value - columns_[i].center) / columns_[i].scale;
  if (std::isnan(off)) {
    row_[i] = 0;
    unknown_.push_back(static_cast<std::uint32_t>(i));
  } else {
    row_[i] = std::clamp(static_cast<float>(off), -furthest, furthest);
  }
}

/// A row of learning.
void AssetRows::standardize(std::size_t row) {
  const float* const from = cells_.data() + row * names_.size();
  unknown_.clear();
  for (std::size_t i = 0; i < width(); ++i) set(i, static_cast<double>(from[place_[i]]));
}

void AssetRows::learn_peers() {
  Matrix covariance(width());
  for (std::size_t r = 0; r < rows(); ++r) {
    standardize(r);
    for (std::size_t i = 0; i < width(); ++i) {
      double* const into = covariance.row(i);
      const auto x = static_cast<double>(row_[i]);
      for (std::size_t j = 0; j <= i; ++j) into[j] += x * static_cast<double>(row_[j]);
    }
  }
  for (std::size_t i = 0; i < width(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      covariance.at(j, i) = covariance.at(i, j) /= static_cast<double>(rows());
    }
  }
  peers_ = Redundancy(std::move(covariance));
}

std::vector<float> AssetRows::learned() {
  Windows windows;
  windows.begin(width(), window_rows(stride_));
  std::vector<float> table;
  table.reserve(rows() * windows.all().size());
  for (std::size_t r = 0; r < rows(); ++r) {
    standardize(r);
    peers_.fill(row_, unknown_);
    windows.take(row_);
    table.insert(table.end(), windows.all().begin(), windows.all().end());
  }
  return table;
}

double AssetRows::rows_a_day() const {
  constexpr double day_us = 86'400e6;
  return day_us / (static_cast<double>(sample().count()) * static_cast<double>(stride_));
}

std::vector<double> AssetRows::window_rows(std::size_t stride) const {
  std::vector<double> found;
  found.reserve(config_.windows.size());
  const double row_us = static_cast<double>(sample().count()) * static_cast<double>(stride);
  for (const auto window : config_.windows) {
    found.push_back(std::max(1.0, static_cast<double>(window.count()) / row_us));
  }
  return found;
}

/// Finds the places of what was learned among the columns that there are.
void AssetRows::adopt() {
  place_.clear();
  for (const auto& column : columns_) {
    place_.push_back(names_.find(column.name).value_or(no_column));
  }
  row_.assign(width(), 0.0F);
  windows_.begin(width(), window_rows(1));
}

void AssetRows::step(bool is_alarmed) {
  const double pace = static_cast<double>(sample().count()) /
                      static_cast<double>(config_.adapt.count()) *
                      (is_alarmed ? pace_alarmed : 1.0);
  unknown_.clear();
  for (std::size_t i = 0; i < width(); ++i) {
    auto& column = columns_[i];
    const double now = value(i);
    set(i, now);
    if (std::isnan(now)) continue;
    const double off = (now - column.center) / column.scale;
    column.center += pace * column.scale * std::clamp(off, -reach, reach);
  }
  peers_.fill(row_, unknown_);
  windows_.take(row_);
}

const SeriesInfo* AssetRows::info(std::size_t i) const {
  return place_[i] == no_column ? nullptr : infos_[place_[i]];
}

double AssetRows::value(std::size_t i) const {
  return place_[i] == no_column ? std::numeric_limits<double>::quiet_NaN()
                                : blocks_.mean()[place_[i]];
}

void AssetRows::save(ModelWriter& writer) const {
  writer.integer(width());
  for (const auto& column : columns_) {
    writer.text(column.name);
    writer.number(column.center);
    writer.number(column.scale);
  }
  peers_.save(writer);
}

Result<void> AssetRows::load(ModelReader& reader) {
  const auto count = TRY(reader.count(3 * sizeof(std::uint64_t)));
  if (count > most_asset_columns) {
    return Error{Errc::corrupt, fmt::format("a model of {} columns, at most {} expected", count,
                                            most_asset_columns)};
  }
  std::vector<Column> found;
  for (std::size_t i = 0; i < count; ++i) {
    Column column;
    column.name = TRY(reader.text());
    column.center = TRY(reader.number());
    column.scale = TRY(reader.number());
    if (!std::isfinite(column.center) || !(column.scale > 0)) {
      return Error{Errc::corrupt, fmt::format("a model's column '{}' has no scale", column.name)};
    }
    found.push_back(std::move(column));
  }
  auto peers = TRY(Redundancy::load(reader));
  if (peers.columns() != found.size() || peers.is_empty()) {
    return Error{Errc::corrupt, fmt::format("a model's redundancy is of {} columns, expected {}",
                                            peers.columns(), found.size())};
  }
  columns_ = std::move(found);
  peers_ = std::move(peers);
  adopt();
  return {};
}

}  // namespace sosie
