#include "connectors/mqtt/outbox.h"

#include <algorithm>

namespace sosie::mqtt {
namespace {

constexpr std::size_t shown_bytes_of_refused = 500;
constexpr int most_held_up = 3;              ///< then what is held up is given up
constexpr std::size_t most_given_up = 1000;  ///< topics that are remembered

SinkRefusal refusal_of(const Outgoing& message, std::string reason) {
  return {std::move(reason), message.payload.substr(0, shown_bytes_of_refused), message.topic};
}

}  // namespace

/// A connection that is there still, or a new one. An old Client is never connected again: it would
/// send by itself what the next batch holds, too.
Result<void> Outbox::connect() {
  if (client_ && !client_->receive(1, Duration::zero(), {})) client_.reset();
  if (client_) return {};
  auto client = TRY(Client::create(config_));
  TRY(client->connect({}));
  client_ = std::move(client);
  if (keeper_.joinable()) return {};
  keeper_ = std::jthread([this](const std::stop_token& stop) { keep_alive(stop); });
  return {};
}

void Outbox::keep_alive(const std::stop_token& stop) {
  const auto pause = std::chrono::seconds(config_.keepalive_s) / 2;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    ended_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested() || !client_) continue;
    const bool is_there = client_->receive(1, Duration::zero(), stop) && client_->acknowledge(stop);
    if (!is_there) client_.reset();
  }
}

Result<std::vector<SinkRefusal>> Outbox::send(std::vector<Outgoing> batch, Unfinished& unfinished) {
  std::vector<SinkRefusal> refused;
  if (batch.empty()) return refused;
  const std::scoped_lock lock(mutex_);
  TRY(connect());
  numbers_.assign(batch.size(), 0);
  auto sent = publish(batch, unfinished, refused);
  denied_ = client_->take_denied();
  if (sent) sent = look_at_denied(batch, unfinished, refused);
  if (sent) {
    unfinished = {};
    return refused;
  }
  auto has_arrived = arrived(batch, unfinished);
  unfinished = {std::move(batch), std::move(has_arrived)};
  client_.reset();
  return std::move(sent).error();
}

Result<void> Outbox::publish(const std::vector<Outgoing>& batch, const Unfinished& unfinished,
                             std::vector<SinkRefusal>& refused) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& message = batch[i];
    if (unfinished.knows(i, message)) continue;
    auto published =
        qos_ == 0 ? client_->bundle(message.topic, message.payload, message.retain, {})
                  : client_->publish(message.topic, message.payload, qos_, message.retain, {});
    if (published) {
      numbers_[i] = client_->published();
    } else if (published.error().code == Errc::invalid) {
      refused.push_back(refusal_of(message, std::move(published).error().what));
    } else {
      return published;
    }
  }
  return client_->flush({});
}

bool Outbox::has_taken_any(const std::vector<Outgoing>& batch, const Unfinished& unfinished) const {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (unfinished.knows(i, batch[i])) return true;
    if (numbers_[i] == 0) continue;
    if (std::ranges::find(denied_, numbers_[i], &Client::Denied::number) == denied_.end()) {
      return true;
    }
  }
  return false;
}

/// A broker that lets us publish nothing is not set up yet: that is waited for. One that takes
/// other messages means these.
bool Outbox::gives_up(const std::vector<const Outgoing*>& held, bool has_taken_others) {
  const bool is_known = std::ranges::all_of(
      held, [&](const Outgoing* message) { return given_up_.contains(message->topic); });
  if (!has_taken_others && !is_known) {
    if (!has_taken_ || ++held_up_ < most_held_up) return false;
    has_taken_ = false;
    held_up_ = 0;
  }
  if (given_up_.size() > most_given_up) given_up_.clear();
  for (const Outgoing* message : held) given_up_.insert(message->topic);
  return true;
}

/// A broker that says no to a topic or to a payload will not say yes later; to a right, it may.
Result<void> Outbox::look_at_denied(const std::vector<Outgoing>& batch,
                                    const Unfinished& unfinished,
                                    std::vector<SinkRefusal>& refused) {
  const bool has_taken = has_taken_any(batch, unfinished);
  if (has_taken) {
    has_taken_ = true;
    held_up_ = 0;
  }
  std::vector<const Outgoing*> held;
  std::string reason;
  for (const auto& denied : denied_) {
    const auto at = std::ranges::find(numbers_, denied.number);
    if (at == numbers_.end()) continue;
    const auto& message = batch[static_cast<std::size_t>(at - numbers_.begin())];
    refused.push_back(refusal_of(message, "the broker says: " + denied.reason));
    if (denied.is_for_good) continue;
    if (held.empty()) reason = "the broker says: " + denied.reason;
    held.push_back(&message);
  }
  if (held.empty() || gives_up(held, has_taken)) return {};
  return Error{Errc::invalid, std::move(reason)}.in(held.front()->topic);
}

/// What need not be sent again: acknowledged, now or when the same batch was given before.
std::vector<bool> Outbox::arrived(const std::vector<Outgoing>& batch,
                                  const Unfinished& before) const {
  std::vector<bool> all(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool is_denied =
        std::ranges::find(denied_, numbers_[i], &Client::Denied::number) != denied_.end();
    const bool is_acknowledged =
        qos_ > 0 && numbers_[i] > 0 && !client_->is_unconfirmed(numbers_[i]) && !is_denied;
    all[i] = before.knows(i, batch[i]) || is_acknowledged;
  }
  return all;
}

}  // namespace sosie::mqtt
