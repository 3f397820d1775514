#include <fmt/format.h>

#include "connectors/opendata/source.h"
#include "core/catalog.h"
#include "core/in_clear.h"
#include "core/time_format.h"

namespace sosie {
namespace opendata {
namespace {

/// Latitude and longitude, of the same device and time as the other values.
Result<std::unique_ptr<messages::Mapping>> read_position(Section& section,
                                                         const std::string& field) {
  messages::JsonMap map;
  map.values = {{field + ".lat", "latitude"}, {field + ".lon", "longitude"}};
  map.device = TRY(section.text("device"));
  map.prefix = TRY(section.text("prefix", ""));
  map.time = TRY(section.text("time", "time"));
  map.quality = TRY(section.text("quality", "quality"));
  map.time_reader = TRY(read_time_format(section));
  map.may_lack = true;
  auto reader = json::FieldReader::create(messages::paths_of(map));
  if (!reader) return section.wrong("position", reader.error().what);
  return messages::make_json_mapping(std::move(map), std::move(reader).value());
}

Result<void> read_mappings(Section& section, SourceConfig& config) {
  const auto device = TRY(section.text("device"));
  if (device.empty()) return section.wrong("device", "is empty; expected the field of its name");
  config.position_field = TRY(section.text("position", ""));
  const bool has_values = section.has("value") || section.has("values");
  if (!has_values && config.position_field.empty()) {
    return section.wrong("values", "is missing, and so are value and position; expected one");
  }
  if (has_values) config.values = TRY(messages::read_mapping(section));
  if (config.position_field.empty()) return {};
  config.position = TRY(read_position(section, config.position_field));
  return {};
}

Result<void> read_access(Section& section, Access& access) {
  access.key = TRY(section.secret("key"));
  const auto timeout = TRY(section.duration("timeout", std::chrono::seconds(30)));
  if (timeout < std::chrono::milliseconds(100) || timeout > std::chrono::minutes(30)) {
    return section.wrong("timeout", "is expected to be between 100ms and 30m");
  }
  access.timeout = std::chrono::floor<std::chrono::milliseconds>(timeout);
  access.trust.ca_file = TRY(section.path("ca_file", ""));
  access.cache = TRY(section.path("cache", ""));
  const auto megabytes = TRY(section.integer("max_mb", 256));
  if (megabytes < 1 || megabytes > 4000) return section.wrong("max_mb", "expected 1 to 4000");
  access.max_bytes = static_cast<std::uint64_t>(megabytes) << 20U;
  return {};
}

Result<void> read_dataset(Section& section, Dataset& dataset) {
  const auto portal = TRY(section.text("portal"));
  const auto id = TRY(section.text("dataset"));
  auto made = make_dataset(portal, id);
  if (!made) return section.wrong(id.empty() ? "dataset" : "portal", made.error().what);
  dataset = std::move(made).value();
  dataset.where = TRY(section.text("where", ""));
  dataset.select = TRY(section.text("select", ""));
  return {};
}

Result<std::unique_ptr<Source>> make(Section& section) {
  SourceConfig config;
  config.name = TRY(section.text("name", "opendata"));
  TRY(read_dataset(section, config.dataset));
  TRY(read_access(section, config.access));
  if (const auto portal = http::parse_url(config.dataset.portal); portal && !(*portal).is_tls) {
    warn_of_clear(section, "portal", config.access.key, (*portal).host, "https://");
  }
  config.interval = TRY(section.duration("interval", std::chrono::minutes(5)));
  if (config.interval < std::chrono::seconds(1)) {
    return section.wrong("interval", "is expected to be at least a second");
  }
  const auto page = TRY(section.integer("page", most_a_page));
  if (page < 1 || page > static_cast<std::int64_t>(most_a_page)) {
    return section.wrong("page", fmt::format("is {}, expected 1 to {}", page, most_a_page));
  }
  config.page = static_cast<std::size_t>(page);
  config.updated = TRY(section.text("updated", ""));
  TRY(read_mappings(section, config));
  auto source = OpenDataSource::create(std::move(config));
  if (!source) return section.wrong("updated", source.error().what);
  return std::unique_ptr<Source>(std::move(source).value());
}

}  // namespace
}  // namespace opendata

void register_connectors_opendata(Catalog& catalog);
void register_connectors_opendata(Catalog& catalog) {
  catalog.add<Source>("opendata", opendata::make);
}

}  // namespace sosie
