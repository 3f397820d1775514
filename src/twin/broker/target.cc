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

std::string name_list(const std::vector<Text>& names) {
  std::string out = "[ ";
  for (const auto& name : names) {
    if (out.size() > 2) out += ", ";
    out += name.view();
  }
  return out + " ]";
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

void Refusals::add(std::string_view label, const std::vector<Text>& names) {
  add_item(fmt::format("{} - {}", label, name_list(names)));
}

void Refusals::add_entity(std::string_view label) {
  // The first item has a dash, as an item with attributes has; those behind it have none.
  add_item(fmt::format("{}{} [entity itself]", label, items_.empty() ? " -" : ""));
  ++entities_;
}

void Refusals::add_failed(std::string_view label, const std::vector<Text>& names) {
  add(label, names);
  has_failed_ = true;
}

void Refusals::add_item(std::string_view item) {
  if (!items_.empty()) items_ += ", ";
  items_ += item;
  ++count_;
}

NgsiError Refusals::error(bool any_done) const {
  const bool only_entities = !any_done && entities_ == count_ && problem_ == Problem::missing;
  const bool is_not_found = only_entities || has_failed_;
  NgsiError error{.status = is_not_found ? 404 : 422, .error = "Unprocessable", .description = {}};
  if (is_not_found) error.error = "NotFound";
  if (any_done) error.error = "PartialUpdate";
  error.description = (problem_ == Problem::missing
                           ? "do not exist: "
                           : "one or more of the attributes in the request already exist: ") +
                      items_;
  return error;
}

}  // namespace sosie::ngsi
