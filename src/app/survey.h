#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/section.h"

namespace sosie::app {

/// What a recording holds, found by reading it once.
struct Survey {
  Timestamp first;
  Timestamp last;
  Duration period{};  ///< the median time from one instant to the next
  std::size_t readings = 0;
  std::size_t series = 0;
  std::size_t refused = 0;
  std::string first_refusal;
};

/// Reads what `[[source]]` of `scenario` would bring, through the source itself. Errors: the
/// source's; no reading at all, with the first refusal.
Result<Survey> survey(Section& scenario, const Catalog& catalog);

}  // namespace sosie::app
