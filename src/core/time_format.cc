#include "core/time_format.h"

#include <utility>

namespace sosie {

Result<std::optional<TimeReader>> read_time_format(Section& section) {
  const auto format = TRY(section.text("time_format", "auto"));
  const auto zone_name = TRY(section.text("zone", "UTC"));
  const auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", zone.error().what);
  if (format == "auto" && zone_name == "UTC") return std::optional<TimeReader>();
  auto reader = TimeReader::create(format == "auto" ? "iso" : format, *zone);
  if (!reader) return section.wrong("time_format", reader.error().what);
  return std::optional<TimeReader>(std::move(reader).value());
}

}  // namespace sosie
