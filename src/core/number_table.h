#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sosie {

/// A hash table of numbers (0, 1, 2 …) that stand for things which lie elsewhere, and are found by
/// what those are: 8 to 16 bytes a thing, and nothing of it twice.
///
/// Threads: one writes, or any number read.
class NumberTable {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  /// The number with this hash for which `is(number)` holds, or none.
  template <class Is>
  std::uint32_t find(std::size_t hash, const Is& is) const {
    if (slots_.empty()) return none;
    std::size_t slot = hash & mask();
    while (slots_[slot] != none && !is(slots_[slot])) slot = (slot + 1) & mask();
    return slots_[slot];
  }

  /// The next number, which stands for a new thing of this hash. `hash_of(number)` is asked for
  /// those before it when the table grows.
  template <class HashOf>
  std::uint32_t add(std::size_t hash, const HashOf& hash_of) {
    if (2 * (std::size_t{count_} + 1) > slots_.size()) grow(hash_of);
    put(count_, hash);
    return count_++;
  }

  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t fewest = 64;
  std::size_t mask() const { return slots_.size() - 1; }

  void put(std::uint32_t number, std::size_t hash) {
    std::size_t slot = hash & mask();
    while (slots_[slot] != none) slot = (slot + 1) & mask();
    slots_[slot] = number;
  }

  template <class HashOf>
  void grow(const HashOf& hash_of) {
    slots_.assign(std::max(fewest, 2 * slots_.size()), none);
    for (std::uint32_t number = 0; number < count_; ++number) put(number, hash_of(number));
  }

  std::vector<std::uint32_t> slots_;  ///< a power of two, at most half of them taken
  std::uint32_t count_ = 0;
};

}  // namespace sosie
