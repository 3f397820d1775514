#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/keeper.h"
#include "twin/broker/subscription.h"
#include "twin/broker/world.h"
#include "twin/model/render.h"

namespace sosie::ngsi {

/// What one request did to one entity.
struct EntityEvent {
  Alteration kind = Alteration::update;  ///< create, update or remove
  const Entity& entity;                  ///< after it; one that was removed as it was
  const std::vector<AttributeChange>& changes;
  bool is_forced = false;  ///< counts as a change though nothing has changed
  bool is_loop = false;    ///< a custom notification has come back: nobody hears of it
};

/// Finds the subscriptions that an event triggers and renders their notifications (NGSI v2
/// specification, "Subscriptions": notification rules; Orion's alterationTypes).
///
/// Threads: one, for one request; the tenant's lock is held.
class Notifier {
 public:
  Notifier(World& world, Tenant& tenant, const Call& call);

  /// Adds notifications, and the new states of their subscriptions, to `change`.
  void happened(const EntityEvent& event, Change& change);

 private:
  std::vector<Subscription*> concerned(const EntityEvent& event);
  bool is_triggered(const Subscription& subscription, const EntityEvent& event,
                    Alteration alteration) const;
  void notify(Subscription& subscription, const EntityEvent& event, Alteration alteration,
              Change& change);

  World& world_;
  Tenant& tenant_;
  const Call& call_;
  int count_ = 0;
};

/// The notification of a subscription for an event; none where the template makes no URL.
struct Occasion {
  const World& world;
  const Tenant& tenant;
  const Call& call;
  std::string correlator;  ///< with its "cbnotif="
};
std::optional<Notification> render_notification(const Subscription& subscription,
                                                const EntityEvent& event, Alteration alteration,
                                                const Occasion& occasion);

/// Whether a change is one: a new or removed attribute, another value or type, or, if they count,
/// other metadata. `after`: the attribute now, null if it is gone.
bool is_real(const AttributeChange& change, const Attribute* after, bool metadata_counts);

}  // namespace sosie::ngsi
