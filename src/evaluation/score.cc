#include "evaluation/score.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/random.h"
#include "evaluation/spans.h"

namespace sosie {
namespace {

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

std::optional<double> ratio(std::size_t part, std::size_t whole) {
  return ratio(static_cast<double>(part), static_cast<double>(whole));
}

std::optional<double> harmonic(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b > 0 ? 2 * *a * *b / (*a + *b) : 0;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// An episode: its whole length, for who meets whom, and what it is.
struct Marked {
  Span span;
  Kind kind = Kind::unknown;
  std::string_view asset;
  bool counts = false;            ///< lies in the scored span, at least in part
  std::vector<SeriesId> sensors;  ///< sorted; empty: any
  /// Sorted: what a label broke; the first that a finding blames. Empty: not known.
  std::vector<SeriesId> first{};
};

constexpr std::size_t suspects_that_count = 3;

/// Both sorted.
bool have_common(const std::vector<SeriesId>& a, const std::vector<SeriesId>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](SeriesId id) { return std::binary_search(b.begin(), b.end(), id); });
}

bool same_place(const Marked& a, const Marked& b) {
  if (!a.asset.empty() && !b.asset.empty() && a.asset != b.asset) return false;
  if (a.sensors.empty() || b.sensors.empty()) return true;
  return have_common(a.sensors, b.sensors);
}

std::vector<SeriesId> sensors_of(const Label& label, const SeriesTable& table) {
  std::vector<SeriesId> ids;
  for (const auto* names : {&label.direct, &label.consequences}) {
    for (const auto& name : *names) {
      if (const auto id = table.find_name(name)) ids.push_back(*id);
    }
  }
  return ids;
}

std::vector<SeriesId> first_of(const Label& label, const SeriesTable& table) {
  std::vector<SeriesId> ids;
  for (const auto& name : label.direct) {
    if (const auto id = table.find_name(name)) ids.push_back(*id);
  }
  return ids;
}

std::vector<SeriesId> first_of(const Finding& finding, const SeriesTable& /*table*/) {
  if (finding.suspects.empty()) return {};
  return {finding.suspects.front().series};
}

std::vector<SeriesId> sensors_of(const Finding& finding, const SeriesTable& /*table*/) {
  std::vector<SeriesId> ids;
  for (const auto& suspect : finding.suspects) {
    if (ids.size() < suspects_that_count) ids.push_back(suspect.series);
  }
  return ids;
}

Span span_of(const Label& label, Span /*within*/) {
  return {label.start, std::max(label.start, label.end)};
}

Span span_of(const Finding& finding, Span within) {
  return {finding.detected, std::max(finding.detected, finding.closed.value_or(within.end))};
}

template <class Episode>
Marked mark(const Episode& episode, Span within, const SeriesTable* table) {
  const Span span = span_of(episode, within);
  Marked one{span, episode.kind, episode.asset, cut(span, within).has_value(), {}};
  if (table != nullptr) {
    one.sensors = sensors_of(episode, *table);
    one.first = first_of(episode, *table);
  }
  std::sort(one.sensors.begin(), one.sensors.end());
  std::sort(one.first.begin(), one.first.end());
  return one;
}

template <class Episode>
std::vector<Marked> mark_all(std::span<const Episode> episodes, Span within,
                             const SeriesTable* table) {
  std::vector<Marked> all;
  all.reserve(episodes.size());
  for (const auto& episode : episodes) all.push_back(mark(episode, within, table));
  return all;
}

/// Those that count, cut to the scored span.
std::vector<Span> spans_of(const std::vector<Marked>& all, Span within) {
  std::vector<Span> spans;
  for (const auto& one : all) {
    if (const auto span = cut(one.span, within)) spans.push_back(*span);
  }
  return spans;
}

/// What is known of a label once the findings were held against it.
struct Hit {
  bool found = false;
  double delay_s = 0;
  bool named_right = false;
  Kind said = Kind::unknown;
  std::optional<std::size_t> by{};  ///< which finding tells of it
  bool blames_it = false;           ///< first of all
};

Span with_grace(Span label, Duration grace) {
  return {label.begin, label.end + grace};
}

bool meet(const Marked& label, const Marked& finding, Duration grace) {
  return overlap(with_grace(label.span, grace), finding.span) && same_place(label, finding);
}

/// Of each finding, whether its first suspect is what some label broke on which it lies.
std::vector<bool> blames_broken(const std::vector<Marked>& findings,
                                const std::vector<Marked>& labels, Duration grace) {
  std::vector<bool> blames(findings.size());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    blames[i] = std::any_of(labels.begin(), labels.end(), [&](const Marked& label) {
      return have_common(findings[i].first, label.first) && meet(label, findings[i], grace);
    });
  }
  return blames;
}

