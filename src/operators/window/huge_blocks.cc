#include "operators/window/huge_blocks.h"

#include <algorithm>
#include <bit>
#include <new>

#include <sys/mman.h>

namespace sosie::window {

namespace {
constexpr std::size_t line = 64;
constexpr std::size_t page = std::size_t{2} << 20U;
constexpr std::size_t largest_chunk = 16 * page;
}  // namespace

void* take_huge(std::size_t bytes) {
  if (bytes < page) return ::operator new(bytes, std::align_val_t(line));
  const std::size_t size = (bytes + page - 1) / page * page;
  void* const memory = ::operator new(size, std::align_val_t(page));
  ::madvise(memory, size, MADV_HUGEPAGE);  // where there are none, small ones do
  return memory;
}

void give_back_huge(void* memory, std::size_t bytes) {
  ::operator delete(memory, std::align_val_t(bytes < page ? line : page));
}

void HugeBlocks::Freed::operator()(void* memory) const {
  ::operator delete(memory, std::align_val_t(page));
}

void* HugeBlocks::take(std::size_t bytes) {
  const auto size_class = static_cast<std::size_t>(std::bit_width(bytes) - 1);
  if (size_class < free_.size() && !free_[size_class].empty()) {
    void* const block = free_[size_class].back();
    free_[size_class].pop_back();
    return block;
  }
  if (left_ < bytes) {
    // Few keys need no page of their own; many soon have chunks of many pages.
    const std::size_t grown =
        chunks_.empty() ? page : std::min(largest_chunk, chunks_.size() * page);
    const std::size_t size = (std::max(grown, bytes) + page - 1) / page * page;
    void* const memory = take_huge(size);
    chunks_.emplace_back(memory);
    next_ = static_cast<std::byte*>(memory);
    left_ = size;
  }
  std::byte* const block = next_;
  next_ += bytes;
  left_ -= bytes;
  return block;
}

void HugeBlocks::give_back(void* block, std::size_t bytes) {
  const auto size_class = static_cast<std::size_t>(std::bit_width(bytes) - 1);
  if (free_.size() <= size_class) free_.resize(size_class + 1);
  free_[size_class].push_back(block);
}

}  // namespace sosie::window
