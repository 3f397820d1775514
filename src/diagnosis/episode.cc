#include "diagnosis/episode.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sosie::diagnosis {
namespace {

/// Units of what is dissolved or suspended in the water, and of pH, redox and the like.
bool is_quality_unit(std::string_view unit) {
  constexpr std::array<std::string_view, 9> parts{"/L", "/l",   "NTU", "S/cm", "mV",
                                                  "FNU", "pH", "SAC", "g/m3"};
  return unit == "-" || std::ranges::any_of(parts, [&](std::string_view part) {
           return unit.find(part) != std::string_view::npos;
         });
}

/// Symptoms that begin within this are one event's.
Duration instant(const Asset& asset) {
  return std::max<Duration>(3 * asset.period, std::chrono::seconds(30));
}

bool is_near(Timestamp a, Timestamp b, Duration gap) {
  return a - b <= gap && b - a <= gap;
}

double affinity_of_whole(const Episode& episode, const Symptom& symptom) {
  const bool is_of_whole =
      std::ranges::any_of(episode.signs, [](const Sign& s) { return s.column == no_column; });
  if (is_of_whole) return 0.9;
  double explained = 0;
  for (const auto& share : symptom.shares) {
    if (episode.has(share.column)) explained += share.share;
  }
  if (!symptom.shares.empty() && episode.has(symptom.shares.front().column)) explained += 0.2;
  return explained >= 0.3 ? std::min(explained, 0.9) : 0;
}

/// The same thing happening to several instruments at once: a gateway, a cable, a recording played.
double affinity_of_device(const Asset& asset, const Episode& episode, const Symptom& symptom) {
  const bool is_together = std::ranges::any_of(episode.signs, [&](const Sign& s) {
    return s.kind == symptom.kind && is_near(s.since, symptom.since, instant(asset));
  });
  return is_together ? 0.6 : 0;
}

double affinity_of_process(const Asset& asset, const Episode& episode, const Symptom& symptom,
                           Duration gap) {
  const auto& column = asset.columns[symptom.column];
  const auto columns = episode.columns();
  const bool is_wide = columns.size() >= 4 || columns.empty();
  if (is_wide && is_near(symptom.at, episode.latest, gap)) return 0.5;
  std::int64_t nearest = 99;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column) continue;
    if (!is_near(symptom.since, sign.since, gap) && !is_near(symptom.at, sign.at, gap)) continue;
    const auto distance = std::abs(static_cast<std::int64_t>(asset.columns[sign.column].stage) -
                                   static_cast<std::int64_t>(column.stage));
    nearest = std::min(nearest, distance);
  }
  if (nearest == 0) return 0.5;
  return nearest == 1 ? 0.4 : 0;
}

}  // namespace

void Asset::begin(const AssetColumns& described) {
  name = described.asset;
  period = described.period;
  std::vector<std::string_view> stages;
  columns.clear();
  for (std::size_t i = 0; i < described.size(); ++i) {
    const auto& info = *described.info[i];
    auto found = std::ranges::find(stages, info.stage);
    if (found == stages.end()) found = stages.insert(stages.end(), info.stage);
    columns.push_back({.series = described.series[i],
                       .info = &info,
                       .stage = static_cast<std::uint32_t>(found - stages.begin()),
                       .is_quality = is_quality_unit(info.unit),
                       .is_state = info.sensor_class == "S"});
  }
}

Sign::Sign(const Symptom& symptom)
    : detector(symptom.detector),
      kind(symptom.kind),
      column(symptom.column),
      rule(symptom.rule),
      active(symptom.active),
      at(symptom.at),
      since(symptom.since),
      score(symptom.score),
      value(symptom.value),
      expected(symptom.expected),
      low(symptom.low),
      high(symptom.high),
      anomaly(symptom.anomaly),
      shares(symptom.shares.begin(), symptom.shares.end()) {}

bool Sign::is_same(const Symptom& symptom) const {
  return kind == symptom.kind && column == symptom.column && detector == symptom.detector &&
         rule == symptom.rule;
}

bool is_of_device(SymptomKind kind) {
  switch (kind) {
    case SymptomKind::out_of_range:
    case SymptomKind::spike:
    case SymptomKind::stuck:
    case SymptomKind::noise:
    case SymptomKind::missing:
    case SymptomKind::replay:
      return true;
    default:
      return false;
  }
}

double Episode::score() const {
  double ordinary = 1;
  for (const auto& sign : signs) ordinary *= 1 - std::clamp(sign.score, 0.0, 0.99);
  return 1 - ordinary;
}

bool Episode::is_active() const {
  return std::ranges::any_of(signs, &Sign::active);
}

bool Episode::has(std::uint32_t column) const {
  return std::ranges::any_of(signs, [&](const Sign& s) { return s.column == column; });
}

std::vector<std::uint32_t> Episode::columns() const {
  std::vector<std::uint32_t> found;
  for (const auto& sign : signs) {
    if (sign.column != no_column && std::ranges::find(found, sign.column) == found.end()) {
      found.push_back(sign.column);
    }
  }
  return found;
}

double affinity(const Asset& asset, const Episode& episode, const Symptom& symptom, Duration gap) {
  if (symptom.column == no_column) return affinity_of_whole(episode, symptom);
  if (episode.has(symptom.column)) return 1;
  if (is_of_device(symptom.kind)) return affinity_of_device(asset, episode, symptom);
  return affinity_of_process(asset, episode, symptom, gap);
}

}  // namespace sosie::diagnosis
