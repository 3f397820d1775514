#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sosie::sparkplug {

/// What a message is (Sparkplug 3.0, 4.1): of an edge node, or of a device behind it.
enum class Verb : std::uint8_t { nbirth, ndeath, ndata, dbirth, ddeath, ddata, other };

/// "spBv1.0/group/DDATA/node/device". Views of the topic's text.
struct Topic {
  std::string_view group;
  Verb verb = Verb::other;
  std::string_view node;
  std::string_view device;  ///< "": of the node itself
};

/// None: not of Sparkplug B, or with a device where none may be, or without where one must.
std::optional<Topic> read_topic(std::string_view text);

/// The numbers of Sparkplug's data types (6.4.16) that are readings.
enum class Type : std::uint8_t {
  unknown = 0,
  int8 = 1,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  real32,
  real64,
  boolean,
  other  ///< a text, a set, a template …
};

/// One metric as it came. Data name it by its alias alone, and may leave its type out.
struct Metric {
  std::optional<std::string_view> name;  ///< of the message's bytes
  std::optional<std::uint64_t> alias;
  std::optional<Timestamp> at;
  Type type = Type::unknown;
  bool is_null = false;
  bool is_historical = false;

  /// As a number of this type (what a birth said, where the metric leaves it out); true is 1. None:
  /// null, of another type, or NaN.
  std::optional<double> number(Type known) const;

  // As Protocol Buffers have it: whole numbers of any sign in one of the two.
  std::optional<std::uint64_t> whole;
  std::optional<double> real;
};

struct Payload {
  std::optional<Timestamp> at;
  std::optional<std::uint64_t> seq;
  std::vector<Metric> metrics;
};

/// Reads a payload into `out`, whose buffers are used again. Errors (invalid): no Protocol Buffers.
Result<void> read_payload(std::string_view text, Payload& out);

/// What an NCMD says to make an edge node tell all of itself again.
std::string rebirth_command(Timestamp now);

/// The topic of a node's commands: "spBv1.0/group/NCMD/node".
std::string command_topic(std::string_view group, std::string_view node);

}  // namespace sosie::sparkplug
