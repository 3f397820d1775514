#include "twin/broker/restoring.h"

#include <fmt/format.h>

#include "twin/broker/entity_document.h"
#include "twin/broker/subscription_document.h"

namespace sosie::ngsi {

Result<void> Restoring::put(DocumentKind kind, std::string_view key, std::string_view body) {
  bool is_ours = false;
  switch (kind) {
    case DocumentKind::entity:
      is_ours = put_entity(key, body);
      break;
    case DocumentKind::subscription:
      is_ours = put_subscription(key, body);
      break;
    case DocumentKind::subscription_state:
      is_ours = put_state(key, body);
      break;
    case DocumentKind::registration:
      is_ours = put_registration(key, body);
      break;
  }
  if (is_ours) return {};
  return Error{Errc::corrupt, fmt::format("{} '{}' cannot be read", to_text(kind), key)};
}

void Restoring::finish() {
  world_.each_tenant([&](Tenant& tenant) {
    tenant.entities.restored();
    tenant.subscriptions.each([&](Subscription& subscription) {
      const auto state = states_.find(document_key({tenant.name, subscription.id}));
      if (state != states_.end()) subscription.state = state->second;
    });
  });
  states_.clear();
}

bool Restoring::put_entity(std::string_view key, std::string_view body) {
  const auto parts = key_parts(key);
  auto entity = read_entity_document(body);
  if (parts.size() != 4 || !entity) return false;
  entity->service_path = intern(parts[1]);
  entity->id = Text(parts[2]);
  entity->type = intern(parts[3]);
  const auto number = entity->number;
  world_.tenant(parts[0]).entities.restore(std::move(*entity), number);
  return true;
}

bool Restoring::put_subscription(std::string_view key, std::string_view body) {
  const auto parts = key_parts(key);
  if (parts.size() != 2) return false;
  auto subscription =
      read_subscription_document(parts[1], body, world_.options.custom_notifications);
  if (!subscription) return false;
  world_.tenant(parts[0]).subscriptions.add(std::move(*subscription));
  return true;
}

bool Restoring::put_registration(std::string_view key, std::string_view body) {
  const auto parts = key_parts(key);
  if (parts.size() != 2) return false;
  auto registration = read_registration_document(parts[1], body);
  if (!registration) return false;
  world_.tenant(parts[0]).registrations.add(std::move(*registration));
  return true;
}

bool Restoring::put_state(std::string_view key, std::string_view body) {
  auto state = read_state_document(body);
  if (!state) return false;
  states_.insert_or_assign(std::string(key), std::move(*state));
  return true;
}

}  // namespace sosie::ngsi
