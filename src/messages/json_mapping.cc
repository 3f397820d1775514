#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "messages/mapping.h"

namespace sosie::messages {
namespace {

using json::Field;

constexpr std::size_t shown_bytes = 60;
constexpr std::size_t longest_name = 256;
constexpr double latest_ms = 9e15;  ///< what fits into microseconds
constexpr std::array qualities{Quality::good, Quality::uncertain, Quality::bad};

std::string shown(const Field& field) {
  if (field.kind == Field::Kind::text) {
    return fmt::format("'{}'", field.text.substr(0, shown_bytes));
  }
  if (field.kind == Field::Kind::number) return std::string(field.text.substr(0, shown_bytes));
  return std::string(to_text(field.kind));
}

bool is_absent(const Field& field) {
  return field.kind == Field::Kind::missing || field.kind == Field::Kind::null;
}

/// A number in quotes is one; true and false are 1 and 0.
std::optional<double> number_of(const Field& field) {
  if (field.kind == Field::Kind::number || field.kind == Field::Kind::flag) return field.number;
  if (field.kind == Field::Kind::text) return to_number(trim(field.text));
  return std::nullopt;
}

class JsonMapping final : public Mapping {
 public:
  JsonMapping(JsonMap map, json::FieldReader reader)
      : map_(std::move(map)), reader_(std::move(reader)), handles_(map_.values.size()) {
    std::size_t next = map_.values.size();
    if (!map_.device.empty()) device_ = next++;
    if (!map_.time.empty()) time_ = next++;
    if (!map_.quality.empty()) quality_ = next++;
    if (map_.units) unit_ = next++;
  }

  Result<void> read(const Message& message, Names& names, std::vector<Reading>& out) override {
    if (!message.payload) return Error{Errc::invalid, "a tombstone: it has no payload"};
    const auto fields = TRY(reader_.read(*message.payload));
    const auto device = TRY(device_of(message, fields));
    Reading reading;
    reading.at = TRY(time_of(message, fields, names));
    reading.quality = TRY(quality_of(fields));
    if (reading.quality != Quality::good) reading.reason = QualityReason::sensor_fault;
    const std::size_t before = out.size();
    auto done = read_values(fields, device, reading, names, out);
    if (!done) out.resize(before);
    return done;
  }

 private:
  using Fields = std::span<const Field>;

  Result<void> read_values(const Fields& fields, std::string_view device, Reading reading,
                           Names& names, std::vector<Reading>& out) {
    const std::size_t before = out.size();
    // Values first: a message that is no good makes nobody known.
    for (std::size_t i = 0; i < map_.values.size(); ++i) {
      const auto number = TRY(value_of(fields[i], i));
      if (!number) continue;
      reading.value = *number;
      reading.series.index = static_cast<std::uint32_t>(i);  // to be replaced below
      out.push_back(reading);
    }
    if (out.size() == before) {
      return Error{Errc::invalid,
                   fmt::format("there is no '{}'{} in it", map_.values[0].path,
                               map_.values.size() > 1 ? " nor another known value" : "")};
    }
    TRY(convert(fields, std::span(out).subspan(before)));
    std::uint32_t* const row = handles_.row(device);
    for (std::size_t i = before; i < out.size(); ++i) {
      auto& series = out[i].series;
      auto& handle = row[series.index];
      if (handle == Handles::unknown) {
        auto found = look_up(device, series.index, names);
        if (!found) {
          handles_.forget_stranger(device);
          return std::move(found).error();
        }
        handle = *found;
      }
      series.index = handle;
    }
    return {};
  }

  /// From the unit that the message says. `readings` have the place of their value as series.
  Result<void> convert(const Fields& fields, std::span<Reading> readings) const {
    if (!unit_ || is_absent(fields[*unit_])) return {};
    const auto& field = fields[*unit_];
    if (field.kind != Field::Kind::text) {
      return Error{Errc::invalid,
                   fmt::format("'{}': read {}, expected a unit", map_.units->path(), shown(field))};
    }
    for (Reading& reading : readings) {
      const auto conversion = TRY(map_.units->of(reading.series.index, trim(field.text)));
      reading.value = conversion(reading.value);
    }
    return {};
  }

