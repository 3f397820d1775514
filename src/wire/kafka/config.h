#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sosie::kafka {

/// How a broker is told who we are.
enum class Sasl { none, plain, scram_sha_256, scram_sha_512 };

/// What a consumer and a producer need to reach a cluster.
struct Config {
  std::string brokers;  ///< "host:port,host:port": some of the cluster, to ask for the others
  Sasl sasl = Sasl::none;
  std::string user;
  std::string password;
  bool tls = false;
  std::string ca_file;    ///< PEM; empty: the system's authorities
  std::string cert_file;  ///< our own certificate, with its key
  std::string key_file;
  bool check_host = true;  ///< false: the broker's certificate may be for another name
  /// More of librdkafka's properties, by its own names.
  std::map<std::string, std::string> options;
};

/// A place to send to.
struct Address {
  Config config;
  std::string topic;
};

/// "kafka://host:port,host:port/topic", or "kafkas://…" for TLS; the port is 9092 where none is.
/// Errors (invalid): what was read, what was expected.
Result<Address> read_address(std::string_view url);

/// "host" and "host:port" of `brokers`, with the port that is missing; "[::1]:9092" too. Errors:
/// none there, or not an address.
Result<std::string> read_brokers(std::string_view brokers);

/// Whether every broker named is on this machine.
bool is_loopback(std::string_view brokers);

/// Whether a scenario may set this of librdkafka's properties: neither a secret nor what this
/// program sets itself.
bool is_free_option(std::string_view name);

/// 1 to 249 letters, digits, '.', '_' and '-': what a topic may be called.
bool is_topic(std::string_view name);

}  // namespace sosie::kafka
