#include "evaluation/row_score.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "evaluation/affiliation.h"
#include "evaluation/nab.h"
#include "evaluation/ranking.h"

namespace sosie {
namespace by_rows {
namespace {

using Weights = std::span<const double>;

constexpr std::array<std::string_view, row_figures> figure_names{"event_recall",
                                                                 "event_precision",
                                                                 "event_f1",
                                                                 "delay_s",
                                                                 "false_episodes",
                                                                 "false_per_day",
                                                                 "average_precision",
                                                                 "vus_pr",
                                                                 "roc_auc",
                                                                 "affiliation_precision",
                                                                 "affiliation_recall",
                                                                 "point_f1",
                                                                 "point_precision",
                                                                 "point_recall",
                                                                 "nab",
                                                                 "change_nab",
                                                                 "alarmed"};

/// What is true, worked out once.
struct Truth {
  std::span<const std::uint8_t> label;
  std::span<const std::int64_t> at_us;
  std::vector<Run> events;
  std::vector<Run> changes;  ///< windows behind each edge
  std::optional<double> days;
};

/// One way of alarming.
struct Said {
  std::span<const double> score;
  std::span<const std::uint8_t> flag;
  std::span<const std::uint8_t> change;
  std::vector<Run> episodes;
};

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

std::optional<double> harmonic(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b > 0 ? 2 * *a * *b / (*a + *b) : 0.0;
}

double weight_at(Weights weights, std::size_t row) {
  return weights.empty() ? 1.0 : weights[row];
}

std::optional<double>& of(RowFigures& figures, RowFigure which) {
  return figures.at(static_cast<std::size_t>(which));
}

/// Half-way between the last time and the first would miss a row; one cadence more is exact for an
/// even record.
std::optional<double> days_of(std::span<const std::int64_t> at_us) {
  if (at_us.size() < 2) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(at_us);
  const auto rows = static_cast<double>(at_us.size());
  const double days = static_cast<double>(high - low) / 86.4e9 * rows / (rows - 1);
  if (days <= 0) return std::nullopt;
  return days;
}

std::vector<Run> change_windows(std::span<const Run> events, std::size_t rows, std::size_t length) {
  std::vector<Run> windows;
  const auto add = [&](std::size_t edge) {
    if (edge == 0 || edge >= rows) return;  // what changed there was not seen
    if (!windows.empty()) windows.back().end = std::min(windows.back().end, edge);
    windows.push_back({.begin = edge, .end = std::min(edge + length, rows)});
  };
  for (const auto& event : events) {
    add(event.begin);
    add(event.end);
  }
  std::erase_if(windows, [](const Run& run) { return run.begin >= run.end; });
  return windows;
}

std::vector<std::size_t> rows_set(std::span<const std::uint8_t> flags) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) rows.push_back(i);
  }
  return rows;
}

void put_events(const Truth& truth, const Said& said, Weights weights, RowFigures& out) {
  double events = 0;
  double found = 0;
  for (const auto& event : truth.events) {
    const double w = weight_at(weights, event.begin);
    events += w;
    if (meets(said.episodes, event)) found += w;
  }
  double episodes = 0;
  double right = 0;
  for (const auto& episode : said.episodes) {
    const double w = weight_at(weights, episode.begin);
    episodes += w;
    if (meets(truth.events, episode)) right += w;
  }
  of(out, RowFigure::event_recall) = ratio(found, events);
  of(out, RowFigure::event_precision) = ratio(right, episodes);
  of(out, RowFigure::event_f1) = harmonic(
      of(out, RowFigure::event_recall), episodes > 0 ? ratio(right, episodes) : std::optional(0.0));
  of(out, RowFigure::false_episodes) = episodes - right;
  if (truth.days) of(out, RowFigure::false_per_day) = (episodes - right) / *truth.days;
}

void put_points(const Truth& truth, const Said& said, Weights weights, RowFigures& out) {
  double labelled = 0;
  double flagged = 0;
  double both = 0;
  double all = 0;
  for (std::size_t i = 0; i < truth.label.size(); ++i) {
    const double w = weight_at(weights, i);
    all += w;
    if (truth.label[i] != 0) labelled += w;
    if (said.flag[i] != 0) flagged += w;
    if (truth.label[i] != 0 && said.flag[i] != 0) both += w;
  }
  of(out, RowFigure::point_recall) = ratio(both, labelled);
  of(out, RowFigure::point_precision) = ratio(both, flagged);
  of(out, RowFigure::point_f1) = ratio(2 * both, labelled + flagged);
  of(out, RowFigure::alarmed) = ratio(flagged, all);
}

