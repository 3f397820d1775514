#pragma once

#include <utility>

#include "base/clock.h"
#include "base/time_text.h"
#include "plants/wastewater/influent.h"

namespace sosie::wastewater {

/// The civil time of a zone, for one that asks at every step.
class LocalClock {
 public:
  explicit LocalClock(Zone zone) : zone_(std::move(zone)) {}

  LocalTime at(Timestamp at);
  const Zone& zone() const { return zone_; }

 private:
  Zone zone_;
  // Worked out again when needed.
  std::chrono::seconds offset_{0};
  Timestamp offset_from_;
  Timestamp offset_until_;
};

}  // namespace sosie::wastewater
