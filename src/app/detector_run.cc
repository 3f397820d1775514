#include "app/detector_run.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/time_text.h"
#include "engine/frame_builder.h"
#include "engine/plan.h"
#include "engine/training.h"
#include "engine/watch.h"

namespace sosie::app {
namespace {

/// Findings as they change, and what is open in each slice of time.
class FindingBook {
 public:
  FindingBook(DetectorRun& run, Duration slice) : run_(run), slice_(slice) {}

  void hear(Timestamp at, std::vector<FindingEvent>& events) {
    double strongest = 0;
    for (auto& event : events) {
      auto& finding = event.finding;
      if (finding.closed) {
        strongest = std::max(strongest, finding.score);  // it was open in this slice
        open_.erase(finding.id);
      } else {
        open_[finding.id] = finding.score;
      }
      all_[finding.id] = std::move(finding);
    }
    events.clear();
    for (const auto& [id, score] : open_) strongest = std::max(strongest, score);
    if (run_.slices.empty() || at >= run_.slices.back().at + slice_) {
      run_.slices.push_back({.at = at});
    }
    auto& slice = run_.slices.back();
    slice.score = std::max(slice.score, strongest);
    slice.is_flagged = slice.is_flagged || strongest > 0;
  }

  void finish() {
    run_.findings.reserve(all_.size());
    for (auto& [id, finding] : all_) run_.findings.push_back(std::move(finding));
  }

 private:
  DetectorRun& run_;
  Duration slice_;
  std::map<std::uint64_t, double> open_;
  std::map<std::uint64_t, Finding> all_;
};

/// Rows as frames, and frames to the watch.
class Player {
 public:
  Player(Feed& feed, Plan plan, const DetectorRunOptions& options, DetectorRun& run)
      : feed_(feed),
        options_(options),
        run_(run),
        learn_(options.learn > Duration{} ? options.learn : plan.learn),
        watch_({.learn = learn_,
                .allowed_per_day = plan.false_alarms_per_day,
                .rehearse = rehearsals(training_of(plan))},
               *plan.zone, std::move(plan.detectors), plan.diagnosis, statistics_),
        frames_(feed.series().front().asset.str(), feed.period(), *run.series),
        book_(run, std::max<Duration>(std::chrono::minutes(1), feed.period())) {
    frames_.refresh();
    watch_.begin(frames_.columns());
  }

  Result<void> play() {
    FeedRow row;
    for (;;) {
      const bool more = TRY(feed_.next(row));
      if (!more) break;
      ++run_.rows;
      if (run_.first == Timestamp{}) run_.first = row.at;
      if (row.at < run_.first + learn_) {
        ++run_.learned_rows;
        if (options_.learned) options_.learned(row);
      } else if (options_.change) {
        options_.change(row);
      }
      give(row);
    }
    if (watch_.is_learning()) {
      return Error{Errc::invalid,
                   fmt::format("there are {} rows, from {} to {}: fewer than the {:.3g} days to "
                               "learn from (--learn)",
                               run_.rows, to_iso8601(run_.first), to_iso8601(last_),
                               std::chrono::duration<double>(learn_).count() / 86'400)};
    }
    run_.to = last_;
    book_.finish();
    run_.look_p95_s = statistics_.prediction.snapshot().quantile(0.95);
    return {};
  }

 private:
  void give(const FeedRow& row) {
    const FrameBuilder::Closed look = [&](const Frame& frame) { take(frame); };
    frames_.advance(row.at, look);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      if (std::isnan(row.values[i])) continue;
      const auto reason =
          row.is_maintained[i] != 0 ? QualityReason::maintenance : QualityReason::none;
      frames_.add({.at = row.at,
                   .value = row.values[i],
                   .series = {static_cast<std::uint32_t>(i)},
                   .quality = Quality::good,
                   .reason = reason},
                  look);
    }
  }

  void take(const Frame& frame) {
    last_ = frame.at;
    const bool was_learning = watch_.is_learning();
    const double began = thread_cpu_s();
    watch_.take(frame, clock_, events_);
    if (watch_.is_learning()) return;
    if (run_.from == Timestamp{}) run_.from = frame.at;
    if (!was_learning) {
      run_.look_s += thread_cpu_s() - began;
      run_.frames += 1;
    }
    book_.hear(frame.at, events_);
  }

  Feed& feed_;
  const DetectorRunOptions& options_;
  DetectorRun& run_;
  Duration learn_;
  Statistics statistics_;
  Watch watch_;
  FrameBuilder frames_;
  FindingBook book_;
  SystemClock clock_;
  std::vector<FindingEvent> events_;
  Timestamp last_;
};

}  // namespace

Result<DetectorRun> run_detectors(Feed& feed, const DetectorRunOptions& options,
                                  const Catalog& catalog) {
  auto scenario = TRY(Section::read_file(options.scenario));
  auto plan = TRY(Plan::read(scenario, catalog, {}));
  DetectorRun run;
  for (const auto& [name, detector, weight] : plan.detectors) run.detectors.push_back(name);
  run.series = std::make_unique<SeriesTable>();
  if (feed.series().empty()) return Error{Errc::invalid, "there is no sensor in it"};
  for (const auto& info : feed.series()) run.series->declare(info);
  TRY(Player(feed, std::move(plan), options, run).play());
  run.labels = feed.labels();
  run.notes = feed.notes();
  return run;
}

}  // namespace sosie::app
