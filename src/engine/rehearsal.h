#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/finding.h"
#include "core/frame.h"
#include "engine/model_file.h"
#include "engine/training.h"

namespace sosie {

/// How sure the program must be of a finding to tell it, so that all detectors together keep to the
/// plant's budget of false alarms, and what that gave in the rehearsal.
struct Allowance {
  double least_chance = 0;   ///< of there being a cause (Diagnosis::Config)
  std::size_t told = 0;      ///< findings in the rehearsal as sure as that
  std::size_t episodes = 0;  ///< how many of these count as false
  bool operator==(const Allowance&) const = default;
};

/// What was found in a rehearsal; kept in the model's file.
struct Rehearsed {
  double days = 0;
  double before = 0;  ///< the chance of a cause before any evidence; 0: not known, all are false
  std::vector<double> chances{};  ///< of each finding, the highest that it was given; falling

  /// Of each finding the part of it that counts as false: 1 less the chance of a cause, once it is
  /// asked how many findings of this very plant have one. The share of these is that which makes
  /// the chances here likeliest: EM by Saerens, Latinne, Decaestecker (Adjusting the outputs of a
  /// classifier to new a priori probabilities, Neural Computation 14, 2002). Where nothing is
  /// wrong, none is sure enough to raise it above nought, and all count in full; where there were
  /// faults, the sure findings do not count.
  std::vector<double> false_parts() const;

  /// A bar just above the k-th false finding, from the highest chance down, as k more are to be
  /// expected beyond it in as many days, and k are allowed (`per_day`); none where there are fewer.
  /// It is at least `floor`, and at most 0.99, whatever the budget: what is that sure is told.
  Allowance allow(double per_day, double floor) const;
  bool operator==(const Rehearsed&) const = default;
};

std::string to_json(const Rehearsed& rehearsed);
/// Errors: corrupt, with what is expected.
Result<Rehearsed> rehearsed_from_json(std::string_view text);

/// The last part of learning, judged by what the part before it taught: all detectors, and the
/// diagnosis, on frames that they have not learned from. What is found there counts as false, as
/// nobody has labelled it, but for what by its evidence has a cause.
///
/// Threads: one at a time. Cost: a frame through all detectors.
class Rehearsal {
 public:
  /// Errors: the scenario's detectors cannot be made; `model` does not fit them.
  static Result<std::unique_ptr<Rehearsal>> begin(const Training& training, const ModelFile& model,
                                                  const AssetColumns& columns);

  /// The asset has got more series.
  void begin(const AssetColumns& columns) const { loose_.watch->begin(columns); }
  void take(const Frame& frame, const Clock& clock);
  Rehearsed end() const;

 private:
  explicit Rehearsal(LooseWatch loose) : loose_(std::move(loose)) {}

  LooseWatch loose_;
  std::optional<Timestamp> first_;
  Timestamp last_;
  Duration lived_{};  ///< since it counts, without gaps
  bool counts_ = false;
  std::vector<FindingEvent> told_;
};

}  // namespace sosie
