#include "engine/training.h"

#include <algorithm>
#include <map>

#include "base/time_text.h"
#include "engine/frame_builder.h"
#include "engine/rehearsal.h"

namespace sosie {
namespace {

constexpr std::size_t blamed_suspects = 3;
constexpr auto for_all_time = Duration::max() / 4;  // can be added to any time
/// An alarm is raised some time after what it is about began.
constexpr auto before_alarm = std::chrono::minutes(10);

}  // namespace

StoredTape::StoredTape(const Store& store, const SeriesTable& series, std::string asset,
                       Duration period, Timestamp from, Timestamp to)
    : store_(store), series_(series), period_(period), from_(from), to_(to) {
  FrameBuilder frames(std::move(asset), period, series);
  frames.refresh();
  columns_ = frames.columns();
}

Result<void> StoredTape::play(const Take& take) {
  FrameBuilder frames(columns_.asset, period_, series_);
  frames.refresh();
  bool goes_on = true;
  const FrameBuilder::Closed closed = [&](const Frame& frame) { goes_on = goes_on && take(frame); };
  // Series that were declared since have come to the builder and not to the columns: of those on
  // the tape, whose places are the first, it is as if they were not there.
  return store_.scan(columns_.series, from_, to_, [&](std::span<const Reading> readings) {
    for (const Reading& reading : readings) {
      if (!goes_on) break;
      frames.add(reading, closed);
    }
    return goes_on;
  });
}

Training training_of(const Plan& plan) {
  return {.make_detectors = plan.make_detectors,
          .zone = *plan.zone,
          .diagnosis = plan.diagnosis,
          .false_alarms_per_day = plan.false_alarms_per_day,
          .seed = plan.simulator() == nullptr ? 0 : plan.simulator()->status().seed};
}

RehearsalMaker rehearsals(const Training& training) {
  if (!(training.false_alarms_per_day > 0)) return {};
  return [training](const ModelFile& model, const AssetColumns& columns) {
    return Rehearsal::begin(training, model, columns);
  };
}

Result<LooseWatch> make_watch(const Training& training, const std::string& folder) {
  auto detectors = TRY(training.make_detectors());
  LooseWatch made;
  made.statistics = std::make_unique<Statistics>();
  made.watch = std::make_unique<Watch>(
      Watch::Config{.learn = for_all_time,
                    .seed = training.seed,
                    .model_folder = folder,
                    .allowed_per_day = training.false_alarms_per_day,
                    .rehearse = rehearsals(training),
                    .logs_unlearned = training.logs_unlearned},
      training.zone, std::move(detectors), training.diagnosis, *made.statistics);
  return made;
}

Result<LooseWatch> learn(const Training& training, FrameTape& tape, const Blanks& blanks,
                         const std::string& folder, const std::stop_token& stop) {
  auto made = TRY(make_watch(training, folder));
  made.watch->begin(tape.columns());
  if (const auto from = tape.rehearsed_from()) made.watch->rehearse_from(*from);
  const SystemClock clock;
  std::vector<FindingEvent> nobody;
  BlankedFrame blanked(blanks);
  std::uint64_t frames = 0;
  TRY(tape.play([&](const Frame& frame) {
    const Frame* const left = blanked.of(frame, tape.columns());
    if (left != nullptr) {
      made.watch->take(*left, clock, nobody);
      ++frames;
    }
    return !stop.stop_requested();
  }));
  if (stop.stop_requested()) return Error{Errc::unavailable, "learning was stopped"};
  if (frames == 0) return Error{Errc::not_found, "there is nothing to learn from"};
  return made;
}

Result<Blanks> blanks_of(const Store& store, std::span<const cases::Answer> answers, Timestamp from,
                         Timestamp to) {
  Blanks blanks;
  const auto spans = TRY(store.alarm_spans(from, to));
  for (const auto& span : spans) {
    blanks.add(span.series, span.from - before_alarm, span.to);
  }
  std::map<std::uint64_t, bool> said;  // of each finding the last answer
  for (const auto& answer : answers) said[answer.finding] = answer.is_right;
  for (const auto& [id, is_right] : said) {
    const auto finding = TRY(store.finding(id));
    if (!finding) continue;
    const Timestamp end = finding->closed.value_or(to);
    if (finding->onset >= to || end < from) continue;
    for (std::size_t i = 0; i < std::min(blamed_suspects, finding->suspects.size()); ++i) {
      const SeriesId series = finding->suspects[i].series;
      if (is_right) {
        blanks.add(series, finding->onset, end);
      } else {
        blanks.remove(series, finding->onset, end);
      }
    }
  }
  return blanks;
}

}  // namespace sosie
