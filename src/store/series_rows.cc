#include "store/series_rows.h"

#include <map>
#include <string_view>
#include <utility>

namespace sosie {
namespace {

SeriesInfo info_of(const Statement& row) {
  SeriesInfo info;
  info.entity = row.text(1);
  info.attribute = row.text(2);
  info.asset = row.text(3);
  info.stage = row.text(4);
  info.stage_name = {row.text(5), row.text(6)};
  info.quantity = {row.text(7), row.text(8)};
  info.location = row.text(9);
  info.unit = row.text(10);
  info.low = row.maybe_real(11);
  info.high = row.maybe_real(12);
  info.sensor_class = row.text(13);
  return info;
}

using Names = std::pair<std::string_view, std::string_view>;

/// By entity and attribute; of two of the same names the first.
std::map<Names, const SeriesInfo*> by_names(std::span<const SeriesInfo> described) {
  std::map<Names, const SeriesInfo*> infos;
  for (const auto& info : described) {
    infos.try_emplace(Names(info.entity, info.attribute), &info);
  }
  return infos;
}

}  // namespace

Result<void> load_series(Database& database, std::span<const SeriesInfo> described,
                         SeriesTable& table, std::set<std::uint32_t>& changed) {
  auto row = TRY(database.statement(
      "SELECT id, entity, attribute, asset, stage, stage_en, stage_fr, quantity_en, quantity_fr, "
      "location, unit, low, high, sensor_class FROM _series ORDER BY id"));
  const auto of_today = by_names(described);
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    const SeriesInfo stored = info_of(row);
    const auto today = of_today.find({stored.entity, stored.attribute});
    const bool is_described = today != of_today.end();
    const SeriesId id = table.declare(is_described ? *today->second : stored);
    if (is_described) table.declare(stored);  // fills what today's leaves open
    if (id.index != row.integer(0)) {
      return Error{Errc::invalid,
                   "the table of series must be empty when a store is opened, and its file whole"};
    }
    if (table[id] != stored) changed.insert(id.index);
  }
  return {};
}

Result<void> save_series(Database& database, const SeriesTable& table, SeriesId id) {
  const SeriesInfo& info = table[id];
  auto save = TRY(database.statement(
      "INSERT OR REPLACE INTO _series (id, entity, attribute, asset, stage, stage_en, stage_fr, "
      "quantity_en, quantity_fr, location, unit, low, high, sensor_class) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return save
      .bind(id.index, info.entity, info.attribute, info.asset, info.stage, info.stage_name.en,
            info.stage_name.fr, info.quantity.en, info.quantity.fr, info.location, info.unit,
            info.low, info.high, info.sensor_class)
      .run();
}

}  // namespace sosie
