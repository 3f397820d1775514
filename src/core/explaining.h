#pragma once

#include <optional>
#include <span>

namespace sosie {

/// A detector of the whole asset that can say of any frame what each column has done to its score,
/// whether it raised an alarm or not, implements this beside Detector: whoever finds something by
/// other means shows what this one thinks of it.
///
/// Threads: the lane's, as all of a detector.
class Explaining {
 public:
  virtual ~Explaining() = default;

  /// Of the frame that was last looked at: fills what each column adds to the score (of a forest
  /// exact SHAP, negative: towards abnormal), 0 where it has no part, and gives the score, on the
  /// detector's own scale. None: nothing was learned, or nothing was looked at yet. Takes tens of
  /// microseconds, and allocates nothing.
  virtual std::optional<double> explain(std::span<double> by_column) = 0;
};

}  // namespace sosie
