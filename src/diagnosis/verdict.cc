#include "diagnosis/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sosie::diagnosis {
namespace {

/// Below this a cause is not named, only proposed.
constexpr double least_confidence = 0.25;

/// What can be said of an episode, each 0 (no) .. 1 (surely).
struct Clues {
  // The strongest symptom of each sort.
  double stuck = 0;
  double missing = 0;
  double spike = 0;
  double noise = 0;       ///< more of it
  double calm = 0;        ///< less of it
  double impossible = 0;  ///< clearly beyond what the sensor can measure
  double at_end = 0;      ///< at the very end of its range: the process may have driven it there
  double limit = 0;
  double rate = 0;
  double residual = 0;
  double drift = 0;
  double deviation = 0;
  double multivariate = 0;
  double replay = 0;
  double command = 0;
  // Where it is seen.
  double one_sensor = 0;
  double many_sensors = 0;   ///< from 3 on, certain at 8
  double spread = 0;         ///< over several stages
  double inlet_quality = 0;  ///< share of quality sensors of the first two stages
  double machines = 0;       ///< share of flows, powers, states …
  // How.
  double together = 0;  ///< several sensors of different sorts jump at one instant
  double switched = 0;  ///< a pump or valve of the stage changed its state as it began
  double abrupt_alone =
      0;  ///< one sensor leaves the others at once, and nothing else is wrong with it
  double no_device_sign = 0;
  double several_devices = 0;  ///< the same instrument trouble at several sensors at once
  double jump_and_hold = 0;    ///< a value jumped within its range and has stood there since
  double inlet_first = 0;      ///< the first sensors to move are quality sensors of the inlet
  double higher = 0;           ///< share of quality sensors that show more than expected
  double anything = 1;         ///< the table's last row: how frequent a kind is, all else equal
};

/// One line of the table: how much a clue speaks for (or against) each cause, "none of these" being
/// 0. Learned on simulated faults by tests/detection/fit_verdict.py (a multinomial logistic
/// regression; seeds 1000 to 1007 and 1010 to 1015), but for limit, deviation and command, which
/// were not met there and are set by hand.
struct Weight {
  double Clues::* clue;
  std::array<double, kind_count - 1> of;
};

// clang-format off
constexpr Weight table[] = {
    //                          failure drift  peak   malfunction attack
    {&Clues::stuck,             {  2.6,  -0.1,  -0.4,  -0.8,  -0.8}},
    {&Clues::missing,           {  2.7,  -0.8,  -0.2,   0.0,  -0.5}},
    {&Clues::spike,             {  1.3,  -1.9,   0.8,  -0.4,  -1.2}},
    {&Clues::noise,             {  2.4,  -1.0,   0.0,  -0.4,  -0.3}},
    {&Clues::calm,              { -2.1,   3.9,  -0.4,   0.8,  -0.8}},
    {&Clues::impossible,        {  2.7,   0.2,  -1.1,  -0.7,  -0.4}},
    {&Clues::at_end,            { -0.4,   0.2,  -0.4,   1.2,  -0.1}},
    {&Clues::limit,             {  0.0,   0.0,   0.5,   0.5,   0.0}},
    {&Clues::rate,              { -0.3,   2.2,  -1.5,  -0.4,   1.7}},
    {&Clues::residual,          { -0.2,   0.2,   1.2,   1.7,   0.6}},
    {&Clues::drift,             { -1.9,  -1.1,  -0.3,  -0.8,  -3.1}},
    {&Clues::deviation,         {  0.0,   0.3,   0.8,   0.4,   0.2}},
    {&Clues::multivariate,      { -0.4,   1.6,   0.1,  -0.4,  -0.2}},
    {&Clues::replay,            { -1.6,  -0.9,   0.6,  -0.3,   3.3}},
    {&Clues::command,           {  0.0,  -0.5,  -0.5,   2.5,   0.8}},
    {&Clues::one_sensor,        {  0.7,   0.2,  -0.7,  -0.7,  -0.5}},
    {&Clues::many_sensors,      { -0.2,   0.0,   0.1,   0.0,   0.8}},
    {&Clues::spread,            { -0.1,   0.5,   0.0,   0.4,   0.3}},
    {&Clues::inlet_quality,     {  0.2,  -0.2,   0.9,  -0.8,   0.1}},
    {&Clues::machines,          { -0.1,   0.6,  -0.6,   1.3,  -0.4}},
    {&Clues::together,          { -0.1,  -0.9,  -0.2,   0.2,   1.9}},
    {&Clues::switched,          {  0.1,   0.0,   0.0,  -0.3,  -1.5}},
    {&Clues::abrupt_alone,      { -0.5,   0.2,   1.0,   0.1,   1.0}},
    {&Clues::no_device_sign,    { -3.2,  -1.0,  -1.2,   0.6,   0.4}},
    {&Clues::several_devices,   {  0.2,  -0.2,   0.4,  -0.1,  -0.1}},
    {&Clues::jump_and_hold,     { -0.1,   0.4,  -0.1,  -0.2,   0.0}},
    {&Clues::inlet_first,       {  0.2,   0.0,   3.0,  -1.9,  -1.2}},
    {&Clues::higher,            { -0.5,   0.0,   1.0,  -0.9,   0.2}},
    {&Clues::anything,          {  0.5,   0.0,  -0.8,   0.4,   0.1}},
};
// clang-format on

bool is_beyond(const SeriesInfo& info, double value) {
  const double low = info.low.value_or(-std::numeric_limits<double>::infinity());
  const double high = info.high.value_or(std::numeric_limits<double>::infinity());
  const double slack = std::isfinite(high - low) ? 0.01 * (high - low) : 0;
  return value < low - slack || value > high + slack;
}

double* clue_of(Clues& clues, const Asset& asset, const Sign& sign) {
  const auto* const info = sign.column == no_column ? nullptr : asset.columns[sign.column].info;
  if (sign.kind == SymptomKind::noise && sign.value < sign.expected) return &clues.calm;
  if (info != nullptr &&
      (sign.kind == SymptomKind::out_of_range || sign.kind == SymptomKind::stuck)) {
    if (is_beyond(*info, sign.value)) return &clues.impossible;
    if (sign.value == info->low || sign.value == info->high) return &clues.at_end;
  }
  switch (sign.kind) {
    case SymptomKind::limit:
      return &clues.limit;
    case SymptomKind::out_of_range:
      return &clues.at_end;
    case SymptomKind::rate:
      return &clues.rate;
    case SymptomKind::spike:
      return &clues.spike;
    case SymptomKind::stuck:
      return &clues.stuck;
    case SymptomKind::noise:
      return &clues.noise;
    case SymptomKind::missing:
      return &clues.missing;
    case SymptomKind::drift:
      return &clues.drift;
    case SymptomKind::residual:
      return &clues.residual;
    case SymptomKind::multivariate:
      return &clues.multivariate;
    case SymptomKind::replay:
      return &clues.replay;
    case SymptomKind::command:
      return &clues.command;
    case SymptomKind::deviation:
      return &clues.deviation;
  }
  return nullptr;
}

double share_of(const Asset& asset, const std::vector<std::uint32_t>& columns,
                bool (*fits)(const Asset::Column&)) {
  const auto found =
      std::ranges::count_if(columns, [&](std::uint32_t c) { return fits(asset.columns[c]); });
  // One sensor alone says half of what several say.
  return static_cast<double>(found) / static_cast<double>(std::max<std::size_t>(2, columns.size()));
}

/// A whole-asset sign with no column of its own points at those that carry it.
std::vector<std::uint32_t> columns_meant(const Episode& episode) {
  auto columns = episode.columns();
  if (columns.size() > 1) return columns;
  for (const auto& sign : episode.signs) {
    if (sign.column != no_column) continue;
    for (const auto& share : sign.shares) {
      const bool is_new = std::ranges::find(columns, share.column) == columns.end();
      if (share.share >= 0.1 && is_new) columns.push_back(share.column);
    }
  }
  return columns;
}

/// Sensors that jump within a minute of each other, though they stand in different stages or
/// measure different things of one: no single cause in the process does that, unless a machine
/// switched.
double together(const Asset& asset, const Episode& episode) {
  const auto jumps = [](const Sign& s) {
    return s.column != no_column &&
           (s.kind == SymptomKind::residual || s.kind == SymptomKind::rate);
  };
  double best = 0;
  for (const auto& first : episode.signs) {
    if (!jumps(first)) continue;
    std::vector<std::pair<std::uint32_t, std::string_view>> sorts;
    for (const auto& other : episode.signs) {
      const auto apart = other.since - first.since;
      if (!jumps(other) || apart > std::chrono::minutes(1) || -apart > std::chrono::minutes(1))
        continue;
      const auto& column = asset.columns[other.column];
      const std::pair sort(column.stage, std::string_view(column.info->attribute));
      if (std::ranges::find(sorts, sort) == sorts.end()) sorts.push_back(sort);
    }
    best = std::max(best, std::min(1.0, (static_cast<double>(sorts.size()) - 1) / 2));
  }
  return best;
}

bool is_moved(const Sign& sign) {
  return sign.column != no_column &&
         (sign.kind == SymptomKind::residual || sign.kind == SymptomKind::rate ||
          sign.kind == SymptomKind::drift || sign.kind == SymptomKind::deviation);
}

/// A frozen sensor keeps its last true value; an invented value is another one from one reading to
/// the next, and then stands still.
double jump_and_hold(const Episode& episode) {
  for (const auto& held : episode.signs) {
    if (held.kind != SymptomKind::stuck) continue;
    for (const auto& jump : episode.signs) {
      const bool is_jump = jump.kind == SymptomKind::rate || jump.kind == SymptomKind::residual;
      const auto apart = jump.since - held.since;
      if (is_jump && jump.column == held.column && apart < std::chrono::minutes(2) &&
          -apart < std::chrono::minutes(2)) {
        return 1;
      }
    }
  }
  return 0;
}

/// Share of quality sensors of the first two stages among those that moved first, within ten
/// minutes: a peak comes with the water.
double inlet_first(const Asset& asset, const Episode& episode) {
  std::optional<Timestamp> first;
  for (const auto& sign : episode.signs) {
    if (is_moved(sign)) first = std::min(first.value_or(sign.since), sign.since);
  }
  if (!first) return 0;
  double early = 0;
  double inlet = 0;
  for (const auto& sign : episode.signs) {
    if (!is_moved(sign) || sign.since > *first + std::chrono::minutes(10)) continue;
    const auto& column = asset.columns[sign.column];
    ++early;
    inlet += column.is_quality && column.stage <= 1 ? 1 : 0;
  }
  return early > 0 ? inlet / early : 0;
}

double share_higher(const Asset& asset, const Episode& episode) {
  double moved = 0;
  double higher = 0;
  for (const auto& sign : episode.signs) {
    if (!is_moved(sign) || !asset.columns[sign.column].is_quality) continue;
    ++moved;
    higher += sign.value > sign.expected ? 1 : 0;
  }
  return moved > 0 ? higher / moved : 0;
}

Clues clues_of(const Asset& asset, const Episode& episode) {
  Clues clues;
  std::vector<std::uint32_t> ill;  // columns with a sign of the device
  for (const auto& sign : episode.signs) {
    double* const clue = clue_of(clues, asset, sign);
    *clue = std::max(*clue, sign.score);
    if (clue != &clues.at_end && is_of_device(sign.kind) &&
        std::ranges::find(ill, sign.column) == ill.end()) {
      ill.push_back(sign.column);
    }
  }
  const auto columns = columns_meant(episode);
  const auto n = static_cast<double>(columns.size());
  clues.one_sensor = columns.size() == 1 ? 1 : 0;
  clues.many_sensors = std::clamp((n - 2) / 6, 0.0, 1.0);
  std::vector<std::uint32_t> stages;
  stages.reserve(columns.size());
  for (const auto column : columns) stages.push_back(asset.columns[column].stage);
  std::ranges::sort(stages);
  const auto repeated = std::ranges::unique(stages);
  stages.erase(repeated.begin(), repeated.end());
  clues.spread = std::clamp((static_cast<double>(stages.size()) - 1) / 2, 0.0, 1.0);
  clues.inlet_quality =
      share_of(asset, columns, [](const Asset::Column& c) { return c.is_quality && c.stage <= 1; });
  clues.machines = share_of(asset, columns, [](const Asset::Column& c) { return !c.is_quality; });
  if (columns.size() == 1 && (!ill.empty() || clues.drift > 0)) {
    clues.inlet_quality = clues.machines = 0;  // it is about the instrument then
  }
  clues.together = together(asset, episode);
  clues.switched = episode.switched ? 1 : 0;
  clues.no_device_sign = ill.empty() ? 1 : 0;
  clues.several_devices = ill.size() >= 2 ? 1 : 0;
  clues.jump_and_hold = jump_and_hold(episode);
  clues.inlet_first = inlet_first(asset, episode);
  clues.higher = share_higher(asset, episode);
  if (columns.size() == 1 && ill.empty() && clues.drift == 0) clues.abrupt_alone = clues.residual;
  return clues;
}

}  // namespace

