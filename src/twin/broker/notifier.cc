#include "twin/broker/notifier.h"

#include <algorithm>

#include <fmt/format.h>

#include "twin/broker/macros.h"
#include "twin/broker/subscription_document.h"
#include "twin/model/name_index.h"

namespace sosie::ngsi {
namespace {

Alteration alteration_for(const Subscription& subscription, const EntityEvent& event) {
  if (event.kind != Alteration::update) return event.kind;
  if (event.is_forced) return Alteration::change;
  const Condition& condition = subscription.plan.condition;
  NameIndex watched(condition.attrs);
  NameIndex after(event.entity.attributes);
  const bool has_changed = std::ranges::any_of(event.changes, [&](const AttributeChange& change) {
    const bool is_watched = condition.attrs.empty() || watched.has(change.name);
    return is_watched && is_real(change, after.find(change.name), condition.metadata_counts);
  });
  return has_changed ? Alteration::change : Alteration::update;
}

/// Whether anything of what the subscription shows has changed. What is gone counts.
bool shows_change(const SubscriptionPlan& plan, const EntityEvent& event) {
  NameIndex names(plan.attrs.names);
  NameIndex except(plan.attrs.except);
  NameIndex after(event.entity.attributes);
  const bool shows_all = plan.attrs.names.empty() || names.has("*");
  return std::ranges::any_of(event.changes, [&](const AttributeChange& change) {
    const bool is_shown = shows_all ? !except.has(change.name) : names.has(change.name);
    return is_shown && (event.is_forced ||
                        is_real(change, after.find(change.name), plan.condition.metadata_counts));
  });
}

bool is_throttled(const Subscription& subscription, Timestamp now) {
  const auto& last = subscription.state.last_notification;
  return last && now - *last < subscription.plan.throttling;
}

}  // namespace

bool is_real(const AttributeChange& change, const Attribute* after, bool metadata_counts) {
  if (!change.previous || change.action == "delete" || after == nullptr) return true;
  return after->value != change.previous->value || after->type != change.previous->type ||
         (metadata_counts && after->metadata != change.previous->metadata);
}

Notifier::Notifier(World& world, Tenant& tenant, const Call& call)
    : world_(world), tenant_(tenant), call_(call) {}

void Notifier::happened(const EntityEvent& event, Change& change) {
  if (event.is_loop || tenant_.subscriptions.size() == 0) return;
  for (Subscription* subscription : concerned(event)) {
    const Alteration alteration = alteration_for(*subscription, event);
    if (is_triggered(*subscription, event, alteration)) {
      notify(*subscription, event, alteration, change);
    }
  }
}

std::vector<Subscription*> Notifier::concerned(const EntityEvent& event) {
  if (event.kind == Alteration::remove) {
    return tenant_.subscriptions.concerned_by_removal(event.entity);
  }
  std::vector<Text> names;
  names.reserve(event.changes.size());
  for (const auto& one : event.changes) names.push_back(one.name);
  return tenant_.subscriptions.concerned(event.entity, names);
}

bool Notifier::is_triggered(const Subscription& subscription, const EntityEvent& event,
                            Alteration alteration) const {
  const Condition& condition = subscription.plan.condition;
  if (!subscription.is_live(call_.now) || !condition.wants(alteration)) return false;
  if (is_throttled(subscription, call_.now)) return false;
  const bool is_partial = subscription.plan.only_changed && event.kind == Alteration::update;
  if (is_partial && !shows_change(subscription.plan, event)) return false;
  if (!condition.filter.matches(event.entity)) return false;
  if (!condition.jexl) return true;
  const MacroContext context(event.entity, {.changes = event.changes}, {}, call_.now);
  return is_true(context.evaluate(*condition.jexl));
}

void Notifier::notify(Subscription& subscription, const EntityEvent& event, Alteration alteration,
                      Change& change) {
  const Occasion occasion{
      .world = world_,
      .tenant = tenant_,
      .call = call_,
      .correlator = fmt::format("{}; cbnotif={}", call_.correlator_root(), ++count_)};
  SubscriptionState& state = subscription.state;
  state.last_notification = call_.now;
  ++state.times_sent;
  auto notification = render_notification(subscription, event, alteration, occasion);
  if (notification) {
    notification->number = state.times_sent;
    world_.metrics.add(tenant_.name, event.entity.service_path,
                       {.out = 1, .out_bytes = notification->body.size()});
    change.notifications.push_back(std::move(*notification));
  } else {
    ++state.fails;
    state.last_failure = call_.now;
    state.last_failure_reason = "URL using bad/illegal format or missing URL";
  }
  if (subscription.plan.status == SubscriptionStatus::oneshot) state.is_over = true;
  state.is_dirty = false;
  change.documents.push_back(state_document(tenant_.name, subscription));
}

}  // namespace sosie::ngsi
