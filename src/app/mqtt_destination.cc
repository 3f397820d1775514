#include "app/mqtt_destination.h"

#include <utility>

#include <fmt/format.h>

#include "app/environment.h"
#include "base/log.h"
#include "base/this_machine.h"
#include "base/time_text.h"
#include "wire/json/writer.h"
#include "wire/mqtt/client.h"

namespace sosie::app {
namespace {

class Mqtt final : public Destination {
 public:
  Mqtt(std::unique_ptr<mqtt::Client> client, std::string prefix)
      : client_(std::move(client)), prefix_(std::move(prefix)) {}

  Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                    std::span<const PlantValue> values, const std::stop_token& stop) override {
    if (!client_->is_connected()) {
      TRY(client_->connect(stop));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i].sent) continue;
      json::Writer payload;
      payload.begin_object();
      payload.member("value", values[i].value);
      payload.member("time", to_iso8601(at + std::chrono::milliseconds(values[i].off_ms)));
      payload.member("quality", to_text(values[i].quality));
      payload.end_object();
      const auto topic = fmt::format("{}{}/{}", prefix_, sensors[i].entity, sensors[i].attribute);
      TRY(client_->publish(topic, payload.text(), 1, false, stop));
    }
    return {};
  }
  Result<void> finish(const std::stop_token& stop) override {
    TRY(client_->flush(stop));
    client_->disconnect();
    return {};
  }

 private:
  std::unique_ptr<mqtt::Client> client_;
  std::string prefix_;
};

/// A message a device: the topic's last level is its name, unless the scenario says what topics
/// are.
class MqttMessages final : public generating::MessageSink {
 public:
  MqttMessages(std::unique_ptr<mqtt::Client> client, std::string prefix,
               const generating::MessageConfig& message)
      : client_(std::move(client)),
        prefix_(std::move(prefix)),
        status_(message.status),
        retain_(message.retain) {}

  bool wants_topics() const override { return true; }
  Result<void> send(std::string_view key, std::string_view payload, Timestamp /*at*/,
                    const std::stop_token& stop) override {
    if (!client_->is_connected()) {
      TRY(client_->connect(stop));
      TRY(tell("online", stop));
    }
    topic_ = prefix_;
    topic_ += key;
    return client_->publish(topic_, payload, 1, retain_, stop);
  }
  /// Going in order is going all the same: the will is for who vanishes.
  Result<void> finish(const std::stop_token& stop) override {
    if (client_->is_connected()) {
      TRY(tell("offline", stop));
    }
    TRY(client_->flush(stop));
    client_->disconnect();
    return {};
  }

 private:
  Result<void> tell(std::string_view state, const std::stop_token& stop) {
    if (status_.empty()) return {};
    return client_->publish(status_, state, 1, true, stop);
  }

  std::unique_ptr<mqtt::Client> client_;
  const std::string prefix_;
  const std::string status_;
  const bool retain_;
  std::string topic_;
};

struct Broker {
  std::unique_ptr<mqtt::Client> client;
  std::string prefix;
};

/// `usual`: the topics' prefix where the address has none. `status`: of the will; empty: none.
Result<Broker> broker_at(const std::string& address, const std::string& usual = "sosie",
                         const std::string& status = {}) {
  mqtt::Config config;
  if (!status.empty())
    config.will = {.topic = status, .payload = "offline", .qos = 1, .retain = true};
  const auto path = address.find('/', address.find("://") + 3);
  TRY(mqtt::read_address(address.substr(0, path), config));
  config.user = environment("SOSIE_MQTT_USER");
  config.password = environment("SOSIE_MQTT_PASSWORD");
  config.tls.ca_file = environment("SOSIE_CA_FILE");
  if (!config.password.empty() && !config.tls.on && !is_this_machine(config.host)) {
    log::warning("simulate", "without TLS the password goes to {} in clear; expected mqtts://",
                 config.host);
  }
  std::string prefix = path == std::string::npos ? usual : address.substr(path + 1);
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  auto client = TRY(mqtt::Client::create(config));
  return Broker{std::move(client), std::move(prefix)};
}

}  // namespace

Result<std::unique_ptr<Destination>> to_mqtt(const std::string& address) {
  auto broker = TRY(broker_at(address));
  return std::unique_ptr<Destination>(
      std::make_unique<Mqtt>(std::move(broker.client), std::move(broker.prefix)));
}

Result<std::unique_ptr<generating::MessageSink>> messages_to_mqtt(
    const std::string& address, const generating::MessageConfig& message) {
  auto broker = TRY(broker_at(address, message.topic.empty() ? "sosie" : "", message.status));
  return std::unique_ptr<generating::MessageSink>(
      std::make_unique<MqttMessages>(std::move(broker.client), std::move(broker.prefix), message));
}

}  // namespace sosie::app
