#include "wire/mqtt/client.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <sys/socket.h>

#include "wire/mqtt/front.h"
#include "wire/mqtt/reach.h"
#include "wire/mqtt/wait.h"

namespace sosie::mqtt {
namespace {

constexpr std::size_t max_inbox_bytes = 16U << 20U;
constexpr std::uint32_t max_packet_bytes = 16U << 20U;  ///< MQTT 5: the broker sends none larger
constexpr std::size_t max_unconfirmed = 1'000;
constexpr std::size_t publishes_per_look = 64;
constexpr std::size_t bundle_bytes = std::size_t{32} << 10U;  ///< of messages that leave together
constexpr std::size_t read_at_once = std::size_t{64} << 10U;
constexpr int failure_code = 128;  ///< from here on a reason code says no

void init_library() {
  static const int done = mosquitto_lib_init();
  assert(done == MOSQ_ERR_SUCCESS);
  (void)done;
}

/// Of PUBACK's reasons, those that do not change by being asked again.
bool is_wrong_for_good(int code) {
  return code == MQTT_RC_TOPIC_NAME_INVALID || code == MQTT_RC_PAYLOAD_FORMAT_INVALID;
}

const char* text_or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

/// The properties of MQTT 5's CONNECT.
class ConnectProperties {
 public:
  explicit ConnectProperties(const Config& config) {
    if (config.version != Version::v5) return;
    mosquitto_property_add_int32(&list_, MQTT_PROP_MAXIMUM_PACKET_SIZE, max_packet_bytes);
    if (config.client_id.empty()) return;
    mosquitto_property_add_int32(&list_, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                 config.session_expiry_s);
  }
  ~ConnectProperties() { mosquitto_property_free_all(&list_); }
  ConnectProperties(const ConnectProperties&) = delete;
  ConnectProperties& operator=(const ConnectProperties&) = delete;
  const mosquitto_property* get() const { return list_; }

 private:
  mosquitto_property* list_ = nullptr;
};

}  // namespace

class Client::Wait : public SocketWait {
 public:
  using SocketWait::SocketWait;
};

/// libmosquitto's side: C functions that get the Client back as a pointer.
struct Client::Callbacks {
  static Client& of(void* self) { return *static_cast<Client*>(self); }

  static void connected(::mosquitto*, void* self, int code, int,
                        const mosquitto_property* properties) {
    auto& client = of(self);
    client.connack_ = code;
    client.connected_ = code == 0;
    std::uint8_t may_retain = 1;
    client.most_packet_bytes_ = 0;
    mosquitto_property_read_byte(properties, MQTT_PROP_RETAIN_AVAILABLE, &may_retain, false);
    mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                  &client.most_packet_bytes_, false);
    client.may_retain_ = may_retain != 0;
  }
  static void disconnected(::mosquitto*, void* self, int, const mosquitto_property*) {
    of(self).connected_ = false;
  }
  // NOLINTNEXTLINE(readability-function-size): libmosquitto's signature
  static void subscribed(::mosquitto*, void* self, int, int count, const int* granted,
                         const mosquitto_property*) {
    of(self).suback_.emplace(granted, granted + count);
  }
  static void published(::mosquitto*, void* self, int id, int code, const mosquitto_property*) {
    auto& client = of(self);
    const auto found = client.unconfirmed_.find(id);
    if (found == client.unconfirmed_.end()) return;  // of QoS 0
    if (code >= failure_code) {
      client.denied_.push_back(
          {found->second, mosquitto_reason_string(code), is_wrong_for_good(code)});
    }
    client.unconfirmed_.erase(found);
  }
  static void received(::mosquitto*, void* self, const mosquitto_message* m,
                       const mosquitto_property*) {
    const auto size = static_cast<std::size_t>(m->payloadlen);
    const auto* const bytes = static_cast<const char*>(m->payload);
    of(self).keep(m->topic, size > 0 ? std::string_view(bytes, size) : "", m->qos, m->retain);
  }
  static void logged(::mosquitto*, void* self, int level, const char* text) {
    if (level == MOSQ_LOG_ERR) of(self).last_complaint_ = text;
  }

