#include <mutex>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_query.h"
#include "twin/broker/local_update.h"
#include "twin/broker/query_forwarding.h"
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
  const auto body = TRY(parse_json(call.request.body));
  if (body.object() == nullptr) return unreadable_body();
  if (body.object()->empty()) return bad_request("empty payload");
  return read_attributes(body, form_of(call));
}

Answer done(Ticket ticket) {
  Answer answer = no_content();
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
  if (call.parameters.find("at")) {
    return bad_request("URI param /at/ is for one entity, not for a list");
  }
  const auto query = TRY(read_entity_query(call));
  return answer_query(world, call, query, read_view(call));
}

Checked<Answer> create_entity(World& world, const Call& call) {
  const auto path = TRY(call.write_path());
  const auto body = TRY(parse_json(call.request.body));
  if (body.object() == nullptr) return unreadable_body();
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
  const View view = read_view(call);
  return with_entity(world, call, view.attrs.names, [&](const Entity& entity) -> Checked<Answer> {
    std::string body;
    render_entity(entity, view, body);
    return json_answer(std::move(body));
  });
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
  const View view = read_view(call);
  return with_entity(world, call, view.attrs.names, [&](const Entity& entity) -> Checked<Answer> {
    std::string body;
    render_attributes(entity, view, body);
    return json_answer(std::move(body));
  });
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
  Answer answer = done(writer.finish());
  if (partial.refused.empty()) return answer;
  Refusals refusals(Refusals::Problem::existing);
  refusals.add(entity_label(entity->id, call.type()), partial.refused);
  Answer problem = error_answer(refusals.error(partial.any_done));
  problem.ticket = answer.ticket;
  return problem;
}

Checked<Answer> update_attributes(World& world, const Call& call) {
  auto patches = TRY(read_body_attributes(call));
  const auto outcome = TRY(update_existing(
      world, call, UpdateMode::of(call),
      [&](const StoredEntity*) -> Checked<std::vector<AttributePatch>> { return patches; }));
  if (outcome.unknown.empty() && outcome.failed.empty()) return done(outcome.ticket);
  Refusals refusals(Refusals::Problem::missing);
  const auto label = entity_label(call.captured.front(), call.type());
  if (!outcome.unknown.empty()) refusals.add(label, outcome.unknown);
  if (!outcome.failed.empty()) refusals.add_failed(label, outcome.failed);
  Answer answer = error_answer(refusals.error(outcome.any_done));
  answer.ticket = outcome.ticket;
  return answer;
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
