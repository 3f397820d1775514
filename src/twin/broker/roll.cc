#include "twin/broker/roll.h"

#include <algorithm>

#include "twin/broker/entity_store.h"

namespace sosie::ngsi {

void Roll::add(std::uint64_t number, StoredEntity* entity) {
  slots_.push_back({number, entity});
  ++count_;
  for (const auto& column : columns_) {
    column->digests.push_back(digest_of(entity->find(column->attribute)));
  }
}

std::size_t Roll::slot_of(std::uint64_t number) const {
  const auto slot = std::ranges::lower_bound(slots_, number, {}, &Slot::number);
  const bool is_there = slot != slots_.end() && slot->number == number && slot->entity != nullptr;
  return is_there ? static_cast<std::size_t>(slot - slots_.begin()) : slots_.size();
}

void Roll::remove(std::uint64_t number) {
  const auto slot = slot_of(number);
  if (slot == slots_.size()) return;
  slots_[slot].entity = nullptr;
  --count_;
  for (const auto& column : columns_) column->digests[slot] = digest_absent;
  if (slots_.size() > 64 && count_ < slots_.size() / 2) {
    std::erase_if(slots_, [](const Slot& s) { return s.entity == nullptr; });
    columns_.clear();
  }
}

void Roll::changed(const StoredEntity& entity) {
  if (columns_.empty()) return;
  const auto slot = slot_of(entity.number);
  if (slot == slots_.size()) return;
  for (const auto& column : columns_) {
    column->digests[slot] = digest_of(entity.find(column->attribute));
  }
}

void Roll::sort() {
  std::ranges::sort(slots_, {}, &Slot::number);
}

Roll::Columns Roll::columns_of(std::span<const Probe> probes) const {
  const std::scoped_lock lock(mutex_);
  Columns wanted;
  for (const auto& probe : probes) {
    const auto there = std::ranges::find(columns_, probe.attribute,
                                         [](const auto& column) { return column->attribute; });
    if (there == columns_.end()) {
      if (columns_.size() >= most_columns) columns_.erase(columns_.begin());
      columns_.push_back(make_column(probe.attribute));
    } else {
      std::rotate(there, there + 1, columns_.end());
    }
    wanted.push_back(columns_.back());
  }
  return wanted;
}

std::shared_ptr<Roll::Column> Roll::make_column(const Text& attribute) const {
  auto column = std::make_shared<Column>();
  column->attribute = attribute;
  column->digests.reserve(slots_.size());
  for (const auto& slot : slots_) {
    const Attribute* there = slot.entity == nullptr ? nullptr : slot.entity->find(attribute.view());
    column->digests.push_back(digest_of(there));
  }
  return column;
}

}  // namespace sosie::ngsi
