#include "operators/window/aggregate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::window {
namespace {

using What = Aggregate::What;

struct Plain {
  std::string_view text;
  What what;
};
constexpr std::array<Plain, 9> plain{{{"count", What::count},
                                      {"sum", What::sum},
                                      {"mean", What::mean},
                                      {"min", What::min},
                                      {"max", What::max},
                                      {"stddev", What::stddev},
                                      {"last", What::last},
                                      {"rate", What::rate},
                                      {"duration", What::duration}}};
constexpr std::array<Plain, 3> bounded{
    {{"above(", What::above}, {"below(", What::below}, {"in(", What::in}}};

/// As an attribute has it: "-1.5" is "minus_1_5".
std::string as_name(double number) {
  std::string text = fmt::format("{}", number);
  std::ranges::replace(text, '.', '_');
  if (text.starts_with('-')) text = "minus_" + text.substr(1);
  return text;
}

double mean_of(std::span<const Point> points) {
  double sum = 0;
  for (const Point& point : points) sum += point.value;
  return sum / static_cast<double>(points.size());
}

/// From the loudest one, so that none of the powers is too large for a double.
double energy_mean_of(std::span<const Point> points) {
  constexpr double tenth = 10;  // of a bel
  double loudest = points.front().value;
  for (const Point& point : points) loudest = std::max(loudest, point.value);
  double energy = 0;
  for (const Point& point : points) energy += std::pow(10, (point.value - loudest) / tenth);
  return loudest + (tenth * std::log10(energy / static_cast<double>(points.size())));
}

double stddev_of(std::span<const Point> points) {
  if (points.size() < 2) return 0;
  const double mean = mean_of(points);
  double squares = 0;
  for (const Point& point : points) squares += (point.value - mean) * (point.value - mean);
  return std::sqrt(squares / static_cast<double>(points.size() - 1));
}

bool is_so(const Aggregate& aggregate, double value) {
  switch (aggregate.what) {
    case What::above:
      return value > aggregate.bound;
    case What::below:
      return value < aggregate.bound;
    default:
      return value == aggregate.bound;
  }
}

/// A value holds until the next one comes.
std::optional<double> share_of_time(const Aggregate& aggregate, const View& view) {
  Micros known = 0;
  Micros so = 0;
  const auto hold = [&](double value, Micros from, Micros to) {
    known += to - from;
    if (is_so(aggregate, value)) so += to - from;
  };
  if (view.before) {
    hold(*view.before, view.from, view.points.empty() ? view.to : view.points.front().at);
  }
  for (std::size_t i = 0; i < view.points.size(); ++i) {
    const bool is_last = i + 1 == view.points.size();
    hold(view.points[i].value, view.points[i].at, is_last ? view.to : view.points[i + 1].at);
  }
  if (known <= 0) return std::nullopt;
  return static_cast<double>(so) / static_cast<double>(known);
}

double seconds(std::span<const Point> points) {
  return static_cast<double>(points.back().at - points.front().at) / 1e6;
}

}  // namespace

std::optional<Aggregate> Aggregate::of_text(std::string_view text) {
  for (const auto& [name, what] : plain) {
    if (text == name) return Aggregate{what, 0, std::string(text)};
  }
  for (const auto& [begin, what] : bounded) {
    if (!text.starts_with(begin) || !text.ends_with(')')) continue;
    const auto bound = to_number(text.substr(begin.size(), text.size() - begin.size() - 1));
    if (!bound) return std::nullopt;
    return Aggregate{what, *bound,
                     fmt::format("{}_{}", begin.substr(0, begin.size() - 1), as_name(*bound))};
  }
  if (!text.starts_with('p')) return std::nullopt;
  const auto percent = to_number(text.substr(1));
  if (!percent || *percent < 0 || *percent > 100) return std::nullopt;
  return Aggregate{What::quantile, *percent / 100, "p" + as_name(*percent)};
}

std::string Aggregate::unit(std::string_view of_values) const {
  switch (what) {
    case What::count:
    case What::above:
    case What::below:
    case What::in:
      return "";
    case What::duration:
      return "s";
    case What::rate:
      return of_values.empty() ? "1/s" : fmt::format("{}/s", of_values);
    default:
      return std::string(of_values);
  }
}

Words Aggregate::words() const {
  switch (what) {
    case What::count:
      return {"number of values", "nombre de valeurs"};
    case What::sum:
      return {"sum", "somme"};
    case What::mean:
      return {"mean", "moyenne"};
    case What::min:
      return {"minimum", "minimum"};
    case What::max:
      return {"maximum", "maximum"};
    case What::stddev:
      return {"standard deviation", "écart-type"};
    case What::last:
      return {"last value", "dernière valeur"};
    case What::energy_mean:
      return {"energetic mean", "moyenne énergétique"};
    case What::quantile:
      return {fmt::format("{:g}th percentile", bound * 100),
              fmt::format("{:g}e centile", bound * 100)};
    case What::rate:
      return {"rate of change", "vitesse de variation"};
    case What::above:
      return {fmt::format("share of time above {:g}", bound),
              fmt::format("part du temps au-dessus de {:g}", bound)};
    case What::below:
      return {fmt::format("share of time below {:g}", bound),
              fmt::format("part du temps en dessous de {:g}", bound)};
    case What::in:
      return {fmt::format("share of time at {:g}", bound),
              fmt::format("part du temps à {:g}", bound)};
    case What::duration:
      return {"duration", "durée"};
  }
  return {};
}

double Measurer::quantile(std::span<const Point> points, double share) {
  sorted_.clear();
  for (const Point& point : points) sorted_.push_back(point.value);
  const double place = share * static_cast<double>(sorted_.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(place);
  const auto at = sorted_.begin() + low;
  std::nth_element(sorted_.begin(), at, sorted_.end());
  const double part = place - static_cast<double>(low);
  if (part == 0) return *at;
  return *at + (part * (*std::min_element(at + 1, sorted_.end()) - *at));
}

std::optional<double> Measurer::measure(const Aggregate& aggregate, const View& view) {
  const auto points = view.points;
  const auto less = [](const Point& a, const Point& b) { return a.value < b.value; };
  if (points.empty()) return std::nullopt;
  switch (aggregate.what) {
    case What::count:
      return static_cast<double>(points.size());
    case What::sum:
      return mean_of(points) * static_cast<double>(points.size());
    case What::mean:
      return mean_of(points);
    case What::min:
      return std::ranges::min_element(points, less)->value;
    case What::max:
      return std::ranges::max_element(points, less)->value;
    case What::stddev:
      return stddev_of(points);
    case What::last:
      return points.back().value;
    case What::energy_mean:
      return energy_mean_of(points);
    case What::quantile:
      return quantile(points, aggregate.bound);
    case What::rate:
      if (seconds(points) <= 0) return std::nullopt;
      return (points.back().value - points.front().value) / seconds(points);
    case What::above:
    case What::below:
    case What::in:
      return share_of_time(aggregate, view);
    case What::duration:
      return seconds(points);
  }
  return std::nullopt;
}

}  // namespace sosie::window
