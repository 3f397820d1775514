#include "app/legacy_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/attack_report.h"
#include "app/plant_evaluation.h"
#include "base/text.h"

namespace sosie::app {
namespace {

constexpr auto learn_by_default = std::chrono::hours(24 * 7);
constexpr auto look_by_default = std::chrono::hours(24 * 7);  // each of 44 faults once
constexpr double unlimited = 1e9;  // false alarms a day: the threshold stays as it is

Result<Duration> legacy_learn(const LegacyOptions& options) {
  if (options.learn.empty())
    return options.dataset.empty() ? Duration(learn_by_default) : Duration{};
  const auto us = to_duration_us(options.learn);
  if (us && *us > 0) return Duration(*us);
  return Error{Errc::invalid, fmt::format("--learn is {}; expected as 7d", options.learn)};
}

/// The share of faults that came that were found at least every second time.
double covered(const PlantEvaluation& evaluation) {
  const auto found = std::ranges::count_if(
      evaluation.faults, [](const auto& fault) { return 2 * fault.found >= fault.labels; });
  return static_cast<double>(found) /
         static_cast<double>(std::max<std::size_t>(1, evaluation.faults.size()));
}

/// The least that is kept of recall under any of the attacks.
double kept_at_worst(const AttackReport& report) {
  double least = 1;
  for (const auto& line : report.lines) least = std::min(least, line.kept.value_or(0));
  return least;
}

struct JudgingPace {
  double p95_ms = 0;
  double rows_a_s = 0;
  std::size_t sensors = 0;
};

/// `kept`: of recall, under the worst attack.
std::vector<LegacyReport::Line> lines_of(const JudgingPace& pace, const PlantEvaluation& evaluation,
                                         double kept) {
  return {
      {.name = "latency, P95",
       .value = pace.p95_ms,
       .unit = "ms",
       .must = 0.28,
       .more_is_better = false,
       .how = fmt::format("all detectors and the diagnosis, one row of {} sensors, with what is "
                          "explained; the upper end of its bucket",
                          pace.sensors)},
      {.name = "accuracy",
       .value = 100 * evaluation.score.figures.sample_accuracy.value_or(0),
       .unit = "%",
       .must = 97.6,
       .how = "share of sensor-time whose state, under a fault or not, is said rightly"},
      {.name = "throughput",
       .value = pace.rows_a_s,
       .unit = "1/s",
       .must = 100,
       .how = "rows of all sensors judged in a CPU second of one core"},
      {.name = "robustness",
       .value = 100 * kept,
       .unit = "%",
       .must = 85,
       .how =
           "events still found with noise of 10 % of each sensor's deviation, with 5 % or with "
           "20 % of all values lost, whichever is worst, of those found without, whatever it costs "
           "in false findings"},
      {.name = "coverage",
       .value = 100 * covered(evaluation),
       .unit = "%",
       .must = 85,
       .how = fmt::format("of the {} sorts of faults that came, those found at least every second "
                          "time",
                          evaluation.faults.size())}};
}

std::string note_of(double never, const PlantEvaluation& evaluation) {
  return fmt::format(
      "Accuracy hides what counts: faults are rare, so that never alarming has {:.1f} %. Here "
      "recall is {:.2f}, precision {:.2f}, with {:.2f} false findings a day, and the macro-F1 of "
      "the kinds {:.2f}. The published figures say neither on which data nor how they were "
      "measured; they are set beside ours, not compared with them.",
      100 * never, evaluation.score.figures.recall.value_or(0),
      evaluation.score.figures.precision.value_or(0),
      evaluation.score.figures.false_per_day.value_or(0),
      evaluation.confusion.macro_f1().value_or(0));
}

}  // namespace

Result<LegacyReport> legacy_report(const LegacyOptions& options, const Catalog& catalog) {
  const auto learn = TRY(legacy_learn(options));
  const auto open = [&]() -> Result<std::unique_ptr<Feed>> {
    if (!options.dataset.empty()) return open_dataset(options.dataset, options.scenario, catalog);
    return live_plant({.scenario = options.scenario,
                       .seed = options.seed,
                       .learn = learn,
                       .look = look_by_default,
                       .ordered = true},
                      catalog);
  };
  const DetectorRunOptions asked{.scenario = options.scenario, .learn = learn};
  auto feed = TRY(open());
  auto run = TRY(run_detectors(*feed, asked, catalog));
  const auto attacks = TRY(read_attacks("noise:10,dropout:5,dropout:20"));
  const auto attacked = TRY(attack_detectors(open, asked, attacks, unlimited, catalog));
  LegacyReport report;
  report.data = options.dataset.empty()
                    ? fmt::format("the plant of {}, seed {}, every fault in turn", options.scenario,
                                  options.seed)
                    : options.dataset;
  const JudgingPace pace{.p95_ms = run.look_p95_s * 1e3,
                         .rows_a_s = run.look_s > 0 ? run.frames / run.look_s : 0,
                         .sensors = feed->series().size()};
  const auto evaluation = evaluate_run(std::move(run), options.scenario, report.data);
  report.never = 1;
  for (const auto& floor : evaluation.score.floors) {
    if (floor.name == "never alarm") report.never = floor.figures.sample_accuracy.value_or(1);
  }
  report.lines = lines_of(pace, evaluation, kept_at_worst(attacked));
  report.note = note_of(report.never, evaluation);
  return report;
}

std::string to_text(const LegacyReport& report) {
  auto text = fmt::format("{}: simulated\n{:<16}{:>12}{:>14}{:>7}\n", report.data, "", "measured",
                          "published", "");
  for (const auto& line : report.lines) {
    const auto value =
        line.value < 1000 ? fmt::format("{:.3g}", line.value) : fmt::format("{:.0f}", line.value);
    text += fmt::format(
        "{:<16}{:>12}{:>14}{:>7}   {}\n", line.name, value + ' ' + line.unit,
        fmt::format("{} {:.4g} {}", line.more_is_better ? ">=" : "<=", line.must, line.unit),
        line.holds() ? "holds" : "FAILS", line.how);
  }
  return text + report.note + '\n';
}

void write(json::Writer& out, const LegacyReport& report) {
  out.begin_object();
  out.member("data", report.data);
  out.member("simulated", true);
  out.key("figures");
  out.begin_array();
  for (const auto& line : report.lines) {
    out.begin_object();
    out.member("name", line.name);
    out.member("value", line.value);
    out.member("unit", line.unit);
    out.member("published", line.must);
    out.member("more_is_better", line.more_is_better);
    out.member("holds", line.holds());
    out.member("how", line.how);
    out.end_object();
  }
  out.end_array();
  out.member("accuracy_of_never_alarming", 100 * report.never);
  out.member("note", report.note);
  out.end_object();
}

}  // namespace sosie::app
