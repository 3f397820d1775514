#pragma once

#include <atomic>
#include <cstdint>

#include "twin/broker/forwarder.h"
#include "wire/http/client.h"

namespace sosie::delivery {

/// Asks context providers; each question has a connection of its own.
class HttpForwarder final : public ngsi::Forwarder {
 public:
  explicit HttpForwarder(http::Trust trust) : trust_(std::move(trust)) {}
  Result<ngsi::ForwardAnswer> ask(const ngsi::ForwardRequest& request) override;

  struct Figures {
    std::uint64_t asked = 0;
    std::uint64_t failed = 0;  ///< no answer came
  };
  Figures figures() const { return {asked_.load(), failed_.load()}; }

 private:
  const http::Trust trust_;
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> failed_{0};
};

}  // namespace sosie::delivery