/// `blames`: as `blames_broken` says it; empty: nobody knows.
Hit hit_of(const Marked& label, const std::vector<Marked>& findings,
           const std::vector<bool>& blames, Duration grace) {
  Hit hit;
  const Span reach = with_grace(label.span, grace);
  Duration longest{-1};
  bool is_of_other = true;  // the finding that tells of the label so far
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const auto& finding = findings[i];
    if (!meet(label, finding, grace)) continue;
    const double delay = std::max(0.0, seconds_of(finding.span.begin - label.span.begin));
    hit.delay_s = hit.found ? std::min(hit.delay_s, delay) : delay;
    hit.found = true;
    const bool blames_it = have_common(finding.first, label.first);
    const bool blames_other = !blames_it && !blames.empty() && blames[i];
    const Duration shared = shared_time(reach, finding.span);
    const bool tells = blames_other == is_of_other ? shared > longest : is_of_other;
    if (!tells) continue;
    longest = shared;
    is_of_other = blames_other;
    hit.named_right = finding.kind == label.kind;
    hit.said = finding.kind;
    hit.by = i;
    hit.blames_it = blames_it;
  }
  return hit;
}

template <class Wanted>
bool lies_on_label(const Marked& finding, const std::vector<Marked>& labels, Duration grace,
                   Wanted wanted) {
  return std::any_of(labels.begin(), labels.end(), [&](const Marked& label) {
    return wanted(label) && meet(label, finding, grace);
  });
}

struct Met {
  Marked finding;
  bool is_true = false;      ///< lies on a label
  bool is_its_kind = false;  ///< lies on a label of the kind it says
};

/// Everything held against everything, once; then only what counts is kept. An episode outside the
/// scored span can still explain one inside: its label ended just before, it was found just before.
struct Matching {
  std::vector<Marked> labels;
  std::vector<std::size_t> places;  ///< of `labels`, among all
  std::vector<Hit> hits;            ///< of `labels`, in their order
  std::vector<Met> findings;
};

Matching match(const std::vector<Marked>& labels, const std::vector<Marked>& findings,
               Duration grace) {
  Matching m;
  const auto blames = blames_broken(findings, labels, grace);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].counts) continue;
    m.labels.push_back(labels[i]);
    m.places.push_back(i);
    m.hits.push_back(hit_of(labels[i], findings, blames, grace));
  }
  for (const auto& finding : findings) {
    if (!finding.counts) continue;
    Met met{.finding = finding};
    met.is_true = lies_on_label(finding, labels, grace, [](const Marked&) { return true; });
    met.is_its_kind = lies_on_label(finding, labels, grace,
                                    [&](const Marked& l) { return l.kind == finding.kind; });
    m.findings.push_back(met);
  }
  return m;
}

std::vector<double> delays(const std::vector<Hit>& hits) {
  std::vector<double> all;
  for (const auto& hit : hits) {
    if (hit.found) all.push_back(hit.delay_s);
  }
  return all;
}

