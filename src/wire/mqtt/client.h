#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
  std::string
      client_id;     ///< empty: the broker makes one up, and no session outlives the connection
  std::string user;  ///< empty: nameless
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
  std::string_view topic;
  std::string_view payload;
  int qos = 0;
  bool retained = false;  ///< stored by the broker, not sent just now
};

/// An MQTT connection: libmosquitto, without its thread.
///
/// What it receives at QoS 1 is acknowledged by `acknowledge`, not before. libmosquitto wants to
/// send PUBACK before it tells us of the message; but told that somebody else turns its loop
/// (mosquitto_threaded_set, mosquitto_loop_read, _write), it only puts it in its queue, and what is
/// in the queue goes out when we call mosquitto_loop_write. So: receive, make durable, acknowledge.
/// While nobody calls `receive`, nothing is read: TCP and the receive maximum hold the broker back.
///
/// libmosquitto reads a message in four calls to the kernel, which is most of what it costs. So a
/// connection without TLS that only listens is read by us where messages stand at its front, many
/// at once (front.h), and by libmosquitto wherever anything else does.
///
/// Threads: one at a time. A stop request ends every wait, with an Error (unavailable) where there
/// is nothing to give.
class Client {
 public:
  /// Checks the configuration, reads the TLS files; opens nothing.
  static Result<std::unique_ptr<Client>> create(const Config& config);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// One attempt, up to the broker's answer. Call it again after an Error (unavailable: nobody
  /// there; timeout; invalid: refused, as when the password is wrong). A session with the same
  /// client_id goes on, and may bring messages at once.
  Result<void> connect(const std::stop_token& stop);
  bool is_connected() const { return connected_; }

  /// REQUIRES: !has_unacknowledged(), for what is sent here would take the acknowledgements along.
  /// Errors: the broker refuses a topic; connection lost.
  Result<void> subscribe(const std::vector<std::string>& topics, int qos,
                         const std::stop_token& stop);

  /// Everything that has come; reads no more once it has `limit` messages or 16 MiB. Waits for the
  /// first one until `patience` has passed. They are there until it is called again, or anything
  /// else that reads: `publish`, `flush`. Errors: unavailable, when the connection is lost and
  /// nothing is left to give.
  Result<std::span<const Message>> receive(std::size_t limit, Duration patience,
                                           const std::stop_token& stop);

  /// Lets messages gather, unread, for so long.
  static void rest(Duration span, const std::stop_token& stop);

  /// Sends the acknowledgements of everything that `receive` has given, and keeps the connection
  /// alive: call it at least every half keepalive.
  Result<void> acknowledge(const std::stop_token& stop);
  /// Whether `acknowledge` would send acknowledgements.
  bool has_unacknowledged() const { return unacknowledged_ > 0; }

  /// Sends; at QoS 1 waits while 1,000 of them lack the broker's acknowledgement. Those go out
  /// again by themselves after the next `connect`. Errors: unavailable (then it was not taken).
  Result<void> publish(const std::string& topic, std::string_view payload, int qos, bool retain,
                       const std::stop_token& stop);
  /// The same at QoS 0, but it may wait for others to leave with, at the latest for `flush`:
  /// libmosquitto asks the kernel once for each message, which is most of what it costs.
  Result<void> bundle(const std::string& topic, std::string_view payload, bool retain,
                      const std::stop_token& stop);
  /// Sends what is bundled, and waits until all that was published at QoS 1 is with the broker.
  Result<void> flush(const std::stop_token& stop);

  /// The number of what was published last, which counts from 1.
  std::uint64_t published() const { return published_; }
  /// Whether what was published under this number at QoS 1 has no answer yet.
  bool is_unconfirmed(std::uint64_t number) const;
  /// What the broker has answered no to (MQTT 5; an older broker only says yes).
  struct Denied {
    std::uint64_t number = 0;
    std::string reason;
    bool is_for_good = false;  ///< its topic or its payload is wrong, and stays so
  };
  std::vector<Denied> take_denied() { return std::exchange(denied_, {}); }

  /// Says goodbye, unless something is unacknowledged: saying it would acknowledge that too. Then
  /// the connection just ends with the Client, and the broker brings it again.
  void disconnect();

 private:
  struct Callbacks;
  class Wait;
  enum class Turn { read, read_and_write };

  /// Where in kept_bytes_ a message is.
  struct Kept {
    std::size_t begin = 0;
    std::size_t topic_size = 0;
    std::size_t payload_size = 0;
    int qos = 0;
    bool retained = false;
  };

  explicit Client(const Config& config) : config_(config) {}
  Result<void> apply_config();
  Result<void> apply_tls();
  Result<void> apply_will();
  Result<void> turn(Turn turn, Wait& wait);
  Result<void> write_all(const std::stop_token& stop);
  Result<void> take_confirmations(const std::stop_token& stop);
  template <class Done>
  Result<void> turn_until(Done done, Turn turn, Wait& wait, std::string_view what);
  Error lost(int code);
  Error wrong(std::string_view what, int code) const;
  std::string address() const;
  bool is_full(std::size_t limit) const;
  void keep(std::string_view topic, std::string_view payload, int qos, bool retained);

  /// Reads a little, ourselves or by libmosquitto. A code of libmosquitto's.
  int read();
  /// Takes the messages that `bytes` begin with; how many bytes they are.
  std::size_t take_messages(std::string_view bytes);
  /// Wakes us up only for so many bytes, so that half a message is not looked at again and again.
  void wait_for_bytes(std::size_t count);
  /// Packets of ours, and empties them. REQUIRES: libmosquitto has written all of its own.
  Result<void> send_own(std::string& packets, const std::stop_token& stop);
  bool may_bundle(const std::string& topic, std::string_view payload, bool retain) const;

  const Config config_;
  ::mosquitto* handle_ = nullptr;  ///< owned

  // What the callbacks say; they run inside turn().
  std::vector<Kept> inbox_;     ///< received, not yet given
  std::string kept_bytes_;      ///< of these, and of those given last
  std::vector<Message> given_;  ///< last
  std::size_t unacknowledged_ = 0;
  std::string pubacks_;         ///< packets of ours; those of libmosquitto are in its queue
  std::string bundled_;         ///< the same: messages
  bool reads_itself_ = false;   ///< never within a packet
  bool is_dry_ = false;         ///< the last read left nothing
  std::size_t awaited_ = 1;     ///< bytes that the socket wakes us up for
  std::vector<char> received_;  ///< what the kernel gave to look at
  /// The numbers of what was published at QoS 1 and has no PUBACK yet, by its packet's id.
  std::unordered_map<int, std::uint64_t> unconfirmed_;
  std::uint64_t published_ = 0;
  std::vector<Denied> denied_;
  bool connected_ = false;
  std::optional<int> connack_;
  bool may_retain_ = true;               ///< the broker takes messages to keep
  std::uint32_t most_packet_bytes_ = 0;  ///< that it takes; 0: it did not say
  std::optional<std::vector<int>> suback_;
  std::string last_complaint_;  ///< libmosquitto's own words: what OpenSSL did not like
};

}  // namespace sosie::mqtt
