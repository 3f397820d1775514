#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/section.h"

namespace sosie::web {

/// An address to serve at: one `[[listener]]` of a scenario.
struct Listener {
  std::string address =
      "127.0.0.1";            ///< an IP address; "0.0.0.0" and "::" are all of the machine's
  int port = 8090;            ///< 0: any free one
  bool only_metrics = false;  ///< /metrics and /health and nothing else
  bool only_broker = false;   ///< every path is the NGSI broker's
  bool takes_alerts = false;  ///< what is posted, to whatever path outside /api, is an alert
  std::string certificate;    ///< PEM file with the chain; empty: no TLS
  std::string key;            ///< PEM file
  std::string token;          ///< Authorization: Bearer <token>
  std::string user;           ///< Authorization: Basic
  std::string password;
  std::vector<std::string> hosts;  ///< further names by which pages may call this server
  bool insecure = false;           ///< may do without TLS and credentials away from loopback

  bool is_loopback() const;
  bool has_tls() const { return !certificate.empty(); }
  bool has_credentials() const { return !token.empty() || !user.empty(); }
  /// "https://192.0.2.7:8090", with the port it really has.
  std::string url(int real_port) const;

  /// Away from loopback TLS and credentials are needed, or an explicit `insecure`.
  Result<void> check() const;
};

/// Where alerts are posted to; on a listener that `takes_alerts` every path means this one.
inline constexpr std::string_view alerts_door = "/alerts/in";

/// `[[listener]]` of a scenario: kind = "http" (default), "metrics", "ngsi" or "alerts", address,
/// port, certificate, key, token_env, user, password_env, hosts, insecure. None: the pages at
/// 127.0.0.1:8090 and the metrics at 127.0.0.1:8091. Checks and opens nothing.
Result<std::vector<Listener>> read_listeners(Section& scenario);

}  // namespace sosie::web
