#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "models/contradiction.h"

namespace sosie::models {

/// What the rows of learning say of one sensor, before anything is learned from them.
struct ColumnFacts {
  double known = 0;          ///< share of the rows in which it has a value
  bool is_constant = false;  ///< one value in all of them, or none
  /// Of its values, and of those alone that are behind `jump`; 0 where there is none.
  double least = 0;
  double most = 0;
  double middle = 0;  ///< the median
  double spread = 0;  ///< 0.74 of the distance of its quartiles: a deviation, robust
  std::optional<std::size_t> same_as{};  ///< an earlier column with the same value in every row
  /// The first and last row with a value, where it begins or ends more than a tenth of all rows
  /// inside the others.
  std::optional<Timestamp> joins{};
  std::optional<Timestamp> leaves{};
  /// A level that moved at once and for good (`lasting_step`).
  struct Jump {
    Timestamp at;
    double before = 0;  ///< medians
    double after = 0;
    double factor = 1;  ///< of `jump`: after = factor * before + offset
    double offset = 0;
  };
  std::optional<Jump> jump{};   ///< as if its unit was changed
  std::optional<Jump> moved{};  ///< as nothing of the kind: something else is ordinary since
  /// How much of its variance the other sensors tell (ridge regression; of rows that were not used
  /// for it), 0 … 1; none: it is constant, or there are too few rows.
  std::optional<double> told_by_others{};
  /// From the first to the last row, and a little beyond.
  struct Off {
    Timestamp from;
    Timestamp to;
  };
  /// Where it contradicts the others (`contradictions`), in order of time.
  std::vector<Off> off{};
};

struct SurveyFacts {
  std::uint64_t rows = 0;
  Timestamp from;
  Timestamp to;
  Duration period{};        ///< the median step in time
  Duration early_period{};  ///< of the first third of the time
  Duration late_period{};   ///< of the last third
  std::uint64_t gaps = 0;   ///< steps of more than three periods, of the longest of these
  Duration longest_gap{};
  std::vector<ColumnFacts> columns;
};

/// Reads rows once, in order of time, and says what can be learned from them.
///
/// Memory: `sample` rows, evenly spread whatever their number. Threads: one.
class Survey {
 public:
  explicit Survey(std::size_t columns, std::size_t sample = 2048);

  /// `values`: of each column; NaN: missing. REQUIRES: `at` rises.
  void take(Timestamp at, std::span<const double> values);

  SurveyFacts finish() const;
  /// The same without what has to do with what the others tell, which takes longest.
  SurveyFacts finish_alone() const;

 private:
  struct Seen {
    std::uint64_t known = 0;
    double first_value = 0;
    bool changes = false;
    double least = 0;
    double most = 0;
    Timestamp first;
    Timestamp last;
  };

  using Columns = std::vector<std::vector<float>>;
  /// Takes out of `columns` what was before another unit.
  SurveyFacts facts_of(Columns& columns) const;
  Columns kept_columns() const;
  void take_step(Timestamp at, Duration step);
  static void take_value(Seen& seen, Timestamp at, double value);
  void thin_out();
  void survey_values(const Seen& seen, std::span<float> values, ColumnFacts& column) const;
  void leave_out_before(Timestamp at, std::span<float> values) const;
  void survey_step(std::span<const float> values, ColumnFacts& column) const;
  void survey_times(SurveyFacts& facts) const;
  std::vector<ColumnFacts::Off> times_of(std::span<const OffRows> rows) const;
  void survey_ends(const Seen& seen, const SurveyFacts& facts, ColumnFacts& column) const;
  std::vector<float> column_of(std::size_t column) const;

  const std::size_t columns_;
  const std::size_t sample_;
  std::uint64_t rows_ = 0;
  std::uint64_t stride_ = 1;
  Timestamp first_;
  Timestamp last_;
  std::vector<Seen> seen_;
  std::vector<float> kept_;  ///< row by row
  std::vector<Timestamp> kept_at_;
  struct Stride {
    Timestamp at;
    Duration length{};
  };
  std::vector<Stride> steps_;  ///< every `step_stride_`-th
  std::uint64_t step_stride_ = 1;
  std::vector<Duration> long_steps_;  ///< the largest, at most some thousand
};

}  // namespace sosie::models
