#include "app/kafka_destination.h"

#include <utility>

#include "app/environment.h"
#include "base/time_text.h"
#include "wire/json/writer.h"
#include "wire/kafka/producer.h"

namespace sosie::app {
namespace {

constexpr auto last_patience = std::chrono::seconds(30);

/// Messages of one instant's values; `next` is where the message after them begins.
struct Made {
  std::string text;
  std::size_t next = 0;
};

std::string time_of(Timestamp at, const PlantValue& value) {
  return to_iso8601(at + std::chrono::milliseconds(value.off_ms));
}

Made reading_message(std::span<const SeriesInfo> sensors, std::span<const PlantValue> values,
                     std::size_t i, Timestamp at) {
  json::Writer out;
  out.begin_object();
  out.member("entity", sensors[i].entity);
  out.member("attribute", sensors[i].attribute);
  out.member("value", values[i].value);
  out.member("time", time_of(at, values[i]));
  if (values[i].quality != Quality::good) out.member("quality", to_text(values[i].quality));
  out.end_object();
  return {out.take(), i + 1};
}

/// All values of a device, which stand one behind the other.
Made device_message(std::span<const SeriesInfo> sensors, std::span<const PlantValue> values,
                    std::size_t i, Timestamp at) {
  const std::string& device = sensors[i].entity;
  Quality worst = Quality::good;
  json::Writer out;
  out.begin_object();
  out.member("device", device);
  out.member("time", time_of(at, values[i]));
  out.key("values");
  out.begin_object();
  for (; i < values.size() && sensors[i].entity == device; ++i) {
    if (!values[i].sent) continue;
    out.member(sensors[i].attribute, values[i].value);
    worst = std::max(worst, values[i].quality);
  }
  out.end_object();
  if (worst != Quality::good) out.member("quality", to_text(worst));
  out.end_object();
  return {out.take(), i};
}

/// Waits for what is on its way.
Result<void> check_all(kafka::Producer& producer, const std::string& topic) {
  const auto failed = TRY(producer.flush({}, last_patience));
  if (failed.empty()) return {};
  return Error{Errc::invalid, fmt::format("{}: {} messages were not received: {}", topic,
                                          failed.size(), failed.front().reason)};
}

class Kafka final : public Destination {
 public:
  Kafka(std::unique_ptr<kafka::Producer> producer, std::string topic, bool by_device)
      : producer_(std::move(producer)), topic_(std::move(topic)), by_device_(by_device) {}

  /// Goes on where it was interrupted: a message that was taken is not sent again.
  Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                    std::span<const PlantValue> values, const std::stop_token& stop) override {
    if (producer_->has_failed()) return check();
    if (at != at_) next_ = 0;
    at_ = at;
    while (next_ < values.size()) {
      if (!values[next_].sent) {
        ++next_;
        continue;
      }
      const auto made = by_device_ ? device_message(sensors, values, next_, at)
                                   : reading_message(sensors, values, next_, at);
      TRY(producer_->send(
          {.topic = topic_, .key = sensors[next_].entity, .payload = made.text, .at = at}, stop));
      next_ = made.next;
      ++sent_;
    }
    return {};
  }

  Result<void> finish(const std::stop_token& /*stop*/) override { return check(); }

  std::string summary() const override {
    return fmt::format("{} messages sent to {}, {} of them received by the broker", sent_, topic_,
                       producer_->delivered());
  }

 private:
  Result<void> check() { return check_all(*producer_, topic_); }

  std::unique_ptr<kafka::Producer> producer_;
  const std::string topic_;
  const bool by_device_;
  Timestamp at_;
  std::size_t next_ = 0;
  std::uint64_t sent_ = 0;
};

/// Messages as they are, the device's name as their key.
class KafkaMessages final : public generating::MessageSink {
 public:
  KafkaMessages(std::unique_ptr<kafka::Producer> producer, std::string topic)
      : producer_(std::move(producer)), topic_(std::move(topic)) {}

  Result<void> send(std::string_view key, std::string_view payload, Timestamp at,
                    const std::stop_token& stop) override {
    if (producer_->has_failed()) return check_all(*producer_, topic_);
    TRY(producer_->send({.topic = topic_, .key = key, .payload = payload, .at = at}, stop));
    ++sent_;
    return {};
  }
  Result<void> finish(const std::stop_token& /*stop*/) override {
    return check_all(*producer_, topic_);
  }
  std::string summary() const override {
    return fmt::format("{} messages sent to {}, {} of them received by the broker", sent_, topic_,
                       producer_->delivered());
  }

 private:
  std::unique_ptr<kafka::Producer> producer_;
  const std::string topic_;
  std::uint64_t sent_ = 0;
};

Result<void> read_identity(kafka::Config& config) {
  config.ca_file = environment("SOSIE_CA_FILE");
  config.user = environment("SOSIE_KAFKA_USER");
  config.password = environment("SOSIE_KAFKA_PASSWORD");
  if (config.user.empty()) return {};
  const auto mechanism = environment("SOSIE_KAFKA_SASL");
  if (mechanism.empty() || mechanism == "PLAIN") {
    config.sasl = kafka::Sasl::plain;
  } else if (mechanism == "SCRAM-SHA-256") {
    config.sasl = kafka::Sasl::scram_sha_256;
  } else if (mechanism == "SCRAM-SHA-512") {
    config.sasl = kafka::Sasl::scram_sha_512;
  } else {
    return Error{Errc::invalid, "SOSIE_KAFKA_SASL is not PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"};
  }
  if (config.sasl == kafka::Sasl::plain && !config.tls && !kafka::is_loopback(config.brokers)) {
    return Error{Errc::invalid,
                 "kafka:// would send the password in clear; expected kafkas:// or SCRAM"};
  }
  return {};
}

struct Cluster {
  std::unique_ptr<kafka::Producer> producer;
  std::string topic;
};

Result<Cluster> cluster_at(const std::string& address, const std::string& linger_ms) {
  auto to = TRY(kafka::read_address(address));
  TRY(read_identity(to.config));
  to.config.options.emplace("linger.ms", linger_ms);
  auto producer = TRY(kafka::Producer::create(to.config, Duration::zero()));
  return Cluster{std::move(producer), std::move(to.topic)};
}

}  // namespace

Result<std::unique_ptr<Destination>> to_kafka(const std::string& address) {
  const auto question = address.find('?');
  const auto query = question == std::string::npos ? std::string() : address.substr(question + 1);
  if (!query.empty() && query != "form=device" && query != "form=reading") {
    return Error{Errc::invalid, fmt::format("'?{}': expected form=reading or form=device", query)};
  }
  auto to = TRY(cluster_at(address.substr(0, question), "5"));
  return std::unique_ptr<Destination>(
      std::make_unique<Kafka>(std::move(to.producer), std::move(to.topic), query == "form=device"));
}

Result<std::unique_ptr<generating::MessageSink>> messages_to_kafka(const std::string& address,
                                                                   const std::string& linger_ms) {
  auto to = TRY(cluster_at(address, linger_ms));
  return std::unique_ptr<generating::MessageSink>(
      std::make_unique<KafkaMessages>(std::move(to.producer), std::move(to.topic)));
}

}  // namespace sosie::app
