#include "connectors/mqtt/lorawan.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sosie::mqtt {
namespace {

constexpr std::array<std::string_view, 3> codec_kinds{"server", "fields", "cayenne"};
constexpr std::string_view names_of_uplinks = "{application}/{profile}/{device}/{eui}";
constexpr std::int64_t longest_payload = 242;  ///< bytes (LoRaWAN regional parameters)
constexpr std::int64_t highest_port = 255;
constexpr std::int64_t widest_bits = 64;

bool is_of(const Codec& codec, const lorawan::Uplink& uplink) {
  return std::ranges::any_of(codec.devices, [&](const auto& pattern) {
    return matches_wildcards(pattern, uplink.device) || matches_wildcards(pattern, uplink.profile);
  });
}

/// Every number in it, by its path; true is 1.
void flatten(const json::Value& value, const std::string& path, lorawan::Decoded& out) {
  const auto inner = [&](std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
  };
  if (const auto number = value.number()) {
    out.emplace_back(path, *number);
  } else if (const auto* const flag = value.flag()) {
    out.emplace_back(path, *flag ? 1 : 0);
  } else if (const auto* const object = value.object()) {
    for (const auto& member : *object) flatten(member.value, inner(member.key), out);
  } else if (const auto* const list = value.list()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      flatten((*list)[i], inner(std::to_string(i)), out);
    }
  }
}

Result<std::int64_t> whole(Section& section, std::string_view key, std::int64_t otherwise,
                           std::int64_t most) {
  const auto number = TRY(section.integer(key, otherwise));
  if (number >= 0 && number <= most) return number;
  return section.wrong(key, fmt::format("read {}, expected 0 to {}", number, most));
}

Result<lorawan::FieldAt> read_field(Section& section) {
  lorawan::FieldAt field;
  field.attribute = TRY(section.text("attribute"));
  const auto first = TRY(whole(section, "at", 0, longest_payload));
  field.first = static_cast<std::size_t>(first);
  const auto type = TRY(section.text("type"));
  if (const auto set = set_type(type, field); !set) return section.wrong("type", set.error().what);
  const auto width = static_cast<std::int64_t>(field.size) * 8;
  const auto shift = TRY(whole(section, "shift", 0, width - 1));
  const auto bits = TRY(whole(section, "bits", 0, widest_bits));
  field.shift = static_cast<int>(shift);
  field.bits = static_cast<int>(bits);
  field.scale = TRY(section.number("scale", 1));
  field.offset = TRY(section.number("offset", 0));
  if (section.has("port")) {
    const auto port = TRY(whole(section, "port", 0, highest_port));
    field.port = static_cast<int>(port);
  }
  TRY(section.finish());
  return field;
}

Result<Codec> read_codec(Section& section) {
  Codec codec;
  auto devices = TRY(section.texts("devices"));
  if (!devices.empty()) codec.devices = std::move(devices);
  const auto kind = TRY(section.choice("kind", "server", codec_kinds));
  codec.kind = static_cast<Codec::Kind>(std::ranges::find(codec_kinds, std::string_view(kind)) -
                                        codec_kinds.begin());
  codec.values = TRY(section.text_map("values"));
  auto fields = TRY(section.tables("field"));
  if (fields.empty() == (codec.kind == Codec::Kind::fields)) {
    return section.wrong("field", fields.empty() ? "is missing; expected what is where in the bytes"
                                                 : "is only for kind = \"fields\"");
  }
  for (auto& table : fields) {
    auto field = TRY(read_field(table));
    codec.fields.push_back(std::move(field));
  }
  TRY(section.finish());
  return codec;
}

}  // namespace

LorawanInterpreter::LorawanInterpreter(lorawan::Server server, Template entity,
                                       std::vector<Codec> codecs, bool keeps_signal)
    : server_(server),
      entity_(std::move(entity)),
      codecs_(std::move(codecs)),
      keeps_signal_(keeps_signal) {}

/// Of the first codec that fits; none: what the network server has decoded.
Result<void> LorawanInterpreter::decode(const lorawan::Uplink& uplink) {
  static const Codec by_server;
  const auto found =
      std::ranges::find_if(codecs_, [&](const auto& codec) { return is_of(codec, uplink); });
  const Codec& codec = found == codecs_.end() ? by_server : *found;
  decoded_.clear();
  if (codec.kind == Codec::Kind::fields) {
    TRY(decode_fields(codec.fields, uplink.payload, uplink.port, decoded_));
  } else if (codec.kind == Codec::Kind::cayenne) {
    TRY(lorawan::decode_cayenne(uplink.payload, decoded_));
  } else if (uplink.decoded != nullptr) {
    flatten(*uplink.decoded, "", decoded_);
  }
  if (!codec.values.empty()) {
    std::erase_if(decoded_, [&](auto& value) {
      const auto wanted = codec.values.find(value.first);
      if (wanted == codec.values.end()) return true;
      value.first = wanted->second;
      return false;
    });
  }
  if (!decoded_.empty()) return {};
  return Error{Errc::invalid,
               fmt::format("there is no value in it: the network server decodes nothing of '{}' "
                           "(profile '{}'), and no codec does",
                           uplink.device, uplink.profile)};
}

Result<SeriesId> LorawanInterpreter::series_of(const std::string& entity,
                                               const std::string& attribute, Intake& intake) {
  auto name = fmt::format("{} {}", entity, attribute);
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const auto series = TRY(intake.series(entity, attribute));
  known_.emplace(std::move(name), series);
  return series;
}

Result<void> LorawanInterpreter::read(const Message& message, Intake& intake,
                                      std::vector<Reading>& out) {
  const auto parsed = TRY(parser_.parse(message.payload));
  const auto uplink = TRY(lorawan::read_uplink(server_, parsed));
  TRY(decode(uplink));
  if (keeps_signal_ && uplink.rssi_dbm) decoded_.emplace_back("rssi", *uplink.rssi_dbm);
  if (keeps_signal_ && uplink.snr_db) decoded_.emplace_back("snr", *uplink.snr_db);
  const auto entity = entity_.fill({{"application", uplink.application},
                                    {"profile", uplink.profile},
                                    {"device", uplink.device},
                                    {"eui", uplink.eui}});
  const Timestamp at = uplink.at.value_or(intake.clock().now());
  const auto before = out.size();
  for (const auto& [attribute, value] : decoded_) {
    const auto series = series_of(entity, attribute, intake);
    if (!series) {
      out.resize(before);
      return series.error();
    }
    out.push_back({.at = at, .value = value, .series = *series});
  }
  return {};
}

Result<Interpretation> read_lorawan(lorawan::Server server, Section& section) {
  const auto names = TRY(TopicPattern::create(names_of_uplinks));
  const auto text = TRY(section.text("entity", "{device}"));
  auto entity = Template::create(text, names);
  if (!entity) return section.wrong("entity", entity.error().what);
  std::vector<Codec> codecs;
  auto tables = TRY(section.tables("codec"));
  for (auto& table : tables) {
    auto codec = TRY(read_codec(table));
    codecs.push_back(std::move(codec));
  }
  const bool keeps_signal = TRY(section.flag("signal", false));
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) topics.emplace_back(lorawan::uplink_topics(server));
  return Interpretation{std::make_unique<LorawanInterpreter>(server, std::move(*entity),
                                                             std::move(codecs), keeps_signal),
                        std::move(topics)};
}

}  // namespace sosie::mqtt
