#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "connectors/mqtt/interpreter.h"
#include "connectors/mqtt/pattern.h"
#include "core/section.h"
#include "wire/json/value.h"
#include "wire/lorawan/codec.h"
#include "wire/lorawan/uplink.h"

namespace sosie::mqtt {

/// How the payload of some devices becomes values: a [[source.codec]].
struct Codec {
  enum class Kind : std::uint8_t { server, fields, cayenne };

  std::vector<std::string> devices{"*"};  ///< wildcards on the names of devices or profiles
  Kind kind = Kind::server;
  std::vector<lorawan::FieldAt> fields;
  /// What of the decoded names is taken, and the attribute it becomes; none: all numbers.
  std::map<std::string, std::string> values;
};

/// Uplinks of LoRaWAN devices, as ChirpStack or The Things Stack publish them.
///
/// A message is taken whole or not at all. Its readings are of the time when the network server got
/// it. Memory: a name and a handle a value. Threads: one at a time.
class LorawanInterpreter final : public Interpreter {
 public:
  LorawanInterpreter(lorawan::Server server, Template entity, std::vector<Codec> codecs,
                     bool keeps_signal);

  Result<void> read(const Message& message, Intake& intake, std::vector<Reading>& out) override;

 private:
  Result<void> decode(const lorawan::Uplink& uplink);
  Result<SeriesId> series_of(const std::string& entity, const std::string& attribute,
                             Intake& intake);

  const lorawan::Server server_;
  const Template entity_;
  const std::vector<Codec> codecs_;
  const bool keeps_signal_;
  json::Parser parser_;
  lorawan::Decoded decoded_;
  std::unordered_map<std::string, SeriesId> known_;  ///< by "entity attribute"
};

/// Takes `topics`, `entity`, `codec` and `signal`. Errors: as Section's; a codec without fields, a
/// type, a place in the bytes that cannot be.
Result<Interpretation> read_lorawan(lorawan::Server server, Section& section);

}  // namespace sosie::mqtt
