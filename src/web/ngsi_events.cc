#include "web/ngsi_events.h"

#include <algorithm>

#include "base/text.h"

namespace sosie::web {
namespace {

constexpr int silence_beats = 15;

/// A body is one line as the broker renders it, but a custom one may have several.
std::string data_lines(std::string_view body) {
  std::string text;
  for (const auto line : split(body, '\n')) {
    text.append("data: ").append(line).append(1, '\n');
  }
  return text;
}

/// A JSON value on one line: the body itself, or, where it is none, a text.
std::string as_json(std::string_view body) {
  const bool is_object = body.starts_with('{') || body.starts_with('[');
  if (is_object && body.find('\n') == std::string_view::npos) return std::string(body);
  return '"' + json_escaped(body) + '"';
}

}  // namespace

std::string NgsiEvents::text_of(const Event& event, Form form) {
  if (form == Form::lines) {
    return fmt::format("{{\"id\":{},\"notification\":{}}}\n", event.id, as_json(event.body));
  }
  return fmt::format("id: {}\n{}\n", event.id, data_lines(event.body));
}

std::shared_ptr<EventStream> NgsiEvents::watch(const std::string& subscription,
                                               std::optional<std::uint64_t> after, Form form) {
  auto events = std::make_shared<EventStream>();
  const std::scoped_lock lock(mutex_);
  auto& channel = channels_[subscription];
  for (const auto& event : channel.events) {
    if (after && event.id > *after) events->send(text_of(event, form));
  }
  // So that its page knows that it is open, and what of all this is old.
  if (form == Form::server_sent) events->send(": here\n\n");
  channel.watchers.push_back({events, form});
  return events;
}

std::vector<std::uint64_t> NgsiEvents::publish(std::uint64_t number,
                                               const ngsi::Notification& notification) {
  const bool must_stay = notification.transport == ngsi::Notification::Transport::events;
  std::vector<std::uint64_t> free;
  const std::scoped_lock lock(mutex_);
  if (!must_stay && !channels_.contains(notification.subscription)) return free;
  auto& channel = channels_[notification.subscription];
  channel.events.push_back({notification.number, must_stay ? number : 0, notification.body});
  if (must_stay) numbers_.insert(number);
  if (channel.events.size() > kept) {
    const auto& oldest = channel.events.front();
    if (numbers_.erase(oldest.number) > 0) free.push_back(oldest.number);
    channel.events.pop_front();
  }
  std::erase_if(channel.watchers, [&](const Watcher& watcher) {
    return !watcher.events->send(text_of(channel.events.back(), watcher.form));
  });
  return free;
}

bool NgsiEvents::keeps(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  return numbers_.contains(number);
}

std::vector<std::uint64_t> NgsiEvents::forget(const std::string& subscription) {
  std::vector<std::uint64_t> free;
  const std::scoped_lock lock(mutex_);
  const auto found = channels_.find(subscription);
  if (found == channels_.end()) return free;
  for (const auto& watcher : found->second.watchers) watcher.events->close();
  for (const auto& event : found->second.events) {
    if (numbers_.erase(event.number) > 0) free.push_back(event.number);
  }
  channels_.erase(found);
  return free;
}

void NgsiEvents::beat() {
  const std::scoped_lock lock(mutex_);
  if (++beats_ % silence_beats != 0) return;
  for (auto& [name, channel] : channels_) {
    std::erase_if(channel.watchers, [](const Watcher& watcher) {
      return !watcher.events->send(watcher.form == Form::lines ? "\n" : ":\n\n");
    });
  }
}

void NgsiEvents::close() {
  const std::scoped_lock lock(mutex_);
  for (auto& [name, channel] : channels_) {
    for (const auto& watcher : channel.watchers) watcher.events->close();
    channel.watchers.clear();
  }
}

std::size_t NgsiEvents::watchers() const {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [name, channel] : channels_) count += channel.watchers.size();
  return count;
}

}  // namespace sosie::web
