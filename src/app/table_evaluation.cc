#include "app/table_evaluation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/label_windows.h"
#include "app/row_score_text.h"
#include "app/score_file.h"
#include "app/table_remarks.h"
#include "app/table_times.h"
#include "scoring/stack.h"

namespace sosie::app {
namespace {

using tabular::Sheet;
using tabular::SheetRow;

constexpr std::size_t most_named = 8;

std::vector<std::string> names_of(const Sheet& sheet) {
  std::vector<std::string> names;
  names.reserve(sheet.columns().size());
  for (const auto& column : sheet.columns()) names.push_back(column.name);
  return names;
}

/// One evaluation while it runs.
class TableRun {
 public:
  TableRun(const TableOptions& options, Sheet sheet)
      : options_(options),
        sheet_(std::move(sheet)),
        needs_truth_(false),
        remarks_(names_of(sheet_)) {}

  Result<TableEvaluation> run() {
    result_.input = options_.input;
    TRY(prepare());
    TRY(learn());
    TRY(judge());
    TRY(out_.close());
    tell_columns();
    tell_reading();
    if (needs_truth_) hold_against_truth();
    return std::move(result_);
  }

 private:
  Result<void> prepare() {
    needs_truth_ = sheet_.has_labels() || !options_.windows.empty();
    if (!options_.windows.empty()) {
      if (!sheet_.has_times()) {
        return Error{Errc::invalid, "--windows needs times; name their column by --time"};
      }
      windows_ = TRY(read_windows(options_.windows, options_.input));
    }
    if (options_.time.empty()) {
      result_.notes.emplace_back("no column of times is named (--time): rows are counted instead");
    }
    return out_.open(options_.scores);
  }

  /// The time as it was written, or the row's number.
  std::string_view time_of(const SheetRow& row) {
    if (!options_.time.empty()) return row.time;
    number_ = fmt::to_string(result_.rows);
    return number_;
  }

  Result<void> learn() {
    scoring::Block block{.columns = sheet_.columns().size(), .cells = {}};
    std::vector<std::string> written;
    std::vector<Timestamp> times;
    std::vector<double> of_day;
    SheetRow row;
    while (block.rows() < options_.train_rows) {
      const bool more = TRY(sheet_.next(row));
      if (!more) break;
      written.emplace_back(time_of(row));
      ++result_.rows;
      block.cells.insert(block.cells.end(), row.values.begin(), row.values.end());
      if (row.at) times.push_back(*row.at);
      of_day.push_back(share_of_day(row.at));
      order_.see(row.at);
      remarks_.learn(row.values);
      count_label(row);
    }
    result_.learned = block.rows();
    const auto period = period_of(times);
    order_.end_learning();
    if (!has_days(times)) of_day.clear();
    has_days_ = !of_day.empty();
    stack_ = std::make_unique<scoring::Stack>(std::move(block),
                                              static_cast<double>(period.count()) * 1e-6, of_day);
    tell_left_out(written);
    for (std::size_t i = 0; i < written.size(); ++i) {
      out_.put(written[i], {.score = stack_->learned_scores()[i]}, {});
    }
    return {};
  }

  Result<void> judge() {
    SheetRow row;
    bool was_flagged = false;
    for (;;) {
      const bool more = TRY(sheet_.next(row));
      if (!more) return {};
      const auto verdict = stack_->look(row.values, has_days_ ? share_of_day(row.at) : -1);
      out_.put(time_of(row), verdict, sheet_.columns()[verdict.column].name);
      ++result_.rows;
      order_.see(row.at);
      remarks_.judge(row.values);
      if (verdict.flag) ++result_.flagged;
      if (verdict.flag && !was_flagged) ++result_.episodes;
      was_flagged = verdict.flag;
      count_label(row);
      if (needs_truth_) keep(row, verdict);
    }
  }

  void count_label(const SheetRow& row) {
    if (!sheet_.has_labels()) return;
    if (row.label >= label_counts_.size()) label_counts_.resize(row.label + 1);
    ++label_counts_[row.label];
  }

  void keep(const SheetRow& row, const scoring::Verdict& verdict) {
    scored_.score.push_back(verdict.score);
    scored_.flag.push_back(verdict.flag ? 1 : 0);
    scored_.change.push_back(verdict.change ? 1 : 0);
    if (sheet_.has_labels()) labels_.push_back(row.label);
    if (!sheet_.has_times()) return;
    // A row whose time cannot be read has that of the row before.
    const auto at = row.at                  ? row.at->time_since_epoch().count()
                    : scored_.at_us.empty() ? 0
                                            : scored_.at_us.back();
    scored_.at_us.push_back(at);
  }

