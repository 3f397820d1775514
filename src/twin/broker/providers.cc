#include "twin/broker/providers.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "twin/broker/exact_json.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

constexpr int max_hops = 4;

int hops(std::string_view correlator) {
  int count = 0;
  for (auto at = correlator.find("cbfwd="); at != std::string_view::npos;
       at = correlator.find("cbfwd=", at + 1)) {
    ++count;
  }
  return count;
}

template <class Wanted>
std::vector<Registration> providers(const Tenant& tenant, const Call& call, Wanted&& wanted) {
  std::vector<Registration> found;
  if (tenant.registrations.size() == 0 || call.has(Option::skip_forwarding)) return found;
  if (hops(call.correlator) >= max_hops) return found;
  tenant.registrations.each([&](const Registration& one) {
    if (!one.is_expired(call.now) && wanted(one)) found.push_back(one);
  });
  return found;
}

Object attribute_object(const AttributePatch& patch) {
  Object object;
  set(object, "type", Value(patch.type.empty() ? default_type(patch.value) : patch.type));
  set(object, "value", patch.value);
  Object metadata;
  for (const auto& one : patch.metadata.value_or(std::vector<Metadata>())) {
    Object item;
    set(item, "type", Value(one.type));
    set(item, "value", one.value);
    set(metadata, one.name, std::move(item));
  }
  set(object, "metadata", std::move(metadata));
  return object;
}

std::string update_body(const EntityPatch& patch) {
  Object entity;
  set(entity, "id", Value(patch.id));
  if (!patch.type.empty()) set(entity, "type", Value(patch.type));
  for (const auto& one : patch.attributes) set(entity, one.name, attribute_object(one));
  Object body;
  set(body, "actionType", "update");
  set(body, "entities", Array{Value(std::move(entity))});
  std::string out;
  write_exact(Value(std::move(body)), out);
  return out;
}

std::string query_body(const Array& entities, const std::vector<Text>& attrs) {
  Object body;
  set(body, "entities", entities);
  if (!attrs.empty()) {
    Array names;
    for (const auto& name : attrs) names.emplace_back(name);
    set(body, "attrs", std::move(names));
  }
  std::string out;
  write_exact(Value(std::move(body)), out);
  return out;
}

Entity to_entity(const EntityPatch& patch, const std::string& path, Timestamp now) {
  Entity entity;
  entity.id = patch.id;
  entity.type = patch.type.empty() ? intern(default_entity_type) : patch.type;
  entity.service_path = intern(path);
  entity.created = now;
  entity.modified = now;
  for (const auto& one : patch.attributes) entity.attributes.push_back(to_attribute(one, now));
  return entity;
}

bool is_success(const Result<ForwardAnswer>& answer) {
  return answer && answer->status >= 200 && answer->status < 300;
}

}  // namespace

std::vector<Registration> providers_of_queries(const Tenant& tenant, const Call& call) {
  const Scope scope = call.read_scope();
  return providers(tenant, call, [&](const Registration& one) {
    return one.answers_queries() && scope.contains(one.scope.first());
  });
}

std::vector<Registration> providers_of_updates(const Tenant& tenant, const Call& call) {
  const auto path = call.write_path();
  return providers(tenant, call, [&](const Registration& one) {
    return one.takes_updates() && path && one.scope.first() == *path;
  });
}

Result<ForwardAnswer> ProviderClient::post(const Registration& provider, const std::string& target,
                                           std::string body) {
  const auto limit = world_.options.forward_limit;
  if (limit >= 0 && call_.forwards >= limit) {
    return Error{Errc::unavailable, "the request may ask no more providers"};
  }
  ForwardRequest request;
  request.method = "POST";
  request.url = provider.url + target;
  request.timeout = world_.options.http_timeout;
  request.headers = {
      {"Content-Type", "application/json"},
      {"Accept", "application/json"},
      {"User-Agent", "sosie/" + world_.options.version},
      {"Fiware-Correlator", fmt::format("{}; cbfwd={}", call_.correlator, ++call_.forwards)}};
  if (const auto path = find_header(call_.request.headers, "Fiware-ServicePath"); !path.empty()) {
    request.headers.push_back({"Fiware-ServicePath", std::string(path)});
  }
  if (!call_.tenant.empty()) request.headers.push_back({"Fiware-Service", call_.tenant});
  if (const auto token = find_header(call_.request.headers, "X-Auth-Token"); !token.empty()) {
    request.headers.push_back({"X-Auth-Token", std::string(token)});
  }
  request.body = std::move(body);
  return world_.forwarder.ask(request);
}

std::optional<ProvidedEntities> ProviderClient::query(const Registration& provider,
                                                      const Array& entities,
                                                      const std::vector<Text>& attrs, Page page) {
  const auto target =
      fmt::format("/op/query?limit={}&offset={}&options=count", page.limit, page.offset);
  const auto answer = post(provider, target, query_body(entities, attrs));
  if (!is_success(answer)) return std::nullopt;
  const auto list = parse_json(answer->body);
  if (!list || list->array() == nullptr) return std::nullopt;
  ProvidedEntities provided;
  for (const auto& item : *list->array()) {
    const auto patch = read_entity(item, Form::normalized);
    if (!patch) return std::nullopt;
    provided.entities.push_back(to_entity(*patch, provider.scope.first(), call_.now));
  }
  const auto total = to_integer(find_header(answer->headers, "Fiware-Total-Count"));
  provided.total =
      std::max<std::size_t>(provided.entities.size(),
                            static_cast<std::size_t>(std::max<std::int64_t>(0, total.value_or(0))));
  return provided;
}

bool ProviderClient::update(const Registration& provider, const EntityPatch& patch) {
  return is_success(post(provider, "/op/update", update_body(patch)));
}

}  // namespace sosie::ngsi