void put_affiliation(const Truth& truth, const Affiliation& of_zones, Weights weights,
                     RowFigures& out) {
  std::vector<double> zone_weights;
  zone_weights.reserve(truth.events.size());
  for (const auto& event : truth.events) zone_weights.push_back(weight_at(weights, event.begin));
  of(out, RowFigure::affiliation_precision) = of_zones.mean_precision(zone_weights);
  of(out, RowFigure::affiliation_recall) = of_zones.mean_recall(zone_weights);
}

void put_ranking(const Truth& truth, const Ranking& ranking, const VusOptions& vus, Weights weights,
                 RowFigures& out) {
  of(out, RowFigure::average_precision) = ranking.average_precision(truth.label, weights);
  of(out, RowFigure::roc_auc) = ranking.roc_auc(truth.label, weights);
  of(out, RowFigure::vus_pr) = vus_pr(ranking, truth.label, vus, weights);
}

std::optional<double> median_delay_s(const Truth& truth, std::span<const std::uint8_t> flag) {
  std::vector<double> delays;
  for (const auto& event : truth.events) {
    auto row = event.begin;
    while (row < event.end && flag[row] == 0) ++row;
    if (row == event.end) continue;
    delays.push_back(static_cast<double>(truth.at_us[row] - truth.at_us[event.begin]) * 1e-6);
  }
  if (delays.empty()) return std::nullopt;
  std::ranges::sort(delays);
  const auto half = delays.size() / 2;
  return delays.size() % 2 == 1 ? delays[half] : (delays[half - 1] + delays[half]) / 2;
}

NabScore nab_of(const Truth& truth, const Said& said) {
  std::vector<std::size_t> onsets;
  onsets.reserve(said.episodes.size());
  for (const auto& episode : said.episodes) onsets.push_back(episode.begin);
  return nab_score(onsets, truth.events);
}

/// All figures of one way of alarming.
RowFigures figures_of(const Truth& truth, const Said& said, const RowScoreOptions& options) {
  RowFigures out;
  put_events(truth, said, {}, out);
  put_points(truth, said, {}, out);
  put_ranking(truth, Ranking(said.score), options.vus, {}, out);
  put_affiliation(truth, affiliation(truth.events, said.episodes, truth.label.size()), {}, out);
  if (!truth.at_us.empty()) of(out, RowFigure::delay_s) = median_delay_s(truth, said.flag);
  of(out, RowFigure::nab) = nab_of(truth, said).normalized();
  of(out, RowFigure::change_nab) = nab_score(rows_set(said.change), truth.changes).normalized();
  return out;
}

/// A way of alarming that owns what it says.
struct Blind {
  std::vector<double> score;
  std::vector<std::uint8_t> flag;
  std::vector<std::uint8_t> change;

  Blind(std::size_t rows, double constant) : score(rows, constant), flag(rows), change(rows) {}
  void raise(Run run) {
    std::fill(flag.begin() + static_cast<std::ptrdiff_t>(run.begin),
              flag.begin() + static_cast<std::ptrdiff_t>(run.end), std::uint8_t{1});
    change[run.begin] = 1;
  }
  Said said() const { return {score, flag, change, runs_of(flag)}; }
};

/// The episodes' lengths, at places of a choice.
class Floors {
 public:
  Floors(const Truth& truth, const Said& said, const RowScoreOptions& options)
      : truth_(truth), said_(said), options_(options), rows_(truth.label.size()) {}

  std::vector<RowFloor> all() const {
    std::vector<RowFloor> floors;
    const auto add = [&](std::string_view name, const Blind& blind) {
      floors.push_back({.name = name, .figures = figures_of(truth_, blind.said(), options_)});
    };
    add("never", Blind(rows_, 0));
    Blind always(rows_, 1);
    always.raise({.begin = 0, .end = rows_});
    add("always", always);
    if (!said_.episodes.empty()) add("metronome", metronome());
    floors.push_back({.name = "random", .figures = random_mean()});
    Blind clock(rows_, 0);
    std::iota(clock.score.begin(), clock.score.end(), 0.0);
    add("clock", clock);
    return floors;
  }

