#include <algorithm>
#include <cmath>

#include "app/attack_report.h"
#include "app/label_windows.h"
#include "app/table_times.h"
#include "evaluation/budget.h"
#include "evaluation/runs.h"
#include "scoring/stack.h"

namespace sosie::app {
namespace {

/// A table that is wholly in memory.
struct KeptTable {
  scoring::Block learned;
  scoring::Block judged;
  std::vector<double> learned_of_day;  ///< empty: no days
  std::vector<double> judged_of_day;
  std::vector<std::uint8_t> labels;  ///< of the judged rows
  double period_s = 1;
  double days = 0;  ///< that are judged; without times as many as rows at one a second
};

Result<std::vector<std::uint8_t>> labels_of(const TableOptions& options, tabular::Sheet& sheet,
                                            const std::vector<std::uint32_t>& codes,
                                            const std::vector<Timestamp>& times) {
  std::vector<std::uint8_t> labels;
  if (!options.windows.empty()) {
    const auto windows = TRY(read_windows(options.windows, options.input));
    for (const auto at : times) {
      labels.push_back(std::ranges::any_of(windows, [&](const sosie::Span& window) {
        return window.begin <= at && at <= window.end;
      }));
    }
    return labels;
  }
  std::vector<std::uint64_t> counts(sheet.label_texts().size());
  for (const auto code : codes) ++counts[code];
  const auto abnormal = tabular::abnormal_labels(sheet.label_texts(), counts);
  for (const auto code : codes) labels.push_back(abnormal[code] ? 1 : 0);
  return labels;
}

Result<KeptTable> read_whole(const TableOptions& options) {
  auto sheet = TRY(tabular::Sheet::open(options.input, request_of(options)));
  if (!sheet.has_labels() && options.windows.empty()) {
    return Error{Errc::invalid,
                 "--attack needs to know what there is to find: --label or "
                 "--windows"};
  }
  KeptTable table;
  table.learned.columns = table.judged.columns = sheet.columns().size();
  std::vector<std::uint32_t> codes;
  std::vector<Timestamp> times;
  std::vector<double> of_day;
  tabular::SheetRow row;
  for (std::size_t i = 0;; ++i) {
    const bool more = TRY(sheet.next(row));
    if (!more) break;
    auto& block = i < options.train_rows ? table.learned : table.judged;
    block.cells.insert(block.cells.end(), row.values.begin(), row.values.end());
    codes.push_back(row.label);
    times.push_back(row.at.value_or(times.empty() ? Timestamp{} : times.back()));
    of_day.push_back(share_of_day(row.at));
  }
  if (table.judged.rows() == 0) {
    return Error{Errc::invalid, fmt::format("{}: has no rows behind the {} to learn from",
                                            options.input, options.train_rows)};
  }
  const auto learned = static_cast<std::ptrdiff_t>(table.learned.rows());
  table.labels = TRY(labels_of(options, sheet, codes, times));
  table.labels.erase(table.labels.begin(), table.labels.begin() + learned);
  const auto period = period_of(times);
  table.period_s = period > Duration{} ? std::chrono::duration<double>(period).count() : 1;
  table.days = static_cast<double>(table.judged.rows()) * table.period_s / 86'400;
  if (has_days(times)) {
    table.learned_of_day.assign(of_day.begin(), of_day.begin() + learned);
    table.judged_of_day.assign(of_day.begin() + learned, of_day.end());
  }
  return table;
}

/// The columns that are furthest off in each event, the furthest first: who causes an event knows
/// where it shows.
std::vector<std::vector<std::size_t>> targets_of(const KeptTable& table, const AttackerView& view) {
  std::vector<std::vector<std::size_t>> all;
  for (const auto& event : runs_of(table.labels)) {
    std::vector<std::pair<double, std::size_t>> off(view.columns());
    for (std::size_t c = 0; c < off.size(); ++c) off[c].second = c;
    for (auto r = event.begin; r < event.end; ++r) {
      const auto row = table.judged.row(r);
      for (auto& [sum, c] : off) sum -= std::abs(view.standardized(c, row[c]));
    }
    std::ranges::sort(off);
    auto& targets = all.emplace_back();
    for (const auto& [sum, c] : off) targets.push_back(c);
  }
  return all;
}

struct Judged {
  std::vector<double> scores;
  std::vector<std::uint8_t> ramped;  ///< rows under a ramp
};

Judged judge(const KeptTable& table, const std::optional<Attack>& attack, const AttackerView& view,
             const std::vector<std::vector<std::size_t>>& targets) {
  scoring::Stack stack(table.learned, table.period_s, table.learned_of_day);
  std::optional<Attacker> attacker;
  if (attack) attacker.emplace(*attack, view);
  const auto events = runs_of(table.labels);
  const std::vector<std::size_t> nobody;
  std::size_t next = 0;
  Judged judged;
  std::vector<double> values;
  for (std::size_t r = 0; r < table.judged.rows(); ++r) {
    while (next < events.size() && events[next].end <= r) ++next;
    const bool is_event = next < events.size() && events[next].begin <= r;
    const auto row = table.judged.row(r);
    values.assign(row.begin(), row.end());
    if (attacker) {
      attacker->change(values, is_event ? std::optional(next) : std::nullopt,
                       is_event ? targets[next] : nobody, table.period_s);
    }
    judged.ramped.push_back(attacker && attacker->ramped() ? 1 : 0);
    const double of_day = table.judged_of_day.empty() ? -1 : table.judged_of_day[r];
    judged.scores.push_back(stack.look(values, of_day).score);
  }
  return judged;
}

/// Rows under a ramp are neither ordinary nor what is to be kept: their alarms count for nobody.
AttackReport::Line line_of(const KeptTable& table, const Judged& judged, double budget) {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (std::size_t r = 0; r < judged.scores.size(); ++r) {
    if (judged.ramped[r] != 0 && table.labels[r] == 0) continue;
    scores.push_back(judged.scores[r]);
    labels.push_back(table.labels[r]);
  }
  const auto at = recall_at_budget_of_rows(scores, labels, table.days, budget);
  AttackReport::Line line;
  line.recall = at.recall;
  line.false_per_day = at.false_per_day;
  line.ramps = runs_of(judged.ramped).size();
  line.ramps_found = static_cast<std::size_t>(std::lround(
      share_alarmed(judged.scores, judged.ramped, at.threshold) * static_cast<double>(line.ramps)));
  return line;
}

}  // namespace

Result<AttackReport> attack_table(const TableOptions& options, const std::vector<Attack>& attacks,
                                  double budget) {
  const auto table = TRY(read_whole(options));
  AttackerView view(table.learned.columns);
  for (std::size_t r = 0; r < table.learned.rows(); ++r) view.learn(table.learned.row(r));
  view.settle();
  const auto targets = targets_of(table, view);
  AttackReport report;
  report.budget = budget;
  report.events = targets.size();
  std::vector<std::optional<Attack>> all{std::nullopt};
  all.insert(all.end(), attacks.begin(), attacks.end());
  for (const auto& attack : all) {
    auto line = line_of(table, judge(table, attack, view, targets), budget);
    line.attack = attack ? attack->name : "none";
    const double unharmed = report.lines.empty() ? line.recall : report.lines.front().recall;
    if (unharmed > 0) line.kept = line.recall / unharmed;
    report.lines.push_back(std::move(line));
  }
  return report;
}

}  // namespace sosie::app
