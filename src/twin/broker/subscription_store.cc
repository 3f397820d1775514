#include "twin/broker/subscription_store.h"

#include <algorithm>
#include <functional>

namespace sosie::ngsi {
namespace {

/// In the place of an attribute: those with condition attributes that want to hear of removals. No
/// attribute has a space in its name.
constexpr std::string_view removal = "a removal";

/// Each once.
std::vector<Subscription*> in_order(std::vector<Subscription*> found) {
  std::ranges::sort(found, {}, &Subscription::number);
  const auto [first, last] = std::ranges::unique(found);
  found.erase(first, last);
  return found;
}

}  // namespace

std::size_t SubscriptionStore::Hash::operator()(const Key& key) const {
  return (*this)(KeyView{.id = key.id, .type = key.type, .attribute = key.attribute});
}

std::size_t SubscriptionStore::Hash::operator()(const KeyView& key) const {
  constexpr std::size_t mix = 0x9e3779b97f4a7c15U;
  const std::hash<std::string_view> hash;
  return (hash(key.id) * mix ^ hash(key.type)) * mix ^ hash(key.attribute);
}

bool SubscriptionStore::Equal::operator()(const KeyView& a, const Key& b) const {
  return a.id == b.id && a.type == b.type && a.attribute == b.attribute;
}

std::vector<SubscriptionStore::Key> SubscriptionStore::keys_of(const SubscriptionPlan& plan) {
  std::vector<Key> keys;
  for (const auto& selector : plan.entities) {
    Key key;
    if (!selector.ids.empty()) key.id = selector.ids.front();
    if (!selector.types.empty()) key.type = selector.types.front();
    if (plan.condition.attrs.empty()) keys.push_back(key);
    for (const auto& name : plan.condition.attrs) {
      key.attribute = name.view();
      keys.push_back(key);
    }
    if (plan.condition.attrs.empty() || !plan.condition.wants(Alteration::remove)) continue;
    key.attribute = removal;
    keys.push_back(key);
  }
  return keys;
}

void SubscriptionStore::enter(Subscription& subscription) {
  for (auto& key : keys_of(subscription.plan)) index_[std::move(key)].push_back(&subscription);
}

void SubscriptionStore::leave(Subscription& subscription) {
  for (const auto& key : keys_of(subscription.plan)) {
    const auto place = index_.find(key);
    if (place == index_.end()) continue;
    std::erase(place->second, &subscription);
    if (place->second.empty()) index_.erase(place);
  }
}

Subscription& SubscriptionStore::add(Subscription subscription) {
  if (subscription.number == 0) subscription.number = last_number_ + 1;
  last_number_ = std::max(last_number_, subscription.number);
  auto owned = std::make_unique<Subscription>(std::move(subscription));
  Subscription& there = *owned;
  by_id_.emplace(there.id, std::move(owned));
  in_order_.emplace(there.number, &there);
  enter(there);
  return there;
}

void SubscriptionStore::replace_plan(Subscription& subscription, Value definition,
                                     SubscriptionPlan plan) {
  leave(subscription);
  subscription.definition = std::move(definition);
  subscription.plan = std::move(plan);
  enter(subscription);
}

void SubscriptionStore::remove(Subscription& subscription) {
  leave(subscription);
  in_order_.erase(subscription.number);
  by_id_.erase(std::string(subscription.id));
}

Subscription* SubscriptionStore::find(std::string_view id) {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second.get();
}

const Subscription* SubscriptionStore::find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second.get();
}

void SubscriptionStore::look_up(const Entity& entity, std::string_view attribute,
                                std::vector<Subscription*>& found) {
  const std::string_view none;
  for (const auto id : {entity.id.view(), none}) {
    for (const auto type : {entity.type.view(), none}) {
      const auto place = index_.find(KeyView{.id = id, .type = type, .attribute = attribute});
      if (place == index_.end()) continue;
      for (Subscription* one : place->second) {
        const bool fits = std::ranges::any_of(
            one->plan.entities, [&](const EntitySelector& s) { return s.matches(entity); });
        if (fits && one->scope.contains(entity.service_path)) found.push_back(one);
      }
    }
  }
}

std::vector<Subscription*> SubscriptionStore::concerned(const Entity& entity,
                                                        std::span<const Text> names) {
  std::vector<Subscription*> found;
  if (by_id_.empty()) return found;
  look_up(entity, {}, found);
  for (const auto& name : names) look_up(entity, name, found);
  return in_order(std::move(found));
}

std::vector<Subscription*> SubscriptionStore::concerned_by_removal(const Entity& entity) {
  std::vector<Subscription*> found;
  if (by_id_.empty()) return found;
  look_up(entity, {}, found);
  look_up(entity, removal, found);
  return in_order(std::move(found));
}

}  // namespace sosie::ngsi
