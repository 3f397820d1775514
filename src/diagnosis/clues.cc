#include "diagnosis/clues.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "diagnosis/gathered.h"

namespace sosie::diagnosis {
namespace {

bool is_beyond(const SeriesInfo& info, double value) {
  const double low = info.low.value_or(-std::numeric_limits<double>::infinity());
  const double high = info.high.value_or(std::numeric_limits<double>::infinity());
  const double slack = std::isfinite(high - low) ? 0.01 * (high - low) : 0;
  return value < low - slack || value > high + slack;
}

double Gathered::* clue_of(const Asset& asset, const Sign& sign) {
  const auto* const info = sign.column == no_column ? nullptr : asset.columns[sign.column].info;
  if (sign.kind == SymptomKind::noise && sign.value < sign.expected) return &Gathered::calm;
  if (info != nullptr &&
      (sign.kind == SymptomKind::out_of_range || sign.kind == SymptomKind::stuck)) {
    if (is_beyond(*info, sign.value)) return &Gathered::impossible;
    if (sign.value == info->low || sign.value == info->high) return &Gathered::at_end;
  }
  switch (sign.kind) {
    case SymptomKind::limit:
      return &Gathered::limit;
    case SymptomKind::out_of_range:
      return &Gathered::at_end;
    case SymptomKind::rate:
      return &Gathered::rate;
    case SymptomKind::spike:
      return &Gathered::spike;
    case SymptomKind::stuck:
      return &Gathered::stuck;
    case SymptomKind::noise:
      return &Gathered::noise;
    case SymptomKind::missing:
      return &Gathered::missing;
    case SymptomKind::drift:
      return &Gathered::drift;
    case SymptomKind::residual:
      return &Gathered::residual;
    case SymptomKind::multivariate:
      return &Gathered::multivariate;
    case SymptomKind::replay:
      return &Gathered::replay;
    case SymptomKind::command:
      return &Gathered::command;
    case SymptomKind::deviation:
      return &Gathered::deviation;
  }
  return &Gathered::deviation;
}

double full_at(double count, double full) {
  return std::clamp(count / full, 0.0, 1.0);
}

/// 0 of none, 1 of `full`, and by doublings between.
double by_doublings(double count, double full) {
  return full_at(std::log2(1 + count), std::log2(1 + full));
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

bool is_jump(const Sign& sign) {
  return sign.column != no_column &&
         (sign.kind == SymptomKind::residual || sign.kind == SymptomKind::rate);
}

bool is_moved(const Sign& sign) {
  return is_jump(sign) || (sign.column != no_column && (sign.kind == SymptomKind::drift ||
                                                        sign.kind == SymptomKind::deviation));
}

bool is_within(Timestamp a, Timestamp b, Duration gap) {
  return a - b <= gap && b - a <= gap;
}

/// Signs that fit, by when they began.
template <class Fits>
std::vector<const Sign*> in_order(const Episode& episode, Fits fits) {
  std::vector<const Sign*> found;
  found.reserve(episode.signs.size());
  for (const auto& sign : episode.signs) {
    if (fits(sign)) found.push_back(&sign);
  }
  std::ranges::sort(found, {}, [](const Sign* sign) { return sign->since; });
  return found;
}

/// The most different ones among signs that began within `gap` of one of them, before it or after.
///
/// `which`: of a sign, a number below `numbers`.
template <class Which>
double most_at_once(const std::vector<const Sign*>& signs, Duration gap, std::size_t numbers,
                    Which which) {
  std::vector<std::uint32_t> times(numbers);
  std::size_t different = 0;
  std::size_t most = 0;
  auto begin = signs.begin();
  auto end = signs.begin();
  for (const Sign* const middle : signs) {
    for (; end != signs.end() && (*end)->since - middle->since <= gap; ++end) {
      different += times[which(**end)]++ == 0 ? 1 : 0;
    }
    for (; middle->since - (*begin)->since > gap; ++begin) {
      different -= --times[which(**begin)] == 0 ? 1 : 0;
    }
    most = std::max(most, different);
  }
  return static_cast<double>(most);
}

/// The largest number of sensors with such a sign that began within `gap` of one of them.
template <class Fits>
double at_once(const Scene& scene, Duration gap, Fits fits) {
  return most_at_once(in_order(scene.episode, fits), gap, scene.asset.columns.size(),
                      [](const Sign& sign) { return sign.column; });
}

double at_once(const Scene& scene, SymptomKind kind, Duration gap = std::chrono::seconds(30)) {
  return at_once(scene, gap,
                 [&](const Sign& sign) { return sign.kind == kind && sign.column != no_column; });
}

/// Sensors that jump within a minute of each other, though they stand in different stages or
/// measure different things of one: no single cause in the process does that, unless a machine
/// switched.
double together(const Scene& scene) {
  const auto& columns = scene.asset.columns;
  const double sorts =
      most_at_once(in_order(scene.episode, is_jump), std::chrono::minutes(1), columns.size(),
                   [&](const Sign& sign) { return columns[sign.column].sort; });
  return std::clamp((sorts - 1) / 2, 0.0, 1.0);
}

/// A frozen sensor keeps its last true value; an invented value is another one from one reading to
/// the next, and then stands still.
double jump_and_hold(const Episode& episode) {
  for (const auto& held : episode.signs) {
    if (held.kind != SymptomKind::stuck) continue;
    for (const auto& jump : episode.signs) {
      if (is_jump(jump) && jump.column == held.column &&
          is_within(jump.since, held.since, std::chrono::minutes(2))) {
        return 1;
      }
    }
  }
  return 0;
}

void put_places(const Scene& scene, const std::vector<std::uint32_t>& columns, Gathered& out) {
  const auto& asset = scene.asset;
  // One sensor alone says half of what several say.
  const auto whole = static_cast<double>(std::max<std::size_t>(2, columns.size()));
  const auto share = [&](auto fits) {
    const auto found =
        std::ranges::count_if(columns, [&](std::uint32_t c) { return fits(asset.columns[c]); });
    return static_cast<double>(found) / whole;
  };
  using Column = Asset::Column;
  out.inlet_quality = share([](const Column& c) { return c.is_quality && c.stage <= 1; });
  out.machines = share([](const Column& c) { return !c.is_quality; });
  const auto share_of = [&](Dimension dimension) {
    return share([&](const Column& c) { return c.dimension == dimension; });
  };
  out.flows = share_of(Dimension::flow);
  out.powers = share_of(Dimension::power);
  out.pressures = share_of(Dimension::pressure);
  out.levels = share_of(Dimension::level);
  out.temperatures = share_of(Dimension::temperature);
  out.reactions = share_of(Dimension::reaction);
  out.solids = share_of(Dimension::solids);
  out.nutrients = share_of(Dimension::nutrient);
  std::vector<std::uint32_t> stages;
  stages.reserve(columns.size());
  for (const auto column : columns) stages.push_back(asset.columns[column].stage);
  std::ranges::sort(stages);
  const auto repeated = std::ranges::unique(stages);
  stages.erase(repeated.begin(), repeated.end());
  out.spread = full_at(static_cast<double>(stages.size()) - 1, 2);
  out.machine_fault = scene.episode.failed ? 1 : 0;
}

/// The one that moved before all others; null: none has.
const Sign* first_moved(const Episode& episode) {
  const Sign* first = nullptr;
  for (const auto& sign : episode.signs) {
    if (is_moved(sign) && (first == nullptr || sign.since < first->since)) first = &sign;
  }
  return first;
}

std::uint32_t last_stage_moved(const Scene& scene) {
  std::uint32_t last = 0;
  for (const auto& sign : scene.episode.signs) {
    if (is_moved(sign)) last = std::max(last, scene.asset.columns[sign.column].stage);
  }
  return last;
}

/// Of those that moved within ten minutes of the first, the share that tells of the inlet's water.
double share_of_inlet(const Scene& scene, Timestamp first) {
  double early = 0;
  double inlet = 0;
  for (const auto& sign : scene.episode.signs) {
    if (!is_moved(sign) || sign.since > first + std::chrono::minutes(10)) continue;
    const auto& column = scene.asset.columns[sign.column];
    ++early;
    inlet += column.is_quality && column.stage <= 1 ? 1 : 0;
  }
  return inlet / early;
}

/// Of the pairs of quality sensors of two stages, the share in which the one downstream moved
/// later; none: there is no pair.
std::optional<double> share_of_downstream(const Scene& scene) {
  const auto quality_of = [&](const Sign& sign) -> const Asset::Column* {
    const auto* const column = is_moved(sign) ? &scene.asset.columns[sign.column] : nullptr;
    return column != nullptr && column->is_quality ? column : nullptr;
  };
  double down = 0;
  double up = 0;
  for (const auto& sign : scene.episode.signs) {
    const auto* const column = quality_of(sign);
    if (column == nullptr) continue;
    for (const auto& other : scene.episode.signs) {
      const auto* const beside = quality_of(other);
      if (beside == nullptr || beside->stage <= column->stage) continue;
      (other.since > sign.since ? down : up) += 1;
    }
  }
  if (down + up <= 0) return std::nullopt;
  return down / (down + up);
}

/// What the order in which sensors moved says. A peak comes with the water.
void put_order(const Scene& scene, Gathered& out) {
  const auto& asset = scene.asset;
  const Sign* const first = first_moved(scene.episode);
  if (first == nullptr) return;
  const double stages = std::max<double>(1, asset.stages - 1.0);
  out.first_stage = asset.columns[first->column].stage / stages;
  out.last_stage = last_stage_moved(scene) / stages;
  out.machine_first = asset.columns[first->column].is_quality ? 0 : 1;
  out.inlet_first = share_of_inlet(scene, first->since);
  if (const auto downstream = share_of_downstream(scene)) out.downstream = *downstream;
}

/// How much a sensor shows what another of its unit should, and that one what it should.
double swapped_with_others(const Scene& scene, const Sign& sign) {
  const auto& unit = scene.asset.columns[sign.column].info->unit;
  double most = 0;
  for (const auto& other : scene.episode.signs) {
    if (!is_moved(other) || other.column == sign.column) continue;
    if (scene.asset.columns[other.column].info->unit != unit) continue;
    const double apart = std::abs(sign.expected - other.expected);
    const double crossed =
        std::abs(sign.value - other.expected) + std::abs(other.value - sign.expected);
    if (apart > 0) most = std::max(most, 1 - full_at(crossed, apart));
  }
  return most;
}

/// 1: all are off by the same factor, whose logarithms these are; of three or more.
double in_step(const std::vector<double>& logs) {
  if (logs.size() < 3) return 0;
  double mean = 0;
  for (const double x : logs) mean += x / static_cast<double>(logs.size());
  double spread = 0;
  for (const double x : logs) spread += std::abs(x - mean) / static_cast<double>(logs.size());
  return std::abs(mean) > 0.02 ? 1 - full_at(spread, std::abs(mean)) : 0;
}

/// Values against what was expected of them.
void put_distances(const Scene& scene, Gathered& out) {
  const auto& asset = scene.asset;
  double quality = 0;
  double more = 0;
  std::vector<double> logs;
  for (const auto& sign : scene.episode.signs) {
    if (!is_moved(sign)) continue;
    const auto& column = asset.columns[sign.column];
    const double off = std::abs(sign.value - sign.expected);
    if (column.info->low && column.info->high) {
      out.off = std::max(out.off, std::sqrt(full_at(off, *column.info->high - *column.info->low)));
    }
    if (sign.value > 0 && sign.expected > 0) {
      const double ratio = std::log(sign.value / sign.expected);
      out.factor = std::max(out.factor, full_at(std::abs(ratio), std::log(1000.0)));
      if (column.is_quality) logs.push_back(ratio);
    }
    if (!column.is_quality) continue;
    ++quality;
    more += sign.value > sign.expected ? 1 : 0;
    out.swapped = std::max(out.swapped, swapped_with_others(scene, sign));
  }
  out.higher = quality > 0 ? more / quality : 0;
  out.in_step = in_step(logs);
}

/// The column that most scores point at.
struct Lead {
  std::uint32_t column = no_column;
  double weight = 0;  ///< of all scores
};

Lead lead_of(const Episode& episode) {
  std::vector<std::pair<std::uint32_t, double>> scores;
  double sum = 0;
  const auto add = [&](std::uint32_t column, double score) {
    sum += score;
    const auto known = std::ranges::find(scores, column, &std::pair<std::uint32_t, double>::first);
    if (known == scores.end()) {
      scores.emplace_back(column, score);
    } else {
      known->second += score;
    }
  };
  for (const auto& sign : episode.signs) {
    if (sign.column != no_column) {
      add(sign.column, sign.score);
    } else if (!sign.shares.empty()) {
      add(sign.shares.front().column, sign.score * sign.shares.front().share);
    }
  }
  const auto most = std::ranges::max_element(scores, {}, &std::pair<std::uint32_t, double>::second);
  if (most == scores.end()) return {};
  return {.column = most->first, .weight = sum > 0 ? most->second / sum : 0};
}

void put_lead(const Scene& scene, const Lead& lead, Gathered& out) {
  if (lead.column == no_column) return;
  const auto& column = scene.asset.columns[lead.column];
  out.lead_weight = lead.weight;
  out.lead_quality = column.is_quality ? 1 : 0;
  out.lead_state = column.is_state ? 1 : 0;
  const Shape shape = scene.recent.shape(lead.column, scene.episode.onset);
  out.jump = shape.jump;
  out.straight = shape.straight;
  out.back = shape.back;
  out.louder = shape.louder;
  out.calmer = shape.calmer;
  for (const auto& sign : scene.episode.signs) {
    if (!is_moved(sign)) continue;
    const auto& other = scene.asset.columns[sign.column];
    const bool is_beside = other.stage == column.stage && sign.column != lead.column;
    if (is_beside && column.is_quality && !other.is_quality) out.answered = 1;
    const double off = std::abs(sign.value - sign.expected);
    if (sign.column == lead.column && off > 0) {
      out.grown = std::max(out.grown, 1 - full_at(sign.first_off, off));
    }
  }
}

/// The courses of those that moved first: a creep carries its followers off slowly, and what was
/// switched or invented does it at once.
void put_courses(const Scene& scene, Gathered& out) {
  constexpr std::size_t most = 6;
  std::vector<const Sign*> moved;
  for (const auto& sign : scene.episode.signs) {
    const bool is_known =
        std::ranges::any_of(moved, [&](const Sign* other) { return other->column == sign.column; });
    if (is_moved(sign) && !is_known) moved.push_back(&sign);
  }
  std::ranges::stable_sort(moved, {}, [](const Sign* sign) { return sign->since; });
  if (moved.size() > most) moved.resize(most);
  double clear = 0;
  for (const auto* const sign : moved) {
    const Shape shape = scene.recent.shape(sign->column, scene.episode.onset);
    if (sign == moved.front()) {
      out.first_jump = shape.jump;
      out.first_straight = shape.straight;
    }
    if (shape.jump <= 0) continue;
    clear += 1;
    out.most_jump = std::max(out.most_jump, shape.jump);
    out.mean_jump += shape.jump;
    out.mean_straight += shape.straight;
  }
  if (clear == 0) return;
  out.mean_jump /= clear;
  out.mean_straight /= clear;
}

void put_machines(const Scene& scene, Gathered& out) {
  std::vector<std::uint32_t> jumped;
  for (const auto& sign : scene.episode.signs) {
    if (!is_jump(sign)) continue;
    const auto& column = scene.asset.columns[sign.column];
    if (column.is_quality || column.is_state) continue;
    if (scene.switches.near(column.stage, sign.since)) continue;
    if (std::ranges::find(jumped, sign.column) == jumped.end()) jumped.push_back(sign.column);
  }
  out.switched = scene.episode.switched ? 1 : 0;
  out.unswitched = full_at(static_cast<double>(jumped.size()), 3);
}

/// The strongest sign of each sort. Returns the columns with a sign of the instrument.
std::vector<std::uint32_t> put_signs(const Scene& scene, Gathered& out) {
  std::vector<std::uint32_t> ill;
  for (const auto& sign : scene.episode.signs) {
    const auto clue = clue_of(scene.asset, sign);
    out.*clue = std::max(out.*clue, sign.score);
    out.again = std::max(out.again, by_doublings(sign.times - 1.0, 15));
    if (clue != &Gathered::at_end && is_of_device(sign.kind) &&
        std::ranges::find(ill, sign.column) == ill.end()) {
      ill.push_back(sign.column);
    }
  }
  return ill;
}

/// What else there is and has just been: the process takes hours to come to rest after an upset,
/// and what it does meanwhile has no cause of its own.
void put_surroundings(const Scene& scene, const std::vector<std::uint32_t>& columns,
                      Gathered& out) {
  constexpr std::size_t wide = 4;
  constexpr Duration half_life = std::chrono::minutes(90);
  constexpr Duration longest = std::chrono::hours(12);
  double furthest = 0;
  double scores = 0;
  for (const auto& sign : scene.episode.signs) {
    scores += sign.score;
    const bool is_in_sigmas = sign.detector == "residual" && sign.column != no_column;
    if (is_in_sigmas) furthest = std::max(furthest, std::abs(sign.anomaly));
  }
  out.sigmas = by_doublings(furthest, 200);
  out.evidence = by_doublings(scores, 32);
  std::vector<std::uint32_t> named;
  for (const auto& past : scene.past) {
    const auto ago = std::max<Duration>(Duration{}, scene.episode.onset - past.closed);
    if (ago > longest) continue;
    const double fresh =
        std::exp2(-static_cast<double>(ago.count()) / static_cast<double>(half_life.count()));
    out.after = std::max(out.after, fresh);
    if (past.columns.size() >= wide) out.after_wide = std::max(out.after_wide, fresh);
    named.insert(named.end(), past.columns.begin(), past.columns.end());
  }
  const auto again = std::ranges::count_if(columns, [&](std::uint32_t column) {
    return std::ranges::find(named, column) != named.end();
  });
  if (!columns.empty()) out.echo = static_cast<double>(again) / static_cast<double>(columns.size());
  out.beside = by_doublings(static_cast<double>(scene.open), 7);
  out.stirred = scene.stirred;
}

/// Whether the plant is where it has been for days (rain and cold last longer than any upset's
/// beginning), and whether those sensors leave the others every other day.
void put_usual(const Scene& scene, std::uint32_t lead, Gathered& out) {
  constexpr double far = 8;
  const auto& columns = scene.asset.columns;
  out.astray = scene.astray;
  for (std::uint32_t i = 0; i < columns.size() && columns[i].stage == 0; ++i) {
    const double off = scene.recent.astray(i);
    if (columns[i].dimension == Dimension::flow)
      out.inflow = std::max(out.inflow, full_at(off, far));
    if (columns[i].dimension == Dimension::temperature)
      out.inlet_cool = std::max(out.inlet_cool, full_at(-off, far));
  }
  if (lead != no_column) out.lead_astray = by_doublings(std::abs(scene.recent.astray(lead)), 32);
  double rarest = std::numeric_limits<double>::infinity();
  double limits = 0;  // of the leading sensor, now and in the days before
  double limits_before = 0;
  for (const auto& sign : scene.episode.signs) {
    if (sign.column == no_column) continue;
    rarest = std::min(rarest, sign.before);
    if (sign.column != lead) continue;
    out.often = by_doublings(sign.before, 15);
    out.same_hour = full_at(sign.same_hour, 3);
    limits = std::max(limits, limits_of(sign.score));
    limits_before = sign.peak_before;
  }
  if (limits > 0) out.outdone = limits / (limits + limits_before);
  out.rarest = std::isinf(rarest) ? 0 : by_doublings(rarest, 15);
}

Gathered gather(const Scene& scene) {
  const Episode& episode = scene.episode;
  Gathered out;
  const auto ill = put_signs(scene, out);
  const auto columns = columns_meant(episode);
  const auto n = static_cast<double>(columns.size());
  out.sensors = by_doublings(n, 64);
  out.devices = by_doublings(static_cast<double>(ill.size()), 16);
  out.one_sensor = columns.size() == 1 ? 1 : 0;
  out.many_sensors = full_at(n - 2, 6);
  out.several_devices = ill.size() >= 2 ? 1 : 0;
  out.no_device_sign = ill.empty() ? 1 : 0;
  out.all_silent = full_at(at_once(scene, SymptomKind::missing) - 1, 4);
  out.all_still = full_at(at_once(scene, SymptomKind::stuck) - 1, 4);
  out.all_repeated = full_at(at_once(scene, SymptomKind::replay, std::chrono::hours(1)), 4);
  out.all_jumped = full_at(at_once(scene, std::chrono::minutes(1), is_jump) - 1, 8);
  put_places(scene, columns, out);
  if (columns.size() == 1 && (!ill.empty() || out.drift > 0)) {
    out.inlet_quality = out.machines = 0;  // it is about the instrument then
  }
  put_order(scene, out);
  put_machines(scene, out);
  put_distances(scene, out);
  const Lead lead = lead_of(episode);
  put_lead(scene, lead, out);
  put_courses(scene, out);
  put_surroundings(scene, columns, out);
  put_usual(scene, lead.column, out);
  out.together = together(scene);
  out.jump_and_hold = jump_and_hold(episode);
  if (columns.size() == 1 && ill.empty() && out.drift == 0) out.abrupt_alone = out.residual;
  const auto minutes = std::chrono::duration<double>(scene.at - episode.onset).count() / 60;
  out.age = by_doublings(std::max(0.0, minutes), 2160);
  return out;
}

}  // namespace

Clues clues_of(const Scene& scene) {
  return clues_of(gather(scene));
}

}  // namespace sosie::diagnosis
