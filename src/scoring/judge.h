#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fusion/tail.h"
#include "scoring/features.h"
#include "scoring/profile.h"
#include "scoring/shapes.h"
#include "statistics/pca.h"
#include "statistics/redundancy.h"
#include "statistics/state_memory.h"

namespace sosie::scoring {

/// Rows of features, one after the other.
struct FeatureRows {
  std::size_t width = 0;  ///< features * columns
  std::vector<float> cells;

  std::size_t rows() const { return width == 0 ? 0 : cells.size() / width; }
  std::span<const float> row(std::size_t i) const {
    return std::span(cells).subspan(i * width, width);
  }
};

/// Of `main_rows`, those over which a row is held against what is remembered.
inline constexpr std::array<std::size_t, 2> memory_windows{1, 3};
/// … and over which a column is held against what the others say of it.
inline constexpr std::array<std::size_t, 2> residual_windows{0, 2};

/// What can be strange about a row. The first are the strangest single column's; the rest are of
/// all columns together, over each of the windows `main_rows`.
enum class Statistic : std::uint8_t {
  high_long,
  high_short,
  level,
  change,
  noise,
  still,
  absent,
  residual_1,   ///< of the others' word for it, now
  residual_15,  ///< and over 15 rows
  shape,        ///< unlike all that its last rows ever were (scoring/shapes.h): a quarter of a
                ///< period, half of one, a whole one
  t2 = shape + Shapes::lengths,
  q = t2 + main_rows.size(),
  memory = q + main_rows.size(),
  count = memory + memory_windows.size(),
};
inline constexpr auto statistics = static_cast<std::size_t>(Statistic::count);
inline constexpr auto single_statistics = static_cast<std::size_t>(Statistic::t2);
std::string_view to_text(Statistic statistic);
/// Of these, so many have a say together: one that goes astray does not carry.
inline constexpr std::size_t agreeing = 3;

/// Every statistic of a row of features, and which column is behind it.
///
/// Learned from features alone, so that a part of the rows can be held out. What single columns'
/// statistics give is a surprise (fusion/tail.h) already, what all columns together give is in its
/// own unit. Threads: one.
class Judge {
 public:
  /// Columns beyond this many are judged one by one only.
  static constexpr std::size_t most_together = 256;

  /// `which`: the rows to learn from.
  Judge(const FeatureRows& rows, std::span<const std::uint32_t> which,
        std::span<const Profile> profiles);

  struct Found {
    std::array<double, statistics> value{};
    std::array<std::uint32_t, single_statistics> column{};  ///< the strangest one
    /// How far the last 5 rows are from the last 40: what is largest where something changes.
    double contrast = 0;
    /// What needs no other word than one column's: from 1 on it is silent for longer than it may be
    /// (three times as long as ever, and thirty rows), or is not at the one value that it ever had.
    /// Nobody is silent where most are.
    double broken = 0;
    std::uint32_t broken_column = 0;
  };
  void look(std::span<const float> row, Found& found);

  /// The column that has most part in a statistic of all columns together, or of one that the
  /// others speak of. REQUIRES: residual_1 or one behind it, and that it was found.
  std::uint32_t culprit(std::span<const float> row, Statistic statistic);

  /// How far the rows since Features::start_afresh are from what the means over many rows keep: the
  /// largest, in the unit of Found::contrast.
  double news(std::span<const float> row);

 private:
  struct Column {
    bool is_judged = false;
    bool has_level = false;
    bool may_rest = false;  ///< it never moved
    float center = 0;
    float one_over_scale = 0;
    float usual_noise = 0;
    float least_noise = 0;
    float may_be_silent = 0;  ///< rows; 0: it is silent more often than not
    std::array<fusion::Tail, single_statistics> tails;
  };
  void learn_columns(const FeatureRows& rows, std::span<const std::uint32_t> which,
                     std::span<const Profile> profiles);
  void learn_scale(const FeatureRows& rows, std::span<const std::uint32_t> which, std::size_t c);
  void learn_together(const FeatureRows& rows, std::span<const std::uint32_t> which);
  double magnitude(std::span<const float> row, std::size_t column, Statistic statistic) const;
  void look_for_broken(std::span<const float> row, Found& found) const;
  void look_at_residuals(std::span<const float> row, Found& found);
  void learn_residuals(const FeatureRows& rows, std::span<const std::uint32_t> which);
  double contrast(std::span<const float> row, std::size_t window, Feature other);
  void standardize(std::span<const float> row, Feature feature);
  /// Into u_; what is not known is what the others say it would be.
  void standardize(std::span<const float> row, std::size_t window);
  Matrix covariance(const FeatureRows& rows, std::span<const std::uint32_t> which);

  std::size_t width_ = 0;  ///< columns
  std::vector<Column> columns_;
  std::vector<std::uint32_t> together_;
  Pca pca_;
  StateMemory memory_;
  Redundancy redundancy_;
  std::vector<float> u_;
  std::vector<std::uint32_t> unknown_;  ///< of u_
};

}  // namespace sosie::scoring
