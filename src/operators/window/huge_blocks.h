#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace sosie::window {

/// Memory for many blocks of a few sizes, from pages so large that the processor knows where all of
/// them are. What is given back is given out again. Threads: one.
class HugeBlocks {
 public:
  /// `bytes`: a power of two, 64 at least. Aligned to 64; its content is anything.
  void* take(std::size_t bytes);
  void give_back(void* block, std::size_t bytes);

 private:
  struct Freed {
    void operator()(void* memory) const;
  };
  std::vector<std::unique_ptr<void, Freed>> chunks_;
  std::byte* next_ = nullptr;  ///< in the last chunk
  std::size_t left_ = 0;
  std::vector<std::vector<void*>> free_;  ///< by the size's logarithm
};

/// Memory on such pages, if it is large. `bytes` are the same when it is given back.
void* take_huge(std::size_t bytes);
void give_back_huge(void* memory, std::size_t bytes);

/// Of a vector that may become large: it lies on such pages then.
template <class T>
struct HugeAllocator {
  using value_type = T;  // NOLINT(readability-identifier-naming): as std::vector asks for it

  HugeAllocator() = default;
  template <class Other>
  HugeAllocator(const HugeAllocator<Other>& /*other*/) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return static_cast<T*>(take_huge(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) { give_back_huge(memory, count * sizeof(T)); }
  bool operator==(const HugeAllocator& /*other*/) const { return true; }
};
}  // namespace sosie::window
