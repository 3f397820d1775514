#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "twin/broker/notification.h"
#include "web/delivery/tasks.h"

namespace sosie::delivery {

/// Publishes notifications at MQTT brokers: a connection and a thread to each broker and user, for
/// as long as there is something to publish now and then.
///
/// Threads: that of `io`.
class MqttSender {
 public:
  explicit MqttSender(asio::io_context& io);
  ~MqttSender();
  MqttSender(const MqttSender&) = delete;
  MqttSender& operator=(const MqttSender&) = delete;

  /// One attempt. QoS 0 has arrived when it is with the socket, 1 and 2 when the broker says so.
  Task<Outcome> send(const ngsi::Notification& notification, std::chrono::milliseconds timeout);

  /// Ends connections that nobody has used for a minute.
  void tidy_up();

 private:
  class Line;
  asio::io_context& io_;
  std::map<std::string, std::unique_ptr<Line>> lines_;  ///< by broker and user
};

}  // namespace sosie::delivery
