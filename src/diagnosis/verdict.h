#pragma once

#include <optional>

#include "core/finding.h"
#include "diagnosis/verdict_model.h"

namespace sosie::diagnosis {

/// What the evidence says of the cause.
struct Verdict {
  Kind kind = Kind::unknown;
  std::optional<Kind> second;  ///< the next likely; none where `kind` is as good as certain
  double confidence = 0;       ///< the chance that `kind` is right, as on the simulated plant
  bool operator==(const Verdict&) const = default;
};

/// The likeliest kind; `unknown` where none is likely enough to be named.
Verdict judge(const VerdictModel& model, const Clues& clues);

}  // namespace sosie::diagnosis
