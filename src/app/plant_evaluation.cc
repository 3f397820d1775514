#include "app/plant_evaluation.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/row_score_text.h"
#include "app/score_text.h"
#include "base/time_text.h"

namespace sosie::app {
namespace {

std::optional<double> middle(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

void put_faults(PlantEvaluation& evaluation) {
  std::map<std::string, PlantEvaluation::Fault> faults;
  std::map<std::string, std::vector<double>> delays;
  for (const auto& outcome : evaluation.score.label_outcomes) {
    const auto& label = evaluation.run.labels[outcome.label];
    auto& fault = faults[label.scenario];
    fault.name = label.scenario;
    fault.kind = label.kind;
    ++fault.labels;
    if (!outcome.by) continue;
    const auto& finding = evaluation.run.findings[*outcome.by];
    ++fault.found;
    if (outcome.said == label.kind) ++fault.named_right;
    delays[label.scenario].push_back(
        std::max(0.0, std::chrono::duration<double>(finding.detected - label.start).count()));
    if (label.direct.size() != 1 || !label.consequences.empty()) continue;
    ++evaluation.single;
    evaluation.single_first += outcome.blames_it ? 1 : 0;
  }
  for (auto& [name, fault] : faults) {
    fault.median_delay_s = middle(std::move(delays[name]));
    evaluation.faults.push_back(std::move(fault));
  }
  std::ranges::stable_sort(evaluation.faults, {}, &PlantEvaluation::Fault::kind);
}

/// Minutes as rows: those under a label, and what was said in them.
std::optional<RowScore> score_slices(const DetectorRun& run) {
  ScoredRows rows;
  bool is_any = false;
  for (const auto& slice : run.slices) {
    const bool is_labelled = std::ranges::any_of(run.labels, [&](const Label& label) {
      return label.start <= slice.at && slice.at <= label.end;
    });
    is_any = is_any || is_labelled;
    rows.score.push_back(slice.score);
    rows.flag.push_back(slice.is_flagged ? 1 : 0);
    rows.change.push_back(0);
    rows.label.push_back(is_labelled ? 1 : 0);
    rows.at_us.push_back(slice.at.time_since_epoch().count());
  }
  if (!is_any) return std::nullopt;
  for (std::size_t i = 0; i < rows.flag.size(); ++i) {
    rows.change[i] = rows.flag[i] != 0 && (i == 0 || rows.flag[i - 1] == 0) ? 1 : 0;
  }
  RowScoreOptions options;
  options.bootstrap.draws =
      std::clamp<std::size_t>(6'000'000 / std::max<std::size_t>(1, rows.score.size()), 20, 200);
  return score_rows(rows, options);
}

std::string shown(const std::optional<Estimate>& estimate) {
  if (!estimate) return "-";
  auto text = fmt::format("{:.3f}", estimate->value);
  if (estimate->low) text += fmt::format(" ({:.3f} - {:.3f})", *estimate->low, *estimate->high);
  return text;
}

std::string confusion_text(const Confusion& confusion) {
  auto text = fmt::format("{:<22}", "kind, and what was said");
  for (std::size_t k = 0; k < kind_count; ++k) {
    const std::string_view word = name_of(static_cast<Kind>(k)).en;
    text += fmt::format("{:>13}", word.substr(0, std::min<std::size_t>(12, word.size())));
  }
  text += fmt::format("{:>13}\n", "missed");
  for (std::size_t row = 0; row < kind_count; ++row) {
    const bool is_false = row == Confusion::causes;
    text += fmt::format("{:<22}",
                        is_false ? std::string("(no label)") : name_of(static_cast<Kind>(row)).en);
    for (const double count : confusion.counts.at(row)) text += fmt::format("{:>13.0f}", count);
    text += '\n';
  }
  return text;
}

void member(json::Writer& out, std::string_view name, const std::optional<Estimate>& estimate) {
  out.key(name);
  if (!estimate) {
    out.value(nullptr);
    return;
  }
  out.begin_object();
  out.member("value", estimate->value);
  out.member("low", estimate->low);
  out.member("high", estimate->high);
  out.end_object();
}

void write_confusion(json::Writer& out, const Confusion& confusion) {
  out.key("confusion");
  out.begin_object();
  for (std::size_t row = 0; row < kind_count; ++row) {
    const bool is_false = row == Confusion::causes;
    out.key(is_false ? "no_label" : to_text(static_cast<Kind>(row)));
    out.begin_object();
    for (std::size_t k = 0; k < kind_count; ++k) {
      out.member(to_text(static_cast<Kind>(k)), confusion.counts.at(row).at(k));
    }
    if (!is_false) out.member("missed", confusion.counts.at(row).back());
    out.end_object();
  }
  out.end_object();
}

}  // namespace

PlantEvaluation evaluate_run(DetectorRun run, std::string scenario, std::string data) {
  PlantEvaluation evaluation;
  evaluation.scenario = std::move(scenario);
  evaluation.data = std::move(data);
  ScoreOptions held;
  held.series = run.series.get();
  evaluation.score = score(run.labels, run.findings, run.from, run.to, held);
  evaluation.intervals = intervals_of(evaluation.score);
  evaluation.confusion = confusion_of(evaluation.score);
  evaluation.rows = score_slices(run);
  evaluation.run = std::move(run);
  put_faults(evaluation);
  return evaluation;
}

std::string to_text(const PlantEvaluation& e) {
  auto text = fmt::format("{}: {} rows, learned from {}; detectors of {}: {}\n", e.data, e.run.rows,
                          e.run.learned_rows, e.scenario, fmt::join(e.run.detectors, ", "));
  for (const auto& note : e.run.notes) text += "- " + note + '\n';
  text += to_text(e.score);
  text += fmt::format(
      "with the middle 95 % of drawing forty pieces of the record anew:\n"
      "  recall {}, precision {}, F1 {}, false a day {}, delay {} s\n"
      "  macro-F1 of the kinds, of what was found {}; with what was missed and what was false {}\n",
      shown(e.intervals.recall), shown(e.intervals.precision), shown(e.intervals.f1),
      shown(e.intervals.false_per_day), shown(e.intervals.median_delay_s),
      shown(e.intervals.macro_f1), shown(e.intervals.strict_macro_f1));
  text += confusion_text(e.confusion);
  if (e.single > 0) {
    text += fmt::format("of {} faults of one sensor that were found, {} blame it first\n", e.single,
                        e.single_first);
  }
  text += fmt::format("{:<26}{:>22}{:>8}{:>8}{:>13}{:>11}\n", "fault", "kind", "labels", "found",
                      "named right", "delay (s)");
  for (const auto& fault : e.faults) {
    text += fmt::format("{:<26}{:>22}{:>8}{:>8}{:>13}{:>11}\n", fault.name, name_of(fault.kind).en,
                        fault.labels, fault.found, fault.named_right,
                        fault.median_delay_s ? fmt::format("{:.0f}", *fault.median_delay_s) : "-");
  }
  if (e.rows) {
    text += "by minutes; the score is that of the strongest open finding:\n" + to_text(*e.rows);
  }
  return text;
}

void write(json::Writer& out, const PlantEvaluation& e) {
  out.begin_object();
  out.member("data", e.data);
  out.member("scenario", e.scenario);
  out.member("rows", e.run.rows);
  out.member("learned_rows", e.run.learned_rows);
  out.key("detectors");
  out.begin_array();
  for (const auto& name : e.run.detectors) out.value(name);
  out.end_array();
  out.key("notes");
  out.begin_array();
  for (const auto& note : e.run.notes) out.value(note);
  out.end_array();
  out.key("events");
  write(out, e.score);
  out.key("intervals");
  out.begin_object();
  member(out, "recall", e.intervals.recall);
  member(out, "precision", e.intervals.precision);
  member(out, "f1", e.intervals.f1);
  member(out, "false_per_day", e.intervals.false_per_day);
  member(out, "median_delay_s", e.intervals.median_delay_s);
  member(out, "macro_f1", e.intervals.macro_f1);
  member(out, "strict_macro_f1", e.intervals.strict_macro_f1);
  out.end_object();
  write_confusion(out, e.confusion);
  out.member("single_sensor_faults_found", e.single);
  out.member("single_sensor_first", e.single_first);
  out.key("faults");
  out.begin_array();
  for (const auto& fault : e.faults) {
    out.begin_object();
    out.member("fault", fault.name);
    out.member("kind", to_text(fault.kind));
    out.member("labels", fault.labels);
    out.member("found", fault.found);
    out.member("named_right", fault.named_right);
    out.member("median_delay_s", fault.median_delay_s);
    out.end_object();
  }
  out.end_array();
  if (e.rows) {
    out.key("minutes");
    out.begin_object();
    write_figures(out, *e.rows);
    out.end_object();
  }
  out.end_object();
}

}  // namespace sosie::app
