#include "core/series.h"

#include <cassert>

namespace sosie {
namespace {

void fill_gaps(SeriesInfo& row, const SeriesInfo& more) {
  const auto take = [](auto& mine, const auto& theirs) {
    if (mine.empty()) mine = theirs;
  };
  take(row.asset, more.asset);
  take(row.stage, more.stage);
  take(row.stage_name.en, more.stage_name.en);
  take(row.stage_name.fr, more.stage_name.fr);
  take(row.quantity.en, more.quantity.en);
  take(row.quantity.fr, more.quantity.fr);
  if (row.location.empty() || row.location == more.location)
    take(row.location_fr, more.location_fr);
  take(row.location, more.location);
  take(row.unit, more.unit);
  take(row.sensor_class, more.sensor_class);
  if (!row.low) row.low = more.low;
  if (!row.high) row.high = more.high;
}

}  // namespace

std::optional<SeriesId> SeriesTable::find_locked(std::string_view entity,
                                                 std::string_view attribute) const {
  const auto found = ids_.find(KeyView{entity, attribute});
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<SeriesId> SeriesTable::find(std::string_view entity,
                                          std::string_view attribute) const {
  const std::shared_lock lock(mutex_);
  return find_locked(entity, attribute);
}

std::optional<SeriesId> SeriesTable::find_entity(std::string_view entity) const {
  const std::shared_lock lock(mutex_);
  const auto first = ids_.lower_bound(KeyView{entity, {}});
  if (first == ids_.end() || first->first.entity != entity) return std::nullopt;
  const auto next = std::next(first);
  if (next != ids_.end() && next->first.entity == entity) return std::nullopt;
  return first->second;
}

std::optional<SeriesId> SeriesTable::find_name(std::string_view name) const {
  if (const auto whole = find_entity(name)) return whole;
  if (const auto value = find(name, "value")) return value;
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (const auto found = find(name.substr(0, dot), name.substr(dot + 1))) return found;
  }
  return std::nullopt;
}

SeriesId SeriesTable::declare(const SeriesInfo& info) {
  const std::unique_lock lock(mutex_);
  if (const auto known = find_locked(info.entity, info.attribute)) {
    fill_gaps(*rows_[known->index], info);
    return *known;
  }
  const SeriesId id{static_cast<std::uint32_t>(rows_.size())};
  rows_.push_back(std::make_unique<SeriesInfo>(info));
  ids_.emplace(Key{info.entity, info.attribute}, id);
  size_.store(rows_.size(), std::memory_order_release);
  return id;
}

const SeriesInfo& SeriesTable::operator[](SeriesId id) const {
  const std::shared_lock lock(mutex_);
  assert(id.index < rows_.size());
  return *rows_[id.index];
}

std::vector<SeriesId> SeriesTable::of_asset(std::string_view asset) const {
  const std::shared_lock lock(mutex_);
  std::vector<SeriesId> ids;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i]->asset == asset) ids.push_back(SeriesId{i});
  }
  return ids;
}

}  // namespace sosie
