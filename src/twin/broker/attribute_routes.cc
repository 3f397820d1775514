#include <mutex>
#include <shared_mutex>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/routes.h"
#include "twin/broker/target.h"
#include "twin/broker/view.h"
#include "twin/broker/writer.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

const std::string& attribute_name(const Call& call) {
  return call.captured[1];
}

Checked<const Attribute*> readable_attribute(const Tenant& tenant, const Call& call) {
  const StoredEntity* entity = TRY(readable_entity(tenant, call));
  const Attribute* attribute = entity->find(attribute_name(call));
  if (attribute == nullptr) return attribute_not_found();
  return attribute;
}

Checked<Answer> put(World& world, Tenant& tenant, const Call& call, UpdateMode mode,
                    const AttributePatch& patch) {
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, mode);
  const auto partial = TRY(writer.update(*entity, {patch}));
  if (!partial.any_done) return attribute_not_found();
  Answer answer = no_content();
  answer.ticket = writer.finish();
  return answer;
}

NgsiError not_acceptable(std::string types) {
  return {.status = 406,
          .error = "NotAcceptable",
          .description = "accepted MIME types: " + std::move(types)};
}

bool is_compound(const Value& value) {
  return value.object() != nullptr || value.array() != nullptr;
}

Checked<Value> read_value_body(const Call& call) {
  if (media_type(call.request) == "text/plain") return read_plain(call.request.body);
  auto body = TRY(parse_json(call.request.body));
  if (!is_compound(body)) {
    return bad_request("Neither JSON Object nor JSON Array for attribute::value");
  }
  return body;
}

/// The type of the attribute that is to get a new value; empty if there is none.
Text current_type(const Tenant& tenant, const Call& call) {
  auto path = call.write_path();
  if (!path) return {};
  const auto found =
      tenant.entities.find_all(Scope::of(std::move(*path)), call.captured.front(), call.type());
  if (found.size() != 1) return {};
  const Attribute* attribute = found.front()->find(attribute_name(call));
  return attribute == nullptr ? Text() : attribute->type;
}

}  // namespace

Checked<Answer> get_attribute(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Attribute* attribute = TRY(readable_attribute(tenant, call));
  std::string body;
  render_attribute(*attribute, read_view(call), body);
  return json_answer(std::move(body));
}

Checked<Answer> put_attribute(World& world, const Call& call) {
  const auto body = TRY(parse_json(call.request.body));
  const auto patch = TRY(read_attribute(intern(attribute_name(call)), body));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  return put(world, tenant, call, UpdateMode::of(call), patch);
}

Checked<Answer> delete_attribute(World& world, const Call& call) {
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, UpdateMode::of(call));
  const auto partial = writer.remove(*entity, {intern(attribute_name(call))});
  if (!partial.any_done) return attribute_not_found();
  Answer answer = no_content();
  answer.ticket = writer.finish();
  return answer;
}

Checked<Answer> get_attribute_value(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Attribute* attribute = TRY(readable_attribute(tenant, call));
  const bool takes_text = accepts(call.request, "text/plain");
  std::string body;
  render_value(attribute->value, body);
  if (is_compound(attribute->value)) {
    if (accepts(call.request, "application/json")) return json_answer(std::move(body));
    if (!takes_text) return not_acceptable("application/json, text/plain");
  } else if (!takes_text) {
    return not_acceptable("text/plain");
  }
  return text_answer(std::move(body));
}

Checked<Answer> put_attribute_value(World& world, const Call& call) {
  const auto value = TRY(read_value_body(call));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  AttributePatch patch;
  patch.name = intern(attribute_name(call));
  patch.value = TRY(read_value(value, current_type(tenant, call)));
  patch.has_value = true;
  UpdateMode mode = UpdateMode::of(call);
  mode.keeps_type = true;
  return put(world, tenant, call, mode, patch);
}

}  // namespace sosie::ngsi
