#pragma once

namespace sosie {

/// A detector that holds each sensor against what the others say of it implements this beside
/// Detector: where one does, a state of the whole asset that was never seen is no evidence enough
/// by itself, for the first storm is such a state, too; where none does, nobody else would tell.
class CrossChecking {
 public:
  virtual ~CrossChecking() = default;
};

}  // namespace sosie
