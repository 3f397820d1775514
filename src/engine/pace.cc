#include "engine/pace.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "statistics/model_rows.h"

namespace sosie {
namespace {

constexpr std::string_view part_name = "pace";
constexpr std::uint32_t part_version = 1;
constexpr double slower = 1.4;  ///< times as long as usual
constexpr double faster = 0.7;
constexpr double much_slower = 3;
constexpr double alike = 0.2;       ///< intervals, but for such a share of them
constexpr std::int64_t seldom = 4;  ///< times what half of all take: that is not regular
constexpr std::int64_t least_votes = 8;
constexpr std::int64_t most_votes = 1000;

bool are_alike(std::int64_t a, std::int64_t b) {
  return std::abs(static_cast<double>(a - b)) <= alike * static_cast<double>(b);
}

}  // namespace

void Pace::begin(const AssetColumns& columns) {
  names_.begin(columns);
  rows_.resize(columns.size());
  take_loaded();
}

/// The interval that most are like (Boyer, Moore: a fast majority vote algorithm, 1981).
void Pace::learn(const Frame& frame) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (frame.fresh[i] == 0) continue;
    Row& row = rows_[i];
    const auto interval = (frame.measured_at[i] - row.last).count();
    const bool is_first = row.last == Timestamp{};
    row.last = frame.measured_at[i];
    if (is_first || interval <= 0) continue;
    if (row.votes == 0) row.usual_us = interval;
    const bool is_for = are_alike(interval, row.usual_us);
    ++row.intervals;
    row.kept += is_for ? 1 : 0;
    row.votes = std::min<std::int64_t>(row.votes + (is_for ? 1 : -1), most_votes);
  }
}

/// It is known, and one rate alone: who sends at two in ordinary life (by day and by night, or
/// oftener when something moves) has no other one.
bool Pace::has_one_rate(const Row& row) {
  return row.votes >= least_votes && 10 * row.kept >= 9 * row.intervals;
}

/// Who sends regularly, of those whose interval is known.
void Pace::settle() {
  std::vector<std::int64_t> known;
  known.reserve(rows_.size());
  for (const Row& row : rows_) {
    if (has_one_rate(row)) known.push_back(row.usual_us);
  }
  regular_ = other_ = 0;
  usual_us_ = 0;
  if (known.empty()) return;
  const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::ranges::nth_element(known, middle);
  usual_us_ = *middle;
  for (Row& row : rows_) {
    row.is_regular = has_one_rate(row) && row.usual_us <= seldom * usual_us_;
    regular_ += row.is_regular ? 1U : 0U;
    other_ += row.is_regular && row.is_other ? 1U : 0U;
  }
}

/// True: it has another rate now, or its usual one again.
bool Pace::change(Row& row, std::int64_t interval_us) {
  const double ratio = static_cast<double>(interval_us) / static_cast<double>(row.usual_us);
  const bool is_odd = ratio > slower || ratio < faster;
  const bool goes_on = row.now_us > 0 && are_alike(interval_us, row.now_us);
  row.alike = goes_on ? row.alike + 1 : 0;
  row.now_us = interval_us;
  const int enough = !is_odd ? 0 : (ratio < much_slower ? 3 : 2);
  if (is_odd == row.is_other || row.alike < enough) return false;
  row.is_other = is_odd;
  return true;
}

bool Pace::look(const Frame& frame) {
  if (regular_ == 0) return false;
  bool has_changed = false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    if (frame.fresh[i] == 0 || !row.is_regular) continue;
    const auto interval = (frame.measured_at[i] - row.last).count();
    const bool is_first = row.last == Timestamp{};
    if (interval <= 0) continue;
    row.last = frame.measured_at[i];
    if (is_first || !change(row, interval)) continue;
    other_ += row.is_other ? 1U : static_cast<std::size_t>(-1);
    has_changed = true;
  }
  if (!has_changed) return false;
  const bool was_other = is_other_;
  // Where it has begun it goes on until most are back.
  is_other_ = was_other ? 4 * other_ >= regular_ : other_ >= 2 && 2 * other_ >= regular_;
  return is_other_ != was_other;
}

std::string Pace::what() const {
  if (!is_other_) return {};
  const auto one =
      std::ranges::find_if(rows_, [](const Row& row) { return row.is_regular && row.is_other; });
  if (one == rows_.end()) return {};
  const auto seconds = [](std::int64_t us) { return static_cast<double>(us) * 1e-6; };
  return fmt::format(
      "{} of {} sensors send at another rate than it was learned from ({}: every {:.3g} s, learned "
      "every {:.3g} s): how they tremble and jump and whether values are lost is not judged until "
      "a "
      "model is learned from this rate",
      other_, regular_, names_[static_cast<std::size_t>(one - rows_.begin())], seconds(one->now_us),
      seconds(one->usual_us));
}

std::string Pace::save() const {
  return save_rows(part_name, part_version, names_, [&](std::uint32_t i) {
    const Row& row = rows_[i];
    return has_one_rate(row) ? std::vector{static_cast<double>(row.usual_us)}
                             : std::vector<double>{};
  });
}

Result<void> Pace::load(std::string_view bytes) {
  for (Row& row : rows_) row = {};
  is_other_ = false;
  loaded_ = {};
  // No bytes: nobody keeps to one rate.
  if (!bytes.empty()) {
    TRY(loaded_.load(bytes, part_name, part_version, 1));
  }
  take_loaded();
  return {};
}

void Pace::take_loaded() {
  loaded_.give(names_, [&](std::uint32_t i, std::span<const double> row) {
    rows_[i].usual_us = static_cast<std::int64_t>(row[0]);
    rows_[i].votes = least_votes;
  });
  settle();
}

}  // namespace sosie
