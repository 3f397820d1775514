#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_query.h"
#include "twin/broker/routes.h"
#include "twin/broker/target.h"
#include "twin/broker/view.h"
#include "twin/broker/writer.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

Form form_of(const Call& call) {
  return call.has(Option::key_values) ? Form::key_values : Form::normalized;
}

std::string location(const Entity& entity) {
  return fmt::format("/v2/entities/{}?type={}", entity.id.view(), entity.type.view());
}

Checked<std::vector<AttributePatch>> read_body_attributes(const Call& call) {
  auto body = TRY(parse_json(call.request.body));
  return read_attributes(body, form_of(call));
}

Answer done(Ticket ticket) {
  Answer answer = no_content();
  answer.ticket = ticket;
  return answer;
}

/// The same where some attributes may have been refused.
Answer done(Ticket ticket, const Call& call, Refusals::Problem problem, const Partial& partial) {
  if (partial.refused.empty()) return done(ticket);
  Refusals refusals(problem);
  refusals.add(entity_label(call.captured.front(), call.type()), partial.refused);
  Answer answer = error_answer(refusals.error(partial.any_done));
  answer.ticket = ticket;
  return answer;
}

Checked<Answer> upsert(Writer& writer, StoredEntity& entity, const EntityPatch& patch) {
  TRY(writer.append(entity, patch.attributes));
  Answer answer = done(writer.finish());
  answer.headers.push_back({"Location", location(entity)});
  return answer;
}

}  // namespace

Checked<Answer> list_entities(World& world, const Call& call) {
  const auto query = TRY(read_entity_query(call));
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  return list_answer(call, find_entities(tenant.entities, query), read_view(call));
}

Checked<Answer> create_entity(World& world, const Call& call) {
  const auto path = TRY(call.write_path());
  const auto body = TRY(parse_json(call.request.body));
  const auto patch = TRY(read_entity(body, form_of(call)));
  const std::string_view type = patch.type.empty() ? default_entity_type : patch.type.view();
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  Writer writer(world, tenant, call, UpdateMode::of(call));
  StoredEntity* existing = tenant.entities.find(path, patch.id, type);
  if (existing != nullptr) {
    if (!call.has(Option::upsert)) return unprocessable("Already Exists");
    return upsert(writer, *existing, patch);
  }
  const StoredEntity* entity = TRY(writer.create(path, patch));
  Answer answer = created(location(*entity));
  if (call.has(Option::upsert)) answer.status = 204;
  answer.ticket = writer.finish();
  return answer;
}

Checked<Answer> get_entity(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const StoredEntity* entity = TRY(readable_entity(tenant, call));
  std::string body;
  render_entity(*entity, read_view(call), body);
  return json_answer(std::move(body));
}

Checked<Answer> delete_entity(World& world, const Call& call) {
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, UpdateMode::of(call));
  writer.remove(*entity);
  return done(writer.finish());
}

Checked<Answer> get_attributes(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const StoredEntity* entity = TRY(readable_entity(tenant, call));
  std::string body;
  render_attributes(*entity, read_view(call), body);
  return json_answer(std::move(body));
}

Checked<Answer> append_attributes(World& world, const Call& call) {
  const auto patches = TRY(read_body_attributes(call));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, UpdateMode::of(call));
  if (!call.has(Option::append)) {
    TRY(writer.append(*entity, patches));
    return done(writer.finish());
  }
  const auto partial = TRY(writer.append_strict(*entity, patches));
  return done(writer.finish(), call, Refusals::Problem::existing, partial);
}

Checked<Answer> update_attributes(World& world, const Call& call) {
  const auto patches = TRY(read_body_attributes(call));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, UpdateMode::of(call));
  const auto partial = TRY(writer.update(*entity, patches));
  return done(writer.finish(), call, Refusals::Problem::missing, partial);
}

Checked<Answer> replace_attributes(World& world, const Call& call) {
  const auto patches = TRY(read_body_attributes(call));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  StoredEntity* entity = TRY(writable_entity(tenant, call));
  Writer writer(world, tenant, call, UpdateMode::of(call));
  TRY(writer.replace(*entity, patches));
  return done(writer.finish());
}

}  // namespace sosie::ngsi
