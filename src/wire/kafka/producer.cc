#include "wire/kafka/producer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "wire/kafka/handle.h"

namespace sosie::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int nap_ms = 100;
constexpr std::uint64_t sends_a_poll = 64;

/// What does not change by being sent again.
bool is_for_good(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return true;
    default:
      return false;
  }
}

void* to_opaque(std::size_t mark) {
  // librdkafka carries a pointer's bits with a message; ours are a number.
  return reinterpret_cast<void*>(mark);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

struct Producer::Native {
  rd_kafka_t* handle = nullptr;
  std::vector<Failure> failures;
  std::uint64_t delivered = 0;
  Complaints complaints;
  Duration patience{};
  std::string brokers;
  rd_kafka_topic_t* topic = nullptr;  ///< the last one's, named so:
  std::string topic_name;
  std::uint64_t sends = 0;

  /// The topic's handle; null: no such name. Kept while messages go to the same one: to look it up
  /// by name costs as much as to put a message into the queue.
  rd_kafka_topic_t* handle_of(std::string_view name) {
    if (topic != nullptr && topic_name == name) return topic;
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
    topic_name = name;
    topic = rd_kafka_topic_new(handle, topic_name.c_str(), nullptr);
    return topic;
  }
};

struct Producer::Callbacks {
  static void delivered(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
    auto& native = *static_cast<Native*>(opaque);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++native.delivered;
      native.complaints.is_down = false;
      return;
    }
    native.failures.push_back({.mark = reinterpret_cast<std::size_t>(message->_private),
                               .reason = rd_kafka_err2str(message->err),
                               .is_too_large = message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                               .is_for_good = is_for_good(message->err)});
  }

  static void error(rd_kafka_t* /*handle*/, int code, const char* reason, void* opaque) {
    note(static_cast<Native*>(opaque)->complaints, static_cast<rd_kafka_resp_err_t>(code), reason);
  }
};

Producer::Producer() : native_(std::make_unique<Native>()) {}

Result<std::unique_ptr<Producer>> Producer::create(const Config& config, Duration patience) {
  std::unique_ptr<Producer> made(new Producer());
  TRY(made->open(config, patience));
  return made;
}

Result<void> Producer::open(const Config& config, Duration patience) {
  auto conf = TRY(make_conf(config));
  TRY(set(*conf, "enable.idempotence", "true"));
  TRY(set(*conf, "linger.ms", "0"));  // who has more to send has put it into the queue by then
  TRY(set(*conf, "message.max.bytes", "33554432"));  // the broker's limit is the one that counts
  TRY(set(*conf, "message.timeout.ms", std::to_string(patience / milliseconds(1))));
  TRY(set(*conf, "topic.metadata.propagation.max.ms", "2000"));
  for (const auto& [name, value] : config.options) {
    TRY(set(*conf, name, value));
  }
  rd_kafka_conf_set_opaque(conf.get(), native_.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), Callbacks::delivered);
  rd_kafka_conf_set_error_cb(conf.get(), Callbacks::error);
  std::array<char, 512> why{};
  auto* const given = conf.release();  // the handle's, unless there is none
  native_->handle = rd_kafka_new(RD_KAFKA_PRODUCER, given, why.data(), why.size());
  if (native_->handle == nullptr) {
    const Conf back(given);
    return Error{Errc::invalid, why.data()};
  }
  native_->patience = patience;
  native_->brokers = config.brokers;
  return {};
}

