#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "wire/kafka/consumer.h"
#include "wire/kafka/producer.h"

namespace sosie::kafka {

/// Sends what is no reading to a topic of its own: the message as it was, with headers that say
/// why and from where.
///
/// Threads: one at a time.
class DeadLetters {
 public:
  /// `topic`: empty: none, and nothing is sent.
  DeadLetters(const Config& config, std::string topic)
      : config_(config), topic_(std::move(topic)) {}

  /// Puts a message on its way. REQUIRES: it lives until `flush`.
  Result<void> add(const Message& message, const Partition& from, const std::string& reason,
                   const std::stop_token& stop);

  /// Waits until all that was added has arrived; one that is too large goes again without its
  /// payload's end. Errors (unavailable): not all have. Gives how many have.
  Result<std::uint64_t> flush(const std::stop_token& stop);

 private:
  struct Letter {
    Message message;
    std::vector<Header> headers;
  };
  Result<void> send(std::size_t which, std::size_t keep, const std::stop_token& stop);

  const Config config_;
  const std::string topic_;
  std::unique_ptr<Producer> producer_;
  std::vector<Letter> letters_;
};

}  // namespace sosie::kafka
