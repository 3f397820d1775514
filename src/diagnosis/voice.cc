#include "diagnosis/voice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "core/number_text.h"

namespace sosie::diagnosis {
namespace {

/// How `a` stands to `b` once both are printed: below 0 where it is less, 0 where it is the same.
double order_in_print(double a, double b) {
  // Four digits are printed: what is so far apart needs no printing to be told apart.
  constexpr double certain = 2e-3;
  const double apart = a - b;
  if (!(std::abs(apart) <= certain * std::max(std::abs(a), std::abs(b)))) return apart;
  return to_number(digits(a)).value_or(a) - to_number(digits(b)).value_or(b);
}

/// How well a sign opens the sentence.
double precedence(const Sign& sign) {
  constexpr std::array<double, 13> by_kind{
      0.4,  // limit
      0.9,  // out_of_range
      0.5,  // rate
      0.6,  // spike
      1.0,  // stuck
      0.6,  // noise
      0.9,  // missing
      0.8,  // drift
      0.7,  // residual
      0.1,  // multivariate
      1.2,  // replay
      0.8,  // command
      0.3,  // deviation
  };
  return by_kind.at(static_cast<std::size_t>(sign.kind)) + 0.3 * sign.score;
}

/// How well a sign says what its sensor should have shown; 0: not at all, as its numbers are no
/// values (of noise, of silence), a limit, or the value itself.
int says_expected(const Sign& sign) {
  const bool is_told = !is_same_in_print(sign.value, sign.expected);
  switch (sign.kind) {
    case SymptomKind::residual:
    case SymptomKind::drift:
      return 3;
    case SymptomKind::deviation:
      return is_told ? 2 : 0;
    case SymptomKind::spike:
    case SymptomKind::rate:
    case SymptomKind::out_of_range:
    case SymptomKind::command:
      return is_told ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace

const Sign* leading_sign(const Episode& episode, std::uint32_t column) {
  const Sign* best = nullptr;
  for (const auto& sign : episode.signs) {
    if (sign.column != column) continue;
    if (best == nullptr || precedence(sign) > precedence(*best)) best = &sign;
  }
  return best;
}

const Sign* telling_sign(const Episode& episode, std::uint32_t column) {
  const Sign* const lead = leading_sign(episode, column);
  // Its sentence says what the sensor can measure, and not what it should have shown.
  const bool is_of_range = lead != nullptr && lead->kind == SymptomKind::out_of_range;
  if (lead != nullptr && !is_of_range && says_expected(*lead) > 0) return lead;
  const Sign* best = nullptr;
  for (const auto& sign : episode.signs) {
    if (sign.column != column || says_expected(sign) == 0) continue;
    const int by_kind = best == nullptr ? 1 : says_expected(sign) - says_expected(*best);
    if (by_kind > 0 || (by_kind == 0 && precedence(sign) > precedence(*best))) best = &sign;
  }
  return best;
}

double told_value(const Episode& episode, std::uint32_t column, double now) {
  const Sign* const lead = leading_sign(episode, column);
  if (lead == nullptr) return now;
  switch (lead->kind) {
    case SymptomKind::missing:
      return now;
    case SymptomKind::stuck:
    case SymptomKind::replay:
    case SymptomKind::out_of_range:
      return lead->value;
    default:
      break;
  }
  const Sign* const telling = telling_sign(episode, column);
  return telling == nullptr ? now : telling->value;
}

bool is_same_in_print(double a, double b) {
  return order_in_print(a, b) == 0;
}

Band told_band(double low, double high, const SeriesInfo& info) {
  const double least = info.low.value_or(-std::numeric_limits<double>::infinity());
  const double most = info.high.value_or(std::numeric_limits<double>::infinity());
  if (!(least < most)) return {.low = low, .high = high};
  return {.low = std::clamp(low, least, most), .high = std::clamp(high, least, most)};
}

bool is_beyond_in_print(double value, const Band& band) {
  return order_in_print(value, band.low) < 0 || order_in_print(value, band.high) > 0;
}

}  // namespace sosie::diagnosis
