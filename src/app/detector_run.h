#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/feed.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/finding.h"
#include "core/series.h"

namespace sosie::app {

/// What a scenario's detectors and diagnosis said of a feed's rows, with no source, no store and no
/// alarm between.
struct DetectorRun {
  /// What was said in a minute, or in a row where those are longer.
  struct Slice {
    Timestamp at;
    double score = 0;  ///< the strongest open finding's; 0: none is open
    bool is_flagged = false;
  };
  std::unique_ptr<SeriesTable> series;
  std::vector<Label> labels;
  std::vector<Finding> findings;  ///< as they are at the end
  std::vector<Slice> slices;      ///< of what was judged
  Timestamp first;                ///< row
  Timestamp from;                 ///< the first that was judged
  Timestamp to;
  std::uint64_t rows = 0;
  std::uint64_t learned_rows = 0;
  double look_s = 0;      ///< of the processor, all frames that were judged
  double look_p95_s = 0;  ///< of one frame: detectors and diagnosis
  double frames = 0;      ///< that were judged
  std::vector<std::string> notes;
  std::vector<std::string> detectors;
};

struct DetectorRunOptions {
  std::string scenario;
  Duration learn{};  ///< 0: as the scenario says
  /// Called for each row before it is judged, and not for those of learning: an attacker's place.
  std::function<void(FeedRow&)> change{};
  /// Called for each row of learning.
  std::function<void(const FeedRow&)> learned{};
};

/// Errors: the scenario's, the feed's; it ends while detectors still learn.
Result<DetectorRun> run_detectors(Feed& feed, const DetectorRunOptions& options,
                                  const Catalog& catalog);

}  // namespace sosie::app
