#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fusion/episode.h"
#include "fusion/tail.h"
#include "scoring/block.h"
#include "scoring/counters.h"
#include "scoring/features.h"
#include "scoring/judge.h"
#include "scoring/profile.h"
#include "scoring/shapes.h"
#include "scoring/suspects.h"

namespace sosie::scoring {

/// What is said of one row.
struct Verdict {
  /// 0 … 1; a half where alarms begin by what was learned. Above nine tenths in the first row of an
  /// alarm that is sure, and in no other: who counts rows above a threshold can count each alarm
  /// once.
  double score = 0;
  bool flag = false;  ///< an alarm is on
  bool change = false;
  std::uint32_t column = 0;  ///< the sensor that has most part in the score
  Statistic why = Statistic::high_long;
};

/// The whole detection of one table, with no setting: learns from its first rows, then judges row
/// by row and learns nothing more but the courses that `Features` follow.
///
/// Statistics of single columns and of all together become chances by rank among rows of learning
/// that were held out (four contiguous parts, each judged by what the other three taught), are
/// combined (fusion/combine.h), and make episodes: on where one ordinary row in a thousand is, or
/// four in as many as were learned from if that is less, sure where one in three times as many is,
/// off where one in a hundred is. A column that is silent for longer than it may be, or moves
/// though it never did, makes one by itself. What has been alarmed for twice as many rows as were
/// learned from becomes what is usual. Columns that count are judged by their growth
/// (scoring/counters.h). Threads: one.
class Stack {
 public:
  /// `block`: the rows of learning; what in them looks like a fault is not learned from
  /// (scoring/suspects.h). Any size; below `least_rows` nothing is learned of chances, and
  /// rows are held against the spread of the course alone.
  static constexpr std::size_t least_rows = 150;
  /// `of_day`: of each row, the share of the day that is over, below 0 where it is not known;
  /// empty: the table has no days.
  Stack(Block block, double period_s, std::span<const double> of_day = {});

  /// Of the rows of learning, by what the other parts taught. Never flagged.
  std::span<const double> learned_scores() const { return learned_scores_; }

  Verdict look(std::span<const double> values, double of_day = -1);

  const std::vector<Profile>& profiles() const { return profiles_; }
  const Horizons& horizons() const { return horizons_; }
  const Counters& counters() const { return counters_; }
  bool is_learned() const { return judge_ != nullptr; }
  const Wild& wild() const { return wild_; }
  /// The rows of learning that were not learned from as they are unlike all others, in order.
  std::span<const std::uint32_t> left_out() const { return left_out_; }

 private:
  /// What the combined statistic ordinarily is: of the rows of learning first, of all ordinary rows
  /// lately as time goes on.
  class Ordinary {
   public:
    Ordinary() = default;
    Ordinary(const std::vector<double>& sample, std::size_t learned);
    /// A row outside of alarms. True now and then: rule and `sure` are to be made anew.
    bool add(double value);
    fusion::Episode::Rule rule() const;
    double sure() const;

   private:
    std::deque<double> values_;
    std::size_t learned_ = 0;
    std::size_t most_ = 0;
    std::size_t step_ = 1;  ///< every so manieth row is kept
    std::size_t seen_ = 0;
    std::size_t added_ = 0;
    double learned_sure_ = 0;
  };

  void learn(const Block& block, std::span<const double> of_day);
  void score(const FeatureRows& rows, std::span<const Judge::Found> found,
             std::span<const std::uint32_t> kept, std::span<const std::uint32_t> place);
  std::vector<Judge::Found> hold_out(const FeatureRows& rows,
                                     std::span<const std::uint32_t> kept) const;
  std::vector<Judge::Found> hold_out_suspects(const FeatureRows& rows,
                                              std::span<const std::uint32_t> place,
                                              std::vector<std::uint32_t>& kept);
  void calibrate(std::span<const Judge::Found> found);
  double combine(const Judge::Found& found, Statistic& why) const;
  std::uint32_t blame(const Judge::Found& found, Statistic why);
  bool is_change(const Judge::Found& found, bool is_onset);
  void forget_alarm(const Judge::Found& found, bool is_alarmed);
  Pace pace() const;
  bool is_ordinary(bool is_alarmed) const;
  void follow_ordinary();
  double see_unlearned(Verdict& verdict);
  Verdict look_unlearned();

  Wild wild_;
  Counters counters_;
  std::vector<std::uint32_t> left_out_;
  std::vector<Profile> profiles_;
  Horizons horizons_;
  Features features_;
  std::unique_ptr<Judge> judge_;
  Shapes shapes_;
  std::array<fusion::Tail, statistics> tails_;
  Ordinary ordinary_;
  double learned_on_ = 1;
  double sure_ = 1;
  bool is_sure_ = false;  ///< the alarm that is on
  fusion::Episode episode_{{}};
  fusion::Tail contrast_tail_;
  fusion::Episode contrast_{{}};
  std::size_t since_change_ = 0;
  std::size_t alarmed_ = 0;        ///< rows of the alarm that is on
  std::size_t strange_rows_ = 0;   ///< of the alarm: those that are so by themselves
  std::size_t ordinary_rows_ = 0;  ///< … and the ordinary ones since
  bool has_forgotten_ = false;     ///< the row before
  std::vector<double> learned_scores_;
  std::vector<double> spread_;  ///< of each column's distances, where unlearned
  std::vector<double> seen_;
  std::vector<double> values_;  ///< of the row at hand, growth in place of counts
};

}  // namespace sosie::scoring
