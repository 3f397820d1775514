#pragma once

#include <string>
#include <vector>

#include "plants/wastewater/evaluation.h"

namespace sosie::app {

/// What `sosie bsm1` found.
struct Bsm1Report {
  std::string loop;
  std::string influent;
  std::vector<std::string> notes{};  ///< of the influent
  double days = 0;
  double evaluated_from_d = 0;
  double cpu_s = 0;  ///< of these days alone, not of the start
  bsm1::Summary summary{};
};

std::string to_text(const Bsm1Report& report);
std::string to_json(const Bsm1Report& report);

}  // namespace sosie::app
