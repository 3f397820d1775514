#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace sosie::rules {

/// A vector in blocks: growing moves nothing, and keeps no room for twice as much. T has a state
/// without anything in it.
template <class T>
class Blocks {
 public:
  T& push_back(T value) {
    if (size_ % block_size == 0) blocks_.push_back(std::make_unique<Block>());
    T& slot = (*blocks_.back())[size_++ % block_size];
    return slot = std::move(value);
  }

  T& operator[](std::size_t i) { return (*blocks_[i / block_size])[i % block_size]; }
  const T& operator[](std::size_t i) const { return (*blocks_[i / block_size])[i % block_size]; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return blocks_.size() * sizeof(Block); }

 private:
  static constexpr std::size_t block_size = 1024;
  using Block = std::array<T, block_size>;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace sosie::rules
