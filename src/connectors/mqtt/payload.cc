#include "connectors/mqtt/payload.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::mqtt {
namespace {

constexpr std::size_t shown_bytes = 60;
constexpr double latest_ms = 9e15;  ///< what fits into microseconds
constexpr std::array qualities{Quality::good, Quality::uncertain, Quality::bad};

/// A value as a message shows it.
std::string shown(const json::Value& value) {
  if (const auto* text = value.text()) return fmt::format("'{}'", text->substr(0, shown_bytes));
  if (const auto number = value.number()) return fmt::to_string(*number);
  return std::string(value.kind());
}

using json::Field;

bool is_absent(const Field& field) {
  return field.kind == Field::Kind::missing || field.kind == Field::Kind::null;
}

/// Records below this are relative: so long ago was nothing (RFC 8428, 4.5.3).
constexpr double relative_below_s = 268'435'456;
constexpr double senml_version = 10;

/// Of what is in a SenML record, what must be understood and is not.
Result<void> check_fields(const json::Value& record) {
  if (record.object() == nullptr) {
    return Error{Errc::invalid, "a record of the SenML pack is no object"};
  }
  for (const auto& [key, value] : *record.object()) {
    if (!key.ends_with('_')) continue;  // what it means must be understood: RFC 8428, 4.4
    return Error{Errc::unsupported,
                 fmt::format("the SenML pack has the field '{}', which must be understood and is "
                             "not known here",
                             key)};
  }
  return {};
}

}  // namespace

std::optional<double> PayloadReader::number_of(std::string_view text) const {
  const auto bare = trim(text);
  if (!map_.words.empty()) {
    const auto word = map_.words.find(bare);
    if (word != map_.words.end()) return word->second;
  }
  return to_number(bare);
}

std::optional<double> PayloadReader::number_of(const json::Value& value) const {
  if (const auto number = value.number()) return number;
  if (const auto* flag = value.flag()) return *flag ? 1 : 0;
  if (const auto* text = value.text()) return number_of(std::string_view(*text));
  return std::nullopt;
}

std::optional<double> PayloadReader::number_of(const Field& field) const {
  if (field.kind == Field::Kind::number || field.kind == Field::Kind::flag) return field.number;
  if (field.kind == Field::Kind::text) return number_of(field.text);
  return std::nullopt;
}

PayloadReader::PayloadReader(PayloadMap map) : map_(std::move(map)) {
  std::vector<std::string> paths;
  paths.reserve(map_.values.size() + 3);
  for (const auto& value : map_.values) paths.push_back(value.path);
  paths.push_back(map_.time);
  paths.push_back(map_.quality);
  if (map_.units) paths.push_back(map_.units->path());
  if (auto made = json::FieldReader::create(paths)) fields_ = std::move(made).value();
}

/// A key may hold a dot, which only the tree's search knows of.
bool PayloadReader::may_be_elsewhere(std::string_view path, const Field& field) const {
  return field.kind == Field::Kind::missing && path.find('.') != path.npos;
}

std::optional<Timestamp> PayloadReader::time_of(const Field& field) const {
  if (field.kind == Field::Kind::text) {
    return map_.time_reader ? map_.time_reader->read(field.text) : from_iso8601(field.text);
  }
  if (field.kind != Field::Kind::number) return std::nullopt;
  if (map_.time_reader) return map_.time_reader->read(fmt::format("{}", field.number));
  if (!(std::abs(field.number) < latest_ms)) return std::nullopt;
  return Timestamp(Duration(std::llround(field.number * 1e3)));
}

std::optional<Payload> PayloadReader::read_usual(std::string_view object) {
  if (!fields_) return std::nullopt;
  const auto read = fields_->read(object);
  if (!read) return std::nullopt;
  const std::span<const Field> fields = *read;
  Payload payload;
  payload.values.reserve(map_.values.size());
  for (std::size_t i = 0; i < map_.values.size(); ++i) {
    if (may_be_elsewhere(map_.values[i].path, fields[i])) return std::nullopt;
    if (is_absent(fields[i]) && map_.values.size() > 1) continue;
    const auto number = number_of(fields[i]);
    if (!number) return std::nullopt;
    payload.values.push_back({*number, i});
  }
  const Field& time = fields[map_.values.size()];
  const Field& quality = fields[map_.values.size() + 1];
  if (payload.values.empty() || may_be_elsewhere(map_.time, time) ||
      may_be_elsewhere(map_.quality, quality)) {
    return std::nullopt;
  }
  if (!is_absent(time)) {
    payload.at = time_of(time);
    if (!payload.at) return std::nullopt;
  }
  if (map_.units && !convert(payload.values, fields[map_.values.size() + 2])) return std::nullopt;
  if (is_absent(quality)) return payload;
  const auto known =
      std::ranges::find(qualities, quality.text, [](Quality q) { return to_text(q); });
  if (quality.kind != Field::Kind::text || known == qualities.end()) return std::nullopt;
  payload.quality = *known;
  return payload;
}