/// The figures that follow from counts and from how the spans lie in time.
Figures figures_of(std::size_t found, std::size_t true_findings, std::span<const Span> labels,
                   std::span<const Span> alarms, Span within) {
  Figures f;
  f.recall = ratio(found, labels.size());
  f.precision = ratio(true_findings, alarms.size());
  f.f1 = harmonic(f.recall, f.precision);
  const double span_s = seconds_of(within.end - within.begin);
  f.false_per_day = ratio(static_cast<double>(alarms.size() - true_findings), span_s / 86'400);
  const auto labelled = joined(labels);
  const auto alarmed = joined(alarms);
  const double label_s = seconds_of(total(labelled));
  const double alarm_s = seconds_of(total(alarmed));
  const double both_s = seconds_of(shared_time(labelled, alarmed));
  f.row_accuracy = ratio(span_s - label_s - alarm_s + 2 * both_s, span_s);
  f.alarm_share = ratio(alarm_s, span_s);
  return f;
}

/// Sensor by sensor, how long label and alarm agree.
std::optional<double> sample_accuracy(const std::vector<Marked>& labels,
                                      const std::vector<Marked>& alarms, Span within,
                                      std::size_t series) {
  struct Times {
    std::vector<Span> labelled;
    std::vector<Span> alarmed;
  };
  std::map<SeriesId, Times> times;
  const auto gather = [&](const std::vector<Marked>& all, std::vector<Span> Times::* where) {
    for (const auto& one : all) {
      const auto span = cut(one.span, within);
      for (const auto id : one.sensors) {
        if (span) (times[id].*where).push_back(*span);
      }
    }
  };
  gather(labels, &Times::labelled);
  gather(alarms, &Times::alarmed);
  double wrong_s = 0;
  for (const auto& [id, of] : times) {
    const auto labelled = joined(of.labelled);
    const auto alarmed = joined(of.alarmed);
    wrong_s += seconds_of(total(labelled) + total(alarmed) - 2 * shared_time(labelled, alarmed));
  }
  const double span_s = seconds_of(within.end - within.begin) * static_cast<double>(series);
  return ratio(span_s - wrong_s, span_s);
}

/// What alarms are held against that come from no plant: the labels that count, and who they name.
struct Blind {
  std::vector<Marked> labels;
  std::vector<Span> label_spans;
  std::vector<SeriesId> usual;  ///< the sensors that most labels name, sorted; empty: none does
  std::size_t series = 0;       ///< that a random alarm may name; 0: alarms name none
  Span within;
  Duration grace;
};

std::vector<SeriesId> usual_of(const std::vector<Marked>& labels) {
  std::map<SeriesId, std::size_t> count;
  for (const auto& label : labels) {
    for (const auto id : label.sensors) ++count[id];
  }
  std::vector<std::pair<std::size_t, SeriesId>> order;
  order.reserve(count.size());
  for (const auto& [id, n] : count) order.emplace_back(n, id);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<SeriesId> usual;
  for (std::size_t i = 0; i < std::min(suspects_that_count, order.size()); ++i) {
    usual.push_back(order[i].second);
  }
  std::sort(usual.begin(), usual.end());
  return usual;
}

std::vector<Marked> naming(const std::vector<Span>& spans, const std::vector<SeriesId>& sensors) {
  std::vector<Marked> alarms;
  alarms.reserve(spans.size());
  for (const auto& span : spans) {
    alarms.push_back({span, Kind::unknown, {}, true, sensors});
  }
  return alarms;
}

/// Figures of alarms that have no kind and no asset.
Figures figures_of_blind(const Blind& blind, const std::vector<Marked>& alarms) {
  std::vector<Hit> hits;
  hits.reserve(blind.labels.size());
  for (const auto& label : blind.labels) hits.push_back(hit_of(label, alarms, {}, blind.grace));
  const auto found =
      std::count_if(hits.begin(), hits.end(), [](const Hit& hit) { return hit.found; });
  const auto right = std::count_if(alarms.begin(), alarms.end(), [&](const Marked& alarm) {
    return lies_on_label(alarm, blind.labels, blind.grace, [](const Marked&) { return true; });
  });
  std::vector<Span> spans;
  spans.reserve(alarms.size());
  for (const auto& alarm : alarms) spans.push_back(alarm.span);
  auto figures = figures_of(static_cast<std::size_t>(found), static_cast<std::size_t>(right),
                            blind.label_spans, spans, blind.within);
  figures.median_delay_s = median(delays(hits));
  figures.sample_accuracy = sample_accuracy(blind.labels, alarms, blind.within, blind.series);
  return figures;
}

std::vector<Span> metronome(const std::vector<Span>& alarms, Span within) {
  std::vector<double> lengths;
  lengths.reserve(alarms.size());
  for (const auto& alarm : alarms)
    lengths.push_back(static_cast<double>((alarm.end - alarm.begin).count()));
  const auto length = median(std::move(lengths));
  if (!length) return {};
  const Duration step = (within.end - within.begin) / static_cast<Duration::rep>(alarms.size());
  std::vector<Span> beats;
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    const Timestamp begin = within.begin + step / 2 + step * static_cast<Duration::rep>(i);
    const Timestamp end = begin + Duration(static_cast<Duration::rep>(*length));
    beats.push_back({begin, std::min(end, within.end)});
  }
  return beats;
}

