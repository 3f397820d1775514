#include "tabular/time_guess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "tabular/cells.h"

namespace sosie::tabular {
namespace {

constexpr std::array<std::string_view, 7> dates{"%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y",
                                                "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d"};
constexpr std::array<std::string_view, 6> hours{" %H:%M:%S",    " %H:%M",    "",
                                                " %I:%M:%S %p", " %I:%M %p", " %H"};
constexpr std::array<std::string_view, 4> others{"%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S",
                                                 "%Y%m%d%H%M%S", "%d-%b-%y %H:%M:%S"};

/// How well a format reads the texts: the more read the better, then the fewer steps back, then the
/// more even.
struct Fit {
  std::size_t read = 0;
  std::size_t back = 0;
  double uneven = 0;

  bool is_better_than(const Fit& other) const {
    if (back != other.back) return back < other.back;
    return uneven < 0.5 * other.uneven;
  }
};

bool is_plausible(Timestamp at) {
  const auto us = at.time_since_epoch().count();
  return us > 0 && us < 7'258'118'400'000'000;  // 1970 to 2200
}

Fit fit_of(const TimeReader& reader, std::span<const std::string> texts) {
  Fit fit;
  std::vector<double> steps;
  std::optional<Timestamp> before;
  for (const auto& text : texts) {
    const auto at = reader.read(text);
    if (!at || !is_plausible(*at)) continue;
    ++fit.read;
    if (before && *at < *before) ++fit.back;
    if (before) steps.push_back(static_cast<double>((*at - *before).count()));
    before = at;
  }
  if (steps.empty()) return fit;
  std::ranges::sort(steps);
  const double median = steps[steps.size() / 2];
  for (const double step : steps) fit.uneven += std::abs(step - median);
  fit.uneven /= static_cast<double>(steps.size());
  return fit;
}

/// Plain numbers: an epoch in the unit that puts them into our times, or seconds from some start.
std::optional<TimeGuess> guess_numbers(std::span<const std::string> texts) {
  std::vector<double> numbers;
  for (const auto& text : texts) {
    if (const auto number = to_number(text)) numbers.push_back(std::abs(*number));
  }
  if (10 * numbers.size() < 9 * texts.size()) return std::nullopt;
  std::ranges::sort(numbers);
  const double typical = numbers[numbers.size() / 2];
  if (typical >= 1e17) return TimeGuess{.format = "unix_ns"};
  if (typical >= 1e14) return TimeGuess{.format = "unix_us"};
  if (typical >= 1e11) return TimeGuess{.format = "unix_ms"};
  return TimeGuess{.format = "unix", .is_relative = typical < 1e8};
}

std::vector<std::string> patterns() {
  std::vector<std::string> all;
  all.reserve(dates.size() * hours.size() + others.size());
  for (const auto date : dates) {
    for (const auto hour : hours) all.push_back(fmt::format("{}{}", date, hour));
  }
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

/// The same pattern with day and month exchanged.
bool are_twins(std::string_view a, std::string_view b) {
  return a.size() == b.size() && a.substr(6) == b.substr(6) && a.starts_with("%d/%m/") &&
         b.starts_with("%m/%d/");
}

}  // namespace

TimeGuess guess_time(std::span<const std::string> all) {
  std::vector<std::string> texts;
  for (const auto& text : all) {
    if (!is_missing(text)) texts.push_back(text);
  }
  if (texts.empty()) return {};
  const auto utc = Zone::find("UTC");
  if (!utc) return {};
  auto formats = patterns();
  formats.insert(formats.begin(), "iso");
  std::optional<Fit> best;
  TimeGuess guess;
  for (const auto& format : formats) {
    const auto reader = TimeReader::create(format, *utc);
    if (!reader) continue;
    const auto fit = fit_of(*reader, texts);
    if (10 * fit.read < 9 * texts.size()) continue;
    const bool is_twin = best && are_twins(guess.format, format);
    const bool is_better = !best || (is_twin && fit.read != best->read ? fit.read > best->read
                                                                       : fit.is_better_than(*best));
    if (is_better) {
      best = fit;
      guess = {.format = format, .is_told = is_twin};
    } else if (is_twin) {
      guess.is_told = best->read > fit.read || best->is_better_than(fit);
      guess.is_ambiguous = !guess.is_told;
    }
  }
  if (best) return guess;
  return guess_numbers(texts).value_or(TimeGuess{});
}

}  // namespace sosie::tabular
