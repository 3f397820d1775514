#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sosie::ngsi {

/// What the command line may choose; the names are Orion's options in words.
struct Options {
  bool multiservice = false;                     ///< -multiservice: Fiware-Service names a tenant
  std::string cors_origin{};                     ///< -corsOrigin: empty is off; "__ALL" is anyone
  std::chrono::seconds cors_max_age{86400};      ///< -corsMaxAge
  std::chrono::milliseconds http_timeout{5000};  ///< -httpTimeout: notifications and forwarding
  std::uint64_t payload_limit = 1U << 20U;       ///< -inReqPayloadMaxSize, bytes
  std::string log_level{};                       ///< -logLevel, Orion's name of it; "": INFO
  std::string trace_levels{};                    ///< -t: "180-181"; "": none
  std::int64_t forward_limit = -1;               ///< -cprForwardLimit: a request's; -1: none
  bool custom_notifications = true;              ///< -disableCustomNotifications makes it false
  std::string version = "0.1.0";                 ///< Sosie's, for User-Agent and GET /version
  std::uint64_t seed = 0;  ///< of ids and correlators; the program's is never the same
};

}  // namespace sosie::ngsi