Producer::~Producer() {
  if (native_->handle == nullptr) return;
  rd_kafka_purge(native_->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  if (native_->topic != nullptr) rd_kafka_topic_destroy(native_->topic);
  rd_kafka_destroy(native_->handle);
}

std::optional<Error> Producer::fatal() const {
  std::array<char, 512> why{};
  if (rd_kafka_fatal_error(native_->handle, why.data(), why.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  return Error{Errc::unavailable, why.data()};
}

/// What came of an attempt to put a message on its way: done, to be tried again, or an Error.
Result<void> Producer::after(int code, bool& again, const std::stop_token& stop) {
  again = code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
  if (!again) {
    const bool is_taken = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!is_taken || ++native_->sends % sends_a_poll == 0) rd_kafka_poll(native_->handle, 0);
    if (is_taken) return {};
    if (auto broken = fatal()) return *std::move(broken);
    return to_error(static_cast<rd_kafka_resp_err_t>(code));
  }
  if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
  const auto before = native_->delivered + native_->failures.size();
  rd_kafka_poll(native_->handle, nap_ms);
  const bool is_stuck = native_->delivered + native_->failures.size() == before;
  if (is_stuck && native_->complaints.is_down) {
    return Error{Errc::unavailable, native_->complaints.last}.in(native_->brokers);
  }
  return {};
}

Result<void> Producer::send(const Outgoing& message, const std::stop_token& stop) {
  auto* const topic = native_->handle_of(message.topic);
  if (topic == nullptr) return to_error(rd_kafka_last_error());
  bool again = true;
  while (again) {
    std::array<rd_kafka_vu_t, 6> parts{};
    std::size_t count = 0;
    parts[count].vtype = RD_KAFKA_VTYPE_RKT;
    parts[count++].u.rkt = topic;
    if (message.key) {
      parts[count].vtype = RD_KAFKA_VTYPE_KEY;
      parts[count++].u.mem = {const_cast<char*>(message.key->data()), message.key->size()};
    }
    if (message.payload) {
      parts[count].vtype = RD_KAFKA_VTYPE_VALUE;
      parts[count++].u.mem = {const_cast<char*>(message.payload->data()), message.payload->size()};
    }
    parts[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[count++].u.i = RD_KAFKA_MSG_F_COPY;
    if (message.at) {
      parts[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
      parts[count++].u.i64 = message.at->time_since_epoch() / milliseconds(1);
    }
    parts[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[count++].u.ptr = to_opaque(message.mark);
    const KafkaError failed(rd_kafka_produceva(native_->handle, parts.data(), count));
    TRY(after(failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR, again,
              stop));
  }
  return {};
}

Result<void> Producer::forward(const Message& message, std::string_view topic,
                               const std::vector<Header>& more, std::size_t keep, std::size_t mark,
                               const std::stop_token& stop) {
  const std::string to(topic);
  const auto* const native = static_cast<const rd_kafka_message_t*>(message.native);
  bool again = true;
  while (again) {
    rd_kafka_headers_t* own = nullptr;
    const bool has_own = rd_kafka_message_headers(native, &own) == RD_KAFKA_RESP_ERR_NO_ERROR;
    auto* const headers = has_own ? rd_kafka_headers_copy(own) : rd_kafka_headers_new(more.size());
    for (const auto& [name, text] : more) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                          static_cast<ssize_t>(text.size()));
    }
    std::array<rd_kafka_vu_t, 7> parts{};
    parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    parts[0].u.cstr = to.c_str();
    parts[1].vtype = RD_KAFKA_VTYPE_KEY;
    parts[1].u.mem = {native->key, native->key_len};
    parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[2].u.mem = {native->payload, std::min(native->len, keep)};
    parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[3].u.i = RD_KAFKA_MSG_F_COPY;
    parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[4].u.headers = headers;
    parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[5].u.ptr = to_opaque(mark);
    parts[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    parts[6].u.i64 = message.at ? message.at->time_since_epoch() / milliseconds(1) : 0;
    const KafkaError failed(rd_kafka_produceva(native_->handle, parts.data(), parts.size()));
    if (failed) rd_kafka_headers_destroy(headers);  // else they are the message's now
    TRY(after(failed ? rd_kafka_error_code(failed.get()) : RD_KAFKA_RESP_ERR_NO_ERROR, again,
              stop));
  }
  return {};
}

Result<std::vector<Producer::Failure>> Producer::flush(const std::stop_token& stop, Duration idle) {
  auto moved_at = stopwatch();
  auto before = native_->delivered;
  while (rd_kafka_flush(native_->handle, nap_ms) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
    if (auto broken = fatal()) return *std::move(broken);
    if (std::exchange(before, native_->delivered) != native_->delivered) moved_at = stopwatch();
    if (stopwatch() - moved_at > idle) {
      return Error{Errc::unavailable,
                   fmt::format("{} messages are not delivered: {}",
                               rd_kafka_outq_len(native_->handle), native_->complaints.last)}
          .in(native_->brokers);
    }
  }
  if (auto broken = fatal()) return *std::move(broken);
  return std::exchange(native_->failures, {});
}

bool Producer::has_failed() const {
  return !native_->failures.empty();
}

std::uint64_t Producer::delivered() const {
  return native_->delivered;
}

}  // namespace sosie::kafka