/// From the unit that the message says.
Result<void> PayloadReader::convert(std::span<Measured> values, std::string_view unit) const {
  if (!map_.units) return {};
  for (Measured& measured : values) {
    const auto conversion = TRY(map_.units->of(measured.which, trim(unit)));
    measured.value = conversion(measured.value);
  }
  return {};
}

bool PayloadReader::convert(std::span<Measured> values, const Field& unit) const {
  if (is_absent(unit)) return !may_be_elsewhere(map_.units->path(), unit);
  return unit.kind == Field::Kind::text && convert(values, unit.text);
}

struct PayloadReader::Base {
  std::string name;
  std::string unit;
  double time_s = 0;
  double value = 0;
  Timestamp now;
  std::string unread;  ///< of a known name, why it has no number
};

/// A number, a truth value or a word that counts.
std::optional<double> PayloadReader::value_of(const json::Value& record, double base) const {
  if (const auto* const v = record.find("v"); v != nullptr && v->number())
    return *v->number() + base;
  if (const auto* const vb = record.find("vb"); vb != nullptr && vb->flag() != nullptr) {
    return *vb->flag() ? 1 : 0;
  }
  const auto* const vs = record.find("vs");
  return vs == nullptr || vs->text() == nullptr ? std::nullopt : number_of(*vs->text());
}

Result<void> PayloadReader::read_record(const json::Value& record, Base& base, Payload& to) const {
  const auto number = [&](std::string_view key) -> std::optional<double> {
    const auto* const found = record.find(key);
    return found == nullptr ? std::nullopt : found->number();
  };
  const auto text = [&](std::string_view key) -> const std::string* {
    const auto* const found = record.find(key);
    return found == nullptr ? nullptr : found->text();
  };
  TRY(check_fields(record));
  if (const auto version = number("bver"); version && *version > senml_version) {
    return Error{Errc::unsupported,
                 fmt::format("SenML of version {}, expected 10 at most", *version)};
  }
  if (const auto* const name = text("bn")) base.name = *name;
  if (const auto* const unit = text("bu")) base.unit = *unit;
  base.time_s = number("bt").value_or(base.time_s);
  base.value = number("bv").value_or(base.value);
  const auto* const own = text("n");
  const std::string name = own == nullptr ? std::string() : *own;
  const auto wanted = std::ranges::find_if(map_.values, [&](const PayloadMap::ValueAt& one) {
    return one.path == name || one.path == base.name + name;
  });
  if (wanted == map_.values.end()) return {};
  const auto value = value_of(record, base.value);
  if (!value) {
    const auto* const said = record.find("vs");
    base.unread = fmt::format("'{}': read {}, expected a number", wanted->path,
                              said == nullptr ? "no value" : shown(*said));
    return {};
  }
  const double time_s = base.time_s + number("t").value_or(0);
  if (!(std::abs(time_s) < latest_ms / 1e3)) {
    return Error{Errc::invalid, fmt::format("'{}': its time is {} s", wanted->path, time_s)};
  }
  Duration since(std::llround(time_s * 1e6));
  if (time_s < relative_below_s) since += base.now.time_since_epoch();
  to.values.push_back(
      {*value, static_cast<std::size_t>(wanted - map_.values.begin()), Timestamp(since)});
  const auto* const unit = text("u");
  return convert(std::span(to.values).last(1), unit == nullptr ? base.unit : *unit);
}

