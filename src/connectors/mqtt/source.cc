#include "connectors/mqtt/source.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <span>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "connectors/mqtt/config.h"
#include "connectors/mqtt/interpreter.h"
#include "connectors/mqtt/lorawan.h"
#include "connectors/mqtt/sparkplug.h"
#include "connectors/mqtt/topic_interpreter.h"
#include "core/sift.h"
#include "core/time_format.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {
namespace {

using std::chrono::seconds;

constexpr std::size_t batch_messages = 10'000;  ///< as many as the broker sends unacknowledged
constexpr auto round_span =
    std::chrono::milliseconds(5);  ///< rounds that are so close are made one
/// A commit costs what a hundred messages do, so those of a while share one; half of what the
/// broker may send unacknowledged, at most, so that it does not stop.
constexpr auto settle_after = std::chrono::milliseconds(20);
constexpr std::size_t settle_at = batch_messages / 2;
constexpr std::size_t sample_bytes = 500;
constexpr std::size_t most_retained = 100'000;  ///< topics of which it is known

struct SourceConfig {
  std::string name;  ///< in the log and in quarantine
  Config client;
  std::vector<std::string> topics;
  int qos = 1;
};

/// Listens to a broker. A message of QoS 1 is acknowledged once its reading is committed.
///
/// When the connection cannot be had or is lost, `run` returns the reason: the engine shows it,
/// waits and calls again; the broker keeps our session meanwhile.
class MqttSource final : public Source {
 public:
  MqttSource(SourceConfig config, std::unique_ptr<Interpreter> interpreter)
      : config_(std::move(config)), interpreter_(std::move(interpreter)) {}

  Result<void> run(Intake& intake, std::stop_token stop) override {
    auto config = config_.client;
    interpreter_->connecting(config, intake.clock().now());
    auto client = TRY(Client::create(config));
    auto heard = listen(*client, intake, stop);
    if (!stop.stop_requested()) return heard;
    say_goodbye(*client, intake.clock().now());
    return {};
  }

  SourceState state() const override {
    SourceState state;
    state.contested = interpreter_->contested();
    return state;
  }

 private:
  Result<void> listen(Client& client, Intake& intake, const std::stop_token& stop) {
    const Duration half_keepalive = seconds(config_.client.keepalive_s) / 2;
    TRY(client.connect(stop));
    owed_.reset();
    // What an earlier life left unacknowledged comes before anything is subscribed to.
    TRY(hear(client, Duration::zero(), intake, stop));
    TRY(settle(client, intake, stop));
    TRY(client.subscribe(config_.topics, config_.qos, stop));
    log::info(config_.name, "{}:{}: listening to {}", config_.client.host, config_.client.port,
              fmt::join(config_.topics, ", "));
    TRY(reply(client, stop));
    while (!stop.stop_requested()) {
      TRY(hear(client, half_keepalive, intake, stop));
    }
    return {};
  }

  /// One round: receive, put, and now and then settle. Messages that come thick and fast gather for
  /// a moment first: each round wakes two threads up, which costs more than a message does.
  Result<void> hear(Client& client, Duration patience, Intake& intake,
                    const std::stop_token& stop) {
    const bool owes = client.has_unacknowledged();
    const auto began = stopwatch();
    if (!owes) {
      owes_since_ = began;
      unsettled_ = 0;
    }
    if (began - last_round_ < round_span) Client::rest(round_span, stop);
    const auto messages = TRY(client.receive(batch_messages, owes ? round_span : patience, stop));
    batch_.clear();
    for (const auto& message : messages) take(message, intake);
    if (!batch_.empty()) {
      const auto admission = intake.put(batch_, config_.name);
      if (admission.taken == 0 && stop.stop_requested()) {
        return Error{Errc::unavailable, "asked to stop"};
      }
      if (admission.taken > 0) owed_ = admission.ticket;
    }
    unsettled_ += messages.size();
    if (!messages.empty()) last_round_ = stopwatch();
    // A broker of MQTT 3.1.1 sends no more than a few before it is answered (Mosquitto: 20).
    const bool is_due = config_.client.version == Version::v3_1_1 || messages.empty() ||
                        unsettled_ >= settle_at || stopwatch() - owes_since_ > settle_after;
    if (client.has_unacknowledged() && !is_due) return {};
    TRY(settle(client, intake, stop));
    return reply(client, stop);
  }

  /// REQUIRES: all is settled, for what is sent takes acknowledgements along.
  Result<void> reply(Client& client, const std::stop_token& stop) {
    for (const auto& said : interpreter_->take_replies()) {
      TRY(client.publish(said.topic, said.payload, said.qos, said.retain, stop));
    }
    return {};
  }

  /// Waits for the commit of what has come, and acknowledges it. An Error when we are asked to
  /// stop: what is not on disk must not be acknowledged, not even by whatever would be sent next.
  Result<void> settle(Client& client, Intake& intake, const std::stop_token& stop) {
    while (client.has_unacknowledged() && owed_) {
      if (intake.wait_durable(*owed_, seconds(1))) break;
      if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
    }
    owed_.reset();
    return client.acknowledge(stop);
  }

