#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/kafka/config.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// A header of a message: its name and its text.
using Header = std::pair<std::string, std::string>;

/// Sends messages, each once and in order for each key (an idempotent producer).
///
/// Threads: one at a time. What it is told of deliveries it takes in within its own calls.
class Producer {
 public:
  /// `patience`: after so long without delivery a message has failed. Opens nothing.
  static Result<std::unique_ptr<Producer>> create(const Config& config, Duration patience);
  /// What is not delivered yet is given up: flush first.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  struct Outgoing {
    std::string_view topic;
    std::optional<std::string_view> key;
    std::optional<std::string_view> payload;
    std::optional<Timestamp> at;  ///< none: now
    std::size_t mark = 0;         ///< comes back in Failure
  };

  /// Puts a message on its way (a copy); waits while a hundred thousand are. Errors (unavailable):
  /// asked to stop; the cluster has been away for `patience`: then it was not taken.
  Result<void> send(const Outgoing& message, const std::stop_token& stop);

  /// Sends a received message on with its key, payload, time and headers, and `more` of them.
  /// `keep`: at most so many bytes of its payload.
  Result<void> forward(const Message& message, std::string_view topic,
                       const std::vector<Header>& more, std::size_t keep, std::size_t mark,
                       const std::stop_token& stop);

  /// A message that was not delivered, and never will be.
  struct Failure {
    std::size_t mark = 0;
    std::string reason;
    bool is_too_large = false;
    bool is_for_good = false;  ///< to send it again would be no use
  };

  /// Waits until everything is delivered or has failed. What failed since the last call. Errors:
  /// asked to stop before that; nothing was delivered for `idle`; this producer is broken: make a
  /// new one.
  Result<std::vector<Failure>> flush(const std::stop_token& stop,
                                     Duration idle = std::chrono::hours(24));

  /// Messages that the brokers have.
  std::uint64_t delivered() const;
  /// Whether `flush` would tell of failures by now.
  bool has_failed() const;

 private:
  struct Native;
  struct Callbacks;
  Producer();
  Result<void> open(const Config& config, Duration patience);
  Result<void> after(int code, bool& again, const std::stop_token& stop);
  std::optional<Error> fatal() const;
  std::unique_ptr<Native> native_;
};

}  // namespace sosie::kafka
