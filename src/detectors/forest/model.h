#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "detectors/forest/calibration.h"
#include "detectors/forest/isolation_forest.h"
#include "detectors/forest/reservoir.h"
#include "statistics/columns.h"

namespace sosie::forest {

/// A row has two cells a column: its value and its fast deviation, each as `oddness`.
inline constexpr std::size_t cells_per_column = 2;
inline constexpr std::string_view model_name = "forest";
inline constexpr std::uint32_t model_version = 1;

/// Where the middle 99 % of the learning rows lay.
struct Band {
  double low = 0;
  double median = 0;
  double high = 0;
  bool operator==(const Band&) const = default;

  /// How far `x` is from the median: 0 there and for NaN, 1 at either edge of the band.
  float oddness(double x) const;
};

/// The bands of a row's cells, to know the oddness of all of them at once.
class Bands {
 public:
  void clear() { *this = {}; }
  void push_back(const Band& band);
  /// `odd[i]` is what the i-th band's `oddness` of `x[i]` is. REQUIRES: as many of each.
  void oddness(std::span<const double> x, std::span<float> odd) const;

 private:
  std::vector<double> median_;
  std::vector<double> above_;  ///< width of the band on that side of the median, never 0
  std::vector<double> below_;
};

/// What the forest knows of one series.
struct ModelColumn {
  std::string name;  ///< SeriesInfo::name()
  Band value;
  Band deviation;
  bool operator==(const ModelColumn&) const = default;
};

/// Which cells the trees may split.
enum class Features : std::uint8_t { both, value, deviation };

/// A plain forest knows nothing beyond the range it saw: all thresholds lie within, and ten times
/// too high is no more unusual to it than the highest ever seen. So some of the rows it learns from
/// are made up: ordinary ones, with the oddness of some cells drawn from [near, far].
struct Reach {
  double rows = 0.5;    ///< made-up rows, as a share of the real ones; 0: none
  double cells = 0.06;  ///< of such a row, the share that is moved
  double near = 2.5;
  double far = 4;
  bool operator==(const Reach&) const = default;
};

/// How to make a model.
struct ModelPlan {
  IsolationForest::Plan forest{};
  Features features = Features::both;
  Reach reach{};
  std::uint64_t seed = 1;
  Duration average{};
  bool operator==(const ModelPlan&) const = default;
};

/// A trained forest, and all it takes to use it elsewhere.
struct Model {
  ModelPlan plan;
  std::uint64_t frames = 0;  ///< offered in learning
  Timestamp from;
  Timestamp to;
  std::vector<ModelColumn> columns;  ///< cells 2i and 2i + 1 of a row are columns[i]'s
  Calibration calibration;
  IsolationForest forest;

  bool operator==(const Model&) const = default;

  /// Trains on the sample; `names` are its columns. A column that never had a value is 0.
  /// Errors: fewer rows than Calibration::least.
  static Result<Model> train(const Reservoir& sample, const ColumnNames& names,
                             const ModelPlan& plan);

  /// A sealed model file (statistics/model_bytes.h) of version 1: plan, frames, from, to, columns,
  /// calibration, forest.
  std::string to_bytes() const;

  /// Takes any bytes. Errors: corrupt or unsupported (another version), with what was read and
  /// expected.
  static Result<Model> from_bytes(std::string_view bytes);
};

}  // namespace sosie::forest
