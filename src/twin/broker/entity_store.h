#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "twin/broker/roll.h"
#include "twin/broker/service_path.h"
#include "twin/model/entity.h"

namespace sosie::ngsi {

/// An entity and its place in the order of creation.
struct StoredEntity : Entity {
  std::uint64_t number = 0;  ///< unique in the tenant, ascending
  std::size_t last_correlator =
      0;                   ///< hash of that of the last request that wrote it; 0: not known
  bool is_unkept = false;  ///< its numbers have changed since the Keeper got its document
};

/// The entities of one tenant, found by id, by type or in the order of creation.
///
/// Threads: none of its own; the tenant's lock is held. Addresses of entities are stable.
/// Memory: an entity of 5 numeric attributes takes about 700 bytes, indices included.
class EntityStore {
 public:
  EntityStore() = default;
  EntityStore(const EntityStore&) = delete;
  EntityStore& operator=(const EntityStore&) = delete;

  /// REQUIRES: no entity of this key is there.
  StoredEntity& add(Entity entity);

  /// With the number of an earlier life; in any order, and `restored` after the last.
  StoredEntity& restore(Entity entity, std::uint64_t number);
  void restored();

  void remove(const StoredEntity& entity);

  /// After the attributes of an entity changed.
  void changed(const StoredEntity& entity);

  /// After `expires` of an entity changed from `before`.
  void expiry_changed(StoredEntity& entity, std::optional<Timestamp> before);

  /// The entity of this key, or null.
  StoredEntity* find(std::string_view path, std::string_view id, std::string_view type);

  /// All that match, in the order of creation. `type` empty: any.
  std::vector<StoredEntity*> find_all(const Scope& scope, std::string_view id,
                                      std::string_view type) const;

  /// Calls `visit(const StoredEntity&)` for entities of `type` (empty: any) in the order of
  /// creation until it returns false.
  template <class Visit>
  void each(std::string_view type, Visit&& visit) const {
    if (type.empty()) {
      all_.each(visit);
    } else if (const auto roll = by_type_.find(type); roll != by_type_.end()) {
      roll->second.each(visit);
    }
  }

  /// All behind the one with this number, in the order of creation: `visit(StoredEntity&)` until it
  /// returns false.
  template <class Visit>
  void each_after(std::uint64_t number, Visit&& visit) {
    all_.each_after(number, visit);
  }

  /// The same as `each`, but may leave out who does not pass all `probes`.
  template <class Visit>
  void each(std::string_view type, std::span<const Probe> probes, Visit&& visit) const {
    if (type.empty()) {
      all_.each(probes, visit);
    } else if (const auto roll = by_type_.find(type); roll != by_type_.end()) {
      roll->second.each(probes, visit);
    }
  }

  /// Types that entities have, in order.
  template <class Visit>
  void each_type(Visit&& visit) const {
    for (const auto& [type, roll] : by_type_) {
      if (roll.size() > 0) visit(type, roll);
    }
  }

  /// Those whose time is over.
  std::vector<StoredEntity*> expired(Timestamp now) const;

  std::size_t size() const { return by_id_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  StoredEntity& insert(Entity entity, std::uint64_t number);

  std::unordered_multimap<Text, std::unique_ptr<StoredEntity>, Hash, std::equal_to<>> by_id_;
  std::map<std::string, Roll, std::less<>> by_type_;
  Roll all_;
  std::set<std::pair<Timestamp, StoredEntity*>> by_expiry_;
  std::uint64_t last_number_ = 0;
};

}  // namespace sosie::ngsi
