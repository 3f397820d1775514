#include "diagnosis/episode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace sosie::diagnosis {
namespace {

/// Units of what is dissolved or suspended in the water, and of pH, redox and the like.
bool is_quality_unit(std::string_view unit) {
  constexpr std::array<std::string_view, 9> parts{"/L",  "/l", "NTU", "S/cm", "mV",
                                                  "FNU", "pH", "SAC", "g/m3"};
  return unit == "-" || std::ranges::any_of(parts, [&](std::string_view part) {
           return unit.find(part) != std::string_view::npos;
         });
}

Dimension dimension_of(std::string_view unit) {
  struct Part {
    std::string_view text;  ///< a part of the unit; all of it where that is one byte
    Dimension dimension;
  };
  constexpr std::array<Part, 16> parts{{{"m3/h", Dimension::flow},
                                        {"L/h", Dimension::flow},
                                        {"kW", Dimension::power},
                                        {"bar", Dimension::pressure},
                                        {"Pa", Dimension::pressure},
                                        {"m", Dimension::level},
                                        {"degC", Dimension::temperature},
                                        {"°C", Dimension::temperature},
                                        {"-", Dimension::reaction},
                                        {"mV", Dimension::reaction},
                                        {"S/cm", Dimension::reaction},
                                        {"pH", Dimension::reaction},
                                        {"NTU", Dimension::solids},
                                        {"FNU", Dimension::solids},
                                        {"mg N", Dimension::nutrient},
                                        {"mg P", Dimension::nutrient}}};
  for (const auto& part : parts) {
    const bool is_part =
        part.text.size() == 1 ? unit == part.text : unit.find(part.text) != std::string_view::npos;
    if (is_part) return part.dimension;
  }
  return Dimension::other;
}

constexpr double tremble = 0.25;  ///< of a state, whose numbers are whole
constexpr std::size_t wide = 4;   ///< columns: more than a sensor or two, the process itself

/// Symptoms that begin within this are one event's.
Duration instant(const Asset& asset) {
  return std::max<Duration>(3 * asset.period, std::chrono::seconds(30));
}

bool is_near(Timestamp a, Timestamp b, Duration gap) {
  return a - b <= gap && b - a <= gap;
}

/// What the process does to a sensor all at once, it does to its neighbours, too: one that jumps
/// where nothing else of its stage begins does it for a reason of its own. Not so an analyser that
/// takes samples, whose jump is told late, after three of them: between two much may have come.
bool is_lone_jump(const Asset& asset, const Episode& episode, const Symptom& symptom) {
  constexpr Duration told_soon = std::chrono::minutes(2);
  constexpr Duration together = std::chrono::seconds(90);
  const bool is_jump = symptom.kind == SymptomKind::rate && symptom.at - symptom.since <= told_soon;
  const auto stage = asset.columns[symptom.column].stage;
  return is_jump && std::ranges::none_of(episode.signs, [&](const Sign& s) {
           return s.column != no_column && s.column != symptom.column &&
                  asset.columns[s.column].stage == stage &&
                  is_near(s.since, symptom.since, together);
         });
}

/// The process drives a sensor to the end of what it can measure, and never beyond.
bool is_at_end(const Asset& asset, const Symptom& symptom) {
  const auto& info = *asset.columns[symptom.column].info;
  return symptom.kind == SymptomKind::out_of_range && info.low && info.high &&
         symptom.value >= *info.low && symptom.value <= *info.high;
}

/// A symptom of the whole asset belongs to what its largest shares say, if that is recent.
double affinity_of_whole(const Episode& episode, const Symptom& symptom, Duration gap) {
  const bool is_recent =
      is_near(symptom.since, episode.onset, gap) || is_near(symptom.at, episode.latest_new, gap);
  const bool is_of_whole =
      std::ranges::any_of(episode.signs, [](const Sign& s) { return s.column == no_column; });
  if (is_of_whole && is_recent) return 0.9;
  double explained = 0;
  for (const auto& share : symptom.shares) {
    if (episode.has(share.column)) explained += share.share;
  }
  if (!symptom.shares.empty() && episode.has(symptom.shares.front().column)) explained += 0.2;
  return explained >= 0.3 ? std::min(explained, 0.9) : 0;
}

/// The same thing happening to several instruments at once: a gateway, a cable, a recording played.
/// How soon a recording is known as one depends on how often a sensor has a new value.
double affinity_of_device(const Asset& asset, const Episode& episode, const Symptom& symptom,
                          Duration gap) {
  const Duration at_once = symptom.kind == SymptomKind::replay ? gap : instant(asset);
  const bool is_together = std::ranges::any_of(episode.signs, [&](const Sign& s) {
    return s.kind == symptom.kind && is_near(s.since, symptom.since, at_once);
  });
  return is_together ? 0.6 : 0;
}

/// What water takes with it: not how much there is of it, and nothing that a machine does.
bool is_carried(const Asset::Column& column) {
  return column.is_quality || column.dimension == Dimension::temperature;
}

/// Sensors that say that the process is upset.
std::size_t count_upset(const Episode& episode) {
  std::vector<std::uint32_t> columns;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column || is_of_device(sign.kind)) continue;
    if (std::ranges::find(columns, sign.column) == columns.end()) columns.push_back(sign.column);
  }
  return columns.size();
}

