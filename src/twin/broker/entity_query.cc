#include "twin/broker/entity_query.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/result.h"

namespace sosie::ngsi {
namespace {

bool is_one_of(const std::vector<std::string>& wanted, std::string_view text) {
  return wanted.empty() || std::ranges::find(wanted, text) != wanted.end();
}

/// The type that all of the answer must have, if the question names just one: then only its
/// entities are looked at.
std::string_view only_type(const EntityQuery& query) {
  if (query.selectors.size() != 1 || query.selectors.front().types.size() != 1) return {};
  return query.selectors.front().types.front();
}

/// Entities that the question names by id, in the order of creation; none if it does not.
std::optional<std::vector<StoredEntity*>> named(const EntityStore& store,
                                                const EntityQuery& query) {
  const auto& selectors = query.selectors;
  if (selectors.empty() ||
      std::ranges::any_of(selectors, [](const auto& s) { return s.ids.empty(); })) {
    return std::nullopt;
  }
  std::vector<StoredEntity*> found;
  for (const auto& selector : selectors) {
    for (const auto& id : selector.ids) {
      std::ranges::copy(store.find_all(query.scope, id, {}), std::back_inserter(found));
    }
  }
  std::ranges::sort(found, {}, &StoredEntity::number);
  const auto [first, last] = std::ranges::unique(found);
  found.erase(first, last);
  return found;
}

std::vector<Probe> probes_of(const EntityQuery& query) {
  std::vector<Probe> probes;
  for (const auto& filter : query.filters) {
    std::ranges::move(filter.probes(), std::back_inserter(probes));
  }
  return probes;
}

template <class Visit>
void each_candidate(const EntityStore& store, const EntityQuery& query, Visit&& visit) {
  if (const auto some = named(store, query)) {
    for (const StoredEntity* entity : *some) {
      if (!visit(*entity)) return;
    }
  } else {
    store.each(only_type(query), probes_of(query), visit);
  }
}

EntityList find_in_order_of_creation(const EntityStore& store, const EntityQuery& query) {
  EntityList list;
  const std::size_t end = query.page.offset + query.page.limit;
  each_candidate(store, query, [&](const StoredEntity& entity) {
    if (!query.counts && list.total >= end) return false;
    if (!query.matches(entity)) return true;
    if (list.total >= query.page.offset && list.total < end) list.entities.push_back(&entity);
    ++list.total;
    return true;
  });
  return list;
}

EntityList find_sorted(const EntityStore& store, const EntityQuery& query, const Order& order) {
  EntityList list;
  each_candidate(store, query, [&](const StoredEntity& entity) {
    if (query.matches(entity)) list.entities.push_back(&entity);
    return true;
  });
  order.sort(list.entities, query.geo ? &*query.geo : nullptr);
  list.total = list.entities.size();
  const auto first = std::min(query.page.offset, list.total);
  const auto last = std::min(first + query.page.limit, list.total);
  list.entities = {list.entities.begin() + static_cast<std::ptrdiff_t>(first),
                   list.entities.begin() + static_cast<std::ptrdiff_t>(last)};
  return list;
}

Checked<std::optional<Pattern>> pattern(const Call& call, std::string_view name) {
  const auto text = call.parameters.find(name);
  if (!text) return std::optional<Pattern>();
  auto compiled = Pattern::create(*text);
  if (!compiled) {
    return bad_request(fmt::format("invalid regular expression for URI param /{}/", name));
  }
  return compiled;
}

Checked<EntitySelector> read_selector(const Call& call) {
  const auto& parameters = call.parameters;
  if (parameters.find("id") && parameters.find("idPattern")) {
    return bad_request("Incompatible parameters: id, IdPattern");
  }
  if (parameters.find("type") && parameters.find("typePattern")) {
    return bad_request("Incompatible parameters: type, typePattern");
  }
  EntitySelector selector;
  selector.ids = parameters.list("id");
  selector.types = parameters.list("type");
  selector.id_pattern = TRY(pattern(call, "idPattern"));
  selector.type_pattern = TRY(pattern(call, "typePattern"));
  return selector;
}

NgsiError behind(std::string_view words, const NgsiError& error) {
  return bad_request(fmt::format("{}{}", words, error.description));
}

/// The geographical part of a URL, with what Orion says of it there.
Checked<std::optional<GeoQuery>> read_geo(const Parameters& parameters) {
  const auto georel = parameters.find("georel");
  const auto geometry = parameters.find("geometry");
  const auto coords = parameters.find("coords");
  if (!georel && !geometry && !coords) return std::optional<GeoQuery>();
  if (coords && !geometry) {
    return bad_request("Invalid query: URI param /coords/ used without /geometry/");
  }
  if (geometry && !coords) {
    return bad_request("Invalid query: URI param /geometry/ used without /coords/");
  }
  if (!geometry) return bad_request("Invalid query: URI param /georel/ used without /geometry/");
  auto query = GeoQuery::create(georel.value_or(""), geometry.value_or(""), coords.value_or(""));
  if (!query) return behind("Invalid query: ", query.error());
  return std::optional(std::move(*query));
}

/// The same of an expression.
Checked<GeoQuery> read_geo(const ExpressionTexts& texts) {
  auto query = GeoQuery::create(texts.georel, texts.geometry, texts.coords);
  const bool is_whole = !texts.georel.empty() && !texts.geometry.empty() && !texts.coords.empty();
  if (!query && is_whole) return behind("error parsing geo-query fields: ", query.error());
  return query;
}

}  // namespace

bool EntitySelector::matches(const Entity& entity) const {
  return is_one_of(ids, entity.id) && is_one_of(types, entity.type) &&
         (!id_pattern || id_pattern->found_in(entity.id)) &&
         (!type_pattern || type_pattern->found_in(entity.type));
}

bool EntityQuery::matches(const Entity& entity) const {
  if (!scope.is_all() && !scope.contains(entity.service_path)) return false;
  if (!selectors.empty() && std::ranges::none_of(selectors, [&](const auto& selector) {
        return selector.matches(entity);
      })) {
    return false;
  }
  if (!having.empty() && std::ranges::none_of(having, [&](const Text& name) {
        return entity.find(name) != nullptr;
      })) {
    return false;
  }
  if (!std::ranges::all_of(filters, [&](const Filter& f) { return f.matches(entity); })) {
    return false;
  }
  return !geo || geo->matches(entity);
}

EntityList find_entities(const EntityStore& store, const EntityQuery& query) {
  const bool is_sorted = query.order.has_value();
  return is_sorted ? find_sorted(store, query, *query.order)
                   : find_in_order_of_creation(store, query);
}

Checked<EntityQuery> read_entity_query(const Call& call) {
  const auto& parameters = call.parameters;
  EntityQuery query;
  query.scope = call.read_scope();
  auto selector = TRY(read_selector(call));
  query.selectors.push_back(std::move(selector));
  query.geo = TRY(read_geo(parameters));
  TRY(add_expression(
      {.q = parameters.find("q").value_or(""), .mq = parameters.find("mq").value_or("")}, query));
  TRY(add_order(call, query));
  return query;
}

Checked<void> add_expression(const ExpressionTexts& texts, EntityQuery& query) {
  if (!texts.q.empty()) {
    auto filter = TRY(Filter::q(texts.q));
    query.filters.push_back(std::move(filter));
  }
  if (!texts.mq.empty()) {
    auto filter = TRY(Filter::mq(texts.mq));
    query.filters.push_back(std::move(filter));
  }
  if (!texts.georel.empty() || !texts.geometry.empty() || !texts.coords.empty()) {
    query.geo = TRY(read_geo(texts));
  }
  return {};
}

Checked<void> add_order(const Call& call, EntityQuery& query) {
  query.page = call.parameters.page();
  query.counts = call.has(Option::count);
  if (const auto text = call.parameters.find("orderBy")) {
    query.order = TRY(Order::parse(*text));
  }
  return {};
}

}  // namespace sosie::ngsi
