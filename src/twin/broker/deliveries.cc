#include "twin/broker/deliveries.h"

#include <mutex>

#include "twin/broker/entity_document.h"
#include "twin/broker/subscription_document.h"

namespace sosie::ngsi {
namespace {

/// After a restart whoever delivers knows nothing of the failures that he reported before it, and
/// reports them again.
bool is_known(const Delivery& delivery, const SubscriptionState& state) {
  return !delivery.is_success && delivery.number <= state.failed_up_to;
}

void note(const Delivery& delivery, SubscriptionState& state) {
  state.is_dirty = true;
  if (delivery.is_success) {
    state.last_success = delivery.at;
    state.last_success_code = delivery.status;
    state.fails = 0;
  } else {
    state.last_failure = delivery.at;
    state.last_failure_reason = delivery.reason;
    state.failed_up_to = delivery.number;
    ++state.fails;
  }
}

}  // namespace

bool note_delivery(World& world, const Delivery& delivery) {
  const auto parts = key_parts(delivery.subscription);
  if (parts.size() != 2) return false;
  Tenant& tenant = world.tenant(parts[0]);
  const std::unique_lock lock(tenant.mutex);
  Subscription* subscription = tenant.subscriptions.find(parts[1]);
  if (subscription == nullptr) return false;
  SubscriptionState& state = subscription->state;
  if (is_known(delivery, state)) return !state.has_given_up;
  if (!delivery.is_success) {
    world.metrics.add(tenant.name, subscription->scope.first(), {.out_errors = 1});
  }
  note(delivery, state);
  const auto& limit = subscription->plan.max_fails;
  if (limit && state.fails > *limit && !state.has_given_up) {
    state.has_given_up = true;
    state.is_over = true;
    state.is_dirty = false;
    Change change;
    change.documents.push_back(state_document(tenant.name, *subscription));
    world.keeper.keep(std::move(change));
  }
  return !state.has_given_up;
}

void keep_counters(World& world) {
  world.each_tenant([&](Tenant& tenant) {
    const std::unique_lock lock(tenant.mutex);
    Change change;
    tenant.subscriptions.each([&](Subscription& subscription) {
      if (!subscription.state.is_dirty) return;
      subscription.state.is_dirty = false;
      change.documents.push_back(state_document(tenant.name, subscription));
    });
    if (!change.is_empty()) world.keeper.keep(std::move(change));
  });
}

}  // namespace sosie::ngsi
