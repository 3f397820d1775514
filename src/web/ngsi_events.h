#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/notification.h"
#include "web/http.h"

namespace sosie::web {

/// Shows notifications to whoever watches their subscription, by server-sent events or WebSocket.
///
/// The last thousand of a subscription that is or was watched are kept, so one who was away says
/// which he saw last and gets the rest. Those of a subscription for watchers alone stay in the
/// outbox for as long as they are kept here, so they survive a restart too.
///
/// Threads: any.
class NgsiEvents {
 public:
  enum class Form {
    server_sent,  ///< "id: 7\ndata: {…}\n\n"
    lines,        ///< {"id": 7, "notification": {…}}, a line each, which become WebSocket messages
  };
  static constexpr std::size_t kept = 1000;

  /// What comes from now on, and before it what is kept and younger than `after`, if that is given.
  /// `subscription`: its document's key.
  std::shared_ptr<EventStream> watch(const std::string& subscription,
                                     std::optional<std::uint64_t> after, Form form);

  /// `number`: in the outbox. Returns numbers that need not stay there any longer.
  std::vector<std::uint64_t> publish(std::uint64_t number, const ngsi::Notification& notification);

  /// Whether this message must stay in the outbox.
  bool keeps(std::uint64_t number) const;

  /// The subscription is no more: its watchers' connections end. Returns as `publish` does.
  std::vector<std::uint64_t> forget(const std::string& subscription);

  /// To be called about once a second: now and then says nothing to all, which shows who is gone.
  void beat();

  void close();
  std::size_t watchers() const;

 private:
  struct Event {
    std::uint64_t id = 0;      ///< the notification's in its subscription
    std::uint64_t number = 0;  ///< in the outbox; 0: it need not stay there
    std::string body;
  };
  struct Watcher {
    std::shared_ptr<EventStream> events;  ///< shared with its connection
    Form form;
  };
  struct Channel {
    std::deque<Event> events;
    std::vector<Watcher> watchers;
  };

  static std::string text_of(const Event& event, Form form);

  mutable std::mutex mutex_;
  std::map<std::string, Channel> channels_;  ///< by subscription
  std::set<std::uint64_t> numbers_;          ///< of what must stay in the outbox
  int beats_ = 0;
};

}  // namespace sosie::web
