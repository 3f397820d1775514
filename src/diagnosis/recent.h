#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/frame.h"

namespace sosie::diagnosis {

/// How a column has moved since an upset began, held against the half hour before. All 0 … 1; all 0
/// where too little is known, or where it never left its tremble.
struct Shape {
  double jump = 0;      ///< share of the largest departure that came within two blocks
  double straight = 0;  ///< 1: it has gone one way all the time; 0: to and fro
  double back = 0;      ///< share of the largest departure that is undone now
  double louder = 0;    ///< trembles more than before: 0.2 each time twice as much
  double calmer = 0;    ///< … less
};

/// Where a column was in the hours before an upset, in its own unit.
struct Usual {
  double mean = 0;
  double low = 0;  ///< the lowest and highest of some blocks
  double high = 0;
};

/// The last hours of every column, block by block (a minute, or a frame where those are longer).
///
/// Half a day, less where there are many columns (2 million values at most). Threads: one. Costs
/// 1 ns a column and frame, and allocates in `begin` and `stirred` only.
class Recent {
 public:
  /// Forgets everything.
  void begin(std::size_t columns, Duration period);
  void look(const Frame& frame);

  Shape shape(std::uint32_t column, Timestamp onset) const;

  /// None where less than ten blocks before the onset are known.
  std::optional<Usual> usual(std::uint32_t column, Timestamp onset) const;

  /// The share of columns that are not now where they were in the hours before: much in a storm,
  /// little where one sensor fails. 0 where less than two hours are known.
  double stirred() const;

  /// How far a column lies from where it has been over the last days, in its deviations there; less
  /// than 0: below. Rain has the flow there for hours, which `stirred` no longer tells. 0 where
  /// less than a day is known.
  double astray(std::uint32_t column) const;
  /// The share of columns that are astray by three deviations or more.
  double share_astray() const;

 private:
  struct Block {
    float mean = 0;     ///< NaN: no value
    float tremble = 0;  ///< mean square of the change from one new value to the next; NaN: none
  };
  struct Sum {
    double last = 0;
    double values = 0;
    double squares = 0;
    std::uint32_t count = 0;
    std::uint32_t changes = 0;
    bool is_known = false;  ///< `last` is
  };
  /// Of each column's block means.
  struct Levels {
    std::vector<double> sum;
    std::vector<double> squares;
    std::vector<double> count;
    explicit Levels(std::size_t columns) : sum(columns), squares(columns), count(columns) {}
  };
  /// Adds the means of one block, and has those of the `next` one to be added fetched meanwhile.
  void add_block(std::size_t age, std::size_t next, Levels& levels) const;
  /// Over days: the mean of a column's blocks, and of their squares.
  struct Days {
    double mean = 0;
    double square = 0;
    double lately = 0;        ///< over some ten minutes
    std::uint32_t count = 0;  ///< blocks
  };
  void close_block();
  void follow(Days& days, double value) const;
  /// How many blocks back an upset that began at `onset` reaches.
  std::size_t rows_since(Timestamp onset) const;
  /// The `age`-th block back, 0 the last one. REQUIRES: age < rows().
  const Block& back(std::size_t age, std::uint32_t column) const;
  std::size_t rows() const { return filled_; }
  double step_over_two(std::size_t age, std::uint32_t column, double mean) const;

  std::size_t columns_ = 0;
  std::size_t most_ = 0;  ///< rows
  Duration block_{};
  Timestamp block_end_;
  Timestamp last_end_;  ///< of the last whole block
  std::vector<Sum> sums_;
  std::vector<Days> days_;
  std::uint32_t most_blocks_ = 1;  ///< that a mean over days is taken over
  double pace_ = 1;                ///< of that mean
  double quick_pace_ = 1;          ///< of the one over minutes
  std::vector<Block> ring_;
  std::size_t next_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace sosie::diagnosis
