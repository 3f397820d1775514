#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/guarded.h"
#include "cases/answer.h"
#include "core/finding.h"
#include "engine/training.h"
#include "engine/watch.h"
#include "models/merit.h"

namespace sosie {

/// A model that looks at the frames that the active one judges, and raises nothing: what either
/// says of them is kept, for the two to be compared.
///
/// Threads: the lane's, but for `number` and `trial`. Cost: a frame through its detectors, as of
/// the active one.
class Shadow {
 public:
  /// Ids of its findings are from here on: no finding of the store's has such a one.
  static constexpr std::uint64_t first_id = std::uint64_t{1} << 52U;

  Shadow(LooseWatch watch, std::uint32_t number, double budget_per_day);

  /// Before the first frame, and again when the asset has got more series. Limits are where people
  /// have moved those of `active`.
  void begin(const AssetColumns& columns, const Watch& active);
  void set_limit(const LimitOrder& order) const { loose_.watch->set_limit(order); }

  /// A frame of a time before the trial: it only gets to know where the plant is.
  void warm_up(const Frame& frame, const Clock& clock);

  /// The same frame after `active` has judged it, and what that `said` of it.
  void take(const Frame& frame, const Clock& clock, const Watch& active,
            std::span<const FindingEvent> said);

  Watch& watch() const { return *loose_.watch; }
  /// Its findings that are not over.
  std::vector<Finding> open() const;

  // Any thread.
  std::uint32_t number() const { return number_; }
  /// What the trial gave so far. `answers`: what people said of findings, in order of time.
  models::Trial trial(std::span<const cases::Answer> answers) const;

 private:
  /// A finding as far as the two sides' are compared.
  struct Said {
    std::uint64_t id = 0;
    Timestamp onset;
    Timestamp end;  ///< max: it is not over
    std::vector<SeriesId> blamed;
  };
  struct Kept {
    std::vector<Said> active;
    std::vector<Said> shadow;
    Timestamp from;
    Timestamp to;
    std::uint64_t frames = 0;
    double error_ratio = 0;
    std::uint64_t active_sensors = 0;
    std::uint64_t shadow_sensors = 0;
  };
  static void note(std::span<const FindingEvent> events, std::vector<Said>& said);
  static bool is_said(const Said& finding, const std::vector<Said>& by);
  static std::uint64_t sensors_of(const NormalProfile* profile, std::size_t columns);
  void compare(const Frame& frame, const Watch& active);

  LooseWatch loose_;
  const std::uint32_t number_;
  const double budget_per_day_;
  AssetColumns columns_;
  std::vector<FindingEvent> events_;
  std::map<std::uint64_t, Finding> open_;
  std::map<std::uint64_t, std::vector<SeriesId>> under_;  ///< findings of `active` that are open
  models::ErrorRatio error_;
  Timestamp compared_;
  mutable Guarded<Kept> kept_;
};

}  // namespace sosie
