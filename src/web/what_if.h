#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "compliance/config.h"
#include "core/series.h"
#include "engine/what_if_outcome.h"
#include "simulation/what_if.h"
#include "wire/json/value.h"

namespace sosie::web {

/// The question of `POST /api/simulator/whatif` out of its body. `known`: where a number in
/// `series` is a series; null: only names are.
Result<WhatIfQuestion> read_what_if(const json::Value& body, const Plant& plant,
                                    const SeriesTable* known);

/// Two futures, and what is told beside them.
struct ToldWhatIf {
  const Plant& plant;
  const WhatIfQuestion& question;
  const WhatIf& told;
  const std::optional<Outcomes>& outcomes;
  const ComplianceConfig* compliance = nullptr;  ///< null: the scenario has none
  const SeriesTable* known = nullptr;            ///< for the series' numbers
  double took_s = 0;
};

/// The answer as JSON: docs/api.md.
std::string describe_what_if(const ToldWhatIf& it);

}  // namespace sosie::web
