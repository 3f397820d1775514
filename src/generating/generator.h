#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/section.h"
#include "generating/message_template.h"
#include "generating/transport.h"
#include "simulation/plant.h"

namespace sosie::generating {

/// Where a generator's messages go.
///
/// Threads: one at a time.
class MessageSink {
 public:
  virtual ~MessageSink() = default;

  /// Takes a message (a copy, if it keeps it). `at`: when it was measured. Errors (unavailable): it
  /// was not taken, and is sent again later; any other ends the generator.
  virtual Result<void> send(std::string_view key, std::string_view payload, Timestamp at,
                            const std::stop_token& stop) = 0;

  /// Whether `key` is to be the message's topic, where the scenario says what that is, instead of
  /// the device.
  virtual bool wants_topics() const { return false; }

  /// Nothing follows for a while: what was taken should leave now.
  virtual Result<void> pause() { return {}; }

  /// Waits until all that was taken has arrived.
  virtual Result<void> finish(const std::stop_token& stop) = 0;

  /// What it knows of what arrived; empty: nothing of its own.
  virtual std::string summary() const { return {}; }
};

/// What the plant's devices measure, each attribute once, and the kinds of devices: of those that
/// it may have (Scalable), or of its first ten thousand sensors.
std::vector<std::string> attributes_of(const Plant& plant);
std::vector<std::string> kinds_of(const Plant& plant);

/// `[source.message]`: what a device's message looks like and what happens to it on its way.
struct MessageConfig {
  std::string text;  ///< of the template; empty: each kind has its own
  Mishaps mishaps;
  std::map<std::string, std::string> of_kind{};  ///< templates of single kinds
  std::string topic{};                           ///< with placeholders; empty: the device
  bool retain = false;                           ///< the broker keeps each topic's last message
  std::string status{};  ///< a topic that says online, and offline when the sender has gone

  /// None: the scenario has no such table. Errors: whatever MessageTemplate finds wrong.
  static Result<std::optional<MessageConfig>> read(Section& source, const Plant& plant);
};

/// "temperature>80": what a rule will ask of each message, for the count beside it.
struct Condition {
  enum class Test : std::uint8_t { above, at_least, below, at_most };
  std::string attribute;
  Test test = Test::above;
  double limit = 0;

  /// An attribute, one of > >= < <=, and a number. Errors: it is not so; no such attribute.
  static Result<Condition> read(std::string_view text, const Plant& plant);
  bool holds(double value) const;
};

/// What was made of the plant and sent, to the message:
///
///     produced = reports + duplicate        reports = steps x devices - silent
struct Counts {
  std::uint64_t produced = 0;      ///< messages that were sent
  std::uint64_t reports = 0;       ///< of which each is another one
  std::uint64_t late = 0;          ///< of these: came late
  std::uint64_t duplicate = 0;     ///< came once more
  std::uint64_t out_of_order = 0;  ///< came after the device's next one
  std::uint64_t cut = 0;           ///< came without their end
  std::uint64_t silent = 0;        ///< reports that devices did not send
  std::uint64_t bytes = 0;
  std::uint64_t devices = 0;  ///< that sent something

  // With a condition:
  std::uint64_t held_reports = 0;   ///< whole ones that meet it
  std::uint64_t held_messages = 0;  ///< the same, duplicates counted
  std::uint64_t held_cut = 0;       ///< cut ones that would have
  std::uint64_t held_devices = 0;   ///< that sent such a whole one
};

/// Lives a plant and sends what its devices say as messages: at the plant's pace, at a fixed rate,
/// or as fast as the sink takes them. The same plant, seed, start and orders give the same messages
/// in the same order, byte for byte (but for `${sent}`).
///
/// Memory: 20 bytes a device and its name, besides the plant's and 16 bytes a sensor.
///
/// Threads: one at a time.
class Generator {
 public:
  struct Orders {
    std::uint64_t seed = 42;
    Timestamp end = Timestamp::max();      ///< of the plant's time
    std::optional<std::uint64_t> count{};  ///< of messages
    double speed = 1;                      ///< of the plant's time; 0: as fast as possible
    double rate = 0;                       ///< messages a second; 0: by `speed`
    std::optional<Condition> condition{};
  };

