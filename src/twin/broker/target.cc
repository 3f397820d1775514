#include "twin/broker/target.h"

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"

namespace sosie::ngsi {
namespace {

Checked<StoredEntity*> only_one(const Tenant& tenant, const Call& call, const Scope& scope) {
  const auto found = tenant.entities.find_all(scope, call.captured.front(), call.type());
  if (found.empty()) return entity_not_found();
  if (found.size() > 1) return too_many_results();
  return found.front();
}

}  // namespace

Checked<const StoredEntity*> readable_entity(const Tenant& tenant, const Call& call) {
  StoredEntity* entity = TRY(only_one(tenant, call, call.read_scope()));
  return entity;
}

Checked<StoredEntity*> writable_entity(Tenant& tenant, const Call& call) {
  auto path = TRY(call.write_path());
  return only_one(tenant, call, Scope::of(std::move(path)));
}

std::string entity_label(std::string_view id, std::string_view type) {
  return type.empty() ? std::string(id) : fmt::format("{}/{}", id, type);
}

std::string name_list(const std::vector<Text>& names) {
  std::string out = "[ ";
  for (const auto& name : names) {
    if (out.size() > 2) out += ", ";
    out += name.view();
  }
  return out + " ]";
}

NgsiError refusal(std::string_view problem, std::string_view label, const std::vector<Text>& names,
                  bool any_done) {
  return {.status = 422,
          .error = any_done ? "PartialUpdate" : "Unprocessable",
          .description = fmt::format("one or more of the attributes in the request {}: {} - {}",
                                     problem, label, name_list(names))};
}

}  // namespace sosie::ngsi
