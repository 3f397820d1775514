#include "web/ngsi_series.h"

#include "base/log.h"

namespace sosie::web {
namespace {

/// No part has a blank in it.
std::string full_name(const EntityView& entity, std::string_view attribute) {
  std::string name;
  name.reserve(entity.tenant.size() + entity.path.size() + entity.id.size() + entity.type.size() +
               attribute.size() + 4);
  name.append(entity.tenant).append(1, ' ').append(entity.path).append(1, ' ');
  name.append(entity.id).append(1, ' ').append(entity.type).append(1, ' ').append(attribute);
  return name;
}

bool is_plain(const EntityView& entity) {
  return entity.tenant.empty() && entity.path == "/";
}

std::string long_name(const EntityView& entity) {
  return fmt::format("{} {} {} {}", entity.tenant, entity.path, entity.id, entity.type);
}

}  // namespace

NgsiSeries::NgsiSeries(Engine& engine, std::size_t most) : engine_(engine), most_(most) {
  const SeriesTable& table = engine_.series();
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    const SeriesInfo& info = table[{i}];
    if (info.asset != asset) continue;
    ++declared_;
    // What `declare_locked` left in the row: the service path and the type.
    const std::string_view entity(info.entity);
    const auto after_tenant = entity.find(' ');
    EntityName name{{}, info.location, info.entity, info.sensor_class};
    if (after_tenant != std::string_view::npos) {
      name.tenant = entity.substr(0, after_tenant);
      const auto id = after_tenant + info.location.size() + 2;
      name.id = entity.substr(id, entity.size() - id - info.sensor_class.size() - 1);
    }
    own({i}, EntityView::of(name), info.attribute);
  }
}

std::optional<SeriesId> NgsiSeries::declare(const ngsi::Measured& measured) {
  const auto entity = EntityView::of(measured);
  const std::scoped_lock lock(mutex_);
  if (const auto owned = find_owned(entity, measured.attribute)) return owned;
  if (const auto described = find_described(entity, measured.attribute)) {
    own(*described, entity, measured.attribute);
    return described;
  }
  return declare_locked(entity, measured.attribute);
}

std::optional<SeriesId> NgsiSeries::find(const EntityName& entity,
                                         std::string_view attribute) const {
  const auto view = EntityView::of(entity);
  const std::scoped_lock lock(mutex_);
  const auto owned = find_owned(view, attribute);
  return owned ? owned : find_described(view, attribute);
}

std::optional<EntityName> NgsiSeries::owner(SeriesId series) const {
  const std::scoped_lock lock(mutex_);
  const auto found = owners_.find(series);
  return found == owners_.end() ? std::nullopt : std::optional(found->second);
}

/// What was written to before.
std::optional<SeriesId> NgsiSeries::find_owned(const EntityView& entity,
                                               std::string_view attribute) const {
  const auto known = ids_.find(full_name(entity, attribute));
  return known == ids_.end() ? std::nullopt : std::optional(known->second);
}

/// What the scenario or another source declared, and no other entity has written to.
std::optional<SeriesId> NgsiSeries::find_described(const EntityView& entity,
                                                   std::string_view attribute) const {
  if (!is_plain(entity)) return std::nullopt;
  const auto described = engine_.series().find(entity.id, attribute);
  if (!described) return std::nullopt;
  const auto owner = owners_.find(*described);
  const bool is_theirs = owner == owners_.end() || EntityView::of(owner->second) == entity;
  return is_theirs ? described : std::nullopt;
}

std::optional<SeriesId> NgsiSeries::declare_locked(const EntityView& entity,
                                                   std::string_view attribute) {
  if (declared_ >= most_) {
    if (!std::exchange(is_full_, true)) {
      log::warning("ngsi", "{} numeric attributes have a history; further ones get none", most_);
    }
    return std::nullopt;
  }
  const bool is_free = is_plain(entity) && !engine_.series().find(entity.id, attribute);
  SeriesInfo info;
  info.entity = is_free ? std::string(entity.id) : long_name(entity);
  info.attribute = attribute;
  info.location = entity.path;
  info.sensor_class = entity.type;
  const bool joins = is_free && engine_.scenario().declares_unknown;
  info.asset = joins ? engine_.scenario().asset : std::string(asset);
  const SeriesId id = engine_.series().declare(info);
  own(id, entity, attribute);
  ++declared_;
  return id;
}

void NgsiSeries::own(SeriesId series, const EntityView& entity, std::string_view attribute) {
  const auto added =
      owners_.try_emplace(series, EntityName{std::string(entity.tenant), std::string(entity.path),
                                             std::string(entity.id), std::string(entity.type)});
  if (!added.second) return;
  ids_.emplace(full_name(entity, attribute), series);
}

}  // namespace sosie::web
