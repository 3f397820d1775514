#include "core/series.h"

#include <cassert>
#include <mutex>

namespace sosie {
namespace {

/// So many different texts are shared; beyond, they are hardly what series have in common.
constexpr std::size_t most_shared = 4096;

std::size_t hash_of(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

std::size_t hash_of(std::string_view entity, std::string_view attribute) {
  constexpr std::size_t odd = 0x9e3779b97f4a7c15U;
  return hash_of(entity) + odd * hash_of(attribute);
}

}  // namespace

std::uint32_t SeriesTable::find_row(std::string_view entity, std::string_view attribute) const {
  return by_name_.find(hash_of(entity, attribute), [&](std::uint32_t row) {
    return rows_[row].attribute == attribute && rows_[row].entity == entity;
  });
}

std::uint32_t SeriesTable::find_entity_row(std::string_view entity) const {
  return by_entity_.find(hash_of(entity), [&](std::uint32_t number) {
    return rows_[entities_[number].first].entity == entity;
  });
}

std::optional<SeriesId> SeriesTable::find(std::string_view entity,
                                          std::string_view attribute) const {
  const std::shared_lock lock(mutex_);
  const auto row = find_row(entity, attribute);
  return row == NumberTable::none ? std::nullopt : std::optional(SeriesId{row});
}

std::optional<SeriesId> SeriesTable::find_entity(std::string_view entity) const {
  const std::shared_lock lock(mutex_);
  const auto number = find_entity_row(entity);
  if (number == NumberTable::none || entities_[number].count != 1) return std::nullopt;
  return SeriesId{entities_[number].first};
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
  const auto known = find_row(info.entity, info.attribute);
  if (known == NumberTable::none) return add(info);
  fill_gaps(rows_[known], info);
  return SeriesId{known};
}

SeriesId SeriesTable::add(const SeriesInfo& info) {
  SeriesInfo& row = rows_.emplace_back(info);
  row.entity = entity_text(info.entity);
  share_all(row);
  const auto number = by_name_.add(hash_of(row.entity, row.attribute), [&](std::uint32_t before) {
    return hash_of(rows_[before].entity, rows_[before].attribute);
  });
  size_.store(rows_.size(), std::memory_order_release);
  return SeriesId{number};
}

/// The text of the entity's first series. That of the row that is being added where it is new.
SharedText SeriesTable::entity_text(const SharedText& entity) {
  auto number = find_entity_row(entity);
  if (number == NumberTable::none) {
    number = by_entity_.add(hash_of(entity), [&](std::uint32_t before) {
      return hash_of(rows_[entities_[before].first].entity);
    });
    entities_.push_back({static_cast<std::uint32_t>(rows_.size() - 1), 0});
  }
  ++entities_[number].count;
  return rows_[entities_[number].first].entity;
}

void SeriesTable::share(SharedText& text) {
  if (text.empty()) return;
  const auto known = shared_.find(text);
  if (known != shared_.end()) {
    text = *known;
  } else if (shared_.size() < most_shared) {
    shared_.insert(text);
  }
}

void SeriesTable::share_all(SeriesInfo& row) {
  for (auto* text : {&row.attribute, &row.asset, &row.stage, &row.stage_name.en, &row.stage_name.fr,
                     &row.quantity.en, &row.quantity.fr, &row.location, &row.location_fr, &row.unit,
                     &row.sensor_class}) {
    share(*text);
  }
}

/// What is there is not touched: others may be reading it.
void SeriesTable::fill_gaps(SeriesInfo& row, const SeriesInfo& more) {
  const auto take = [this](SharedText& mine, SharedText theirs) {
    if (!mine.empty() || theirs.empty()) return;
    share(theirs);
    mine = std::move(theirs);
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
  if (!row.low && more.low) row.low = more.low;
  if (!row.high && more.high) row.high = more.high;
}

const SeriesInfo& SeriesTable::operator[](SeriesId id) const {
  const std::shared_lock lock(mutex_);
  assert(id.index < rows_.size());
  return rows_[id.index];
}

std::vector<SeriesId> SeriesTable::of_asset(std::string_view asset) const {
  const std::shared_lock lock(mutex_);
  std::vector<SeriesId> ids;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].asset == asset) ids.push_back(SeriesId{i});
  }
  return ids;
}

std::size_t SeriesTable::count_of_asset(std::string_view asset) const {
  const std::shared_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& row : rows_) {
    if (row.asset == asset) ++count;
  }
  return count;
}

}  // namespace sosie
