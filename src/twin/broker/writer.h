#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/notifier.h"
#include "twin/broker/world.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// What became of the attributes of one request, where some could not be done.
struct Partial {
  std::vector<Text> refused;  ///< names that do not exist, or exist already
  bool any_done = false;
};

/// How an update treats what is there.
struct UpdateMode {
  bool override_metadata = false;  ///< metadata that the request leaves out go
  bool is_forced = false;          ///< subscriptions are triggered by equal values too
  bool keeps_type = false;         ///< a type left out stays (PUT …/value)
  bool gives_readings = true;      ///< numbers go to the Keeper as readings, too
  bool keeps_numbers = true;       ///< false: what brings numbers back is somebody else's affair

  static UpdateMode of(const Call& call) {
    return {.override_metadata = call.has(Option::override_metadata),
            .is_forced = call.has(Option::forced_update)};
  }
};

/// One request's changes to the entities of a tenant. Each call either does what it says, or
/// returns an error and leaves the entity as it was. At the end `finish` hands everything to the
/// Keeper at once.
///
/// Threads: one; the tenant's lock is held from before the first change until after `finish`.
class Writer {
 public:
  Writer(World& world, Tenant& tenant, const Call& call, UpdateMode mode);

  /// REQUIRES: there is no entity of this key.
  Checked<StoredEntity*> create(const std::string& path, const EntityPatch& patch);

  /// Updates what is there, adds what is not.
  Checked<void> append(StoredEntity& entity, const std::vector<AttributePatch>& patches);

  /// Adds what is not there; refuses the rest.
  Checked<Partial> append_strict(StoredEntity& entity, const std::vector<AttributePatch>& patches);

  /// Updates what is there; refuses the rest.
  Checked<Partial> update(StoredEntity& entity, const std::vector<AttributePatch>& patches);

  /// These attributes and no others.
  Checked<void> replace(StoredEntity& entity, const std::vector<AttributePatch>& patches);

  Partial remove(StoredEntity& entity, const std::vector<Text>& names);
  void remove(StoredEntity& entity);

  /// The document that was left for later.
  void keep(StoredEntity& entity);

  /// Gives the Keeper what was done. 0: nothing was.
  Ticket finish();

 private:
  using Patches = std::vector<AttributePatch>;
  enum class Existing { update, refuse };
  enum class Missing { add, refuse };
  Checked<Partial> apply(StoredEntity& entity, const Patches& patches, Existing existing,
                         Missing missing);
  /// One patch on `next`; `there` is its attribute, null if there is none.
  Checked<void> put(const AttributePatch& patch, Attribute* there, Entity& next,
                    std::vector<AttributeChange>& changes) const;

  /// `next` takes the place of `entity`'s content.
  void install(StoredEntity& entity, Entity next, const std::vector<AttributeChange>& changes);
  /// What of `changes`, which were made to the entity, are readings.
  std::vector<Measured> readings_of(const StoredEntity& entity,
                                    const std::vector<AttributeChange>& changes) const;
  /// Nothing but numbers have changed that come back without the entity's document.
  bool may_wait(const StoredEntity& entity, const std::vector<AttributeChange>& changes,
                std::vector<Measured>& readings) const;
  /// The readings and the notifications of what has happened.
  void record(Alteration kind, StoredEntity& entity, const std::vector<AttributeChange>& changes,
              std::vector<Measured> readings);
  void keep_earlier(const Entity& entity, std::string body);
  std::string key(const Entity& entity) const;

  World& world_;
  Tenant& tenant_;
  const Call& call_;
  UpdateMode mode_;
  std::size_t correlator_;       ///< its hash, of what all notifications of a chain have in common
  bool is_custom_notification_;  ///< the request itself is one: it may be a loop
  Notifier notifier_;
  Change change_;
};

}  // namespace sosie::ngsi
