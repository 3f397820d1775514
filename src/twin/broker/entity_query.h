#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twin/broker/call.h"
#include "twin/broker/entity_store.h"
#include "twin/model/entity.h"
#include "twin/model/error.h"
#include "twin/query/filter.h"
#include "twin/query/geo.h"
#include "twin/query/order.h"
#include "twin/query/pattern.h"

namespace sosie::ngsi {

/// Which ids and types: one element of a list of entities. Whatever is empty lets everything pass.
struct EntitySelector {
  std::vector<std::string> ids{};
  std::vector<std::string> types{};
  std::optional<Pattern> id_pattern{};
  std::optional<Pattern> type_pattern{};

  bool matches(const Entity& entity) const;
};

/// A question for entities.
struct EntityQuery {
  Scope scope = Scope::all();
  std::vector<EntitySelector> selectors{};  ///< one of them must match; empty: all do
  std::vector<Filter> filters{};            ///< all must match
  std::vector<Text> having{};               ///< names of attributes; one of them at least
  std::optional<GeoQuery> geo{};
  std::optional<Order> order{};
  Page page{};
  bool counts = false;  ///< whether `total` is asked for

  bool matches(const Entity& entity) const;
};

/// One page of what matches, and how many match in all (0 if it was not asked for).
struct EntityList {
  std::vector<const Entity*> entities{};
  std::size_t total = 0;
};

EntityList find_entities(const EntityStore& store, const EntityQuery& query);

/// The question of GET /v2/entities, scope and paging included.
Checked<EntityQuery> read_entity_query(const Call& call);

/// q, mq, georel, geometry and coords, as in an `expression`; what is not there is empty.
struct ExpressionTexts {
  std::string_view q{};
  std::string_view mq{};
  std::string_view georel{};
  std::string_view geometry{};
  std::string_view coords{};
};
Checked<void> add_expression(const ExpressionTexts& texts, EntityQuery& query);

/// orderBy and paging of a request.
Checked<void> add_order(const Call& call, EntityQuery& query);

}  // namespace sosie::ngsi
