#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cases/answer.h"
#include "core/series.h"
#include "engine/blanks.h"
#include "engine/plan.h"
#include "engine/statistics.h"
#include "engine/watch.h"
#include "store/store.h"

namespace sosie {

/// Frames of the past in order of time, as often as they are asked for.
class FrameTape {
 public:
  virtual ~FrameTape() = default;

  /// The same in every play.
  virtual const AssetColumns& columns() const = 0;

  /// From when on what was learned before is rehearsed on it, if there is a budget of false alarms;
  /// none: not at all.
  virtual std::optional<Timestamp> rehearsed_from() const { return std::nullopt; }

  /// `take` returns false to end it.
  using Take = std::function<bool(const Frame&)>;
  virtual Result<void> play(const Take& take) = 0;
};

/// What is stored of an asset in [from, to).
class StoredTape final : public FrameTape {
 public:
  StoredTape(const Store& store, const SeriesTable& series, std::string asset, Duration period,
             Timestamp from, Timestamp to);
  const AssetColumns& columns() const override { return columns_; }
  std::optional<Timestamp> rehearsed_from() const override { return to_ - (to_ - from_) / 4; }
  Result<void> play(const Take& take) override;

 private:
  const Store& store_;
  const SeriesTable& series_;
  const Duration period_;
  const Timestamp from_;
  const Timestamp to_;
  AssetColumns columns_;
};

/// What learning needs of a scenario.
struct Training {
  DetectorMaker make_detectors;
  Zone zone;
  Diagnosis::Config diagnosis;
  double false_alarms_per_day = 0;
  std::uint64_t seed = 0;
  bool logs_unlearned =
      true;  ///< who could learn nothing; else `ModelCard::unlearned` alone says it
};
Training training_of(const Plan& plan);

/// A watch of its own, with what it counts.
struct LooseWatch {
  std::unique_ptr<Statistics> statistics;
  std::unique_ptr<Watch> watch;
};

/// What a watch of it rehearses with; nobody where there is no budget.
RehearsalMaker rehearsals(const Training& training);

/// One that knows nothing yet; `folder`: of its models, or empty.
/// Errors: the scenario's detectors cannot be made.
Result<LooseWatch> make_watch(const Training& training, const std::string& folder);

/// One that has learned all of `tape` but what is blanked; `finish_learning` is the caller's.
/// Errors: as above; the tape's; not_found: nothing is left on it; unavailable: it was stopped.
Result<LooseWatch> learn(const Training& training, FrameTape& tape, const Blanks& blanks,
                         const std::string& folder, const std::stop_token& stop);

/// Of what is stored in [from, to): sensors under an alarm, and those whom a finding blames that
/// people called right (its first three), are not learned from; what people called wrong is.
Result<Blanks> blanks_of(const Store& store, std::span<const cases::Answer> answers, Timestamp from,
                         Timestamp to);

}  // namespace sosie
