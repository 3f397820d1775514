#pragma once

namespace sosie {

/// A detector whose alarms keep to a budget of false ones implements this beside Detector.
///
/// Threads: the lane's, as all of a detector.
class Budgeted {
 public:
  virtual ~Budgeted() = default;

  /// So many false episodes a day, of the whole asset, are its part of what the plant may have.
  /// Before `settle`, which calibrates for it.
  virtual void allow(double false_episodes_per_day) = 0;
};

}  // namespace sosie
