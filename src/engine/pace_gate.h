#pragma once

#include <cstdint>
#include <vector>

#include "core/detector.h"
#include "engine/pace.h"

namespace sosie {

/// Between detectors and diagnosis: keeps back what another rate of most sensors explains (Pace).
///
/// While they send at another rate, it passes nothing on of how those tremble and jump, and that
/// values are lost only of one that is silent by its new rate as well. Until that is known, half of
/// all sensors going silent at once waits for 36 of their usual intervals (a rate ten times slower
/// takes thirty), or ten minutes: then it is told as it is.
///
/// What it kept back or ended, and its detector has not ended, is told when the rate has been usual
/// again for 150 intervals and ten minutes: by then what is judged by many values has forgotten the
/// other rate, and has had the time to end. A detector tells a symptom once.
class PaceGate {
 public:
  void begin(std::size_t columns) { missing_.resize(columns, 0); }

  void report(const Pace& pace, const Frame& frame, const Symptom& symptom, SymptomSink& next);
  /// After each detector's look, so that what it told is passed on in its order.
  void settle(const Pace& pace, const Frame& frame, SymptomSink& next);
  /// The rate is another one now: what it explains and was told is over.
  void end_explained(const Pace& pace, const Frame& frame, SymptomSink& next);

 private:
  static constexpr int patience = 36;  ///< usual intervals
  static constexpr Duration most_patience = std::chrono::minutes(10);
  static constexpr int to_forget = 150;  ///< usual intervals
  static constexpr Duration to_end = std::chrono::minutes(10);

  /// By another rate, and its detector still holds it.
  struct Hidden {
    Symptom symptom;
    Timestamp usual_since{};  ///< of its sensor's rate; epoch: it is another one
  };

  void end(const Symptom& symptom, SymptomSink& next);
  void tell(const Symptom& symptom, SymptomSink& next);
  void hide(const Symptom& symptom);
  void tell_hidden(const Pace& pace, const Frame& frame, SymptomSink& next);

  std::vector<Symptom> told_;  ///< and not over
  std::vector<Symptom> held_;  ///< back
  Timestamp held_since_;
  std::vector<Hidden> hidden_;
  std::vector<std::uint8_t> missing_;  ///< by column: values of it are missing
  std::size_t missing_count_ = 0;
};

}  // namespace sosie