Result<Payload> PayloadReader::read_pack(const json::Value& pack, Timestamp now) const {
  const auto* const records = pack.list();
  if (records == nullptr) return Error{Errc::invalid, "is no SenML pack: expected a list"};
  Payload payload;
  Base base;
  base.now = now;
  for (const auto& record : *records) {
    TRY(read_record(record, base, payload));
  }
  if (!payload.values.empty()) {
    payload.at = payload.values.front().at;
    return payload;
  }
  if (!base.unread.empty()) return Error{Errc::invalid, std::move(base.unread)};
  return Error{Errc::invalid, fmt::format("there is no '{}' nor another known value in the SenML "
                                          "pack",
                                          map_.values.front().path)};
}

Result<Payload> PayloadReader::read(std::string_view text, Timestamp now) {
  const auto bare = trim(text);
  if (map_.format == PayloadMap::Format::senml) {
    const auto pack = TRY(parser_.parse(bare));
    return read_pack(pack, now);
  }
  if (bare.starts_with('{')) {
    if (auto usual = read_usual(bare)) return std::move(*usual);
  }
  if (bare.empty()) return Error{Errc::invalid, "the payload is empty; expected a number or JSON"};
  if (const auto number = number_of(bare)) {
    return Payload{.values = {{*number, 0}}, .at = {}, .quality = Quality::good};
  }
  const auto parsed = parser_.parse(bare);
  if (!parsed) {
    const bool is_json = bare.front() == '{' || bare.front() == '[' || bare.front() == '"';
    if (is_json) return parsed.error();
    return Error{Errc::invalid,
                 fmt::format("read '{}', expected a number or JSON", bare.substr(0, shown_bytes))};
  }
  if ((*parsed).object() != nullptr || (*parsed).list() != nullptr) return read_object(*parsed);
  const auto number = number_of(*parsed);
  if (!number)
    return Error{Errc::invalid, fmt::format("read {}, expected a number", shown(*parsed))};
  return Payload{.values = {{*number, 0}}, .at = {}, .quality = Quality::good};
}

Result<Payload> PayloadReader::read_object(const json::Value& object) const {
  Payload payload;
  for (std::size_t i = 0; i < map_.values.size(); ++i) {
    const auto& wanted = map_.values[i];
    const auto* const found = object.find(wanted.path);
    if (found == nullptr || (found->is_null() && map_.values.size() > 1)) continue;
    const auto number = number_of(*found);
    if (!number) {
      return Error{Errc::invalid,
                   fmt::format("'{}': read {}, expected a number", wanted.path, shown(*found))};
    }
    payload.values.push_back({*number, i});
  }
  if (payload.values.empty()) {
    return Error{Errc::invalid,
                 fmt::format("there is no '{}'{} in it", map_.values[0].path,
                             map_.values.size() > 1 ? " nor another known value" : "")};
  }
  if (map_.units) {
    const auto* const unit = object.find(map_.units->path());
    if (unit != nullptr && !unit->is_null()) {
      if (unit->text() == nullptr) {
        return Error{Errc::invalid, fmt::format("'{}': read {}, expected a unit",
                                                map_.units->path(), shown(*unit))};
      }
      TRY(convert(payload.values, *unit->text()));
    }
  }
  payload.at = TRY(read_time(object));
  payload.quality = TRY(read_quality(object));
  return payload;
}

Result<std::optional<Timestamp>> PayloadReader::read_time(const json::Value& object) const {
  const auto* const found = map_.time.empty() ? nullptr : object.find(map_.time);
  if (found == nullptr || found->is_null()) return std::optional<Timestamp>();
  std::optional<Timestamp> at;
  const auto number = found->number();
  if (const auto* text = found->text()) {
    at = map_.time_reader ? map_.time_reader->read(*text) : from_iso8601(*text);
  } else if (number && map_.time_reader) {
    at = map_.time_reader->read(fmt::format("{}", *number));
  } else if (number && std::abs(*number) < latest_ms) {
    at = Timestamp(Duration(std::llround(*number * 1e3)));
  }
  if (at) return at;
  return Error{Errc::invalid,
               fmt::format("'{}': read {}, expected a time", map_.time, shown(*found))};
}

Result<Quality> PayloadReader::read_quality(const json::Value& object) const {
  const auto* const found = map_.quality.empty() ? nullptr : object.find(map_.quality);
  if (found == nullptr || found->is_null()) return Quality::good;
  for (const auto quality : qualities) {
    if (found->text() != nullptr && *found->text() == to_text(quality)) return quality;
  }
  return Error{Errc::invalid, fmt::format("'{}': read {}, expected good, uncertain or bad",
                                          map_.quality, shown(*found))};
}

}  // namespace sosie::mqtt