  void tell_left_out(std::span<const std::string> times) {
    if (const auto& wild = stack_->wild(); wild.cells > 0) {
      result_.notes.push_back(
          fmt::format("{} cells of the rows of learning (the first at {}) are too far from their "
                      "sensor's others to be measured: not learned from",
                      wild.cells, times[wild.first_row]));
    }
    if (const auto rows = stack_->left_out(); !rows.empty()) {
      result_.notes.push_back(
          fmt::format("{} rows of learning (from {} to {}) are unlike all others, as in a fault: "
                      "not learned from",
                      rows.size(), times[rows.front()], times[rows.back()]));
    }
  }

  void tell_columns() {
    const auto& profiles = stack_->profiles();
    std::vector<std::string> constant;
    for (std::size_t i = 0; i < profiles.size(); ++i) {
      const auto& column = sheet_.columns()[i];
      const auto& profile = profiles[i];
      std::string how = profile.is_slow ? "wanders: by its distance from its own slow course"
                                        : "steady: by its level and its course";
      if (stack_->counters().has(i)) how = "counts: by its growth";
      if (!profile.season.empty()) how += ", less what is usual at that time of day";
      if (profile.is_constant) {
        how = profile.known > 0 ? "never changed: an alarm where it does"
                                : "had no value: not judged";
        constant.push_back(column.name);
      }
      if (column.unreadable > 0) {
        const bool is_number = column.kind == tabular::SheetColumn::Kind::number;
        result_.notes.push_back(fmt::format(
            "'{}' has {} cells that are {}, as '{}'", column.name, column.unreadable,
            is_number ? "no numbers" : "other words than its first rows have", column.example));
      }
      result_.sensors.push_back({.name = column.name, .known = profile.known, .how = how});
    }
    if (constant.empty()) return;
    const auto all = constant.size();
    if (all > most_named) constant.resize(most_named);
    result_.notes.push_back(
        fmt::format("{} sensors had one value, or none, in all rows of learning: another value "
                    "is an alarm, a first one is not: {}{}",
                    all, fmt::join(constant, ", "), all > most_named ? " …" : ""));
  }

  void tell_reading() {
    auto& notes = result_.notes;
    notes.insert(notes.begin(), sheet_.notes().begin(), sheet_.notes().end());
    if (result_.learned < options_.train_rows) {
      notes.push_back(
          fmt::format("the table has {} rows, {} were asked for to learn from: nothing "
                      "is left to judge",
                      result_.learned, options_.train_rows));
    }
    if (!stack_->is_learned()) {
      notes.push_back(
          fmt::format("{} rows are too few to learn from (at least {} are needed): rows "
                      "are held against how far each sensor has wandered so far",
                      result_.learned, scoring::Stack::least_rows));
    } else if (result_.learned < sheet_.columns().size()) {
      notes.push_back(
          fmt::format("{} rows of learning for {} sensors: what they have to do with "
                      "each other is known badly",
                      result_.learned, sheet_.columns().size()));
    }
    if (sheet_.columns().size() > scoring::Judge::most_together) {
      notes.push_back(
          fmt::format("the first {} sensors that change are also judged together, the "
                      "others one by one only",
                      scoring::Judge::most_together));
    }
    if (sheet_.broken_rows() > 0) {
      notes.push_back(
          fmt::format("{} rows cannot be read (quotes): they count as rows without "
                      "values",
                      sheet_.broken_rows()));
    }
    if (sheet_.ragged_rows() > 0) {
      notes.push_back(
          fmt::format("{} rows have more or fewer cells than the header", sheet_.ragged_rows()));
    }
    if (sheet_.untimed_rows() > 0) {
      notes.push_back(fmt::format("the time of {} rows cannot be read", sheet_.untimed_rows()));
    }
    remarks_.tell(notes);
    order_.tell(notes);
  }

  void label_by_windows() {
    scored_.label.reserve(scored_.at_us.size());
    for (const auto us : scored_.at_us) {
      const Timestamp at{Duration(us)};
      const bool is_in = std::ranges::any_of(windows_, [&](const sosie::Span& window) {
        return window.begin <= at && at <= window.end;
      });
      scored_.label.push_back(is_in ? 1 : 0);
    }
  }

