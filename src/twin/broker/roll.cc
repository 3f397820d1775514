#include "twin/broker/roll.h"

#include <algorithm>

namespace sosie::ngsi {

void Roll::remove(std::uint64_t number) {
  const auto slot = std::ranges::lower_bound(slots_, number, {}, &Slot::number);
  if (slot == slots_.end() || slot->number != number || slot->entity == nullptr) return;
  slot->entity = nullptr;
  --count_;
  if (slots_.size() > 64 && count_ < slots_.size() / 2) {
    std::erase_if(slots_, [](const Slot& s) { return s.entity == nullptr; });
  }
}

void Roll::sort() {
  std::ranges::sort(slots_, {}, &Slot::number);
}

}  // namespace sosie::ngsi