/// Water carries it on: the same quantity further down, or anything further down from where several
/// sensors say that the process is upset. What jumps there does it for a reason of its own: on its
/// way through the tanks an upset has lost its edge.
double affinity_downstream(const Asset& asset, const Episode& episode, const Symptom& symptom,
                           Duration carry) {
  const auto& here = asset.columns[symptom.column];
  if (!is_carried(here)) return 0;
  const bool creeps = symptom.kind != SymptomKind::rate;
  const bool is_wide_upset = count_upset(episode) >= 3;
  double best = 0;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column || is_of_device(sign.kind)) continue;
    const auto& there = asset.columns[sign.column];
    const bool is_after = symptom.since >= sign.since && symptom.since - sign.since <= carry;
    if (!is_after || here.stage < there.stage) continue;
    if (here.info->attribute == there.info->attribute) best = 0.6;
    const bool is_soon = symptom.since - sign.since <= carry / 4;
    if (is_wide_upset && is_soon && creeps) best = std::max(best, 0.45);
  }
  return best;
}

/// The process acting up here and next door within the gap is one event. One that is wide already
/// spreads further as long as new symptoms keep coming. But after some time it has shown where it
/// is: what then begins elsewhere is another event, which must not be lost in it.
double affinity_of_process(const Asset& asset, const Episode& episode, const Symptom& symptom,
                           const Reach& reach) {
  if (is_lone_jump(asset, episode, symptom)) return 0;
  if (symptom.since - episode.onset > reach.grow) {
    return affinity_downstream(asset, episode, symptom, reach.carry);
  }
  const auto columns = episode.columns();
  const bool is_wide = columns.size() >= wide;
  if (is_wide && symptom.at - episode.latest_new <= reach.gap) return 0.5;
  const auto stage = static_cast<std::int64_t>(asset.columns[symptom.column].stage);
  std::int64_t nearest = 2;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column || is_of_device(sign.kind)) continue;
    if (!is_near(symptom.since, sign.since, reach.gap)) continue;
    const auto other = static_cast<std::int64_t>(asset.columns[sign.column].stage);
    nearest = std::min(nearest, std::abs(other - stage));
  }
  const double beside = nearest == 0 ? 0.5 : (nearest == 1 ? 0.4 : 0);
  return std::max(beside, affinity_downstream(asset, episode, symptom, reach.carry));
}

/// A control loop answers to what befalls its sensor, and again when that comes back: all of it is
/// one event, where the event is of this loop alone. What befalls the instruments of what it moves
/// is not its doing, but for driving one to its end.
double affinity_of_loop(const Asset& asset, const Episode& episode, const Symptom& symptom,
                        Duration gap) {
  if (is_of_device(symptom.kind) && !is_at_end(asset, symptom)) return 0;
  const auto columns = episode.columns();
  const auto answers = [&](const Asset::Loop& loop) {
    const auto is_of_it = [&](std::uint32_t c) { return c == loop.hears || loop.is_moving(c); };
    return loop.is_moving(symptom.column) && std::ranges::all_of(columns, is_of_it) &&
           std::ranges::any_of(episode.signs, [&](const Sign& s) {
             return s.column == loop.hears && (s.active || symptom.at - s.at <= gap);
           });
  };
  return std::ranges::any_of(asset.loops, answers) ? 0.55 : 0;
}

/// A sensor that is in the episode already. Among many, only what the process does to it belongs
/// there: should it freeze meanwhile, or jump alone, that is another matter.
double affinity_of_known(const Asset& asset, const Episode& episode, const Symptom& symptom,
                         Duration gap) {
  const bool is_of_instrument = is_of_device(symptom.kind) && !is_at_end(asset, symptom);
  const bool is_its_own = is_of_instrument || is_lone_jump(asset, episode, symptom);
  if (is_its_own && episode.columns().size() >= wide) return 0;
  const bool is_recent = std::ranges::any_of(episode.signs, [&](const Sign& s) {
    return s.column == symptom.column && (s.active || symptom.at - s.at <= gap);
  });
  return is_recent ? 1 : 0;
}

/// Where it stands among what has come; at the end, where it is new.
template <class Item>
std::uint32_t number_of(std::vector<Item>& known, const Item& item) {
  const auto found = std::ranges::find(known, item);
  const auto number = static_cast<std::uint32_t>(found - known.begin());
  if (found == known.end()) known.push_back(item);
  return number;
}

std::vector<std::uint32_t> columns_named(const std::vector<Asset::Column>& columns,
                                         std::string_view name) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < columns.size(); ++i) {
    const auto& info = *columns[i].info;
    if (info.entity == name || info.name() == name) found.push_back(i);
  }
  return found;
}

