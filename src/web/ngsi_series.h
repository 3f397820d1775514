#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/series.h"
#include "engine/engine.h"
#include "twin/broker/keeper.h"

namespace sosie::web {

/// Which entity a series belongs to.
struct EntityName {
  std::string tenant;      ///< empty: the default one
  std::string path = "/";  ///< service path
  std::string id;
  std::string type;
  bool operator==(const EntityName&) const = default;
};

/// The same, borrowed.
struct EntityView {
  std::string_view tenant;
  std::string_view path;
  std::string_view id;
  std::string_view type;

  static EntityView of(const EntityName& name) {
    return {name.tenant, name.path, name.id, name.type};
  }
  static EntityView of(const ngsi::Measured& measured) {
    return {measured.tenant, measured.path, measured.id, measured.type};
  }
  bool operator==(const EntityView&) const = default;
};

/// Numeric attributes of entities and the series that keep their values.
///
/// A series that the scenario declares is that of the attribute with its names in the default
/// tenant at "/". Any other numeric attribute gets a series of its own, up to a limit: named by its
/// entity's id where that is plain, else by "tenant path id type". Their asset is `asset`, which
/// nothing watches, unless the scenario says that what nobody described is part of its own.
///
/// Threads: any.
class NgsiSeries {
 public:
  static constexpr std::string_view asset = "ngsi";

  /// `most`: further numeric attributes have no history.
  NgsiSeries(Engine& engine, std::size_t most);

  /// Of a value that is to be kept, so a new attribute gets one. None: there are too many.
  std::optional<SeriesId> declare(const ngsi::Measured& measured);

  std::optional<SeriesId> find(const EntityName& entity, std::string_view attribute) const;

  /// Nobody but NGSI declared it, so whose it is will be known in a next life, too.
  bool is_own(SeriesId series) const { return engine_.series()[series].asset == asset; }
  /// Calls `visit(SeriesId, const EntityName&)` for each of these. Meanwhile nobody else comes in.
  template <class Visit>
  void each_own(Visit&& visit) const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [series, entity] : owners_) {
      if (is_own(series)) visit(series, entity);
    }
  }

  /// Who has written to this series by NGSI, also in an earlier life. None: nobody.
  std::optional<EntityName> owner(SeriesId series) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::optional<SeriesId> find_owned(const EntityView& entity, std::string_view attribute) const;
  std::optional<SeriesId> find_described(const EntityView& entity,
                                         std::string_view attribute) const;
  std::optional<SeriesId> declare_locked(const EntityView& entity, std::string_view attribute);
  void own(SeriesId series, const EntityView& entity, std::string_view attribute);

  Engine& engine_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, SeriesId, Hash, std::equal_to<>> ids_;  ///< by full name
  std::map<SeriesId, EntityName> owners_;
  std::size_t declared_ = 0;  ///< by us
  bool is_full_ = false;      ///< and it was said
};

}  // namespace sosie::web
