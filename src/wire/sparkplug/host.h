#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/sparkplug/payload.h"

namespace sosie::sparkplug {

/// One metric of one node or device, for as long as the Host lives.
struct Channel {
  std::string group;
  std::string node;
  std::string device;  ///< "": of the node itself
  std::string metric;
};

/// What a message has changed.
struct Changes {
  struct Value {
    std::size_t channel = 0;
    double value = 0;
    Timestamp at;
  };
  std::vector<Value> values;
  /// Channels whose last value is out of date now: their node or device has died. With that value,
  /// and a time behind it.
  std::vector<Value> gone;
  struct Node {
    std::string group;
    std::string node;
  };
  /// Those who are to tell all of themselves again (rebirth_command): a message of theirs was lost,
  /// or came before their birth.
  std::vector<Node> wanted;
};

/// A Sparkplug B host application's knowledge of its edge nodes: births, deaths, sequence numbers,
/// aliases (Sparkplug 3.0, 5.). Knows no broker.
///
/// Memory: a Channel and a value a metric. Threads: one at a time.
class Host {
 public:
  /// `patience`: a node that was asked to tell all is not asked again for so long.
  explicit Host(Duration patience = std::chrono::seconds(5)) : patience_(patience) {}

  /// Errors (invalid): no payload; data of a node or device that has not told of itself (then it is
  /// among `wanted`); a metric without name and alias, or with an alias nobody gave. The rest of
  /// such a message counts. `now`: for what has no time of its own, and for `patience`.
  Result<void> take(const Topic& topic, std::string_view payload, Timestamp now, Changes& changes);

  const Channel& channel(std::size_t number) const { return channels_[number]; }

 private:
  struct Known {
    std::size_t channel = 0;
    Type type = Type::unknown;
  };
  struct Unit {  ///< a node itself, or a device
    bool is_alive = false;
    std::unordered_map<std::uint64_t, Known> by_alias;
    std::map<std::string, Known, std::less<>> by_name;
  };
  struct Node {
    bool is_alive = false;
    std::optional<std::uint64_t> birth;  ///< bdSeq
    std::uint8_t next = 0;               ///< sequence number
    std::optional<Timestamp> asked;
    std::map<std::string, Unit, std::less<>> units;  ///< "": the node itself
  };
  struct Last {
    std::optional<double> value;
    Timestamp at;
    bool is_gone = false;  ///< and that was told, at this time
  };

  Node& node_of(const Topic& topic);
  void ask(const Topic& topic, Node& node, Timestamp now, Changes& changes) const;
  void expect(const Topic& topic, Node& node, Timestamp now, Changes& changes);
  void die(Unit& unit, Timestamp now, Changes& changes);
  void die(Node& node, Timestamp now, Changes& changes);
  Result<void> be_born(const Topic& topic, Unit& unit, Timestamp now, Changes& changes);
  Result<void> take_data(const Topic& topic, Node& node, Timestamp now, Changes& changes);
  Known& know(const Topic& topic, Unit& unit, const Metric& metric);
  void take_value(const Known& known, const Metric& metric, Timestamp now, Changes& changes);

  const Duration patience_;
  std::map<std::string, Node, std::less<>> nodes_;  ///< by "group/node"
  std::vector<Channel> channels_;
  std::vector<Last> last_;  ///< by channel
  Payload payload_;
};

}  // namespace sosie::sparkplug
