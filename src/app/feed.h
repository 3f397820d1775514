#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/series.h"
#include "simulation/label.h"

namespace sosie::app {

/// What all sensors say at one instant.
struct FeedRow {
  Timestamp at;
  std::vector<double> values;               ///< of each series; NaN: silent
  std::vector<std::uint8_t> is_maintained;  ///< under calibration: there, and not judged
};

/// Rows with what is true of them, for those who hold detectors against truth.
///
/// Life: `next` until it says false; then `labels`. Threads: one.
class Feed {
 public:
  virtual ~Feed() = default;
  virtual const std::vector<SeriesInfo>& series() const = 0;
  virtual Duration period() const = 0;
  /// False at the end. Times rise.
  virtual Result<bool> next(FeedRow& row) = 0;
  /// All there were, with the rows' own end as theirs where they were not over.
  virtual std::vector<Label> labels() const = 0;
  /// What there is to say of the data: decided, left out, not readable.
  virtual std::vector<std::string> notes() const { return {}; }
};

/// A folder that `sosie simulate --dataset` wrote. `scenario`: describes the sensors, if it has
/// such a plant. Errors: a file is not there or cannot be read (with its line); no sensor of the
/// scenario is in it.
Result<std::unique_ptr<Feed>> open_dataset(const std::string& folder, const std::string& scenario,
                                           const Catalog& catalog);

struct TableFeed {
  std::string input;
  std::string time;
  std::string label;    ///< a column; empty: none
  std::string windows;  ///< a file; empty: none
  std::vector<std::string> ignore;
};

/// Anybody's table with times. Its labels name no sensor and no kind. Errors: as tabular::Sheet's;
/// it has no times.
Result<std::unique_ptr<Feed>> open_table(const TableFeed& options);

struct PlantFeed {
  std::string scenario;
  std::uint64_t seed = 1;
  Duration learn{};  ///< lived with faults by chance, as a plant is when it is learned from
  Duration look{};   ///< lived on
  double fault_rate = 0.02;
  bool ordered = false;  ///< after learning each fault in turn, in place of chance
};

/// The scenario's own plant, lived as fast as it can. Errors: the scenario has none.
Result<std::unique_ptr<Feed>> live_plant(const PlantFeed& options, const Catalog& catalog);

}  // namespace sosie::app
