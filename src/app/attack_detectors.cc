#include <algorithm>
#include <cmath>

#include "app/attack_report.h"
#include "evaluation/budget.h"
#include "evaluation/score.h"

namespace sosie::app {
namespace {

/// The attacker's place in a run: learns what is ordinary, then changes rows.
class Intruder {
 public:
  Intruder(std::optional<Attack> attack, const Feed& feed)
      : attack_(std::move(attack)), view_(feed.series().size()), labels_(feed.labels()) {
    SeriesTable table;
    for (const auto& info : feed.series()) table.declare(info);
    for (const auto& label : labels_) {
      auto& targets = targets_.emplace_back();
      for (const auto* const names : {&label.direct, &label.consequences}) {
        for (const auto& name : *names) {
          if (const auto id = table.find_name(name)) targets.push_back(id->index);
        }
      }
    }
    period_s_ = std::chrono::duration<double>(feed.period()).count();
    for (const auto& info : feed.series()) names_.push_back(info.name());
  }

  void learn(const FeedRow& row) { view_.learn(row.values); }

  void change(FeedRow& row) {
    if (!attack_) return;
    if (!attacker_) {
      view_.settle();
      attacker_.emplace(*attack_, view_);
    }
    // Of events that overlap the one that began last is hidden.
    std::optional<std::size_t> event;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (labels_[i].start <= row.at && row.at <= labels_[i].end &&
          (!event || labels_[i].start >= labels_[*event].start)) {
        event = i;
      }
    }
    attacker_->change(row.values, event, event ? targets_[*event] : no_targets_, period_s_);
    note_ramp(row.at);
    note_hold(row.at, event);
    note_beginning(row.at);
  }

  const std::vector<Label>& ramps() const { return ramps_; }
  /// Where and when he showed what he wants. Who blames those sensors then is right, whether the
  /// event that is hidden has to do with them or not.
  const std::vector<Label>& holds() const { return holds_; }

 private:
  static constexpr Duration is_new_for = std::chrono::minutes(30);

  void note_hold(Timestamp at, std::optional<std::size_t> event) {
    const auto held = attacker_->held();
    if (held.empty()) {
      hidden_.reset();
      return;
    }
    if (event != hidden_) {
      Label label;
      label.id = 2'000'000 + holds_.size();
      label.kind = Kind::cyber_attack;
      label.scenario = attack_->name;
      for (const auto column : held) label.direct.push_back(names_[column]);
      label.start = at;
      holds_.push_back(std::move(label));
      hidden_ = event;
    }
    holds_.back().end = at;
  }

  /// What strikes all sensors from some time on is an event itself, while it is new.
  void note_beginning(Timestamp at) {
    if (!attack_->strikes_all()) return;
    if (holds_.empty()) {
      Label label;
      label.id = 2'000'000;
      label.kind = Kind::cyber_attack;
      label.scenario = attack_->name;
      label.direct = names_;
      label.start = at;
      holds_.push_back(std::move(label));
    }
    if (at - holds_.front().start <= is_new_for) holds_.front().end = at;
  }

  void note_ramp(Timestamp at) {
    const auto ramped = attacker_->ramped();
    if (ramped && ramped != ramped_) {
      Label label;
      label.id = 1'000'000 + ramps_.size();
      label.kind = Kind::cyber_attack;
      label.scenario = "ramp";
      label.direct = {names_[*ramped]};
      label.start = label.end = at;
      ramps_.push_back(std::move(label));
    }
    if (ramped) ramps_.back().end = at;
    ramped_ = ramped;
  }

  std::optional<Attack> attack_;
  AttackerView view_;
  std::optional<Attacker> attacker_;
  std::vector<Label> labels_;
  std::vector<std::vector<std::size_t>> targets_;
  const std::vector<std::size_t> no_targets_;
  std::vector<std::string> names_;
  std::vector<Label> ramps_;
  std::optional<std::size_t> ramped_;
  std::vector<Label> holds_;
  std::optional<std::size_t> hidden_;  ///< event
  double period_s_ = 1;
};

/// How much a finding wants to be believed: the chance that there is a cause, and that it is the
/// one that is named. The score of its evidence is near 1 for most, and orders nothing.
double credence(const Finding& finding) {
  return finding.kind == Kind::unknown ? (1 - finding.confidence) / 2 : finding.confidence;
}

/// The highest credence of a finding that finds each label; -1: none does.
std::vector<double> best_scores(const std::vector<Label>& labels, const DetectorRun& run,
                                const ScoreOptions& held) {
  std::vector<double> best;
  for (const auto& label : labels) {
    if (label.end < run.from || label.start >= run.to) continue;
    double highest = -1;
    for (const auto& finding : run.findings) {
      if (belongs(finding, label, held)) highest = std::max(highest, credence(finding));
    }
    best.push_back(highest);
  }
  return best;
}

AttackReport::Line line_of(const DetectorRun& run, const Intruder& intruder, double budget) {
  const auto& ramps = intruder.ramps();

  ScoreOptions held;
  held.series = run.series.get();
  std::vector<double> wrong;
  for (const auto& finding : run.findings) {
    const auto explains = [&](const Label& label) { return belongs(finding, label, held); };
    if (std::ranges::none_of(run.labels, explains) && std::ranges::none_of(ramps, explains) &&
        std::ranges::none_of(intruder.holds(), explains)) {
      wrong.push_back(credence(finding));
    }
  }
  const auto best = best_scores(run.labels, run, held);
  const double days = std::chrono::duration<double>(run.to - run.from).count() / 86'400;
  const auto at = recall_at_budget(best, wrong, std::max(days, 1e-9), budget);
  AttackReport::Line line;
  line.recall = at.recall;
  line.false_per_day = at.false_per_day;
  const auto of_ramps = best_scores(ramps, run, held);
  line.ramps = of_ramps.size();
  line.ramps_found = static_cast<std::size_t>(std::ranges::count_if(
      of_ramps, [&](double score) { return score >= 0 && score > at.threshold; }));
  return line;
}

}  // namespace

Result<AttackReport> attack_detectors(const std::function<Result<std::unique_ptr<Feed>>()>& open,
                                      const DetectorRunOptions& options,
                                      const std::vector<Attack>& attacks, double budget,
                                      const Catalog& catalog) {
  AttackReport report;
  report.budget = budget;
  std::vector<std::optional<Attack>> all{std::nullopt};
  all.insert(all.end(), attacks.begin(), attacks.end());
  for (const auto& attack : all) {
    auto feed = TRY(open());
    Intruder intruder(attack, *feed);
    auto attacked = options;
    attacked.learned = [&](const FeedRow& row) { intruder.learn(row); };
    attacked.change = [&](FeedRow& row) { intruder.change(row); };
    const auto run = TRY(run_detectors(*feed, attacked, catalog));
    if (run.labels.empty()) {
      return Error{Errc::not_found, "nothing is labelled: there is no recall to keep"};
    }
    auto line = line_of(run, intruder, budget);
    line.attack = attack ? attack->name : "none";
    const double unharmed = report.lines.empty() ? line.recall : report.lines.front().recall;
    if (unharmed > 0) line.kept = line.recall / unharmed;
    if (report.lines.empty()) {
      report.events =
          static_cast<std::size_t>(std::ranges::count_if(run.labels, [&](const Label& label) {
            return label.end >= run.from && label.start < run.to;
          }));
    }
    report.lines.push_back(std::move(line));
  }
  return report;
}

}  // namespace sosie::app
