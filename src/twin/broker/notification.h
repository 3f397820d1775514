#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "twin/broker/message.h"

namespace sosie::ngsi {

/// A rendered notification: ready to be sent, nothing left to look up.
struct Notification {
  enum class Transport {
    http,
    mqtt,
    events,  ///< no receiver to call: only those who watch the subscription (SSE, WebSocket)
  };

  std::string subscription;  ///< the key of its subscription's document: "tenant id"
  std::uint64_t number = 0;  ///< counts up in one subscription; unique there, also after a restart
  Timestamp at{};            ///< when it was triggered
  Transport transport = Transport::http;
  std::string body{};
  std::chrono::milliseconds timeout{0};  ///< for one attempt; 0: the dispatcher's own

  // HTTP.
  std::string method{};
  std::string url{};  ///< whole, with the query
  Headers headers{};  ///< all that matter, Content-Type and User-Agent among them

  // MQTT; the payload is `body`.
  std::string host{};
  std::uint16_t port = 1883;
  std::string topic{};
  int qos = 0;
  bool retain = false;
  std::string user{};  ///< empty: none
  std::string password{};
};

/// What became of a notification. Whoever delivers reports the first failure of each notification
/// (attempts after it are his own affair) and its success, in the order of their numbers. A failure
/// that he reports again, after a restart, counts as before.
struct Delivery {
  std::string subscription;
  std::uint64_t number = 0;
  Timestamp at{};
  bool is_success = false;  ///< the receiver answered; with whatever status
  int status = 0;           ///< HTTP's; 0: none (MQTT)
  std::string reason{};     ///< of a failure: "Couldn't connect to server", "Timeout was reached"
};

}  // namespace sosie::ngsi