  /// Where something is unacknowledged, the connection just ends, and the broker says our will. The
  /// answer is not waited for: what came meanwhile would be acknowledged.
  void say_goodbye(Client& client, Timestamp now) const {
    const auto said = interpreter_->last_word(now);
    if (!said || !client.is_connected() || client.has_unacknowledged()) return;
    if (const auto gone = client.publish(said->topic, said->payload, said->qos, said->retain, {});
        !gone) {
      log::warning(config_.name, "could not say goodbye: {}", gone.error().what);
    }
  }

  void take(const Message& message, Intake& intake) {
    auto taken = read(message, intake);
    if (taken) return;
    intake.refuse({.source = config_.name,
                   .reason = std::move(taken).error().what,
                   .sample = std::string(message.payload.substr(0, sample_bytes)),
                   .where = std::string(message.topic)});
  }

  Result<void> read(const Message& message, Intake& intake) {
    if (message.payload.empty()) {
      if (is_clearing(message)) return {};
      return Error{Errc::invalid, "is empty, and nothing was retained here that it clears"};
    }
    if (message.retained && retained_.size() < most_retained) retained_.emplace(message.topic);
    const auto before = batch_.size();
    TRY(interpreter_->read(message, intake, batch_));
    return sift_from(before, intake.newest_credible());
  }

  /// MQTT 3.1.1, 3.3.1.3: an empty message with the retain flag clears what the broker has
  /// retained. Who listens already gets it without that flag, so it is known by what was retained
  /// there.
  bool is_clearing(const Message& message) {
    const auto retained = retained_.find(message.topic);
    if (retained == retained_.end()) return message.retained;
    retained_.erase(retained);
    return true;
  }

  /// What can never be a reading is taken out here, and not by the intake: so a message with a
  /// wrong time counts once, and not with each of its values.
  Result<void> sift_from(std::size_t before, Timestamp newest_credible) {
    std::string_view reason;
    const auto readings = std::span<Reading>(batch_).subspan(before);
    const auto impossible = std::ranges::remove_if(readings, [&](const Reading& reading) {
      const auto why = why_impossible(reading, newest_credible);
      if (reason.empty()) reason = why;
      return !why.empty();
    });
    if (impossible.empty()) return {};
    const auto count = impossible.size();
    batch_.resize(batch_.size() - count);
    if (count == 1) return Error{Errc::invalid, std::string(reason)};
    return Error{Errc::invalid, fmt::format("{} ({} values)", reason, count)};
  }

  const SourceConfig config_;
  const std::unique_ptr<Interpreter> interpreter_;
  std::set<std::string, std::less<>> retained_;  ///< topics
  std::vector<Reading> batch_;
  std::optional<Ticket> owed_;  ///< the last of what is not settled
  std::size_t unsettled_ = 0;   ///< messages
  std::chrono::steady_clock::time_point owes_since_;
  std::chrono::steady_clock::time_point last_round_;  ///< that brought something
};

/// The same for the same scenario on the same machine, and for no other: the broker keeps a session
/// under this name, and lets only one in.
std::string default_client_id(const std::string& folder, const std::string& url,
                              const std::vector<std::string>& topics) {
  std::array<char, 65> host{};
  gethostname(host.data(), host.size() - 1);
  std::uint32_t hash = 0x811c9dc5U;  // FNV-1a
  for (const char c :
       fmt::format("{}|{}|{}|{}", host.data(), folder, url, fmt::join(topics, "|"))) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  }
  return fmt::format("sosie-{:08x}", hash);
}

/// How long the broker keeps what we miss.
Result<std::uint32_t> read_expiry(Section& section) {
  const auto expiry = TRY(section.duration("session_expiry", std::chrono::hours(24)));
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(expiry / seconds(1), 0, 0xFFFFFFFE));
}

/// By the key `format`; that of topics' payloads is asked for once more where it belongs.
Result<Interpretation> read_interpretation(Section& section) {
  constexpr std::array<std::string_view, 5> formats{"json", "senml", "chirpstack", "the_things",
                                                    "sparkplug"};
  const auto format = TRY(section.choice("format", "json", formats));
  if (format == "chirpstack") return read_lorawan(lorawan::Server::chirpstack, section);
  if (format == "the_things") return read_lorawan(lorawan::Server::the_things, section);
  if (format == "sparkplug") return read_sparkplug(section);
  return read_topic_maps(section);
}

}  // namespace

Result<std::unique_ptr<Source>> make_source(Section& section) {
  auto client = TRY(read_client(section));
  auto read = TRY(read_interpretation(section));
  const int qos = TRY(read_qos(section));
  if (client.client_id.empty()) {
    client.client_id = default_client_id(section.folder(), client.host, read.topics);
  }
  client.receive_maximum = batch_messages;
  client.session_expiry_s = TRY(read_expiry(section));
  auto name = TRY(section.text("name", "mqtt"));
  return std::make_unique<MqttSource>(
      SourceConfig{std::move(name), std::move(client), std::move(read.topics), qos},
      std::move(read.interpreter));
}

}  // namespace sosie::mqtt
