#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/reading.h"

namespace sosie {

/// Readings of one series in time order, in little memory: 8 bytes here, and elsewhere 17 a reading
/// and at most half as many again as room to grow.
class Tail {
 public:
  Tail() = default;
  Tail(const Tail& other) = delete;
  Tail& operator=(const Tail& other) = delete;
  Tail(Tail&&) noexcept = default;
  Tail& operator=(Tail&&) noexcept = default;
  ~Tail() = default;

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// REQUIRES: not empty.
  Timestamp oldest() const { return time(0); }
  Timestamp newest() const { return time(size() - 1); }

  /// REQUIRES: `more` are younger than all that is here.
  void append(std::span<const Reading> more);
  /// These and no others, with no room to grow.
  void assign(std::span<const Reading> readings);

  /// Adds all to `out`, as readings of `series`.
  void copy_to(SeriesId series, std::vector<Reading>& out) const;

 private:
  Timestamp time(std::size_t i) const;
  std::size_t capacity() const;
  void make_room(std::size_t capacity);

  /// Size and capacity, then a column each of times, values, and qualities (quality_code.h).
  std::unique_ptr<std::byte[]> block_;  ///< an array, not a vector: a third of its handle
};

}  // namespace sosie