  void label_by_column() {
    const auto abnormal = tabular::abnormal_labels(sheet_.label_texts(), label_counts_);
    for (const auto code : labels_) scored_.label.push_back(abnormal[code] ? 1 : 0);
    std::vector<std::string> normal;
    for (std::size_t i = 0; i < abnormal.size(); ++i) {
      if (!abnormal[i]) normal.push_back("'" + sheet_.label_texts()[i] + "'");
    }
    if (normal.size() > most_named) normal.resize(most_named);
    result_.notes.push_back(
        fmt::format("labels: {} means normal, all else abnormal", fmt::join(normal, " or ")));
  }

  void hold_against_truth() {
    if (options_.windows.empty()) {
      label_by_column();
    } else {
      label_by_windows();
    }
    RowScoreOptions scoring;
    // Of a long table every draw is dear, and the intervals are narrow.
    const auto rows = std::max<std::size_t>(1, scored_.score.size());
    scoring.bootstrap.draws = std::clamp<std::size_t>(6'000'000 / rows, 20, 200);
    result_.score = score_rows(scored_, scoring);
    slice();
  }

  void slice() {
    constexpr std::size_t most = 900;
    const auto rows = scored_.score.size();
    const auto count = std::min(most, rows);
    result_.slices.resize(count);
    for (std::size_t i = 0; i < rows; ++i) {
      auto& slice = result_.slices[i * count / rows];
      slice.score = std::max(slice.score, scored_.score[i]);
      slice.is_labelled = slice.is_labelled || scored_.label[i] != 0;
      slice.is_flagged = slice.is_flagged || scored_.flag[i] != 0;
    }
  }

  const TableOptions& options_;
  Sheet sheet_;
  bool needs_truth_;
  bool has_days_ = false;
  ScoreFile out_;
  TimeCheck order_;
  TableRemarks remarks_;
  std::unique_ptr<scoring::Stack> stack_;
  std::vector<sosie::Span> windows_;
  std::vector<std::uint64_t> label_counts_;
  std::vector<std::uint32_t> labels_;
  ScoredRows scored_;
  std::string number_;
  TableEvaluation result_;
};

}  // namespace

tabular::SheetRequest request_of(const TableOptions& options) {
  tabular::SheetRequest request{
      .time = options.time, .label = options.label, .ignore = options.ignore};
  request.sample_rows = std::clamp<std::size_t>(options.train_rows, 1, request.sample_rows);
  return request;
}

Result<TableEvaluation> evaluate_table(const TableOptions& options) {
  auto sheet = TRY(Sheet::open(options.input, request_of(options)));
  return TableRun(options, std::move(sheet)).run();
}

std::string to_text(const TableEvaluation& evaluation) {
  const auto judged = evaluation.rows - evaluation.learned;
  auto text = fmt::format(
      "{}: {} rows, learned from the first {}; of the other {}, {} flagged in "
      "{} episodes\n",
      evaluation.input, evaluation.rows, evaluation.learned, judged, evaluation.flagged,
      evaluation.episodes);
  for (const auto& note : evaluation.notes) text += "- " + note + '\n';
  text += fmt::format("{} sensors:\n", evaluation.sensors.size());
  for (const auto& sensor : evaluation.sensors) {
    text += fmt::format("  {} ({:.0f} % known) {}\n", sensor.name, 100 * sensor.known, sensor.how);
  }
  if (!evaluation.score) return text;
  const auto& score = *evaluation.score;
  text += fmt::format("{} rows are labelled, in {} events; no point is adjusted\n", score.labelled,
                      score.events);
  return text + to_text(score);
}

void write(json::Writer& out, const TableEvaluation& evaluation) {
  out.begin_object();
  out.member("input", evaluation.input);
  out.member("rows", evaluation.rows);
  out.member("learned_rows", evaluation.learned);
  out.member("flagged_rows", evaluation.flagged);
  out.member("episodes", evaluation.episodes);
  out.key("notes");
  out.begin_array();
  for (const auto& note : evaluation.notes) out.value(note);
  out.end_array();
  out.key("sensors");
  out.begin_array();
  for (const auto& sensor : evaluation.sensors) {
    out.begin_object();
    out.member("name", sensor.name);
    out.member("known", sensor.known);
    out.member("judged", sensor.how);
    out.end_object();
  }
  out.end_array();
  if (evaluation.score) {
    const auto& score = *evaluation.score;
    out.member("labelled_rows", score.labelled);
    out.member("events", score.events);
    write_figures(out, score);
  }
  out.end_object();
}

}  // namespace sosie::app