 private:
  Blind metronome() const {
    std::vector<std::size_t> lengths;
    lengths.reserve(said_.episodes.size());
    for (const auto& episode : said_.episodes) lengths.push_back(episode.end - episode.begin);
    std::ranges::sort(lengths);
    const auto length = lengths[lengths.size() / 2];
    Blind blind(rows_, 0);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const auto begin = (2 * i + 1) * rows_ / (2 * lengths.size());
      blind.raise({.begin = begin, .end = std::min(begin + length, rows_)});
    }
    std::ranges::copy(blind.flag, blind.score.begin());
    return blind;
  }

  Blind by_chance(Random& random) const {
    Blind blind(rows_, 0);
    for (auto& score : blind.score) score = random.uniform();
    for (const auto& episode : said_.episodes) {
      const auto length = episode.end - episode.begin;
      const auto begin = static_cast<std::size_t>(random.below(rows_ - length + 1));
      blind.raise({.begin = begin, .end = begin + length});
    }
    return blind;
  }

  RowFigures random_mean() const {
    Random random(options_.seed);
    RowFigures sum;
    std::array<double, row_figures> counts{};
    for (std::size_t run = 0; run < options_.random_runs; ++run) {
      const auto figures = figures_of(truth_, by_chance(random).said(), options_);
      for (std::size_t i = 0; i < row_figures; ++i) {
        if (!figures.at(i)) continue;
        sum.at(i) = sum.at(i).value_or(0) + *figures.at(i);
        counts.at(i) += 1;
      }
    }
    for (std::size_t i = 0; i < row_figures; ++i) {
      if (sum.at(i)) *sum.at(i) /= counts.at(i);
    }
    return sum;
  }

  const Truth& truth_;
  const Said& said_;
  const RowScoreOptions& options_;
  std::size_t rows_;
};

/// What drawing blocks anew makes of the figures that count rows or events.
std::array<std::vector<double>, row_figures> draws_of(const Truth& truth, const Said& said,
                                                      const RowScoreOptions& options) {
  std::array<std::vector<double>, row_figures> draws;
  const Ranking ranking(said.score);
  const auto zones = affiliation(truth.events, said.episodes, truth.label.size());
  bootstrap(truth.label.size(), options.bootstrap, [&](Weights weights) {
    RowFigures drawn;
    put_events(truth, said, weights, drawn);
    put_points(truth, said, weights, drawn);
    put_ranking(truth, ranking, options.vus, weights, drawn);
    put_affiliation(truth, zones, weights, drawn);
    for (std::size_t i = 0; i < row_figures; ++i) {
      if (drawn.at(i)) draws.at(i).push_back(*drawn.at(i));
    }
  });
  return draws;
}

}  // namespace
}  // namespace by_rows

std::string_view to_text(RowFigure figure) {
  return by_rows::figure_names.at(static_cast<std::size_t>(figure));
}

RowScore score_rows(const ScoredRows& rows, const RowScoreOptions& options) {
  using namespace by_rows;  // NOLINT(google-build-using-namespace): this file's own
  RowScore result;
  result.rows = rows.score.size();
  if (result.rows == 0) return result;
  Truth truth{.label = rows.label,
              .at_us = rows.at_us,
              .events = runs_of(rows.label),
              .changes = {},
              .days = days_of(rows.at_us)};
  truth.changes = change_windows(truth.events, result.rows, options.change_rows);
  const Said said{rows.score, rows.flag, rows.change, runs_of(rows.flag)};
  result.events = truth.events.size();
  result.episodes = said.episodes.size();
  for (const auto& event : truth.events) result.labelled += event.end - event.begin;
  result.nab_raw = nab_of(truth, said).raw;
  const auto figures = figures_of(truth, said, options);
  auto draws = draws_of(truth, said, options);
  for (std::size_t i = 0; i < row_figures; ++i) {
    if (figures.at(i)) result.figures.at(i) = estimate(*figures.at(i), draws.at(i));
  }
  result.floors = Floors(truth, said, options).all();
  return result;
}

}  // namespace sosie
