#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "core/sink.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {

/// A message to publish.
struct Outgoing {
  std::string topic;
  std::string payload;
  bool retain = false;
  bool operator==(const Outgoing& other) const {
    return topic == other.topic && payload == other.payload;
  }
};

/// A batch that the broker has not got whole, and what of it it has: when the same is given again,
/// only the rest is sent.
struct Unfinished {
  std::vector<Outgoing> batch;
  std::vector<bool> has_arrived;

  bool knows(std::size_t place, const Outgoing& message) const {
    return place < batch.size() && has_arrived[place] && batch[place] == message;
  }
};

/// Publishes batches; keeps the connection between them.
///
/// Threads: `send` one at a time. A thread of its own pings the broker, so that it neither drops us
/// nor is lost unnoticed while there is nothing to send.
class Outbox {
 public:
  Outbox(Config config, int qos) : config_(std::move(config)), qos_(qos) {}

  /// Returns once the broker has acknowledged all (QoS 1) or they are on their way (QoS 0); what it
  /// will never take comes back. Errors: not all; give the same again (unavailable), or go on with
  /// something else before (invalid: it lets us publish none of these, and may yet).
  ///
  /// A topic that it does not let us publish to is given up, message by message, where it takes
  /// others: of the same batch, or, after some tries, of those before.
  Result<std::vector<SinkRefusal>> send(std::vector<Outgoing> batch, Unfinished& unfinished);

 private:
  Result<void> connect();
  Result<void> publish(const std::vector<Outgoing>& batch, const Unfinished& unfinished,
                       std::vector<SinkRefusal>& refused);
  Result<void> look_at_denied(const std::vector<Outgoing>& batch, const Unfinished& unfinished,
                              std::vector<SinkRefusal>& refused);
  bool gives_up(const std::vector<const Outgoing*>& held, bool has_taken_others);
  bool has_taken_any(const std::vector<Outgoing>& batch, const Unfinished& unfinished) const;
  std::vector<bool> arrived(const std::vector<Outgoing>& batch, const Unfinished& before) const;
  void keep_alive(const std::stop_token& stop);

  const Config config_;
  const int qos_;
  std::mutex mutex_;
  std::condition_variable_any ended_;  ///< only waited for, until the stop

  // Under the mutex.
  std::unique_ptr<Client> client_;
  std::vector<std::uint64_t> numbers_;  ///< Client::published of each of the batch; 0: not sent
  std::vector<Client::Denied> denied_;  ///< of the batch
  bool has_taken_ = false;              ///< the broker, something, since it last took nothing
  int held_up_ = 0;                     ///< how often it has taken nothing of a batch, in a row
  std::set<std::string, std::less<>> given_up_;  ///< topics
  std::jthread keeper_;                          ///< last: ends before what it uses
};

}  // namespace sosie::mqtt
