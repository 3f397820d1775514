#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/budgeted.h"
#include "core/detector.h"
#include "core/section.h"
#include "fusion/calibration.h"
#include "multivariate/asset_rows.h"
#include "statistics/latch.h"
#include "statistics/model_bytes.h"

namespace sosie {

/// Numbers that say how strange an asset is as a whole, learned from ordinary rows. Larger is
/// stranger; their units are their own.
///
/// Threads: one. A row is what AssetRows gives of the columns that take part: window after window,
/// each over all columns, in deviations.
class WholeStatistic {
 public:
  virtual ~WholeStatistic() = default;

  /// The same rows give the same.
  virtual void learn(std::span<const float> rows, std::size_t columns) = 0;
  /// How many numbers there are.
  virtual std::size_t count() const = 0;
  /// REQUIRES: learned. Not const: it works in a place of its own.
  virtual void measure(std::span<const float> row, std::span<double> into) = 0;
  /// What each column adds to number `which` of `row`, with its sign, in deviations; 0: nothing.
  virtual void parts(std::span<const float> row, std::size_t which, std::span<double> into) = 0;

  virtual void save(ModelWriter& writer) const = 0;
  /// Errors: corrupt.
  virtual Result<void> load(ModelReader& reader, std::size_t columns) = 0;
};

/// A detector of the whole asset by a statistic: the plug-ins `pca`, `aakr` and `contrast` are each
/// one of these with a statistic of their own.
///
/// Limits come from rows that the statistic was not learned from: four contiguous parts of
/// learning, each judged by what the other three taught. Tells `multivariate` with the columns that
/// have most part in it.
class WholeDetector final : public Detector, public Budgeted {
 public:
  struct Config {
    AssetRows::Config rows;
    Latches::Rule latch{
        .release = 0.8, .on_delay = std::chrono::minutes(2), .off_delay = std::chrono::minutes(10)};
    double allowed_per_day = 0.1;  ///< false episodes, unless a budget says otherwise
  };
  using Make = std::function<std::unique_ptr<WholeStatistic>()>;

  /// `name`: the plug-in's, a literal; it and `version` are written into what is saved.
  WholeDetector(std::string_view name, std::uint32_t version, Config config, Make make);

  /// The keys that all such detectors have: sample, adapt, rows, false_alarms_per_day, on_delay,
  /// hold. Errors: those of Section.
  static Result<void> read(Section& section, Config& config);

  void begin(const AssetColumns& columns) override;
  void learn(const Frame& frame) override;
  Result<void> settle() override;
  void look(const Frame& frame, SymptomSink& out) override;
  std::string save() const override;
  Result<void> load(std::string_view model) override;

  void allow(double false_episodes_per_day) override { allowed_per_day_ = false_episodes_per_day; }

 private:
  std::vector<double> hold_out(std::span<const float> rows);
  void report(const Frame& frame, Latches::Step step, double level, std::size_t which,
              SymptomSink& out);
  void share_out();

  const std::string_view name_;
  const std::uint32_t version_;
  const Config config_;
  const Make make_;
  double allowed_per_day_;
  AssetRows rows_;
  std::unique_ptr<WholeStatistic> statistic_;  ///< none: nothing was learned
  fusion::Calibration calibration_;
  Latches latch_;
  std::vector<double> values_;
  std::vector<double> parts_;
  std::vector<Share> shares_;
};

}  // namespace sosie