std::vector<Marked> thrown(const std::vector<Span>& alarms, const Blind& blind, Random& random) {
  std::vector<Marked> places;
  for (const auto& alarm : alarms) {
    const Duration length = alarm.end - alarm.begin;
    const Duration room = blind.within.end - blind.within.begin - length;
    const Timestamp begin =
        blind.within.begin +
        Duration(static_cast<Duration::rep>(random.uniform() * static_cast<double>(room.count())));
    Marked place{{begin, begin + length}, Kind::unknown, {}, true, {}};
    for (std::size_t i = 0; blind.series > 0 && i < suspects_that_count; ++i) {
      place.sensors.push_back({static_cast<std::uint32_t>(random.below(blind.series))});
    }
    std::sort(place.sensors.begin(), place.sensors.end());
    places.push_back(std::move(place));
  }
  return places;
}

/// The mean of a figure over runs, of those runs that have it.
class Mean {
 public:
  void add(std::optional<double> value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const { return ratio(sum_, static_cast<double>(count_)); }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

using Figure = std::optional<double> Figures::*;
constexpr std::array<Figure, 8> every_figure{
    &Figures::recall,        &Figures::precision,      &Figures::f1,
    &Figures::false_per_day, &Figures::median_delay_s, &Figures::row_accuracy,
    &Figures::alarm_share,   &Figures::sample_accuracy};

Figures mean_of_random(const Blind& blind, const std::vector<Span>& alarms,
                       const ScoreOptions& options) {
  std::array<Mean, every_figure.size()> means;
  Random random(options.seed);
  for (std::size_t run = 0; run < options.random_runs; ++run) {
    const auto figures = figures_of_blind(blind, thrown(alarms, blind, random));
    for (std::size_t i = 0; i < means.size(); ++i) means.at(i).add(figures.*every_figure.at(i));
  }
  Figures mean;
  for (std::size_t i = 0; i < means.size(); ++i) mean.*every_figure.at(i) = means.at(i).value();
  return mean;
}

std::vector<Floor> floors_of(const Blind& blind, const std::vector<Span>& alarms,
                             const ScoreOptions& options) {
  const auto figures = [&](const std::vector<Span>& spans) {
    return figures_of_blind(blind, naming(spans, blind.usual));
  };
  std::vector<Floor> floors;
  floors.push_back({"never alarm", figures({})});
  floors.push_back({"always alarm", figures({blind.within})});
  if (alarms.empty()) return floors;
  floors.push_back({"metronome", figures(metronome(alarms, blind.within))});
  floors.push_back({"random", mean_of_random(blind, alarms, options)});
  return floors;
}

KindScore score_kind(Kind kind, const Matching& m) {
  KindScore score{.kind = kind, .recall = {}, .precision = {}, .median_delay_s = {}};
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < m.labels.size(); ++i) {
    if (m.labels[i].kind != kind) continue;
    ++score.labels;
    if (!m.hits[i].found) continue;
    ++score.found;
    if (m.hits[i].named_right) ++score.named_right;
    hits.push_back(m.hits[i]);
  }
  for (const auto& met : m.findings) {
    if (met.finding.kind != kind) continue;
    ++score.findings;
    if (met.is_its_kind) ++score.true_findings;
  }
  score.recall = ratio(score.found, score.labels);
  score.precision = ratio(score.true_findings, score.findings);
  score.median_delay_s = median(delays(hits));
  return score;
}

std::vector<KindScore> score_kinds(const Matching& m) {
  std::vector<KindScore> kinds;
  for (std::size_t i = 0; i < kind_count; ++i) {
    const auto score = score_kind(static_cast<Kind>(i), m);
    if (score.labels + score.findings > 0) kinds.push_back(score);
  }
  return kinds;
}

std::vector<LabelOutcome> label_outcomes(const Matching& m) {
  std::vector<LabelOutcome> outcomes;
  outcomes.reserve(m.labels.size());
  for (std::size_t i = 0; i < m.labels.size(); ++i) {
    outcomes.push_back({.start = m.labels[i].span.begin,
                        .kind = m.labels[i].kind,
                        .found = m.hits[i].found,
                        .said = m.hits[i].said,
                        .delay_s = m.hits[i].delay_s,
                        .label = m.places[i],
                        .by = m.hits[i].by,
                        .blames_it = m.hits[i].blames_it});
  }
  return outcomes;
}

std::vector<FindingOutcome> finding_outcomes(const Matching& m) {
  std::vector<FindingOutcome> outcomes;
  outcomes.reserve(m.findings.size());
  for (const auto& met : m.findings) {
    outcomes.push_back(
        {.detected = met.finding.span.begin, .kind = met.finding.kind, .is_true = met.is_true});
  }
  return outcomes;
}

std::optional<double> kind_accuracy(const std::vector<KindScore>& kinds) {
  std::size_t found = 0;
  std::size_t right = 0;
  for (const auto& kind : kinds) {
    if (kind.kind == Kind::unknown) continue;
    found += kind.found;
    right += kind.named_right;
  }
  return ratio(right, found);
}

}  // namespace

