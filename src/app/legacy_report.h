#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/catalog.h"
#include "wire/json/writer.h"

namespace sosie::app {

struct LegacyOptions {
  std::string scenario;
  std::string dataset;  ///< empty: the scenario's plant is lived with every fault in turn
  std::string learn;    ///< empty: as the scenario says
  std::uint64_t seed = 1;
};

/// The five figures that were published of the system before this one, each measured now, and what
/// they hide.
struct LegacyReport {
  struct Line {
    std::string name;
    double value = 0;
    std::string unit;
    double must = 0;  ///< what was published; at most this, or at least where `more_is_better`
    bool more_is_better = true;
    std::string how;  ///< as it was measured here
    bool holds() const { return more_is_better ? value >= must : value <= must; }
  };
  std::string data;
  std::vector<Line> lines;
  double never = 0;  ///< accuracy of never alarming
  std::string note;
};

/// Errors: the feed's, the scenario's.
Result<LegacyReport> legacy_report(const LegacyOptions& options, const Catalog& catalog);

std::string to_text(const LegacyReport& report);
void write(json::Writer& out, const LegacyReport& report);

}  // namespace sosie::app