std::vector<double> clues(const Asset& asset, const Episode& episode) {
  const Clues found = clues_of(asset, episode);
  std::vector<double> numbers;
  for (const auto& row : table) numbers.push_back(found.*row.clue);
  return numbers;
}

Verdict judge(const Asset& asset, const Episode& episode) {
  const Clues clues = clues_of(asset, episode);
  std::array<double, kind_count - 1> points{};
  for (const auto& row : table) {
    for (std::size_t k = 0; k < points.size(); ++k) points.at(k) += clues.*row.clue * row.of.at(k);
  }
  std::array<std::size_t, kind_count - 1> order{0, 1, 2, 3, 4};
  std::ranges::sort(order,
                    [&](std::size_t a, std::size_t b) { return points.at(a) > points.at(b); });
  double sum = 1;  // "none of these": no points
  for (const double p : points) sum += std::exp(p);
  const double best = points.at(order[0]);
  const double runner_up = points.at(order[1]);
  if (std::exp(best) / sum < least_confidence) {
    return {.kind = Kind::unknown, .second = static_cast<Kind>(order[0]), .confidence = 1 / sum};
  }
  Verdict verdict{.kind = static_cast<Kind>(order[0]),
                  .second = std::nullopt,
                  .confidence = std::exp(best) / sum};
  if (runner_up > 0) verdict.second = static_cast<Kind>(order[1]);
  return verdict;
}

}  // namespace sosie::diagnosis
