#include "app/attack_report.h"

#include <fmt/format.h>

namespace sosie::app {

std::string to_text(const AttackReport& report) {
  auto text = fmt::format(
      "under attack, {} events, the threshold found anew for at most {:.3g} false alarms a day:\n"
      "{:<16}{:>9}{:>15}{:>13}\n",
      report.events, report.budget, "attack", "recall", "false per day", "recall kept");
  for (const auto& line : report.lines) {
    text +=
        fmt::format("{:<16}{:>9.3f}{:>15.2f}{:>13}", line.attack, line.recall, line.false_per_day,
                    line.kept ? fmt::format("{:.0f} %", 100 * *line.kept) : "-");
    if (line.ramps > 0) {
      text += fmt::format("   {} of {} ramps found", line.ramps_found, line.ramps);
    }
    text += '\n';
  }
  return text;
}

void write(json::Writer& out, const AttackReport& report) {
  out.begin_object();
  out.member("budget_per_day", report.budget);
  out.member("events", report.events);
  out.key("attacks");
  out.begin_array();
  for (const auto& line : report.lines) {
    out.begin_object();
    out.member("attack", line.attack);
    out.member("recall", line.recall);
    out.member("false_per_day", line.false_per_day);
    out.member("recall_kept", line.kept);
    if (line.ramps > 0) {
      out.member("ramps", line.ramps);
      out.member("ramps_found", line.ramps_found);
    }
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

}  // namespace sosie::app
