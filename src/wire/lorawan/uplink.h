#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "wire/json/value.h"

namespace sosie::lorawan {

/// Whose JSON it is: ChirpStack 4 (`application/+/device/+/event/up`) or The Things Stack 3
/// (`v3/+/devices/+/up`).
enum class Server : std::uint8_t { chirpstack, the_things };

/// The topics at which it tells of uplinks.
std::string_view uplink_topics(Server server);

/// What a device has sent, as its network server tells of it.
struct Uplink {
  std::string device;              ///< its name (ChirpStack) or id (The Things Stack)
  std::string eui;                 ///< DevEUI: 16 hexadecimal digits, in small letters
  std::string profile;             ///< the device profile's name, or the model's id; "": not told
  std::string application;         ///< its name, or id
  int port = 0;                    ///< FPort
  std::string payload;             ///< FRMPayload: bytes
  std::optional<Timestamp> at;     ///< when the network server got it
  std::optional<double> rssi_dbm;  ///< of the gateway that heard it best
  std::optional<double> snr_db;    ///< of that gateway
  const json::Value* decoded = nullptr;  ///< what the server's own codec made of it; in the message
};

/// Errors (invalid): no such message (which field, what was read), base64 that is none.
Result<Uplink> read_uplink(Server server, const json::Value& message);

}  // namespace sosie::lorawan
