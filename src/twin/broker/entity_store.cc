#include "twin/broker/entity_store.h"

#include <algorithm>

namespace sosie::ngsi {

StoredEntity& EntityStore::add(Entity entity) {
  return insert(std::move(entity), last_number_ + 1);
}

StoredEntity& EntityStore::restore(Entity entity, std::uint64_t number) {
  return insert(std::move(entity), number);
}

void EntityStore::restored() {
  all_.sort();
  for (auto& [type, roll] : by_type_) roll.sort();
}

StoredEntity& EntityStore::insert(Entity entity, std::uint64_t number) {
  entity.attributes.shrink_to_fit();
  auto stored = std::make_unique<StoredEntity>(StoredEntity{std::move(entity), number});
  last_number_ = std::max(last_number_, number);
  StoredEntity& there = *stored;
  by_id_.emplace(there.id, std::move(stored));
  all_.add(number, &there);
  const auto type = by_type_.find(there.type.view());
  (type != by_type_.end() ? type->second : by_type_[std::string(there.type.view())])
      .add(number, &there);
  if (there.expires) by_expiry_.emplace(*there.expires, &there);
  return there;
}

void EntityStore::remove(const StoredEntity& entity) {
  all_.remove(entity.number);
  if (const auto type = by_type_.find(entity.type.view()); type != by_type_.end()) {
    type->second.remove(entity.number);
    if (type->second.size() == 0) by_type_.erase(type);
  }
  const auto [first, last] = by_id_.equal_range(entity.id.view());
  const auto here =
      std::find_if(first, last, [&](const auto& e) { return e.second.get() == &entity; });
  if (entity.expires) by_expiry_.erase({*entity.expires, here->second.get()});
  by_id_.erase(here);
}

void EntityStore::changed(const StoredEntity& entity) {
  all_.changed(entity);
  if (const auto type = by_type_.find(entity.type.view()); type != by_type_.end()) {
    type->second.changed(entity);
  }
}

void EntityStore::expiry_changed(StoredEntity& entity, std::optional<Timestamp> before) {
  if (before == entity.expires) return;
  if (before) by_expiry_.erase({*before, &entity});
  if (entity.expires) by_expiry_.emplace(*entity.expires, &entity);
}

StoredEntity* EntityStore::find(std::string_view path, std::string_view id, std::string_view type) {
  const auto [first, last] = by_id_.equal_range(id);
  for (auto it = first; it != last; ++it) {
    if (it->second->type == type && it->second->service_path == path) return it->second.get();
  }
  return nullptr;
}

std::vector<StoredEntity*> EntityStore::find_all(const Scope& scope, std::string_view id,
                                                 std::string_view type) const {
  std::vector<StoredEntity*> found;
  const auto [first, last] = by_id_.equal_range(id);
  for (auto it = first; it != last; ++it) {
    StoredEntity* entity = it->second.get();
    if ((type.empty() || entity->type == type) && scope.contains(entity->service_path)) {
      found.push_back(entity);
    }
  }
  std::ranges::sort(found, {}, &StoredEntity::number);
  return found;
}

std::vector<StoredEntity*> EntityStore::expired(Timestamp now) const {
  std::vector<StoredEntity*> over;
  for (const auto& [at, entity] : by_expiry_) {
    if (at > now) break;
    over.push_back(entity);
  }
  return over;
}

}  // namespace sosie::ngsi
