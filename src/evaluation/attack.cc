#include "evaluation/attack.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie {
namespace under_attack {
namespace {

constexpr std::string_view all_attacks =
    "noise:5,noise:10,noise:20,dropout:5,dropout:20,replay:1,replay:3,blind:1,blind:3,white:1,"
    "white:3,insider:1,ramp:0.25";
constexpr double ridge = 0.05;
constexpr double furthest = 6;   ///< deviations: what is beyond does not bend the covariance
constexpr double most_ramp = 4;  ///< deviations: it stays there
constexpr double ramp_lasts_s = 24 * 3600;
constexpr double watch_pace = 1.0 / 60;  ///< of an insider's means, each row
constexpr double ramp_rests_s = 12 * 3600;

struct Sort {
  std::string_view name;
  Attack::Kind kind;
  double most;
};
constexpr std::array<Sort, 7> sorts{{{"noise", Attack::Kind::noise, 1000},
                                     {"dropout", Attack::Kind::dropout, 100},
                                     {"replay", Attack::Kind::replay, 10'000},
                                     {"blind", Attack::Kind::blind, 10'000},
                                     {"white", Attack::Kind::white_box, 10'000},
                                     {"insider", Attack::Kind::insider, 10'000},
                                     {"ramp", Attack::Kind::ramp, 1000}}};

Error not_read(std::string_view part) {
  return {Errc::invalid,
          fmt::format(
              "--attack: '{}' where noise:PERCENT, dropout:PERCENT, replay:SENSORS, "
              "blind:SENSORS, white:SENSORS, insider:SENSORS, ramp:DEVIATIONS_AN_HOUR or all was "
              "expected",
              part)};
}

double quantile(std::vector<double>& values, double p) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace
}  // namespace under_attack

Result<std::vector<Attack>> read_attacks(std::string_view text) {
  using namespace under_attack;  // NOLINT(google-build-using-namespace): this file's own
  std::vector<Attack> attacks;
  for (const auto part : split(text == "all" ? all_attacks : text, ',')) {
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) return not_read(part);
    const auto sort = std::ranges::find(sorts, part.substr(0, colon), &Sort::name);
    const auto size = to_number(part.substr(colon + 1));
    if (sort == sorts.end() || !size || *size <= 0 || *size > sort->most) return not_read(part);
    attacks.push_back({.kind = sort->kind, .size = *size, .name = std::string(part)});
  }
  return attacks;
}

void AttackerView::learn(std::span<const double> values) {
  if (rows_.size() == most_rows) rows_.pop_front();
  rows_.emplace_back(values.begin(), values.end());
  if (seen_++ % step_ != 0) return;
  sample_.emplace_back(values.begin(), values.end());
  if (sample_.size() < most_rows) return;
  for (std::size_t i = 1; 2 * i < sample_.size(); ++i) sample_[i] = std::move(sample_[2 * i]);
  sample_.resize((sample_.size() + 1) / 2);
  step_ *= 2;
}

void AttackerView::settle() {
  mean_.assign(columns_, 0);
  deviation_.assign(columns_, 0);
  low_ = high_ = tremble_ = mean_;
  for (std::size_t c = 0; c < columns_; ++c) settle_column(c);
  settle_precision();
}

void AttackerView::settle_column(std::size_t column) {
  using namespace under_attack;  // NOLINT(google-build-using-namespace): this file's own
  std::vector<double> known;
  for (const auto& row : sample_) {
    if (!std::isnan(row[column])) known.push_back(row[column]);
  }
  if (known.empty()) return;
  const auto n = static_cast<double>(known.size());
  const double mean = std::accumulate(known.begin(), known.end(), 0.0) / n;
  double squares = 0;
  for (const double value : known) squares += (value - mean) * (value - mean);
  mean_[column] = mean;
  deviation_[column] = std::sqrt(squares / n);
  tremble_[column] = tremble_of(column);
  low_[column] = quantile(known, 0.01);
  high_[column] = quantile(known, 0.99);
}

void AttackerView::settle_precision() {
  using namespace under_attack;  // NOLINT(google-build-using-namespace): this file's own
  precision_ = Matrix(columns_);
  std::vector<double> u(columns_);
  for (const auto& row : sample_) {
    for (std::size_t c = 0; c < columns_; ++c) {
      u[c] = std::clamp(standardized(c, row[c]), -furthest, furthest);
    }
    for (std::size_t i = 0; i < columns_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) precision_.at(i, j) += u[i] * u[j];
    }
  }
  const double n = std::max<double>(1, static_cast<double>(sample_.size()));
  for (std::size_t i = 0; i < columns_; ++i) {
    for (std::size_t j = 0; j <= i; ++j) precision_.at(i, j) /= n;
    precision_.at(i, i) += ridge;
  }
  if (!invert(precision_)) precision_ = {};
  for (std::size_t i = 0; i < precision_.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) precision_.at(j, i) = precision_.at(i, j);
  }
}

double AttackerView::tremble_of(std::size_t column) const {
  double squares = 0;
  double changes = 0;
  double before = std::nan("");
  for (const auto& row : rows_) {
    const double value = row[column];
    if (std::isnan(value)) continue;
    if (!std::isnan(before)) {
      squares += (value - before) * (value - before);
      changes += 1;
    }
    before = value;
  }
  return changes > 0 ? std::sqrt(squares / (2 * changes)) : 0;
}

double AttackerView::standardized(std::size_t column, double value) const {
  if (std::isnan(value) || deviation_[column] <= 0) return 0;
  return (value - mean_[column]) / deviation_[column];
}

Attacker::Attacker(Attack attack, const AttackerView& view, std::uint64_t seed)
    : attack_(std::move(attack)), view_(view), random_(seed), rest_s_(under_attack::ramp_rests_s) {
  if (attack_.kind != Attack::Kind::replay) return;
  for (auto age = view.rows(); age-- > 0;) record(view.back(age));
}

void Attacker::change(std::span<double> values, std::optional<std::size_t> event,
                      std::span<const std::size_t> targets, double row_s) {
  switch (attack_.kind) {
    case Attack::Kind::noise:
      for (std::size_t c = 0; c < values.size(); ++c) {
        values[c] += attack_.size / 100 * view_.deviation(c) * random_.normal();
      }
      return;
    case Attack::Kind::dropout:
      for (auto& value : values) {
        if (random_.uniform() < attack_.size / 100) value = std::nan("");
      }
      return;
    case Attack::Kind::ramp:
      ramp(values, event.has_value(), row_s);
      return;
    default:
      break;
  }
  if (attack_.kind == Attack::Kind::insider) watch(values);
  if (event && event != event_) begin_event(targets);
  event_ = event;
  if (event) {
    hide(values);
  } else if (attack_.kind == Attack::Kind::replay) {
    record(values);
  }
}

void Attacker::record(std::span<const double> values) {
  if (recording_.size() == AttackerView::most_rows) recording_.pop_front();
  recording_.emplace_back(values.begin(), values.end());
}

void Attacker::begin_event(std::span<const std::size_t> targets) {
  held_.assign(targets.begin(), targets.end());
  const auto wanted = std::min(static_cast<std::size_t>(attack_.size), view_.columns());
  while (held_.size() < wanted) {
    const auto other = static_cast<std::size_t>(random_.below(view_.columns()));
    if (std::ranges::find(held_, other) == held_.end()) held_.push_back(other);
  }
  held_.resize(wanted);
  false_values_.clear();
  for (const auto c : held_) false_values_.push_back(random_.uniform(view_.low(c), view_.high(c)));
  played_ = recording_.empty() ? 0 : static_cast<std::size_t>(random_.below(recording_.size()));
  block_ = {};
  if (!knows_model() || view_.precision().size == 0) return;
  block_ = Matrix(held_.size());
  for (std::size_t i = 0; i < held_.size(); ++i) {
    for (std::size_t j = 0; j < held_.size(); ++j) {
      block_.at(i, j) = view_.precision().at(held_[i], held_[j]);
    }
  }
  if (!invert(block_)) block_ = {};
  for (std::size_t i = 0; i < block_.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) block_.at(j, i) = block_.at(i, j);
  }
}

void Attacker::hide(std::span<double> values) {
  if (knows_model()) {
    show_expected(values, attack_.kind == Attack::Kind::insider ? watched_ : values);
    return;
  }
  if (attack_.kind == Attack::Kind::replay) {
    if (recording_.empty()) return;
    const auto& row = recording_[played_];
    played_ = (played_ + 1) % recording_.size();
    for (const auto c : held_) values[c] = row[c];
    return;
  }
  for (std::size_t i = 0; i < held_.size(); ++i) {
    values[held_[i]] = false_values_[i] + view_.tremble(held_[i]) * random_.normal();
  }
}

/// What the others showed over the last minutes has next to nothing of their noise in it.
void Attacker::watch(std::span<const double> values) {
  if (watched_.empty()) watched_.assign(values.begin(), values.end());
  for (std::size_t c = 0; c < values.size(); ++c) {
    const double off = values[c] - watched_[c];
    if (std::isnan(watched_[c])) watched_[c] = values[c];
    if (!std::isnan(off)) watched_[c] += under_attack::watch_pace * off;
  }
}

/// The conditional mean of the held sensors: -P_hh^-1 P_ho u_o (Whittaker: Graphical Models in
/// Applied Multivariate Statistics, 1990, 5.5).
void Attacker::show_expected(std::span<double> values, std::span<const double> others) {
  const auto k = block_.size;
  std::vector<double> pull(k);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t c = 0; c < others.size(); ++c) {
      if (std::ranges::find(held_, c) != held_.end()) continue;
      pull[i] += view_.precision().at(held_[i], c) * view_.standardized(c, others[c]);
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    double u = 0;
    for (std::size_t j = 0; j < k; ++j) u -= block_.at(i, j) * pull[j];
    const auto c = held_[i];
    values[c] = view_.mean(c) + u * view_.deviation(c) + view_.tremble(c) * random_.normal();
  }
}

void Attacker::ramp(std::span<double> values, bool is_event, double row_s) {
  using namespace under_attack;  // NOLINT(google-build-using-namespace): this file's own
  if (!ramped_) {
    rest_s_ -= row_s;
    if (rest_s_ > 0 || is_event) return;
    const auto c = static_cast<std::size_t>(random_.below(values.size()));
    if (view_.deviation(c) <= 0) return;  // another in the next row
    ramped_ = c;
    ramp_s_ = 0;
  }
  ramp_s_ += row_s;
  if (ramp_s_ > ramp_lasts_s) {
    ramped_.reset();
    rest_s_ = ramp_rests_s;
    return;
  }
  const double deviations = std::min(most_ramp, attack_.size * ramp_s_ / 3600);
  values[*ramped_] += deviations * view_.deviation(*ramped_);
}

}  // namespace sosie
