#include "rules/devices.h"

#include <algorithm>
#include <functional>

namespace sosie::rules {

std::size_t Devices::slot_of(std::string_view entity) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(entity) & mask;
  while (slots_[slot] != none && name(slots_[slot]) != entity) slot = (slot + 1) & mask;
  return slot;
}

std::uint32_t Devices::find(std::string_view entity) const {
  return slots_.empty() ? none : slots_[slot_of(entity)];
}

std::uint32_t Devices::add(SeriesId id) {
  if (2 * (youngest_.size() + 1) > slots_.size()) grow();
  std::uint32_t& slot = slots_[slot_of((*series_)[id].entity)];
  if (slot == none) {
    slot = static_cast<std::uint32_t>(youngest_.size());
    youngest_.push_back(id);
  }
  youngest_[slot] = id;
  return slot;
}

void Devices::grow() {
  slots_.assign(std::max<std::size_t>(64, 2 * slots_.size()), none);
  for (std::uint32_t i = 0; i < youngest_.size(); ++i) slots_[slot_of(name(i))] = i;
}

}  // namespace sosie::rules
