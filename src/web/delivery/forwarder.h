#pragma once

#include "twin/broker/forwarder.h"
#include "wire/http/client.h"

namespace sosie::delivery {

/// Asks context providers; each question has a connection of its own.
class HttpForwarder final : public ngsi::Forwarder {
 public:
  explicit HttpForwarder(http::Trust trust) : trust_(std::move(trust)) {}
  Result<ngsi::ForwardAnswer> ask(const ngsi::ForwardRequest& request) override;

 private:
  const http::Trust trust_;
};

}  // namespace sosie::delivery
