#pragma once

#include <utility>

#include "plants/wastewater/influent.h"
#include "simulation/civil_time.h"

namespace sosie::wastewater {

/// The civil time of a zone, with its holidays.
class LocalClock {
 public:
  explicit LocalClock(Zone zone) : clock_(std::move(zone)) {}

  LocalTime at(Timestamp at);
  const Zone& zone() const { return clock_.zone(); }

 private:
  CivilClock clock_;
};

}  // namespace sosie::wastewater
