#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "twin/broker/notification.h"
#include "wire/http/client.h"

namespace sosie::delivery {

/// Hears what becomes of messages. Called on the postman's threads.
class PostOffice {
 public:
  virtual ~PostOffice() = default;
  /// They have arrived, or nobody waits for them any more: the outbox may forget them. Told a
  /// moment later, and at the latest when the postman stops.
  virtual void settled(std::vector<std::uint64_t> numbers) = 0;
  /// Of each message the first failure and the success (`at` is for the office to say). False:
  /// nobody waits for its subscription's messages any more.
  virtual bool report(const ngsi::Delivery& delivery) = 0;

  /// Messages of a subscription in the outbox whose number is above `after`, in order, `limit` at
  /// most; all that were sent before the call are among them. May block: it has a thread of its
  /// own.
  struct Letter {
    std::uint64_t number = 0;
    ngsi::Notification notification{};
  };
  struct Page {
    std::vector<Letter> letters{};
    std::uint64_t last = 0;  ///< number up to which the outbox was looked at
    bool has_more = false;   ///< it was cut at the limit
  };
  virtual Result<Page> fetch(const std::string& subscription, std::uint64_t after,
                             std::size_t limit) = 0;
};

/// Brings notifications to their receivers by HTTP and MQTT.
///
/// Those of one subscription go one after the other; different subscriptions do not wait for one
/// another, whatever their receivers do: all HTTP is asynchronous on one thread, and each MQTT
/// broker has a thread of its own. What fails is tried again after 1 s, 2 s, 4 s … up to a minute,
/// and as soon as something new comes for the same receiver, for as long as somebody waits for it.
/// Whatever status a receiver answers, it has the message; redirects are not followed.
///
/// The outbox is the truth: of a receiver that is down or slow only the first messages are held in
/// memory, and the others are read again when it is their turn. None is ever left out.
///
/// Life: construct, `send` what an earlier life left over, `start`, `stop`.
/// Threads: `send`, `forget` and `figures` from any.
class Postman {
 public:
  struct Options {
    std::chrono::milliseconds timeout{5000};      ///< for one attempt that says nothing itself
    std::chrono::milliseconds first_pause{1000};  ///< after a failure; then doubled each time
    std::chrono::milliseconds longest_pause{60'000};
    std::size_t most_held = 1000;                          ///< messages of a queue in memory
    std::size_t most_held_bytes = std::size_t{64} << 20U;  ///< of all; beyond it one a queue
    http::Trust trust{};
  };
  struct Figures {
    std::uint64_t arrived = 0;
    std::uint64_t failed_attempts = 0;
    std::uint64_t dropped = 0;  ///< nobody waited for them any more
    std::uint64_t waiting = 0;
    std::uint64_t held = 0;  ///< of those, in memory
  };

  Postman(const Options& options, PostOffice& office);
  ~Postman();
  Postman(const Postman&) = delete;
  Postman& operator=(const Postman&) = delete;

  void start();
  /// Ends what is under way; what has not arrived stays in the outbox.
  void stop();

  /// Numbers grow, in one subscription at least.
  void send(std::uint64_t number, ngsi::Notification notification);

  /// The subscription is no more: what waits for its receiver is dropped.
  void forget(std::string subscription);

  Figures figures() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace sosie::delivery
