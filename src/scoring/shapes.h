#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fusion/tail.h"

namespace sosie::scoring {

/// After how many rows a column comes back to the same, by its autocorrelation: the first peak
/// behind where that has been below zero that is nearly as high as any.
struct Period {
  std::size_t rows = 0;  ///< 0: it has none
  double strength = 0;   ///< the autocorrelation there: about 1 where it comes back exactly
};
/// `values`: NaN: missing. What comes back less than four times is no period.
Period period_of(std::span<const float> values);

/// How unlike the last rows of each periodic column are to all that its rows of learning ever had:
/// the distance of its last steps to the nearest of as many in a row that were learned from (the
/// matrix profile against a reference; Yeh et al.: Matrix Profile I, ICDM 2016), over three
/// lengths. A wrong shape within the usual range is seen by nothing else.
///
/// Every distance follows from that of the row before by one step in and one step out, so that a
/// window of learning costs the same few operations whatever its length. Long periods are looked at
/// in means over a 128th of them. What the nearest memory does not foretell is no shape: such a
/// column is not looked at. Threads: one. A look: 15 us at most, none where nothing is periodic.
class Shapes {
 public:
  static constexpr std::size_t lengths = 3;

  struct Found {
    std::array<double, lengths> surprise{};  ///< of the strangest column (fusion/tail.h)
    std::array<std::uint32_t, lengths> column{};
  };

  Shapes() = default;
  /// `cells`: the rows of learning, row by row; NaN: missing. `left_out`: rows that are not learned
  /// from, in order.
  Shapes(std::span<const float> cells, std::size_t columns,
         std::span<const std::uint32_t> left_out);

  /// Of each row of learning, by what is learned from the other three quarters of them; none where
  /// no column is periodic. Can be taken once.
  std::vector<Found> take_learned() { return std::move(learned_); }

  /// Nothing is surprising in a row that has not a whole window of values behind it.
  Found look(std::span<const float> values);

  bool empty() const { return courses_.empty(); }

 private:
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  /// Windows of one length, named by their last step.
  struct Windows {
    std::size_t length = 0;
    std::vector<Range> open;      ///< that may be compared with
    std::vector<float> distance;  ///< of the last steps to each, squared
    std::vector<float> next;      ///< the same, in the making
    fusion::Tail tail;
    double nearest = 0;  ///< mean square; 0: not known
    double usual = 1;    ///< times as far as it was while learning, lately
  };
  /// One column.
  class Course {
   public:
    Course(std::span<const float> cells, std::size_t columns, std::size_t column, Period period,
           std::size_t longest);

    std::uint32_t column() const { return column_; }
    /// Windows looked at in a row.
    std::size_t cost() const { return lengths * reference_.size() / step_; }
    /// The nearest of each window of learning, a value for each row; tails are fitted to them.
    std::array<std::vector<float>, lengths> learn(std::span<const float> cells, std::size_t columns,
                                                  std::span<const std::uint32_t> left_out);
    void look(float value);
    double surprise(std::size_t k, double nearest) const {
      return windows_.at(k).tail.surprise(nearest);
    }
    double surprise(std::size_t k) const {
      return surprise(k, windows_.at(k).nearest / windows_.at(k).usual);
    }

   private:
    std::vector<bool> remember(std::span<const float> cells, std::size_t columns,
                               std::span<const std::uint32_t> left_out);
    static void open(Windows& windows, const std::vector<bool>& is_out);
    Range quarter_of(std::size_t step) const;
    /// `closed`: steps that are not compared with.
    void take(float value, Range closed);
    void advance(Windows& windows, float value, Range closed);
    float least_in(const Windows& windows, Range closed) const;

    std::uint32_t column_ = 0;
    std::size_t step_ = 1;   ///< rows that are one step
    std::size_t first_ = 0;  ///< step of learning that the reference begins with
    float center_ = 0;
    float one_over_scale_ = 0;
    std::vector<float> reference_;
    std::array<Windows, lengths> windows_;
    std::vector<float> lately_;  ///< steps, a ring
    std::size_t steps_ = 0;      ///< taken
    float sum_ = 0;              ///< of the step at hand
    std::size_t summed_ = 0;
    float known_ = 0;          ///< the last value
    std::size_t missing_ = 0;  ///< rows in a row
    bool has_gap_ = false;     ///< in the step at hand
    std::size_t since_gap_ = 0;
    double pace_ = 0;  ///< at which `usual` follows, as a logarithm
  };
  void learn(Course course, std::span<const float> cells, std::size_t columns,
             std::span<const std::uint32_t> left_out);

  std::vector<Course> courses_;
  std::vector<Found> learned_;
};

}  // namespace sosie::scoring
