#include "engine/flag_view.h"

#include <array>

#include "core/flag.h"

namespace sosie {
namespace {

constexpr Timestamp the_end =
    std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);  // as the door's

/// The series of the flag for that entity.
std::optional<SeriesId> flag_of(const SeriesTable& table, const SeriesInfo& info) {
  for (const SeriesId id : table.of_asset(flags_asset)) {
    if (table[id].entity == info.entity) return id;
  }
  return std::nullopt;
}

Result<std::vector<Reading>> all_of(Engine& engine, SeriesId series) {
  std::vector<Reading> readings;
  const std::array ids{series};
  TRY(engine.store().scan(ids, Timestamp{}, the_end, [&](std::span<const Reading> batch) {
    readings.insert(readings.end(), batch.begin(), batch.end());
    return true;
  }));
  return readings;
}

}  // namespace

Result<std::optional<FlagView>> flag_view(Engine& engine, SeriesId series) {
  const SeriesInfo& info = engine.series()[series];
  const auto flag = flag_of(engine.series(), info);
  if (!flag || info.asset == flags_asset) return std::optional<FlagView>();
  std::vector<Edge> edges;
  for (const SeriesLimit& limit : engine.limits()) {
    if (limit.series != series) continue;
    edges.push_back({std::string(limit.name), limit.value, limit.name.starts_with("high")});
  }
  const auto values = TRY(all_of(engine, series));
  FlagView view{.series = series, .flag = *flag, .report = {}, .flags = {}};
  view.flags = TRY(all_of(engine, *flag));
  view.report = compare_flags(values, view.flags, edges);
  return std::optional<FlagView>(std::move(view));
}

Result<std::vector<FlagView>> flag_views(Engine& engine) {
  std::vector<FlagView> views;
  for (const SeriesId id : engine.series().of_asset(engine.scenario().asset)) {
    auto view = TRY(flag_view(engine, id));
    if (view) views.push_back(std::move(*view));
  }
  return views;
}

}  // namespace sosie
