#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/mqtt/interpreter.h"
#include "connectors/mqtt/pattern.h"
#include "connectors/mqtt/payload.h"
#include "core/source.h"
#include "messages/mapping.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {

/// What the messages of topics that look alike say.
struct TopicMap {
  TopicPattern pattern;
  Template entity;
  Template attribute;
  PayloadMap payload;
};

/// Where devices, or gateways for them, say that they come and go: their last will.
struct StatusMap {
  TopicPattern pattern;
  std::string online = "online";
  std::string offline = "offline";
};

/// Turns messages into readings: of the first map whose pattern the topic fits.
///
/// Who is offline has its latest values again, of now and of bad quality (not_connected): those of
/// each device whose topic agrees in the names that both patterns have. A message of its own, or
/// "online", ends that; what the broker has only kept (a retained one) is of bad quality until
/// then.
///
/// Memory: a topic and a handle a value; with a StatusMap also 16 bytes a value, and its name.
/// Threads: one at a time.
class TopicInterpreter final : public Interpreter {
 public:
  /// REQUIRES: a map.
  TopicInterpreter(std::vector<TopicMap> maps, std::optional<StatusMap> status);

  Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) override;

 private:
  /// One that has spoken since we listen, where there is a StatusMap.
  struct Device {
    std::string topic;
    std::size_t map = 0;
    bool is_offline = false;
    Timestamp latest;
    std::vector<std::pair<std::uint32_t, double>> values;  ///< by handle
  };
  using Names = std::map<std::string, std::string, std::less<>>;

  Result<void> read_data(const Message& message, std::uint32_t* row, Intake& intake,
                         std::vector<Reading>& out);
  Result<void> read_status(const Message& message, const Named& named, Intake& intake,
                           std::vector<Reading>& out);
  Result<std::size_t> map_of(std::string_view topic) const;
  Result<SeriesId> series_of(std::string_view topic, const TopicMap& map, const Measured& measured,
                             Intake& intake) const;
  Device& device_of(const Message& message, std::size_t map, std::uint32_t& number);
  void note(Device& device, std::uint32_t handle, double value, Timestamp at) const;
  void leave(Device& device, Timestamp now, std::vector<Reading>& out) const;
  bool is_meant(const Device& device, const Named& status) const;

  // Set once in the constructor.
  std::vector<TopicMap> maps_;
  const std::optional<StatusMap> status_;
  std::vector<PayloadReader> readers_;                     ///< one a map
  std::vector<std::optional<Template>> entity_of_status_;  ///< where a status names its device

  messages::Handles handles_;  ///< of topics: the map, the device, a handle a value
  std::vector<Device> devices_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_entity_;
  /// Who is offline, as status topics named them; for those that have not spoken yet.
  std::map<std::string, Names, std::less<>> offline_;
};

/// Takes `pattern`, `entity`, `attribute`, the payload's keys, or several `map`, and `status`.
Result<Interpretation> read_topic_maps(Section& section);

}  // namespace sosie::mqtt
