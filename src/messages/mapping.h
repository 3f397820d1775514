#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "core/reading.h"
#include "core/section.h"
#include "messages/units.h"
#include "wire/json/fields.h"

namespace sosie::messages {

/// A message of a topic, as far as its readings depend on it. Views, of its owner.
struct Message {
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;  ///< none: a tombstone
  std::optional<Timestamp> at;              ///< when its producer made it, or the broker got it
};

/// What a mapping asks of the place its readings go to.
class Names {
 public:
  virtual ~Names() = default;
  /// The handle of a series; an empty attribute: of the entity's only one. Errors: there is none.
  virtual Result<SeriesId> series(std::string_view entity, std::string_view attribute) = 0;
  /// A series that it has just named is kept in `unit`: that is its own, where it has none.
  virtual void say_unit(std::string_view /*entity*/, std::string_view /*attribute*/,
                        std::string_view /*unit*/) {}
  /// The time of a reading of which neither its message nor the topic knows when it was made.
  virtual Timestamp now() const = 0;
};

/// What is where in a message of JSON.
struct JsonMap {
  struct ValueAt {
    std::string path;       ///< "data.temperature"
    std::string attribute;  ///< of the series
  };
  std::vector<ValueAt> values;
  std::string device;                     ///< path of the device's name; empty: the message's key
  std::string prefix;                     ///< before the device's name in the entity's
  std::string time = "time";              ///< not there: the message's own time
  std::string quality = "quality";        ///< not there: good
  std::optional<TimeReader> time_reader;  ///< none: ISO 8601 as text, milliseconds as a number
  bool may_lack = false;                  ///< values may be missing or null, but not all of them
  std::shared_ptr<Units> units{};         ///< null: whatever a message says of its unit
};

/// Turns messages into readings. A message is taken whole or not at all.
///
/// Threads: one at a time.
class Mapping {
 public:
  virtual ~Mapping() = default;

  /// Appends the message's readings to `out`. Errors: why it is none (then `out` is as before).
  virtual Result<void> read(const Message& message, Names& names, std::vector<Reading>& out) = 0;
};

/// How messages become readings, as a [[source]] of a scenario says it: the key `format` and what
/// belongs to it, and the table `signed`.
Result<std::unique_ptr<Mapping>> read_mapping(Section& section);

/// JSON, of one shape. A device that was seen before costs a look-up, and no allocation.
std::unique_ptr<Mapping> make_json_mapping(JsonMap map, json::FieldReader reader);
/// Every path of `map` that is looked at, in the order that make_json_mapping counts on.
std::vector<std::string> paths_of(const JsonMap& map);

/// As POST /api/readings takes them: `{"entity", "attribute", "value", "time"}`, or several.
std::unique_ptr<Mapping> make_readings_mapping();

/// InfluxDB's line protocol: `truck-1 temperature=81.5,load=3i 1465839830100400200`. The entity is
/// the tag `device_tag`, and a line without it is refused; where that is empty, lines are named as
/// those that come by HTTP (line::Naming).
std::unique_ptr<Mapping> make_line_mapping(std::string device_tag);

/// The handles of devices that were seen, so that a name is looked up only once.
class Handles {
 public:
  explicit Handles(std::size_t attributes) : attributes_(attributes) {}

  static constexpr std::uint32_t unknown = 0xFFFFFFFFU;
  /// A row for the device: a handle an attribute, `unknown` where it was not asked for yet. Valid
  /// until the next call.
  std::uint32_t* row(std::string_view device);
  /// Takes the newest row away if nothing was found for it: strangers leave no trace.
  void forget_stranger(std::string_view device);
  /// The device's name as it is kept here, valid as long as its row. REQUIRES: it has one.
  std::string_view name(std::string_view device) const { return rows_.find(device)->first; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::size_t attributes_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> rows_;
  std::vector<std::uint32_t> handles_;
};

/// Devices that were refused: the door's answer, which looks for the nearest of all names, is
/// asked for again only now and then.
class Strangers {
 public:
  /// Why it was refused before; null: it was not, or too long ago.
  const std::string* find(const std::string& name);
  void add(const std::string& name, std::string reason);

 private:
  std::unordered_map<std::string, std::string> reasons_;
  std::chrono::steady_clock::time_point since_;
};

/// The series of an entity's attribute, by way of `strangers`.
Result<SeriesId> find_series(Names& names, Strangers& strangers, std::string_view entity,
                             std::string_view attribute);

}  // namespace sosie::messages