  static void set(::mosquitto* handle) {
    mosquitto_connect_v5_callback_set(handle, connected);
    mosquitto_disconnect_v5_callback_set(handle, disconnected);
    mosquitto_subscribe_v5_callback_set(handle, subscribed);
    mosquitto_publish_v5_callback_set(handle, published);
    mosquitto_message_v5_callback_set(handle, received);
    mosquitto_log_callback_set(handle, logged);
  }
};

Result<std::unique_ptr<Client>> Client::create(const Config& config) {
  init_library();
  std::unique_ptr<Client> client(new Client(config));
  client->handle_ =
      mosquitto_new(text_or_null(config.client_id), config.client_id.empty(), client.get());
  if (client->handle_ == nullptr) {
    return Error{Errc::invalid, fmt::format("'{}' is not an MQTT client id", config.client_id)};
  }
  TRY(client->apply_config());
  return client;
}

Client::~Client() {
  disconnect();
  if (handle_ != nullptr) mosquitto_destroy(handle_);
}

Result<void> Client::apply_config() {
  Callbacks::set(handle_);
  // We turn the loop: packets are queued, and leave when we say so (see the class comment).
  mosquitto_threaded_set(handle_, true);
  mosquitto_int_option(handle_, MOSQ_OPT_PROTOCOL_VERSION,
                       config_.version == Version::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(handle_, MOSQ_OPT_RECEIVE_MAXIMUM, config_.receive_maximum);
  mosquitto_int_option(handle_, MOSQ_OPT_SEND_MAXIMUM, max_unconfirmed);
  mosquitto_int_option(handle_, MOSQ_OPT_TCP_NODELAY, 1);
  if (!config_.user.empty()) {
    const int rc =
        mosquitto_username_pw_set(handle_, config_.user.c_str(), text_or_null(config_.password));
    if (rc != MOSQ_ERR_SUCCESS) return wrong("user or password", rc);
  }
  TRY(apply_will());
  if (!config_.tls.on) return {};
  return apply_tls();
}

Result<void> Client::apply_tls() {
  const auto& tls = config_.tls;
  int rc = MOSQ_ERR_SUCCESS;
  if (tls.ca_file.empty()) {
    rc = mosquitto_int_option(handle_, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    if (rc == MOSQ_ERR_SUCCESS && !tls.cert_file.empty()) rc = MOSQ_ERR_NOT_SUPPORTED;
  } else {
    rc = mosquitto_tls_set(handle_, tls.ca_file.c_str(), nullptr, text_or_null(tls.cert_file),
                           text_or_null(tls.key_file), nullptr);
  }
  if (rc != MOSQ_ERR_SUCCESS) {
    return wrong(fmt::format("TLS with ca '{}', cert '{}', key '{}'", tls.ca_file, tls.cert_file,
                             tls.key_file),
                 rc);
  }
  mosquitto_tls_insecure_set(handle_, !tls.check_host);
  return {};
}

Result<void> Client::apply_will() {
  const auto& will = config_.will;
  if (will.topic.empty()) return {};
  const int rc =
      mosquitto_will_set(handle_, will.topic.c_str(), static_cast<int>(will.payload.size()),
                         will.payload.data(), will.qos, will.retain);
  if (rc != MOSQ_ERR_SUCCESS) return wrong(fmt::format("last will to '{}'", will.topic), rc);
  return {};
}

std::string Client::address() const {
  return fmt::format("{}:{}", config_.host, config_.port);
}

Error Client::wrong(std::string_view what, int code) const {
  return {Errc::invalid, fmt::format("{}: {}", what, mosquitto_strerror(code))};
}

/// After libmosquitto has found the connection gone.
Error Client::lost(int code) {
  connected_ = false;
  const std::string why = !last_complaint_.empty() ? std::exchange(last_complaint_, {})
                          : code == MOSQ_ERR_ERRNO ? std::strerror(errno)
                                                   : mosquitto_strerror(code);
  return {Errc::unavailable, fmt::format("{}: {}", address(), why)};
}

Result<void> Client::turn(Turn turn, Wait& wait) {
  const int socket = mosquitto_socket(handle_);
  if (socket < 0) return lost(MOSQ_ERR_CONN_LOST);
  const bool may_write = turn == Turn::read_and_write;
  const auto ready = wait.wait(socket, may_write && mosquitto_want_write(handle_));
  int rc = MOSQ_ERR_SUCCESS;
  if (ready.readable) rc = read();
  if (rc == MOSQ_ERR_SUCCESS && may_write && mosquitto_want_write(handle_)) {
    rc = mosquitto_loop_write(handle_, 1);
  }
  if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_loop_misc(handle_);
  if (rc != MOSQ_ERR_SUCCESS) return lost(rc);
  return {};
}

void Client::keep(std::string_view topic, std::string_view payload, int qos, bool retained) {
  if (inbox_.empty()) kept_bytes_.clear();
  if (qos > 0) ++unacknowledged_;
  inbox_.push_back({kept_bytes_.size(), topic.size(), payload.size(), qos, retained});
  kept_bytes_.append(topic).append(payload);
}

int Client::read() {
  is_dry_ = false;
  if (!reads_itself_) return mosquitto_loop_read(handle_, 1);
  const int socket = mosquitto_socket(handle_);
  received_.resize(read_at_once);
  const auto got = recv(socket, received_.data(), received_.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got <= 0) return mosquitto_loop_read(handle_, 1);  // the end, of which it knows what to say
  const std::string_view bytes(received_.data(), static_cast<std::size_t>(got));
  if (const std::size_t taken = take_messages(bytes); taken > 0) {
    wait_for_bytes(1);
    is_dry_ = taken == bytes.size() && taken < received_.size();
    // What was looked at is there, so this takes it, and no more.
    return recv(socket, received_.data(), taken, MSG_WAITALL) == static_cast<ssize_t>(taken)
               ? MOSQ_ERR_SUCCESS
               : MOSQ_ERR_ERRNO;
  }
  const auto front = look_at_front(bytes, config_.version);
  if (front.kind == Front::Kind::incomplete && front.size <= read_at_once &&
      front.size > awaited_) {
    wait_for_bytes(front.size);
    return MOSQ_ERR_SUCCESS;
  }
  wait_for_bytes(1);
  // A packet that is larger, or that will never be whole: from here on it is all libmosquitto's,
  // for nobody can tell where in a packet that is.
  if (front.kind == Front::Kind::incomplete) reads_itself_ = false;
  return mosquitto_loop_read(handle_, 1);
}

std::size_t Client::take_messages(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    const auto front = look_at_front(bytes.substr(taken), config_.version);
    if (front.kind != Front::Kind::publish) return taken;
    keep(front.topic, front.payload, front.qos, front.retained);
    if (front.qos > 0) append_puback(pubacks_, front.id);
    taken += front.size;
  }
}

void Client::wait_for_bytes(std::size_t count) {
  if (count == awaited_) return;
  awaited_ = count;
  const int bytes = static_cast<int>(count);
  setsockopt(mosquitto_socket(handle_), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

template <class Done>
Result<void> Client::turn_until(Done done, Turn how, Wait& wait, std::string_view what) {
  while (!done()) {
    if (wait.is_stopped()) return Error{Errc::unavailable, "asked to stop"};
    if (wait.is_over()) {
      return Error{Errc::timeout, fmt::format("{}: no {} in {} s", address(), what,
                                              config_.timeout / std::chrono::seconds(1))};
    }
    TRY(turn(how, wait));
  }
  return {};
}

/// Writes what is queued, reading nothing.
Result<void> Client::write_all(const std::stop_token& stop) {
  const int first = mosquitto_loop_write(handle_, 1);
  if (first != MOSQ_ERR_SUCCESS) return lost(first);
  if (!mosquitto_want_write(handle_)) return {};
  const Wait wait(config_.timeout, stop);
  while (mosquitto_want_write(handle_)) {
    if (wait.is_over()) {
      return Error{Errc::timeout, fmt::format("{}: takes no more bytes", address())};
    }
    wait.wait(mosquitto_socket(handle_), true);
    const int rc = mosquitto_loop_write(handle_, 1);
    if (rc != MOSQ_ERR_SUCCESS) return lost(rc);
  }
  return {};
}

/// A packet of libmosquitto's that is half written must not be cut by ours.
Result<void> Client::send_own(std::string& packets, const std::stop_token& stop) {
  if (packets.empty()) return {};
  const Wait wait(config_.timeout, stop);
  std::string_view rest = packets;
  while (!rest.empty()) {
    const int socket = mosquitto_socket(handle_);
    const auto sent = send(socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      return lost(MOSQ_ERR_ERRNO);
    } else if (wait.is_over()) {
      return lost(MOSQ_ERR_CONN_LOST);  // one of them may be cut: nothing else can follow
    } else {
      wait.wait(socket, true);
    }
  }
  packets.clear();
  return {};
}

Result<void> Client::connect(const std::stop_token& stop) {
  Wait wait(config_.timeout, stop);
  auto reached = reach(config_.host, config_.port, wait);
  if (!reached) return std::move(reached).error().in(address());
  connack_.reset();
  connected_ = false;
  unacknowledged_ = 0;  // whatever was not acknowledged comes again
  pubacks_.clear();
  bundled_.clear();
  awaited_ = 1;
  reads_itself_ = !config_.tls.on && unconfirmed_.empty();
  last_complaint_.clear();
  const ConnectProperties properties(config_);
  const int rc = mosquitto_connect_bind_v5(handle_, config_.host.c_str(), config_.port,
                                           config_.keepalive_s, nullptr, properties.get());
  if (rc != MOSQ_ERR_SUCCESS) return lost(rc);
  auto answered =
      turn_until([&] { return connack_.has_value(); }, Turn::read_and_write, wait, "answer");
  if (!connack_.has_value())
    return answered;  // a refusal also ends the connection, which is no news then
  const int code = *connack_;
  if (code == 0) return {};
  const char* const why = config_.version == Version::v5 ? mosquitto_reason_string(code)
                                                         : mosquitto_connack_string(code);
  return Error{Errc::invalid, fmt::format("{}: the broker refuses: {}", address(), why)};
}

Result<void> Client::subscribe(const std::vector<std::string>& topics, int qos,
                               const std::stop_token& stop) {
  assert(!has_unacknowledged());
  Wait wait(config_.timeout, stop);
  suback_.reset();
  std::vector<char*> names;  // libmosquitto does not write to them
  names.reserve(topics.size());
  for (const auto& topic : topics) names.push_back(const_cast<char*>(topic.c_str()));
  const int rc = mosquitto_subscribe_multiple(handle_, nullptr, static_cast<int>(names.size()),
                                              names.data(), qos, 0, nullptr);
  if (rc == MOSQ_ERR_NO_CONN) return lost(rc);
  if (rc != MOSQ_ERR_SUCCESS) return wrong(fmt::format("{}: subscribe", address()), rc);
  TRY(write_all(stop));
  // Messages may come before the answer; so that their acknowledgements stay, only read.
  TRY(turn_until([&] { return suback_.has_value(); }, Turn::read, wait, "answer to subscribe"));
  const auto granted = suback_.value_or(std::vector<int>());
  for (std::size_t i = 0; i < granted.size() && i < topics.size(); ++i) {
    if (granted[i] < failure_code) continue;
    return Error{Errc::invalid, fmt::format("{}: the broker refuses the topic '{}': {}", address(),
                                            topics[i], mosquitto_reason_string(granted[i]))};
  }
  return {};
}

bool Client::is_full(std::size_t limit) const {
  return inbox_.size() >= limit || kept_bytes_.size() >= max_inbox_bytes;
}

Result<std::span<const Message>> Client::receive(std::size_t limit, Duration patience,
                                                 const std::stop_token& stop) {
  Wait at_once(Duration::zero(), stop);
  auto turned = turn(Turn::read, at_once);  // most often something is there
  if (turned && inbox_.empty() && patience > Duration::zero()) {
    Wait until_first(patience, stop);
    while (turned && inbox_.empty() && !until_first.is_over()) {
      turned = turn(Turn::read, until_first);
    }
  }
  while (turned && !inbox_.empty() && !is_dry_ && !is_full(limit) && !stop.stop_requested()) {
    const std::size_t before = inbox_.size();
    turned = turn(Turn::read, at_once);
    if (inbox_.size() == before) break;
  }
  if (!turned && inbox_.empty()) return turned.error();
  given_.clear();
  for (const auto& kept : inbox_) {
    const auto bytes = std::string_view(kept_bytes_).substr(kept.begin);
    given_.push_back({bytes.substr(0, kept.topic_size),
                      bytes.substr(kept.topic_size, kept.payload_size), kept.qos, kept.retained});
  }
  inbox_.clear();
  return std::span<const Message>(given_);
}

void Client::rest(Duration span, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::unique_lock lock(mutex);
  ended.wait_for(lock, stop, span, [] { return false; });
}

Result<void> Client::acknowledge(const std::stop_token& stop) {
  assert(inbox_.empty());
  if (mosquitto_socket(handle_) < 0) return lost(MOSQ_ERR_CONN_LOST);
  const int rc = mosquitto_loop_misc(handle_);
  if (rc != MOSQ_ERR_SUCCESS) return lost(rc);
  TRY(write_all(stop));
  TRY(send_own(pubacks_, stop));
  unacknowledged_ = 0;
  return {};
}

/// Reads the acknowledgements that have come; waits for one while there are too many without.
Result<void> Client::take_confirmations(const std::stop_token& stop) {
  Wait wait(config_.timeout, stop);
  Wait at_once(Duration::zero(), stop);
  TRY(turn(Turn::read_and_write, at_once));
  return turn_until([&] { return unconfirmed_.size() < max_unconfirmed; }, Turn::read_and_write,
                    wait, "acknowledgement");
}

bool Client::may_bundle(const std::string& topic, std::string_view payload, bool retain) const {
  constexpr std::size_t most_head = 16;
  const std::size_t size = topic.size() + payload.size() + most_head;
  return !config_.tls.on && size <= bundle_bytes && (may_retain_ || !retain) &&
         (most_packet_bytes_ == 0 || size <= most_packet_bytes_) && !mosquitto_want_write(handle_);
}

Result<void> Client::bundle(const std::string& topic, std::string_view payload, bool retain,
                            const std::stop_token& stop) {
  if (!connected_) return lost(MOSQ_ERR_NO_CONN);
  if (!may_bundle(topic, payload, retain)) {
    TRY(send_own(bundled_, stop));
    return publish(topic, payload, 0, retain, stop);
  }
  const int size = static_cast<int>(topic.size());
  int rc = topic.empty() ? MOSQ_ERR_INVAL : mosquitto_pub_topic_check2(topic.data(), topic.size());
  if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_validate_utf8(topic.data(), size);
  if (rc != MOSQ_ERR_SUCCESS) return wrong(fmt::format("publish to '{}'", topic), rc);
  append_publish(bundled_, topic, payload, retain, config_.version);
  ++published_;
  if (bundled_.size() < bundle_bytes) return {};
  TRY(send_own(bundled_, stop));
  return take_confirmations(stop);
}

Result<void> Client::publish(const std::string& topic, std::string_view payload, int qos,
                             bool retain, const std::stop_token& stop) {
  if (!connected_) return lost(MOSQ_ERR_NO_CONN);
  if (reads_itself_) {  // it reads several packets at once where it waits for acknowledgements
    wait_for_bytes(1);
    reads_itself_ = false;
  }
  if ((published_ + 1) % publishes_per_look == 0 || unconfirmed_.size() >= max_unconfirmed) {
    TRY(take_confirmations(stop));
  }
  int id = 0;
  const int rc = mosquitto_publish(handle_, &id, topic.c_str(), static_cast<int>(payload.size()),
                                   payload.data(), qos, retain);
  if (rc == MOSQ_ERR_NO_CONN) return lost(rc);
  if (rc != MOSQ_ERR_SUCCESS) return wrong(fmt::format("publish to '{}'", topic), rc);
  ++published_;
  if (qos > 0) unconfirmed_.emplace(id, published_);
  return write_all(stop);
}

bool Client::is_unconfirmed(std::uint64_t number) const {
  return std::ranges::any_of(unconfirmed_,
                             [&](const auto& waiting) { return waiting.second == number; });
}

Result<void> Client::flush(const std::stop_token& stop) {
  TRY(send_own(bundled_, stop));
  Wait wait(config_.timeout, stop);
  return turn_until([&] { return unconfirmed_.empty(); }, Turn::read_and_write, wait,
                    "acknowledgement");
}

void Client::disconnect() {
  if (handle_ == nullptr || !connected_) return;
  connected_ = false;
  if (has_unacknowledged()) return;
  mosquitto_disconnect(handle_);
  mosquitto_loop_write(handle_, 1);
}

}  // namespace sosie::mqtt
