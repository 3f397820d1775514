#pragma once

#include <string>
#include <vector>

#include "core/operator.h"

namespace sosie {

/// What pages and metrics show of one `[[operator]]`.
struct OperatorStatus {
  std::string name;  ///< "2/window": its place in the scenario, and its kind
  std::string kind;
  OperatorCounts counts;
  std::vector<Stray> strays;  ///< the last objects that stand in no zone, the newest last
};

}  // namespace sosie
