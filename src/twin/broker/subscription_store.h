#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "twin/broker/subscription.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// The subscriptions of one tenant, and an index that finds those which an update may concern
/// without looking at the others: by (id, type, attribute), each of them exact or "any".
///
/// Threads: none of its own; the tenant's lock is held. Addresses are stable.
class SubscriptionStore {
 public:
  SubscriptionStore() = default;
  SubscriptionStore(const SubscriptionStore&) = delete;
  SubscriptionStore& operator=(const SubscriptionStore&) = delete;

  /// Number 0: the next one. REQUIRES: the id is new.
  Subscription& add(Subscription subscription);

  void replace_plan(Subscription& subscription, Value definition, SubscriptionPlan plan);
  void remove(Subscription& subscription);

  Subscription* find(std::string_view id);
  const Subscription* find(std::string_view id) const;

  /// In the order of creation.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [number, subscription] : in_order_) visit(*subscription);
  }
  std::size_t size() const { return by_id_.size(); }

  /// Those whose entities and condition attributes fit an entity and the names of its attributes
  /// that a request touches, each once, in the order of creation. Conditions beyond that are not
  /// looked at.
  std::vector<Subscription*> concerned(const Entity& entity, std::span<const Text> names);

  /// Those whose entities fit one that is removed. Their condition attributes do not count then.
  std::vector<Subscription*> concerned_by_removal(const Entity& entity);

 private:
  struct Key {
    std::string id;
    std::string type;
    std::string attribute;  ///< "" is any, in all three
    bool operator==(const Key&) const = default;
  };
  struct KeyView {
    std::string_view id;
    std::string_view type;
    std::string_view attribute;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Key& key) const;
    std::size_t operator()(const KeyView& key) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a == b; }
    bool operator()(const KeyView& a, const Key& b) const;
    bool operator()(const Key& a, const KeyView& b) const { return (*this)(b, a); }
  };
  /// Adds to `found` those entered for the attribute ("": any) whose entities and scope fit.
  void look_up(const Entity& entity, std::string_view attribute, std::vector<Subscription*>& found);
  static std::vector<Key> keys_of(const SubscriptionPlan& plan);
  void enter(Subscription& subscription);
  void leave(Subscription& subscription);

  std::unordered_map<std::string, std::unique_ptr<Subscription>> by_id_;
  std::map<std::uint64_t, Subscription*> in_order_;
  std::unordered_map<Key, std::vector<Subscription*>, Hash, Equal> index_;
  std::uint64_t last_number_ = 0;
};

}  // namespace sosie::ngsi
