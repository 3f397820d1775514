#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "core/series.h"
#include "simulation/plant.h"

namespace sosie::app {

/// Where `sosie simulate` sends what its devices measure.
///
/// Threads: one at a time.
class Destination {
 public:
  virtual ~Destination() = default;

  /// Sends the values that were sent by their device; returns when they are received (MQTT: by the
  /// broker at QoS 1, at the latest with `finish`). Errors: not reachable; ask again.
  virtual Result<void> send(Timestamp at, std::span<const SeriesInfo> sensors,
                            std::span<const PlantValue> values, const std::stop_token& stop) = 0;

  /// Waits until all that was sent is received.
  virtual Result<void> finish(const std::stop_token& stop) = 0;

  /// What it knows of what arrived, for the end; empty: nothing of its own.
  virtual std::string summary() const { return {}; }

  /// "mqtt://host:1883/prefix", "mqtts://…", "kafka://host:9092/topic", "kafkas://…",
  /// "http://host:8090", "https://…", "file:PATH.csv", "file:PATH.jsonl", "stdout", or an NGSI v2
  /// broker: "ngsi+http://host:1026/path?tenant=&type=". User and password of a broker come from
  /// SOSIE_MQTT_USER and SOSIE_MQTT_PASSWORD (Kafka: SOSIE_KAFKA_…), an HTTP token from
  /// SOSIE_TOKEN, a private authority from SOSIE_CA_FILE.
  static Result<std::unique_ptr<Destination>> create(const std::string& address);
};

}  // namespace sosie::app
