#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/random.h"
#include "twin/broker/archive.h"
#include "twin/broker/entity_store.h"
#include "twin/broker/forwarder.h"
#include "twin/broker/keeper.h"
#include "twin/broker/log_settings.h"
#include "twin/broker/metrics.h"
#include "twin/broker/options.h"
#include "twin/broker/registration.h"
#include "twin/broker/subscription_store.h"

namespace sosie::ngsi {

/// What belongs to one tenant. Whoever reads or writes the stores holds the mutex.
struct Tenant {
  explicit Tenant(std::string_view name_given) : name(name_given) {}

  const std::string name;  ///< "": the default one
  mutable std::shared_mutex mutex;
  EntityStore entities;
  SubscriptionStore subscriptions;
  RegistrationStore registrations;
};

/// What all requests share.
///
/// Threads: any.
class World {
 public:
  World(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder);

  const Options options;
  const Clock& clock;
  Keeper& keeper;
  Forwarder& forwarder;
  const Archive* archive = nullptr;  ///< set before anything is served; null: there is no past

  // What the management resources show.
  Metrics metrics;
  std::atomic<Timestamp> measured_since;
  std::atomic<std::int64_t> subscriptions_made{0};
  std::atomic<std::int64_t> subscriptions_removed{0};
  std::atomic<std::int64_t> subscriptions_changed{0};
  LogSettings log;

  /// Made if it is not there yet; lives as long as the world.
  Tenant& tenant(std::string_view name);

  /// For reading: an empty one that is nobody's where there is none of this name.
  const Tenant& look_at(std::string_view name) const;

  /// When this life began.
  Timestamp started() const { return started_; }

  template <class Visit>
  void each_tenant(Visit&& visit) const {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, tenant] : tenants_) visit(*tenant);
  }

  /// 24 hexadecimal digits, the first 8 of them the time in seconds: as MongoDB's object ids.
  std::string new_id();

  /// A random UUID (RFC 4122, version 4).
  std::string new_uuid();

 private:
  const Timestamp started_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Tenant>, std::less<>> tenants_;
  const Tenant nobody_{""};
  Guarded<Random> random_;
};

}  // namespace sosie::ngsi