  /// `plant` has been started. Errors: as MessageTemplate.
  static Result<Generator> create(Plant& plant, const MessageConfig& config, Orders orders);

  /// Until the end, the count or a stop; then what is on its way is sent. `progress` is called now
  /// and then with the plant's time. Errors: those of the sink that end it.
  Result<void> run(MessageSink& sink, LabelSink& labels, const std::stop_token& stop,
                   const std::function<void(Timestamp)>& progress);

  const Counts& counts() const { return counts_; }
  std::size_t devices() const { return devices_.size(); }

 private:
  /// Sensors of one entity: those of a device.
  struct Device {
    std::uint32_t first = 0;  ///< sensor
    std::uint32_t name = 0;   ///< where its name begins in names_
    std::uint16_t sensors = 0;
    std::uint16_t name_size = 0;
    std::uint8_t layout = 0;
    std::uint8_t kind = 0;
    std::uint16_t place = 0;
    bool has_sent = false;
    bool has_held = false;
  };
  /// Devices of one kind that measure the same: which template is theirs, and where its attributes
  /// are among their values.
  struct Layout {
    std::size_t kind = 0;
    std::size_t message = 0;
    std::vector<std::string> attributes;
    std::vector<std::int32_t> places;
    std::int32_t of_condition = -1;
  };

  struct Place {
    std::string name;  ///< as JSON has it
    std::string slug;
  };

  Generator(Plant& plant, const Mishaps& mishaps, Orders orders);
  Result<void> read_templates(const MessageConfig& config);
  Result<void> list_devices();
  Result<std::uint8_t> layout_of(std::size_t kind, std::span<const SeriesInfo> sensors);
  Result<std::size_t> kind_of(const SeriesInfo& sensor);
  Result<std::size_t> place_of(const SeriesInfo& sensor);
  std::string_view key_of(const Report& said, const MessageSink& sink);
  std::string_view name(const Device& device) const {
    return std::string_view(names_).substr(device.name, device.name_size);
  }

  bool is_done() const { return orders_.count && promised_ >= *orders_.count; }
  Result<void> step(Timestamp at, MessageSink& sink, const std::stop_token& stop);
  Result<void> report(Device& device, Timestamp at, MessageSink& sink, const std::stop_token& stop);
  Result<void> carry(std::string_view key, std::string_view payload, Timestamp at,
                     const Transport::Fate& fate, MessageSink& sink, const std::stop_token& stop);
  Result<void> send(std::string_view key, std::string_view payload, Timestamp at, MessageSink& sink,
                    const std::stop_token& stop);
  Result<void> release(Timestamp now, MessageSink& sink, const std::stop_token& stop);
  void count_condition(Device& device, std::span<const PlantValue> values,
                       const Transport::Fate& fate);
  Result<void> pace(Timestamp due, MessageSink& sink, const std::stop_token& stop);

  Plant& plant_;
  std::vector<MessageTemplate> messages_;
  std::map<std::string, std::size_t> message_of_kind_;  ///< "": of all others
  std::optional<MessageTemplate> topic_;
  const Orders orders_;
  const Transport transport_;
  const Duration period_;
  std::string names_;
  std::vector<Device> devices_;
  std::vector<Layout> layouts_;
  std::vector<std::string> kinds_;
  std::vector<Place> places_;
  std::map<std::string, std::size_t, std::less<>> place_numbers_;
  std::vector<PlantValue> values_;
  std::vector<char> topic_buffer_;
  std::vector<char> buffer_;
  HeldBack held_;
  std::uint64_t promised_ = 0;  ///< messages that were sent or will be
  std::uint64_t sequence_ = 0;
  SystemClock clock_;
  Timestamp wall_began_;
  Timestamp plant_began_;
  std::chrono::steady_clock::time_point began_;
  Counts counts_;
};

}  // namespace sosie::generating
