#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "operators/window/huge_blocks.h"
#include "operators/window/shape.h"

namespace sosie::window {

/// Sliding windows told of at each reading: (at - length, at], exact. A late reading amends all
/// that was told of at its time and after it.
///
/// A ring of points for each key, with sums that go along and extremes that are looked for again
/// when the one there was leaves: by blocks of points, so it costs little in long windows too.
class RollingWindows final : public Windows {
 public:
  explicit RollingWindows(const Shape& shape);

  std::uint32_t add_key() override;
  Taken take_of(const Speaker& speaker, std::uint32_t key, const Point& point,
                Results& out) override;
  std::uint64_t settle(Results& /*out*/) override { return std::exchange(amended_, 0); }
  void advance(Micros /*now*/, Results& /*out*/) override {}

  /// Asks the memory for the key; and, once that has come, for the points that `take` will need.
  void prefetch(std::uint32_t key) const { __builtin_prefetch(&rings_[key], 1); }
  void prefetch_points(std::uint32_t key) const;

  /// What is known of the window that ends with the youngest reading.
  struct Rolling {
    std::uint32_t count = 0;
    double mean = 0;
    double min = 0;
    double max = 0;
  };
  /// As take, of a reading that is not late, and tells nobody.
  Rolling push(std::uint32_t key, const Point& point);

 private:
  static constexpr std::uint32_t block = 32;  ///< points whose extremes are kept together
  struct Extremes {
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();
    void add(double value) {
      min = value < min ? value : min;
      max = value > max ? value : max;
    }
  };
  static_assert(sizeof(Extremes) == sizeof(Point));
  /// One cache line. Places in it are numbers that grow for ever, and wrap around.
  struct alignas(64) Ring {
    /// A power of two of points, two blocks at least, in memory twice as long: behind them are the
    /// extremes of each block, of the points in it that are in the ring.
    Point* points = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t kept = 0;   ///< what held when the oldest window that late ones need began,
    std::uint32_t first = 0;  ///< the oldest in the window,
    std::uint32_t end = 0;    ///< and behind the youngest
    double origin = 0;
    double sum = 0;  ///< of the window, from the origin
    double squares = 0;
    Extremes window;

    Point& at(std::uint32_t place) const { return points[place & (capacity - 1)]; }
    Extremes& extremes(std::uint32_t place) const {
      auto* const all = reinterpret_cast<Extremes*>(points + capacity);  // NOLINT: as it was made
      return all[(place & (capacity - 1)) / block];
    }
    std::uint32_t count() const { return end - first; }
  };
  static_assert(sizeof(Ring) == 64);

  static std::size_t bytes_of(std::uint32_t capacity) {
    return std::size_t{2} * capacity * sizeof(Point);
  }
  void make_room(Ring& ring, std::uint32_t capacity);
  static void find_block_extremes(Ring& ring);
  void append(Ring& ring, const Point& point);
  void let_go(Ring& ring, Micros newest) const;
  static void calculate(Ring& ring);
  static void look_for_extremes(Ring& ring);
  Taken take_late(std::uint32_t key, const Point& point, Results& out);
  void tell(std::uint32_t key, Results& out);
  std::size_t tell_at(std::uint32_t key, std::uint32_t place, Results& out);

  const Shape shape_;
  bool needs_points_ = false;  ///< not all aggregates are sums and extremes
  HugeBlocks blocks_;
  std::vector<Ring> rings_;
  std::vector<Point> view_;
  Measurer measurer_;
  std::uint64_t amended_ = 0;  ///< results
};

}  // namespace sosie::window
