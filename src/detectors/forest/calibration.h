#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detectors/forest/bytes.h"

namespace sosie::forest {

/// What a score means for this asset: how rare is one so low in ordinary life, and how sure may we
/// be that it is not ordinary life.
///
/// Down to the lowest 1 % the rarity is the rank among the learning scores. Below, an exponential
/// tail goes on, with the slope between the 10 % and the 1 % quantile: so faults that hid in up to
/// 1 % of the learning frames change nothing.
class Calibration {
 public:
  Calibration() = default;

  /// `scores`: score_samples of learning frames by forests that did not see them.
  /// REQUIRES: at least `least` of them.
  explicit Calibration(std::vector<double> scores);
  static constexpr std::size_t least = 100;

  /// The share of ordinary frames that score so low or lower, in (0, 1].
  double rarity(double score) const;

  /// The probability that a frame with this score is not ordinary: one less the false discovery
  /// rate by tail areas (Efron, Tibshirani: Empirical Bayes methods and false discovery rates for
  /// microarrays, 2002),
  ///
  ///     prior / (prior + (1 - prior) rarity)
  ///
  /// where `prior` is the share of frames taken to be abnormal, all of them with a score so low.
  double confidence(double score, double prior) const;

  /// The rarity at which `confidence` is reached.
  static double rarity_at(double confidence, double prior) {
    return prior * (1 - confidence) / (confidence * (1 - prior));
  }

  /// The score that half of the learning frames stay above.
  double median() const { return median_; }

  void put(ByteWriter& out) const;
  static Result<Calibration> get(ByteReader& in);

  bool operator==(const Calibration&) const = default;

 private:
  std::vector<double> lowest_;  ///< the lowest 10 %, ascending
  std::uint64_t count_ = 0;     ///< of all scores
  double median_ = 0;
  double anchor_ = 0;  ///< the 1 % quantile
  double slope_ = 0;   ///< the tail's: rarity falls to 1/e over this much score
};

}  // namespace sosie::forest