  Result<std::uint32_t> look_up(std::string_view device, std::size_t which, Names& names) {
    if (!json::is_utf8(device)) {
      return Error{Errc::invalid, "the device's name is no UTF-8 text"};
    }
    const auto entity = map_.prefix + std::string(device);
    const auto& attribute = map_.values[which].attribute;
    const auto found = TRY(find_series(names, strangers_, entity, attribute));
    if (map_.units && !map_.units->kept(which).empty()) {
      names.say_unit(entity, attribute, map_.units->kept(which));
    }
    return found.index;
  }

  Result<std::optional<double>> value_of(const Field& field, std::size_t which) const {
    if (is_absent(field) && map_.may_lack) return std::optional<double>();
    const auto number = number_of(field);
    if (number) return number;
    const auto& path = map_.values[which].path;
    if (field.kind == Field::Kind::missing) {
      return Error{Errc::invalid, fmt::format("there is no '{}' in it", path)};
    }
    return Error{Errc::invalid,
                 fmt::format("'{}': read {}, expected a number", path, shown(field))};
  }

  Result<std::string_view> device_of(const Message& message, const Fields& fields) const {
    std::string_view device;
    if (!device_) {
      if (!message.key || message.key->empty()) {
        return Error{Errc::invalid, "it has no key, which names the device"};
      }
      device = *message.key;
    } else {
      const auto& field = fields[*device_];
      const bool is_name = field.kind == Field::Kind::text || field.kind == Field::Kind::number;
      if (!is_name || field.text.empty()) {
        return Error{Errc::invalid, fmt::format("'{}': read {}, expected a device's name",
                                                map_.device, shown(field))};
      }
      device = field.text;
    }
    if (device.size() <= longest_name) return device;
    return Error{Errc::invalid, fmt::format("a device's name of {} bytes; expected at most {}",
                                            device.size(), longest_name)};
  }

  Result<Timestamp> time_of(const Message& message, const Fields& fields, Names& names) const {
    if (!time_ || is_absent(fields[*time_])) return message.at.value_or(names.now());
    const auto& field = fields[*time_];
    std::optional<Timestamp> at;
    if (field.kind == Field::Kind::text) {
      at = map_.time_reader ? map_.time_reader->read(field.text) : from_iso8601(field.text);
    } else if (field.kind == Field::Kind::number && map_.time_reader) {
      at = map_.time_reader->read(field.text);
    } else if (field.kind == Field::Kind::number && std::abs(field.number) < latest_ms) {
      at = Timestamp(Duration(std::llround(field.number * 1e3)));
    }
    if (at) return *at;
    return Error{Errc::invalid,
                 fmt::format("'{}': read {}, expected a time", map_.time, shown(field))};
  }

  Result<Quality> quality_of(const Fields& fields) const {
    if (!quality_ || is_absent(fields[*quality_])) return Quality::good;
    const auto& field = fields[*quality_];
    for (const auto quality : qualities) {
      if (field.kind == Field::Kind::text && field.text == to_text(quality)) return quality;
    }
    return Error{Errc::invalid, fmt::format("'{}': read {}, expected good, uncertain or bad",
                                            map_.quality, shown(field))};
  }

  JsonMap map_;
  json::FieldReader reader_;
  Handles handles_;
  Strangers strangers_;
  std::optional<std::size_t> device_;  ///< which of the reader's fields
  std::optional<std::size_t> time_;
  std::optional<std::size_t> quality_;
  std::optional<std::size_t> unit_;
};

}  // namespace

std::vector<std::string> paths_of(const JsonMap& map) {
  std::vector<std::string> paths;
  paths.reserve(map.values.size() + 4);
  for (const auto& value : map.values) paths.push_back(value.path);
  for (const auto* path : {&map.device, &map.time, &map.quality}) {
    if (!path->empty()) paths.push_back(*path);
  }
  if (map.units) paths.push_back(map.units->path());
  return paths;
}

std::unique_ptr<Mapping> make_json_mapping(JsonMap map, json::FieldReader reader) {
  return std::make_unique<JsonMapping>(std::move(map), std::move(reader));
}

}  // namespace sosie::messages
