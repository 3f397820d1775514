#pragma once

#include <atomic>
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
  std::optional<Template> location{};  ///< where its series stand, if the topic says it
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
/// One object may move from topic to topic (its district). One that speaks from several in turn, or
/// that has two values of one time from two, is two that share a name, more likely: that is said
/// once, in the quarantine, and all are taken. Whose device goes offline then, only what it said
/// itself and nobody since is told again.
///
/// Memory: a topic, a handle and 32 bytes a value; with a StatusMap also 16 bytes a value, and its
/// name.
/// Threads: one at a time.
class TopicInterpreter final : public Interpreter {
 public:
  /// REQUIRES: a map.
  TopicInterpreter(std::vector<TopicMap> maps, std::optional<StatusMap> status);

  Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) override;

  /// Messages of whose series it was said, for the first time, that they speak from several topics.
  std::uint64_t contested() const override { return contested_.load(std::memory_order_relaxed); }

 private:
  /// Who spoke last of a series, by its topic's number.
  struct Speaker {
    std::uint32_t topic = messages::Handles::unknown;
    std::uint8_t run = 0;    ///< messages since it began, up to 255
    std::uint8_t turns = 0;  ///< changes in a row, each after a short run
    bool is_said = false;    ///< that it has several
    std::uint32_t newest_topic = messages::Handles::unknown;  ///< whose is the newest, by its time
    Timestamp newest_at;
    double newest = 0;
  };
  /// One that has spoken since we listen, where there is a StatusMap.
  struct Device {
    std::string topic;
    std::size_t map = 0;
    std::uint32_t number = messages::Handles::unknown;  ///< its topic's
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
  Speaker& speaker_of(SeriesId series);
  std::string note_turn(Speaker& speaker, std::uint32_t topic) const;
  std::string note_newest(Speaker& speaker, std::uint32_t topic, const Reading& reading,
                          bool has_time) const;
  Device& device_of(const Message& message, std::size_t map, std::uint32_t* row);
  void say_contested(std::string reason, const Message& message, Intake& intake);
  void note(Device& device, std::uint32_t handle, double value, Timestamp at) const;
  void leave(Device& device, Timestamp now, std::vector<Reading>& out) const;
  bool is_meant(const Device& device, const Named& status) const;

  // Set once in the constructor.
  std::vector<TopicMap> maps_;
  const std::optional<StatusMap> status_;
  std::vector<PayloadReader> readers_;                     ///< one a map
  std::vector<std::optional<Template>> entity_of_status_;  ///< where a status names its device

  messages::Handles handles_;  ///< of topics: the map, the device, its number, a handle a value
  std::vector<std::string_view> topics_;  ///< by number; the texts are those of `handles_`
  std::vector<Speaker> speakers_;         ///< by series
  std::atomic<std::uint64_t> contested_{0};
  std::vector<Device> devices_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_entity_;
  /// Who is offline, as status topics named them; for those that have not spoken yet.
  std::map<std::string, Names, std::less<>> offline_;
};

/// Takes `pattern`, `entity`, `attribute`, the payload's keys, or several `map`, and `status`.
Result<Interpretation> read_topic_maps(Section& section);

}  // namespace sosie::mqtt
