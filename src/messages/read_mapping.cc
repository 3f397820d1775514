#include <array>

#include <fmt/format.h>

#include "core/time_format.h"
#include "messages/mapping.h"
#include "messages/signed.h"

namespace sosie::messages {
namespace {

constexpr std::array<std::string_view, 3> formats{"json", "readings", "line"};

Result<void> read_values(Section& section, JsonMap& map) {
  const bool has_one = section.has("value") || section.has("attribute");
  const auto path = TRY(section.text("value", "value"));
  const auto attribute = TRY(section.text("attribute", "value"));
  const auto several = TRY(section.text_map("values"));
  if (several.empty()) {
    map.values.push_back({path, attribute});
    return {};
  }
  if (has_one) return section.wrong("values", "stands beside 'value'; expected one of the two");
  for (const auto& [where, name] : several) {
    if (name.empty()) return section.wrong("values", "has an attribute without a name");
    map.values.push_back({where, name});
  }
  return {};
}

Result<std::unique_ptr<Mapping>> read_json(Section& section) {
  JsonMap map;
  TRY(read_values(section, map));
  map.device = TRY(section.text("device", ""));
  map.prefix = TRY(section.text("prefix", ""));
  map.time = TRY(section.text("time", "time"));
  map.quality = TRY(section.text("quality", "quality"));
  map.time_reader = TRY(read_time_format(section));
  map.may_lack = TRY(section.flag("may_lack", false));
  std::vector<std::string> names;
  names.reserve(map.values.size());
  for (const auto& value : map.values) names.push_back(value.attribute);
  map.units = TRY(Units::read(section, names));
  auto reader = json::FieldReader::create(paths_of(map));
  if (!reader) return section.wrong("format", reader.error().what);
  return make_json_mapping(std::move(map), std::move(reader).value());
}

Result<std::unique_ptr<Mapping>> read_unsigned(Section& section) {
  const auto format = TRY(section.choice("format", "json", formats));
  if (format == "readings") return make_readings_mapping();
  if (format == "json") return read_json(section);
  auto tag = TRY(section.text("device", ""));
  return make_line_mapping(std::move(tag));
}

}  // namespace

Result<std::unique_ptr<Mapping>> read_mapping(Section& section) {
  auto mapping = TRY(read_unsigned(section));
  auto opener = TRY(read_signed(section));
  if (!opener) return mapping;
  // Where what was signed names the device, there is nothing else to be bound to.
  const auto format = TRY(section.choice("format", "json", formats));
  const auto device = TRY(section.text("device", ""));
  if (format != "json" || !device.empty()) opener->is_bound = false;
  return make_signed_mapping(std::move(*opener), std::move(mapping));
}

}  // namespace sosie::messages