bool belongs(const Finding& finding, const Label& label, const ScoreOptions& options) {
  const Span always{Timestamp::min(), Timestamp::max()};
  return meet(mark(label, always, options.series), mark(finding, always, options.series),
              options.grace);
}

Score score(std::span<const Label> labels, std::span<const Finding> findings, Timestamp from,
            Timestamp to, const ScoreOptions& options) {
  const Span within{from, std::max(from, to)};
  const auto marked_labels = mark_all(labels, within, options.series);
  const auto marked_findings = mark_all(findings, within, options.series);
  const auto m = match(marked_labels, marked_findings, options.grace);
  const auto label_spans = spans_of(marked_labels, within);
  const auto finding_spans = spans_of(marked_findings, within);

  Score result;
  result.from = from;
  result.to = to;
  result.labels = m.labels.size();
  result.findings = m.findings.size();
  result.found = static_cast<std::size_t>(
      std::count_if(m.hits.begin(), m.hits.end(), [](const Hit& hit) { return hit.found; }));
  result.true_findings = static_cast<std::size_t>(std::count_if(
      m.findings.begin(), m.findings.end(), [](const Met& met) { return met.is_true; }));
  result.figures =
      figures_of(result.found, result.true_findings, label_spans, finding_spans, within);
  result.figures.median_delay_s = median(delays(m.hits));
  const std::size_t series = options.series == nullptr ? 0 : options.series->size();
  result.figures.sample_accuracy = sample_accuracy(marked_labels, marked_findings, within, series);
  result.kinds = score_kinds(m);
  result.kind_accuracy = kind_accuracy(result.kinds);
  result.label_outcomes = label_outcomes(m);
  result.finding_outcomes = finding_outcomes(m);
  const Blind blind{.labels = m.labels,
                    .label_spans = label_spans,
                    .usual = usual_of(m.labels),
                    .series = series,
                    .within = within,
                    .grace = options.grace};
  result.floors = floors_of(blind, finding_spans, options);
  return result;
}

}  // namespace sosie
