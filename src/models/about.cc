#include "models/about.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::models {
namespace {

constexpr std::size_t most_told = 5;

Error not_about(std::string_view what) {
  return Error{Errc::corrupt, fmt::format("what a model was learned of: {}", what)};
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

std::string told(std::vector<std::string> names) {
  const bool is_cut = names.size() > most_told;
  if (is_cut) names.resize(most_told);
  return fmt::format("{}{}", fmt::join(names, ", "), is_cut ? " …" : "");
}

std::vector<std::string> missing_in(const std::vector<std::string>& names,
                                    const std::vector<std::string>& where) {
  const std::set<std::string_view> there(where.begin(), where.end());
  std::vector<std::string> missing;
  for (const auto& name : names) {
    if (!there.contains(name)) missing.push_back(name);
  }
  return missing;
}

}  // namespace

std::string to_json(const About& about) {
  json::Writer out;
  out.begin_object();
  out.member("asset", about.asset);
  out.member("period_us", about.period.count());
  out.key("series");
  out.begin_array();
  for (const auto& name : about.series) out.value(name);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<About> about_from_json(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return not_about(parsed.error().what);
  const auto* const asset = parsed->find("asset");
  const auto* const period = parsed->find("period_us");
  const auto* const series = parsed->find("series");
  const auto* const us = period == nullptr ? nullptr : std::get_if<std::int64_t>(&period->value);
  if (asset == nullptr || asset->text() == nullptr || us == nullptr || series == nullptr ||
      series->list() == nullptr) {
    return not_about("expected 'asset', 'period_us' and 'series'");
  }
  About about{.asset = *asset->text(), .period = Duration(*us), .series = {}};
  about.series.reserve(series->list()->size());
  for (const auto& name : *series->list()) {
    if (name.text() == nullptr) return not_about("a series without a name");
    about.series.push_back(*name.text());
  }
  return about;
}

Fit fit_of(const About& about, Duration period, const std::vector<std::string>& series) {
  const double learned = seconds_of(about.period);
  const double here = seconds_of(period);
  if (learned > 1.1 * here || here > 1.1 * learned) {
    return {false, fmt::format("it was learned from a frame every {:g} s, and [frame] period here "
                               "is {:g} s",
                               learned, here)};
  }
  if (series.empty() || about.series.empty()) return {};
  const auto gone = missing_in(about.series, series);
  const auto known = about.series.size() - gone.size();
  if (known * 2 < about.series.size()) {
    return {false, fmt::format("it is of another plant ('{}'): of its {} sensors {} are here; not "
                               "here: {}",
                               about.asset, about.series.size(), known, told(gone))};
  }
  return {true, strangers_of(about, series)};
}

std::string strangers_of(const About& about, const std::vector<std::string>& series) {
  const auto strange = missing_in(series, about.series);
  if (strange.empty()) return "";
  return fmt::format(
      "{} of {} sensors are unknown to it, and judged by what needs no learning until the next "
      "one: {}",
      strange.size(), series.size(), told(strange));
}

}  // namespace sosie::models
