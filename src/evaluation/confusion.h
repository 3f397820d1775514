#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/bootstrap.h"
#include "evaluation/score.h"

namespace sosie {

/// Which kind was said of what was which.
struct Confusion {
  static constexpr std::size_t causes = kind_count - 1;
  /// By the label's kind (the last: no label, a false finding), then by what was said (a kind,
  /// `unknown`, and last: nothing, it was missed). Weights, so that it can be drawn anew.
  std::array<std::array<double, kind_count + 1>, kind_count> counts{};

  /// Harmonic mean of precision and recall of `kind` among labels that were found. None: no label
  /// of it was found and nothing found was called so.
  std::optional<double> f1(Kind kind) const;
  /// The mean of the five, of those kinds that a label that was found has. What says one and the
  /// same kind of everything has a third of one fifth or less.
  std::optional<double> macro_f1() const;
  /// The same where a label that was missed is named wrongly, and a false finding claims its kind.
  std::optional<double> strict_macro_f1() const;
};

/// `label_weights`, `finding_weights`: how often each counts; empty: once. Labels of no kind (a
/// recording's) are left out.
Confusion confusion_of(const Score& score, std::span<const double> label_weights = {},
                       std::span<const double> finding_weights = {});

/// The figures of a score with the middle 95 % of what they are when pieces of the record are drawn
/// anew.
struct ScoreIntervals {
  std::optional<Estimate> recall;
  std::optional<Estimate> precision;
  std::optional<Estimate> f1;
  std::optional<Estimate> false_per_day;
  std::optional<Estimate> median_delay_s;
  std::optional<Estimate> macro_f1;
  std::optional<Estimate> strict_macro_f1;
};

/// Draws blocks of the scored span with their labels and findings (bootstrap.h).
ScoreIntervals intervals_of(const Score& score, const BootstrapOptions& options = {});

}  // namespace sosie
