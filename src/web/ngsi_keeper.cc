#include "web/ngsi_keeper.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "web/delivery/notification_bytes.h"

namespace sosie::web {
namespace {

constexpr std::array kinds{ngsi::DocumentKind::entity, ngsi::DocumentKind::subscription,
                           ngsi::DocumentKind::subscription_state,
                           ngsi::DocumentKind::registration};
constexpr std::size_t messages_at_once = 1000;
constexpr std::chrono::milliseconds commit_patience{1000};

}  // namespace

Result<void> NgsiKeeper::restore(ngsi::Broker& broker, delivery::Postman& postman) {
  broker_ = &broker;
  postman_ = &postman;
  TRY(restore_documents());
  broker.start();
  TRY(restore_numbers());
  return restore_messages();
}

Result<void> NgsiKeeper::restore_documents() {
  for (const auto kind : kinds) {
    Result<void> restored;
    TRY(engine_.store().documents(to_text(kind), [&](std::string_view key, std::string_view body) {
      restored = broker_->restore(kind, key, body);
      if (!restored && kind == ngsi::DocumentKind::entity) {  // the others shall be there
        log::error("ngsi", "{}; it is left out", restored.error().what);
        restored = {};
        return true;
      }
      note(kind, std::string(key), true);
      return static_cast<bool>(restored);
    }));
    if (!restored) return std::move(restored).error().in("the broker's documents");
  }
  return {};
}

/// Documents whose numbers alone have changed are kept once a minute, and here is the rest of it.
Result<void> NgsiKeeper::restore_numbers() {
  Result<void> restored;
  series_.each_own([&](SeriesId series, const EntityName& entity) {
    const auto newest = engine_.store().last_reading(series, Timestamp::max());
    if (!newest) restored = newest.error();
    if (!newest || !*newest) return;
    broker_->bring_back({.tenant = entity.tenant,
                         .path = entity.path,
                         .id = entity.id,
                         .type = entity.type,
                         .attribute = engine_.series()[series].attribute,
                         .value = (*newest)->value,
                         .at = (*newest)->at});
  });
  return restored;
}

/// As `restore_numbers` does: what is in the store, of a series that is known again, as its newest.
bool NgsiKeeper::brings_back(std::span<ngsi::Measured> readings) {
  if (!engine_.scenario().keeps_readings) return false;
  return std::ranges::all_of(readings, [this](ngsi::Measured& measured) {
    const auto id = series_.declare(measured);
    if (!id) return false;
    measured.series = id->index;
    if (!series_.is_own(*id)) return false;
    const auto newest = engine_.latest().read(*id);
    return !newest || newest->at < measured.at;
  });
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

/// None, and let go: it cannot be read.
std::optional<ngsi::Notification> NgsiKeeper::read_message(const Outgoing& outgoing) {
  auto notification = delivery::from_bytes(outgoing.payload);
  if (!notification) {
    log::error("ngsi", "{}; it is dropped", notification.error().what);
    let_go({outgoing.number});
    return std::nullopt;
  }
  if (!notification->user.empty() && notification->password.empty()) {
    notification->password = broker_->mqtt_password(notification->subscription);
  }
  return std::move(*notification);
}

void NgsiKeeper::restore_message(const Outgoing& outgoing) {
  auto notification = read_message(outgoing);
  if (!notification) return;
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
  entry.readings.reserve(change.readings.size());
  for (const auto& measured : change.readings) {
    const auto id =
        measured.series ? std::optional(SeriesId{*measured.series}) : series_.declare(measured);
    if (id) {
      entry.readings.push_back({.at = measured.at, .value = measured.value, .series = *id});
    } else if (measured.before) {
      change.earlier.push_back(earlier_state(measured));
    }
  }
  for (auto& state : change.earlier) {
    entry.earlier.push_back({std::string(to_text(ngsi::DocumentKind::entity)), std::move(state.key),
                             state.until, std::move(state.body)});
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

void NgsiKeeper::settled(std::vector<std::uint64_t> numbers) {
  std::erase_if(numbers, [this](std::uint64_t number) { return events_.keeps(number); });
  let_go(std::move(numbers));
}

Result<delivery::PostOffice::Page> NgsiKeeper::fetch(const std::string& subscription,
                                                     std::uint64_t after, std::size_t limit) {
  if (!engine_.documents().settle(commit_patience)) {
    return Error{Errc::unavailable, "the journal is behind"};
  }
  const auto some = TRY(engine_.store().outbox_of(subscription, after, limit));
  Page page{.letters = {},
            .last = some.empty() ? after : some.back().number,
            .has_more = some.size() == limit};
  for (const auto& outgoing : some) {
    auto notification = read_message(outgoing);
    const bool is_for_a_receiver =
        notification && notification->transport != ngsi::Notification::Transport::events;
    if (is_for_a_receiver) page.letters.push_back({outgoing.number, std::move(*notification)});
  }
  return page;
}

bool NgsiKeeper::report(const ngsi::Delivery& delivery) {
  auto dated = delivery;
  dated.at = engine_.clock().now();
  return broker_->delivered(dated);
}

}  // namespace sosie::web
