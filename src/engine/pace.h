#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/detector.h"
#include "statistics/columns.h"
#include "statistics/model_rows.h"

namespace sosie {

/// How often the sensors of an asset send: learned, and whether most of them send at another rate
/// now, all at once (somebody has set another interval). What is judged by the step from one value
/// to the next (how a sensor trembles, jumps, and whether values are lost) then says nothing of the
/// sensors that do so.
///
/// A rate is another one where four intervals in a row (three where it is slower by three times or
/// more) are alike, and 1.4 times as long as usual or longer, or 0.7 times or shorter; one usual
/// interval, and it is as usual. One sensor alone that does so is no other rate: half of its values
/// may be lost. Who kept to no one rate in learning has none. Threads: the lane's.
class Pace {
 public:
  void begin(const AssetColumns& columns);
  void learn(const Frame& frame);
  /// What was learned is in force.
  void settle();
  /// True: most send at another rate from now on, or as usual again.
  bool look(const Frame& frame);

  /// Half of those that send regularly, and two at least, send at another rate.
  bool is_other() const { return is_other_; }
  /// This one does, and most others.
  bool is_other(std::uint32_t column) const {
    return is_other_ && column < rows_.size() && rows_[column].is_other;
  }
  /// It sends about as often as half of all do: neither seldom, nor is that not known.
  bool is_regular(std::uint32_t column) const {
    return column < rows_.size() && rows_[column].is_regular;
  }
  std::size_t regular() const { return regular_; }
  /// What half of all sensors take from one value to the next, as learned; 0: not known.
  Duration usual() const { return Duration(usual_us_); }
  /// No value of it for five of the intervals that it keeps now.
  bool is_silent(const Frame& frame, std::uint32_t column) const {
    const auto ago = (frame.at - frame.measured_at[column]).count();
    return ago > silent_after * rows_[column].now_us;
  }

  /// "4 of 5 sensors send at another rate …"; empty: they do not.
  std::string what() const;

  std::string save() const;
  Result<void> load(std::string_view bytes);

 private:
  static constexpr std::int64_t silent_after = 5;

  struct Row {
    Timestamp last;              ///< value; epoch: none yet
    std::int64_t usual_us = 0;   ///< learned; 0: not known
    std::int64_t votes = 0;      ///< for that, while learning
    std::int64_t intervals = 0;  ///< learned from; 0: it was learned elsewhere
    std::int64_t kept = 0;       ///< of those, like the usual one of that moment
    std::int64_t now_us = 0;     ///< the last interval
    int alike = 0;               ///< so many more before it were like it
    bool is_other = false;
    bool is_regular = false;
  };

  void take_loaded();
  static bool has_one_rate(const Row& row);
  static bool change(Row& row, std::int64_t interval_us);

  ColumnNames names_;
  std::vector<Row> rows_;
  ModelRows loaded_;
  std::size_t regular_ = 0;
  std::size_t other_ = 0;  ///< regular ones with another rate
  std::int64_t usual_us_ = 0;
  bool is_other_ = false;
};

}  // namespace sosie
