#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sosie::ngsi {

struct StoredEntity;

/// Entities in the order of their creation: an array of (number, entity), where those that are gone
/// leave holes until half of it is holes. 16 bytes an entity.
class Roll {
 public:
  /// REQUIRES: `number` is above all that were added, unless `sort` is called before anything else.
  void add(std::uint64_t number, StoredEntity* entity) {
    slots_.push_back({number, entity});
    ++count_;
  }
  void remove(std::uint64_t number);

  /// After a restore, which adds in any order.
  void sort();

  std::size_t size() const { return count_; }

  /// Calls `visit(StoredEntity&)` in order until it returns false.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& slot : slots_) {
      if (slot.entity != nullptr && !visit(*slot.entity)) return;
    }
  }

 private:
  struct Slot {
    std::uint64_t number;
    StoredEntity* entity;  ///< null: a hole
  };
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace sosie::ngsi
