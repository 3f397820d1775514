#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"

namespace sosie::replay {

/// Finds a recording that is played beneath a noise: not one digit of it comes again, but the ups
/// and downs of the sensor's own tremble do, where that is louder than the noise.
///
/// Of each new value one bit is kept: is it above the mean of those before it? The last `window`
/// bits are held against those of each earlier time, bit by bit. By chance as many agree once in
/// 10^12 such places; of a recording beneath a noise with which it goes by r, 1 - acos(r) / pi of
/// them do (Sheppard, Phil. Trans. A 192, 1899). What was found must go on for `confirm` more.
///
/// Only while a quarter of ten or more columns tremble more than usual (until it is less than an
/// eighth), as else their digits tell; and only of columns that tremble hardly more themselves, as
/// nothing is heard beneath a louder noise. Then a frame costs some 50 µs more, and all columns
/// have their turn within some ten minutes.
///
/// Memory: a bit a value, 8 kB a column at most. Threads: one.
class Rhyme {
 public:
  /// `values`: of each column to remember, about.
  void resize(std::size_t columns, std::size_t values, Duration period);

  /// A new value of a column: another one than before.
  void add(std::size_t column, double value);
  /// Whether `add` learns from it how much it trembles usually.
  void set_learning(bool is_learning) { is_learning_ = is_learning; }
  double usual(std::size_t column) const { return columns_[column].usual; }
  void set_usual(std::size_t column, double usual) { columns_[column].usual = usual; }

  /// While learning, after a frame's values: a column that seems to play recordings by nature, as a
  /// pump does that goes by the clock. `passed_over`: of each column, not 0: it is not judged.
  std::optional<std::size_t> find_natural(std::span<const std::uint8_t> passed_over);

  /// After a frame's values.
  void look(Timestamp at, std::span<const std::uint8_t> passed_over);

  bool has_found() const { return found_ > 0; }
  /// 1 and above: it plays a recording.
  double level(std::size_t column) const { return columns_[column].level; }
  /// How old that is, in values.
  std::size_t lag(std::size_t column) const { return columns_[column].lag; }
  Timestamp since(std::size_t column) const { return columns_[column].since; }

 private:
  static constexpr std::size_t word = 64;                     ///< bits
  static constexpr std::size_t window_words = 3;              ///< 16 minutes at 5 s
  static constexpr std::size_t window = window_words * word;  ///< bits
  static constexpr int alike = 145;                           ///< of them: 7 deviations
  static constexpr double still_alike = 0.9;                  ///< of that
  static constexpr std::size_t confirm = word;                ///< bits …
  static constexpr int confirmed = 44;                        ///< … of which so many agree
  static constexpr std::size_t least_lag = 2 * window;        ///< values
  static constexpr std::size_t most_values = std::size_t{1} << 16U;
  static constexpr int alike_by_nature = 137;         ///< 6 deviations
  static constexpr std::size_t shifts_per_look = 32;  ///< of a word's 64
  static constexpr std::size_t shifts_per_lesson = 2;
  static constexpr double calm_pace = 0.25;
  static constexpr double unrest_values = 240;  ///< that the tremble of late is made of
  static constexpr double furthest = 4;         ///< times the tremble: what a value counts for
  static constexpr double restless = 1.3;       ///< times the usual tremble
  static constexpr double drowned = 1.4;        ///< …: too little of it is heard
  static constexpr std::size_t least_judged = 10;
  static constexpr std::uint64_t weigh_every = 8;  ///< looks
  /// A tremble has as many ups as downs, and goes up and down; a line or a wave does not.
  static constexpr int least_ups = 76;
  static constexpr int least_turns = 80;

  struct Column {
    double calm = 0;          ///< the mean of its last values
    double unrest = 0;        ///< how far they are from it of late, on average
    double usual = 0;         ///< the same while learning; 0: nothing was learned
    std::uint64_t count = 0;  ///< bits ever
    double level = 0;
    std::size_t lag = 0;    ///< of what may be a recording; 0: there is none
    std::uint64_t met = 0;  ///< `count` then
    Timestamp since;
  };
  using Bits = std::array<std::uint64_t, window_words>;

  void weigh();
  std::uint64_t word_at(std::size_t column, std::uint64_t bit) const;
  int agreeing(std::size_t column, std::uint64_t from, std::size_t words) const;
  static bool is_tremble(const Bits& bits);
  bool is_heard(std::size_t column) const;
  void follow(std::size_t column, Timestamp at);
  std::size_t search(std::span<const std::uint8_t> passed_over, std::size_t shifts, int least);
  bool begin_search(std::size_t column);
  std::size_t lag_at(std::size_t shift, int least) const;

  std::vector<Column> columns_;
  std::vector<std::uint64_t> bits_;  ///< a ring of `words_` a column
  std::size_t words_ = 0;            ///< a power of two
  Duration period_{};
  std::uint64_t looks_ = 0;
  bool is_learning_ = false;
  bool is_common_ = false;  ///< does a noise lie on all?
  std::size_t found_ = 0;
  std::size_t searched_ = 0;  ///< column
  std::size_t shift_ = word;  ///< next; `word`: it is done
  Bits wanted_{};
  std::uint64_t wanted_from_ = 0;  ///< its first bit
};

}  // namespace sosie::replay
