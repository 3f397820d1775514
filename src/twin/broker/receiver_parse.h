#pragma once

#include "twin/broker/subscription.h"
#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// The receiver of a `notification`: one of http, httpCustom, mqtt, mqttCustom or events (ours:
/// nobody is called; SSE and WebSocket clients watch).
Checked<Receiver> read_receiver(const Object& notification, bool allows_custom);

/// "http://host:port/path", "https://…" or "mqtt://host:port".
struct ReceiverAddress {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;  ///< the scheme's own if none is written
};
std::optional<ReceiverAddress> parse_address(std::string_view url);

}  // namespace sosie::ngsi