/// Whether `episode` is of `loop` alone, and what it moves does what it would if the sensor lied.
bool is_misled(const Asset::Loop& loop, const Episode& episode) {
  bool has_crept = false;
  for (const auto& sign : episode.signs) {
    if (sign.column == loop.hears) continue;
    const bool creeps = sign.kind == SymptomKind::drift;
    const bool is_off = sign.kind == SymptomKind::residual || sign.kind == SymptomKind::deviation;
    if (!loop.is_moving(sign.column) || (!creeps && !is_off)) return false;
    has_crept = has_crept || creeps;
  }
  return has_crept;
}

}  // namespace

bool Asset::Loop::is_moving(std::uint32_t column) const {
  return std::ranges::find(moves, column) != moves.end();
}

void Asset::begin(const AssetColumns& described, std::span<const ControlLoop> declared) {
  name = described.asset;
  period = described.period;
  std::vector<std::string_view> stage_names;
  std::vector<std::pair<std::uint32_t, std::string_view>> sorts;
  columns.clear();
  for (std::size_t i = 0; i < described.size(); ++i) {
    const auto& info = *described.info[i];
    const std::string_view stage = info.stage;
    const auto place = number_of(stage_names, stage);
    columns.push_back({.series = described.series[i],
                       .info = &info,
                       .stage = place,
                       .sort = number_of(sorts, std::pair(place, std::string_view(info.attribute))),
                       .dimension = dimension_of(info.unit),
                       .is_quality = is_quality_unit(info.unit),
                       .is_state = info.sensor_class == "S"});
  }
  stages = static_cast<std::uint32_t>(stage_names.size());
  loops.clear();
  for (const auto& loop : declared) {
    const auto heard = columns_named(columns, loop.hears);
    std::vector<std::uint32_t> moved;
    for (const auto& each : loop.moves) {
      const auto found = columns_named(columns, each);
      moved.insert(moved.end(), found.begin(), found.end());
    }
    if (heard.empty() || moved.empty()) continue;
    loops.push_back({.hears = heard.front(), .moves = std::move(moved)});
  }
}

void Switches::begin(const Asset& asset) {
  states_.clear();
  for (std::uint32_t i = 0; i < asset.columns.size(); ++i) {
    if (!asset.columns[i].is_state) continue;
    states_.push_back({.column = i,
                       .stage = asset.columns[i].stage,
                       .knows_fault = asset.columns[i].info->unit == "0/1/2",
                       .value = std::numeric_limits<double>::quiet_NaN()});
  }
}

void Switches::look(const Frame& frame) {
  for (auto& state : states_) {
    const double value = frame.values[state.column];
    // A line that trembles is no switch.
    if (std::isnan(value) || value == state.value) continue;
    if (state.knows_fault && std::abs(value - state.value) <= tremble) continue;
    if (!std::isnan(state.value)) state.changes.at(state.next++ % state.changes.size()) = frame.at;
    state.value = value;
  }
}

bool Switches::near(std::uint32_t stage, Timestamp at) const {
  return std::ranges::any_of(states_, [&](const State& state) {
    return state.stage == stage && std::ranges::any_of(state.changes, [&](Timestamp change) {
             return change != Timestamp{} && is_near(change, at, std::chrono::minutes(5));
           });
  });
}

bool Switches::reports_fault(std::uint32_t stage) const {
  constexpr double fault = 2;
  return std::ranges::any_of(states_, [&](const State& state) {
    return state.stage == stage && state.knows_fault && std::abs(state.value - fault) <= tremble;
  });
}

Sign::Sign(const Symptom& symptom)
    : detector(symptom.detector),
      kind(symptom.kind),
      column(symptom.column),
      rule(symptom.rule),
      priority(symptom.priority),
      active(symptom.active),
      at(symptom.at),
      since(symptom.since),
      until(symptom.until == Timestamp{} ? symptom.at : symptom.until),
      first_since(symptom.since),
      first_off(std::abs(symptom.value - symptom.expected)),
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

double limits_of(double score) {
  constexpr double most = 10;
  return std::min(most, -std::log2(1 - std::min(score, 0.9999)));
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

double Episode::score(double whole_weight) const {
  double ordinary = 1;
  for (const auto& sign : signs) {
    const double weight = sign.kind == SymptomKind::multivariate ? whole_weight : 1;
    ordinary *= 1 - weight * std::clamp(sign.score, 0.0, 0.99);
  }
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

const Asset::Loop* loop_behind(const Asset& asset, const Episode& episode) {
  const auto found = std::ranges::find_if(asset.loops, [&](const Asset::Loop& loop) {
    return loop.moves.size() > 1 && is_misled(loop, episode);
  });
  return found == asset.loops.end() ? nullptr : &*found;
}

double affinity(const Asset& asset, const Episode& episode, const Symptom& symptom,
                const Reach& reach) {
  if (symptom.column == no_column) return affinity_of_whole(episode, symptom, reach.gap);
  const double known = affinity_of_known(asset, episode, symptom, reach.gap);
  if (known > 0) return known;
  const double fits = is_of_device(symptom.kind)
                          ? affinity_of_device(asset, episode, symptom, reach.gap)
                          : affinity_of_process(asset, episode, symptom, reach);
  return std::max(fits, affinity_of_loop(asset, episode, symptom, reach.gap));
}

}  // namespace sosie::diagnosis
