#include "app/score_text.h"

#include <optional>

#include "base/time_text.h"

namespace sosie::app {
namespace {

std::string shown(const std::optional<double>& figure, int decimals = 2) {
  return figure ? fmt::format("{:.{}f}", *figure, decimals) : std::string("-");
}

std::string line(std::string_view name, const Figures& f) {
  return fmt::format("{:<14}{:>8}{:>11}{:>7}{:>15}{:>13}{:>10}{:>10}\n", name, shown(f.recall),
                     shown(f.precision), shown(f.f1), shown(f.false_per_day),
                     shown(f.median_delay_s, 0), shown(f.alarm_share, 3), shown(f.row_accuracy, 3));
}

void write(json::Writer& out, const Figures& f) {
  out.member("recall", f.recall);
  out.member("precision", f.precision);
  out.member("f1", f.f1);
  out.member("false_per_day", f.false_per_day);
  out.member("median_delay_s", f.median_delay_s);
  out.member("row_accuracy", f.row_accuracy);
  out.member("alarm_share", f.alarm_share);
}

}  // namespace

std::string to_text(const Score& score) {
  auto text = fmt::format(
      "{} to {}: {} labelled events, {} findings ({} of the events found, {} findings true)\n",
      to_iso8601(score.from), to_iso8601(score.to), score.labels, score.findings, score.found,
      score.true_findings);
  text += fmt::format("{:<14}{:>8}{:>11}{:>7}{:>15}{:>13}{:>10}{:>10}\n", "", "recall", "precision",
                      "F1", "false per day", "delay (s)", "alarmed", "accuracy");
  text += line("sosie", score.figures);
  for (const Floor& floor : score.floors) text += line(floor.name, floor.figures);
  if (score.kinds.empty()) return text;
  text += fmt::format("{:<22}{:>8}{:>8}{:>13}{:>10}{:>11}\n", "kind", "labels", "found",
                      "named right", "findings", "delay (s)");
  for (const KindScore& kind : score.kinds) {
    text += fmt::format("{:<22}{:>8}{:>8}{:>13}{:>10}{:>11}\n", name_of(kind.kind).en, kind.labels,
                        kind.found, kind.named_right, kind.findings, shown(kind.median_delay_s, 0));
  }
  return text;
}

void write(json::Writer& out, const Score& score) {
  out.begin_object();
  out.member("from", to_iso8601(score.from));
  out.member("to", to_iso8601(score.to));
  out.member("labels", score.labels);
  out.member("findings", score.findings);
  out.member("found", score.found);
  out.member("true_findings", score.true_findings);
  write(out, score.figures);
  out.member("kind_accuracy", score.kind_accuracy);
  out.key("kinds");
  out.begin_array();
  for (const KindScore& kind : score.kinds) {
    out.begin_object();
    out.member("kind", to_text(kind.kind));
    out.member("labels", kind.labels);
    out.member("found", kind.found);
    out.member("named_right", kind.named_right);
    out.member("findings", kind.findings);
    out.member("recall", kind.recall);
    out.member("precision", kind.precision);
    out.member("median_delay_s", kind.median_delay_s);
    out.end_object();
  }
  out.end_array();
  out.key("floors");
  out.begin_array();
  for (const Floor& floor : score.floors) {
    out.begin_object();
    out.member("name", floor.name);
    write(out, floor.figures);
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

}  // namespace sosie::app
