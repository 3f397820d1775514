#include "wire/sparkplug/payload.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "base/text.h"

namespace sosie::sparkplug {
namespace {

constexpr std::string_view name_space = "spBv1.0";
constexpr std::array<std::pair<std::string_view, Verb>, 6> verbs{{{"NBIRTH", Verb::nbirth},
                                                                  {"NDEATH", Verb::ndeath},
                                                                  {"NDATA", Verb::ndata},
                                                                  {"DBIRTH", Verb::dbirth},
                                                                  {"DDEATH", Verb::ddeath},
                                                                  {"DDATA", Verb::ddata}}};

// Numbers of fields (Sparkplug 3.0, 6.4.1).
namespace payload_field {
constexpr protozero::pbf_tag_type timestamp = 1;
constexpr protozero::pbf_tag_type metrics = 2;
constexpr protozero::pbf_tag_type seq = 3;
}  // namespace payload_field
namespace metric_field {
constexpr protozero::pbf_tag_type name = 1;
constexpr protozero::pbf_tag_type alias = 2;
constexpr protozero::pbf_tag_type timestamp = 3;
constexpr protozero::pbf_tag_type datatype = 4;
constexpr protozero::pbf_tag_type is_historical = 5;
constexpr protozero::pbf_tag_type is_null = 7;
constexpr protozero::pbf_tag_type int_value = 10;
constexpr protozero::pbf_tag_type long_value = 11;
constexpr protozero::pbf_tag_type float_value = 12;
constexpr protozero::pbf_tag_type double_value = 13;
constexpr protozero::pbf_tag_type boolean_value = 14;
}  // namespace metric_field

// A field and how it must be written: one that is written otherwise is unknown to us.
constexpr std::uint32_t varint(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t bytes(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
constexpr std::uint32_t fixed32(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t fixed64(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}

/// None: beyond what a time can be.
std::optional<Timestamp> from_ms(std::uint64_t ms) {
  constexpr std::uint64_t latest = 9'000'000'000'000'000;  // in microseconds it still fits
  if (ms > latest) return std::nullopt;
  return Timestamp(std::chrono::milliseconds(ms));
}

Type type_of(std::uint32_t number) {
  constexpr auto last = static_cast<std::uint32_t>(Type::boolean);
  return number <= last ? static_cast<Type>(number) : Type::other;
}

bool is_device_verb(Verb verb) {
  return verb == Verb::dbirth || verb == Verb::ddeath || verb == Verb::ddata;
}

/// Not by get_bool: it reads a byte before it asks whether there is one (protozero 1.7.1).
Metric read_metric(protozero::pbf_reader fields) {
  Metric metric;
  while (fields.next()) {
    switch (fields.tag_and_type()) {
      case bytes(metric_field::name): {
        const auto view = fields.get_view();
        metric.name = std::string_view(view.data(), view.size());
        break;
      }
      case varint(metric_field::alias):
        metric.alias = fields.get_uint64();
        break;
      case varint(metric_field::timestamp):
        metric.at = from_ms(fields.get_uint64());
        break;
      case varint(metric_field::datatype):
        metric.type = type_of(fields.get_uint32());
        break;
      case varint(metric_field::is_historical):
        metric.is_historical = fields.get_uint64() != 0;
        break;
      case varint(metric_field::is_null):
        metric.is_null = fields.get_uint64() != 0;
        break;
      case varint(metric_field::int_value):
        metric.whole = fields.get_uint32();
        break;
      case varint(metric_field::long_value):
        metric.whole = fields.get_uint64();
        break;
      case fixed32(metric_field::float_value):
        metric.real = fields.get_float();
        break;
      case fixed64(metric_field::double_value):
        metric.real = fields.get_double();
        break;
      case varint(metric_field::boolean_value):
        metric.whole = fields.get_uint64() != 0 ? 1 : 0;
        break;
      default:
        fields.skip();
    }
  }
  return metric;
}

}  // namespace

std::optional<Topic> read_topic(std::string_view text) {
  const auto levels = split(text, '/');
  constexpr std::size_t with_device = 5;
  if (levels.size() < with_device - 1 || levels.size() > with_device) return std::nullopt;
  if (levels[0] != name_space) return std::nullopt;
  const auto* const known =
      std::ranges::find(verbs, levels[2], &std::pair<std::string_view, Verb>::first);
  Topic topic;
  topic.group = levels[1];
  topic.node = levels[3];
  if (known != verbs.end()) topic.verb = known->second;
  if (levels.size() == with_device) topic.device = levels[4];
  if (topic.verb != Verb::other && is_device_verb(topic.verb) == topic.device.empty()) {
    return std::nullopt;
  }
  return topic;
}

std::optional<double> Metric::number(Type known) const {
  if (is_null) return std::nullopt;
  if (real) return std::isfinite(*real) ? real : std::nullopt;
  if (!whole) return std::nullopt;
  switch (type == Type::unknown ? known : type) {
    case Type::int8:
      return static_cast<std::int8_t>(*whole);
    case Type::int16:
      return static_cast<std::int16_t>(*whole);
    case Type::int32:
      return static_cast<std::int32_t>(*whole);
    case Type::int64:
      return static_cast<double>(static_cast<std::int64_t>(*whole));
    case Type::other:
      return std::nullopt;
    default:
      return static_cast<double>(*whole);
  }
}

Result<void> read_payload(std::string_view text, Payload& out) {
  out.at.reset();
  out.seq.reset();
  out.metrics.clear();
  try {
    protozero::pbf_reader fields(text.data(), text.size());
    while (fields.next()) {
      switch (fields.tag_and_type()) {
        case varint(payload_field::timestamp):
          out.at = from_ms(fields.get_uint64());
          break;
        case bytes(payload_field::metrics):
          out.metrics.push_back(read_metric(fields.get_message()));
          break;
        case varint(payload_field::seq):
          out.seq = fields.get_uint64();
          break;
        default:
          fields.skip();
      }
    }
  } catch (const protozero::exception& wrong) {  // how protozero says it
    return Error{Errc::invalid, fmt::format("no Sparkplug B payload: {}", wrong.what())};
  }
  return {};
}

std::string rebirth_command(Timestamp now) {
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::milliseconds(1));
  std::string text;
  protozero::pbf_writer payload(text);
  payload.add_uint64(payload_field::timestamp, ms);
  protozero::pbf_writer metric(payload, payload_field::metrics);
  metric.add_string(metric_field::name, "Node Control/Rebirth");
  metric.add_uint64(metric_field::timestamp, ms);
  metric.add_uint32(metric_field::datatype, static_cast<std::uint32_t>(Type::boolean));
  metric.add_bool(metric_field::boolean_value, true);
  metric.commit();
  return text;
}

std::string command_topic(std::string_view group, std::string_view node) {
  return fmt::format("{}/{}/NCMD/{}", name_space, group, node);
}

}  // namespace sosie::sparkplug
