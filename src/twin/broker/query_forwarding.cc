#include "twin/broker/query_forwarding.h"

#include <algorithm>
#include <optional>
#include <shared_mutex>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/past.h"
#include "twin/broker/providers.h"
#include "twin/broker/target.h"
#include "twin/broker/view.h"

namespace sosie::ngsi {
namespace {

/// What to ask a provider for by id or by type: what is provided (empty: any) as far as the
/// question names it; where all is provided, what the question names, "" where it names nothing.
std::vector<std::string> common(const std::vector<std::string>& asked,
                                const std::optional<Pattern>& pattern,
                                const std::string& provided) {
  if (provided.empty()) return asked.empty() ? std::vector<std::string>{""} : asked;
  const bool is_named = asked.empty() || std::ranges::find(asked, provided) != asked.end();
  if (!is_named || (pattern && !pattern->found_in(provided))) return {};
  return {provided};
}

/// The entities to ask a provider for: what the question and the provider have in common.
Array common_entities(const EntitySelector& asked, const ProvidedEntity& provided) {
  Array entities;
  for (const auto& id : common(asked.ids, asked.id_pattern, provided.id)) {
    for (const auto& type : common(asked.types, asked.type_pattern, provided.type)) {
      Object entity;
      if (!id.empty()) {
        set(entity, "id", id);
      } else {
        set(entity, "idPattern", asked.id_pattern ? asked.id_pattern->expression() : ".*");
      }
      if (!type.empty()) set(entity, "type", type);
      entities.emplace_back(std::move(entity));
    }
  }
  return entities;
}

Array common_entities(const EntityQuery& query, const Registration& provider) {
  Array entities;
  const std::vector<EntitySelector> any(1);
  for (const auto& asked : query.selectors.empty() ? any : query.selectors) {
    for (const auto& provided : provider.entities) {
      for (auto& entity : common_entities(asked, provided)) {
        if (!contains(entities, entity)) entities.push_back(std::move(entity));
      }
    }
  }
  return entities;
}

/// The attributes to ask a provider for; none: it has nothing of what is wanted.
std::optional<std::vector<Text>> common_attrs(const std::vector<Text>& wanted,
                                              const Registration& provider) {
  if (wanted.empty() || std::ranges::find(wanted, Text("*")) != wanted.end()) return provider.attrs;
  std::vector<Text> common;
  for (const auto& name : wanted) {
    if (provider.provides(name)) common.push_back(name);
  }
  if (common.empty()) return std::nullopt;
  return common;
}

/// Attributes that `entity` lacks.
void complete(Entity& entity, const Entity& other) {
  for (const auto& attribute : other.attributes) {
    if (entity.find(attribute.name) == nullptr) entity.attributes.push_back(attribute);
  }
}

Entity* same(std::vector<Entity>& entities, const Entity& wanted) {
  const auto there = std::ranges::find_if(
      entities, [&](const Entity& one) { return one.id == wanted.id && one.type == wanted.type; });
  return there == entities.end() ? nullptr : &*there;
}

/// One query while providers complete it.
struct Gathering {
  std::vector<Entity> entities{};
  std::size_t total = 0;
  Page left{};  ///< of the page, for the providers that are still to be asked

  void add(ProvidedEntities provided) {
    std::size_t added = 0;
    for (auto& entity : provided.entities) {
      if (Entity* there = same(entities, entity)) {
        complete(*there, entity);
        if (provided.total > 0) --provided.total;
      } else if (left.limit > added) {
        entities.push_back(std::move(entity));
        ++added;
      }
    }
    total += provided.total;
    left.limit -= added;
    left.offset -= std::min(left.offset, provided.total);
  }
};

Answer render(const Call& call, const Gathering& all, const View& view) {
  EntityList list{.entities = {}, .total = all.total};
  for (const auto& entity : all.entities) list.entities.push_back(&entity);
  return list_answer(call, list, view);
}

void ask_all(ProviderClient client, const EntityQuery& query, const std::vector<Text>& attrs,
             const std::vector<Registration>& providers, Gathering& all) {
  for (const auto& provider : providers) {
    const Array entities = common_entities(query, provider);
    const auto wanted = common_attrs(attrs, provider);
    if (entities.empty() || !wanted) continue;
    if (auto provided = client.query(provider, entities, *wanted, all.left)) {
      all.add(std::move(*provided));
    }
  }
}

}  // namespace

Answer answer_query(World& world, const Call& call, const EntityQuery& query, const View& view) {
  const Tenant& tenant = world.look_at(call.tenant);
  Gathering all;
  std::vector<Registration> providers;
  {
    const std::shared_lock lock(tenant.mutex);
    providers = providers_of_queries(tenant, call);
    if (providers.empty()) return list_answer(call, find_entities(tenant.entities, query), view);
    EntityQuery counted = query;
    counted.counts = true;
    const EntityList here = find_entities(tenant.entities, counted);
    for (const Entity* entity : here.entities) all.entities.push_back(*entity);
    all.total = here.total;
  }
  all.left.limit = query.page.limit - all.entities.size();
  all.left.offset = query.page.offset - std::min(query.page.offset, all.total);
  ask_all({world, call}, query, view.attrs.names, providers, all);
  return render(call, all, view);
}

Checked<Answer> with_entity(World& world, const Call& call, const std::vector<Text>& attrs,
                            const std::function<Checked<Answer>(const Entity&)>& use) {
  if (const auto instant = call.parameters.find("at")) {
    const auto entity = TRY(entity_at(world, call, *instant));
    return use(entity);
  }
  const Tenant& tenant = world.look_at(call.tenant);
  Gathering all;
  std::vector<Registration> providers;
  {
    const std::shared_lock lock(tenant.mutex);
    const auto here = readable_entity(tenant, call);
    providers = providers_of_queries(tenant, call);
    if (here && providers.empty()) return use(**here);
    if (!here && (providers.empty() || here.error().status != 404)) return here.error();
    if (here) all.entities.push_back(static_cast<const Entity&>(**here));
  }
  EntitySelector selector;
  selector.ids.push_back(call.captured.front());
  if (!call.type().empty()) selector.types.emplace_back(call.type());
  EntityQuery query;
  query.selectors.push_back(std::move(selector));
  ask_all({world, call}, query, attrs, providers, all);
  if (all.entities.empty()) return entity_not_found();
  if (all.entities.size() > 1) return too_many_results();
  return use(all.entities.front());
}

}  // namespace sosie::ngsi
