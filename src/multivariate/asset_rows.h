#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/frame.h"
#include "statistics/block_means.h"
#include "statistics/columns.h"
#include "statistics/model_bytes.h"
#include "statistics/redundancy.h"

namespace sosie {

/// Means of a row over the last so many rows, each forgetting as 1/n.
class Windows {
 public:
  /// `rows`: of each window; 1: the row itself.
  void begin(std::size_t columns, std::vector<double> rows);
  void take(std::span<const float> row);
  std::size_t count() const { return rows_.size(); }
  /// Window after window, each over all columns.
  std::span<const float> all() const { return means_; }

 private:
  std::size_t columns_ = 0;
  std::vector<double> rows_;
  std::vector<float> means_;
  double seen_ = 0;
};

/// What detectors of a whole asset look at: block means of its columns in deviations from their
/// ordinary middle, now and over longer windows.
///
/// Life: `begin`; for each frame `take`, and `remember` where a block of learning is complete;
/// `learn` (or `load`), then `step` for each block. A column takes part if it moves, is there for
/// most of the time, and has a new value often. What is missing is taken to be what the others say
/// of it (ridge regression), so that a sensor that is being calibrated is nothing strange. The
/// middle follows its column, slowly, and a tenth as fast while there is an alarm: a season is no
/// fault. Threads: one.
class AssetRows {
 public:
  struct Config {
    Duration sample = std::chrono::minutes(1);    ///< a block
    Duration adapt = std::chrono::hours(24 * 7);  ///< a middle follows within about so long
    std::size_t rows = 8192;                      ///< of learning; beyond, every second one goes
    std::vector<Duration> windows{std::chrono::minutes(1)};
    bool with_states = false;  ///< pumps and valves take part too
    Duration phase{};  ///< blocks end so much later: not all detectors need work in one frame
  };
  static constexpr std::size_t least_rows = 200;
  static constexpr std::size_t least_columns = 3;
  static constexpr float furthest = 6;  ///< deviations: what is beyond counts as that far

  explicit AssetRows(Config config) : config_(std::move(config)) {}

  void begin(const AssetColumns& columns);
  bool take(const Frame& frame);
  void remember();

  /// False: there is too little to learn from, and nothing was.
  bool learn();
  /// The rows of learning as `windows().all()` had been, in deviations.
  std::vector<float> learned();
  double rows_a_day() const;  ///< of learning

  /// Takes the block just completed in. `is_alarmed`: middles keep still.
  void step(bool is_alarmed);
  const Windows& windows() const { return windows_; }

  /// How many columns take part; 0: nothing was learned.
  std::size_t width() const { return columns_.size(); }
  /// The asset's column behind the i-th that takes part; no_column: it is gone.
  std::uint32_t place(std::size_t i) const { return place_[i]; }
  const SeriesInfo* info(std::size_t i) const;
  /// The block's value, and the ordinary middle and deviation, in the column's unit.
  double value(std::size_t i) const;
  double center(std::size_t i) const { return columns_[i].center; }
  double scale(std::size_t i) const { return columns_[i].scale; }

  void save(ModelWriter& writer) const;
  /// Errors: corrupt.
  Result<void> load(ModelReader& reader);

 private:
  struct Column {
    std::string name;
    double center = 0;
    double scale = 1;
  };
  std::size_t rows() const { return names_.size() == 0 ? 0 : cells_.size() / names_.size(); }
  Column column_of(std::size_t i) const;
  bool is_lively(std::size_t i) const;
  void thin_out();
  void learn_peers();
  void standardize(std::size_t row);
  void set(std::size_t i, double value);
  void adopt();
  std::vector<double> window_rows(std::size_t stride) const;
  Duration sample() const { return std::max(config_.sample, period_); }

  const Config config_;
  Duration period_{};
  ColumnNames names_;
  std::vector<const SeriesInfo*> infos_;
  BlockMeans blocks_;

  // Of learning.
  std::vector<float> cells_;
  std::size_t stride_ = 1;
  std::size_t seen_ = 0;

  // Of what was learned.
  std::vector<Column> columns_;
  std::vector<std::uint32_t> place_;
  Redundancy peers_;
  std::vector<float> row_;
  std::vector<std::uint32_t> unknown_;  ///< of row_
  Windows windows_;
};

}  // namespace sosie
