#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

struct mosquitto;

namespace sosie::mqtt {

enum class Version { v3_1_1, v5 };

/// Files in PEM form; all empty: no TLS, or the system's authorities where the address says mqtts.
struct Tls {
  bool on = false;
  std::string ca_file;    ///< who may have signed the broker's certificate
  std::string cert_file;  ///< our own certificate, with its key
  std::string key_file;
  bool check_host = true;  ///< false: the certificate may be for another name
};

struct Will {
  std::string topic;  ///< empty: none
  std::string payload;
  int qos = 0;
  bool retain = false;
};

struct Config {
  std::string host = "localhost";
  int port = 1883;
  Version version = Version::v5;
  std::string client_id;  ///< empty: the broker makes one up, and no session outlives the connection
  std::string user;       ///< empty: nameless
  std::string password;
  Tls tls;
  Will will;
  int keepalive_s = 60;
  Duration timeout = std::chrono::seconds(10);  ///< for each: TCP, CONNACK, SUBACK
  /// How many QoS 1 messages the broker may send without our acknowledgement (MQTT 5 only; with
  /// 3.1.1 the broker's own setting counts, 20 in Mosquitto).
  std::uint16_t receive_maximum = 10'000;
  std::uint32_t session_expiry_s = 86'400;  ///< MQTT 5: the broker keeps what we miss for so long
};

/// "mqtt://[user@]host[:port]" or "mqtts://…" into host, port, user and tls.on of `config`.
/// Errors: invalid, with what was read. A password in the address is one: it belongs in a secret.
Result<void> read_address(std::string_view url, Config& config);

struct Message {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;   ///< stored by the broker, not sent just now
  bool duplicate = false;  ///< sent before, perhaps
};

/// An MQTT connection: libmosquitto, without its thread.
///
/// What it receives at QoS 1 is acknowledged by `acknowledge`, not before. libmosquitto means to
/// send PUBACK before it tells us of the message; but told that somebody else turns its loop
/// (mosquitto_threaded_set, mosquitto_loop_read, _write), it only puts it in its queue, and what is
/// in the queue goes out when we call mosquitto_loop_write. So: receive, make durable, acknowledge.
/// While nobody calls `receive`, nothing is read: TCP and the receive maximum hold the broker back.
///
/// Threads: one at a time. A stop request ends every wait.
class Client {
 public:
  /// Checks the configuration, reads the TLS files; opens nothing.
  static Result<std::unique_ptr<Client>> create(const Config& config);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// One attempt, up to the broker's answer. Call it again after an Error (unavailable: nobody
  /// there, timeout; invalid: refused, as user and password are wrong). A session with the same
  /// client_id goes on; subscriptions must be made anew.
  Result<void> connect(std::stop_token stop);
  bool is_connected() const;

  /// Errors: the broker refuses a topic; connection lost.
  Result<void> subscribe(const std::vector<std::string>& topics, int qos, std::stop_token stop);

  /// Appends what has come, at most `limit` messages, to `out`. Waits for the first one until
  /// `patience` has passed. Errors: unavailable, when the connection is lost.
  Result<void> receive(std::vector<Message>& out, std::size_t limit, Duration patience,
                       std::stop_token stop);

  /// Sends the acknowledgements of everything received so far, and keeps the connection alive:
  /// call it at least every half keepalive.
  Result<void> acknowledge(std::stop_token stop);
  /// Whether `acknowledge` would send acknowledgements.
  bool has_unacknowledged() const { return unacknowledged_ > 0; }

  /// Sends; at QoS 1 waits while 1,000 of them lack the broker's acknowledgement. Those go out
  /// again by themselves after the next `connect`. Errors: unavailable.
  Result<void> publish(const std::string& topic, std::string_view payload, int qos, bool retain,
                       std::stop_token stop);
  /// Waits until all published so far are with the broker.
  Result<void> flush(std::stop_token stop);

  /// Says goodbye, unless there are unacknowledged messages: saying it would acknowledge them.
  void disconnect();

 private:
  struct Callbacks;
  explicit Client(Config config);

  Result<void> apply_config();
  Result<void> reach(std::stop_token stop) const;
  Result<void> open();
  Result<void> turn(Duration patience, const std::stop_token& stop);
  Result<void> write_all(const std::stop_token& stop);
  template <class Done>
  Result<void> turn_until(Done done, std::string_view waiting_for, const std::stop_token& stop);
  Error lost(int code) const;
  std::string address() const;

  const Config config_;
  ::mosquitto* handle_ = nullptr;  ///< owned

  // What the callbacks say; they run inside turn().
  std::vector<Message>* inbox_ = nullptr;
  std::vector<Message> early_;  ///< came while we waited for something else
  std::size_t unacknowledged_ = 0;
  std::size_t unconfirmed_ = 0;  ///< published at QoS 1, no PUBACK yet
  bool connected_ = false;
  bool suback_ = false;
  int suback_refused_ = 0;
  int connack_ = -1;
};

}  // namespace sosie::mqtt
