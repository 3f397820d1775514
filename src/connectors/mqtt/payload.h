#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_text.h"
#include "core/reading.h"
#include "messages/units.h"
#include "wire/json/fields.h"
#include "wire/json/value.h"

namespace sosie::mqtt {

/// Where in a payload the values are. Paths as json::Value::find has them: "data.temp", "0.v". Of a
/// SenML pack (RFC 8428) they are the records' names.
struct PayloadMap {
  enum class Format : std::uint8_t { json, senml };

  struct ValueAt {
    std::string path;
    std::string attribute;  ///< empty: what the topic says
  };
  std::vector<ValueAt> values{{"value", ""}};
  std::string time = "time";              ///< not there: when it was received
  std::string quality = "quality";        ///< not there: good
  std::optional<TimeReader> time_reader;  ///< none: ISO 8601 as text, milliseconds as a number
  Format format = Format::json;
  std::map<std::string, double, std::less<>> words{};  ///< "free": 0, where a value is a text
  std::shared_ptr<messages::Units> units{};  ///< null: whatever a message says of its unit
};

struct Measured {
  double value = 0;
  std::size_t which = 0;          ///< of PayloadMap::values
  std::optional<Timestamp> at{};  ///< where it is not Payload::at
};

/// What a payload says, all of one instant.
struct Payload {
  std::vector<Measured> values;
  std::optional<Timestamp> at;
  Quality quality = Quality::good;
};

/// Reads a payload: JSON, or a bare number. true and false are 1 and 0; a number in quotes is one.
///
/// Errors (invalid): what was read, what was expected. Where several values are looked for, those
/// that are not there are passed over, but one must be.
///
/// Of a SenML pack each record is resolved by the base fields before it: name, time, value. A time
/// below 2^28 is relative to now (RFC 8428, 4.5.3); texts, data and sums are no readings.
/// Threads: one at a time.
class PayloadReader {
 public:
  explicit PayloadReader(PayloadMap map);
  /// `now`: what SenML's relative times are counted from.
  Result<Payload> read(std::string_view text, Timestamp now = {});
  const PayloadMap& map() const { return map_; }

 private:
  /// The usual object, without a tree of it; none: it may be another one.
  std::optional<Payload> read_usual(std::string_view object);
  bool may_be_elsewhere(std::string_view path, const json::Field& field) const;
  std::optional<Timestamp> time_of(const json::Field& field) const;
  std::optional<double> number_of(const json::Value& value) const;
  std::optional<double> number_of(const json::Field& field) const;
  std::optional<double> number_of(std::string_view text) const;
  struct Base;  ///< what SenML's records take from those before them
  std::optional<double> value_of(const json::Value& record, double base) const;
  Result<void> read_record(const json::Value& record, Base& base, Payload& to) const;
  Result<Payload> read_pack(const json::Value& pack, Timestamp now) const;
  Result<Payload> read_object(const json::Value& object) const;
  Result<void> convert(std::span<Measured> values, std::string_view unit) const;
  /// Of the usual object. False: the unit may be elsewhere, or is none. REQUIRES: map_.units.
  bool convert(std::span<Measured> values, const json::Field& unit) const;
  Result<std::optional<Timestamp>> read_time(const json::Value& object) const;
  Result<Quality> read_quality(const json::Value& object) const;

  PayloadMap map_;
  json::Parser parser_;
  std::optional<json::FieldReader> fields_;  ///< of values, time and quality; none: no such paths
};

}  // namespace sosie::mqtt
