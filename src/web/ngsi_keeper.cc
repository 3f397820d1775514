#include "web/ngsi_keeper.h"

#include <array>

#include "base/log.h"
#include "web/delivery/notification_bytes.h"

namespace sosie::web {
namespace {

constexpr std::array kinds{ngsi::DocumentKind::entity, ngsi::DocumentKind::subscription,
                           ngsi::DocumentKind::subscription_state,
                           ngsi::DocumentKind::registration};
constexpr std::size_t messages_at_once = 1000;

}  // namespace

Result<void> NgsiKeeper::restore(ngsi::Broker& broker, delivery::Postman& postman) {
  broker_ = &broker;
  postman_ = &postman;
  TRY(restore_documents());
  broker.start();
  return restore_messages();
}

Result<void> NgsiKeeper::restore_documents() {
  for (const auto kind : kinds) {
    Result<void> restored;
    TRY(engine_.store().documents(to_text(kind), [&](std::string_view key, std::string_view body) {
      restored = broker_->restore(kind, key, body);
      note(kind, std::string(key), true);
      return static_cast<bool>(restored);
    }));
    if (!restored) return std::move(restored).error().in("the broker's documents");
  }
  return {};
}

Result<void> NgsiKeeper::restore_messages() {
  for (;;) {
    const auto some = TRY(engine_.store().outbox(last_number_, messages_at_once));
    if (some.empty()) return {};
    for (const auto& outgoing : some) {
      last_number_ = outgoing.number;
      restore_message(outgoing);
    }
  }
}

void NgsiKeeper::restore_message(const Outgoing& outgoing) {
  auto notification = delivery::from_bytes(outgoing.payload);
  if (!notification) {
    log::error("ngsi", "{}; it is dropped", notification.error().what);
    return let_go({outgoing.number});
  }
  let_go(events_.publish(outgoing.number, *notification));
  if (notification->transport != ngsi::Notification::Transport::events) {
    postman_->send(outgoing.number, std::move(*notification));
  }
}

/// These need not stay in the outbox.
void NgsiKeeper::let_go(std::vector<std::uint64_t> numbers) {
  if (numbers.empty()) return;
  DocumentRoad::Entry entry;
  entry.arrived = std::move(numbers);
  engine_.documents().put(std::move(entry));
}

/// What concerns us in a document's being there or not.
void NgsiKeeper::note(ngsi::DocumentKind kind, const std::string& key, bool is_there) {
  if (kind == ngsi::DocumentKind::subscription && !is_there) {
    postman_->forget(key);
    let_go(events_.forget(key));
  }
  if (kind != ngsi::DocumentKind::registration) return;
  providers_.with([&](auto& providers) {
    if (is_there) {
      providers.insert(key);
    } else {
      providers.erase(key);
    }
    provider_count_ = providers.size();
  });
}

ngsi::Ticket NgsiKeeper::keep(ngsi::Change change) {
  DocumentRoad::Entry entry;
  entry.documents.reserve(change.documents.size());
  for (auto& document : change.documents) {
    note(document.kind, document.key, document.body.has_value());
    entry.documents.push_back(
        {std::string(to_text(document.kind)), std::move(document.key), std::move(document.body)});
  }
  for (const auto& measured : change.readings) {
    if (const auto id = series_.declare(measured)) {
      entry.readings.push_back({.at = measured.at, .value = measured.value, .series = *id});
    }
  }
  const auto count = change.notifications.size();
  const std::uint64_t first = last_number_.fetch_add(count) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& notification = change.notifications[i];
    entry.outgoing.push_back(
        {first + i, notification.subscription, delivery::to_bytes(notification)});
  }
  const auto ticket = engine_.documents().put(std::move(entry));
  for (std::size_t i = 0; i < count; ++i) {
    let_go(events_.publish(first + i, change.notifications[i]));
    postman_->send(first + i, std::move(change.notifications[i]));
  }
  return ticket;
}

void NgsiKeeper::settled(std::uint64_t number) {
  if (!events_.keeps(number)) let_go({number});
}

bool NgsiKeeper::report(const ngsi::Delivery& delivery) {
  auto dated = delivery;
  dated.at = engine_.clock().now();
  return broker_->delivered(dated);
}

}  // namespace sosie::web
