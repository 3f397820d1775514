#include "engine/description.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "core/read_words.h"

namespace sosie {
namespace {

Result<std::optional<double>> read_end(Section& section, std::string_view key) {
  std::optional<double> end;
  if (section.has(key)) end = TRY(section.number(key));
  return end;
}

Result<SeriesInfo> read_info(Section& section) {
  SeriesInfo info;
  info.unit = TRY(section.text("unit", ""));
  info.stage = TRY(section.text("stage", ""));
  info.stage_name = TRY(read_words(section, "stage_name"));
  info.quantity = TRY(read_words(section, "quantity"));
  const auto location = TRY(read_words(section, "location"));
  info.location = location.en;
  info.location_fr = location.fr;
  info.low = TRY(read_end(section, "low"));
  info.high = TRY(read_end(section, "high"));
  if (info.low && info.high && !(*info.low < *info.high)) {
    return section.wrong("low", "expected less than high");
  }
  if (info == SeriesInfo()) {
    return section.wrong("series", "says nothing of them; expected unit, quantity, stage, …");
  }
  return info;
}

void fill(SharedText& mine, const SharedText& theirs) {
  if (mine.empty()) mine = theirs;
}

void fill(SharedWords& mine, const SharedWords& theirs) {
  fill(mine.en, theirs.en);
  fill(mine.fr, theirs.fr);
}

}  // namespace

Result<Descriptions> Descriptions::read(Section& scenario) {
  Descriptions made;
  auto tables = TRY(scenario.tables("describe"));
  for (auto& table : tables) {
    Description one;
    one.series = TRY(table.texts("series"));
    if (one.series.empty()) return table.wrong("series", "is missing; expected wildcards");
    one.what = TRY(read_info(table));
    TRY(table.finish());
    made.all_.push_back(std::move(one));
  }
  return made;
}

void Descriptions::complete(SeriesInfo& info) const {
  const auto name = info.name();
  for (const auto& [series, what] : all_) {
    const bool fits = std::ranges::any_of(series, [&](const std::string& pattern) {
      return matches_wildcards(pattern, info.entity) || matches_wildcards(pattern, name);
    });
    if (!fits) continue;
    fill(info.unit, what.unit);
    fill(info.stage, what.stage);
    fill(info.stage_name, what.stage_name);
    fill(info.quantity, what.quantity);
    if (info.location.empty()) info.location_fr = what.location_fr;
    fill(info.location, what.location);
    if (!info.low) info.low = what.low;
    if (!info.high) info.high = what.high;
  }
}

void Descriptions::complete(SeriesTable& table) const {
  if (empty()) return;
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    SeriesInfo info = table[SeriesId{i}];
    complete(info);
    table.declare(info);
  }
}

}  // namespace sosie
