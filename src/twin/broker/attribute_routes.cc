#include <functional>
#include <mutex>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/local_update.h"
#include "twin/broker/query_forwarding.h"
#include "twin/broker/routes.h"
#include "twin/broker/target.h"
#include "twin/broker/view.h"
#include "twin/broker/writer.h"
#include "twin/model/date.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

const std::string& attribute_name(const Call& call) {
  return call.captured[1];
}

/// dateExpires is kept apart, but its resource is an attribute's like any other.
Attribute expiry_of(const Entity& entity) {
  Attribute attribute;
  attribute.name = "dateExpires";
  attribute.type = intern("DateTime");
  attribute.value = print_date(*entity.expires);
  attribute.created = entity.created;
  attribute.modified = entity.modified;
  return attribute;
}

/// Calls `use` with the attribute that the path names, which may be a provider's.
Checked<Answer> with_attribute(World& world, const Call& call,
                               const std::function<Checked<Answer>(const Attribute&)>& use) {
  return with_entity(world, call, {Text(attribute_name(call))},
                     [&](const Entity& entity) -> Checked<Answer> {
                       const Attribute* attribute = entity.find(attribute_name(call));
                       if (attribute != nullptr) return use(*attribute);
                       if (attribute_name(call) != "dateExpires" || !entity.expires) {
                         return attribute_not_found();
                       }
                       return use(expiry_of(entity));
                     });
}

Checked<Answer> put(World& world, const Call& call, UpdateMode mode, const MakePatches& make) {
  const auto outcome = TRY(update_existing(world, call, mode, make));
  if (!outcome.any_done) return attribute_not_found();
  Answer answer = no_content();
  answer.ticket = outcome.ticket;
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

}  // namespace

Checked<Answer> get_attribute(World& world, const Call& call) {
  return with_attribute(world, call, [&](const Attribute& attribute) -> Checked<Answer> {
    std::string body;
    render_attribute(attribute, read_view(call), body);
    return json_answer(std::move(body));
  });
}

Checked<Answer> put_attribute(World& world, const Call& call) {
  const auto body = TRY(parse_json(call.request.body));
  if (body.object() == nullptr) return unreadable_body();
  const auto patch = TRY(read_attribute(intern(attribute_name(call)), body));
  return put(world, call, UpdateMode::of(call),
             [&](const StoredEntity*) -> Checked<std::vector<AttributePatch>> {
               return std::vector{patch};
             });
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
  return with_attribute(world, call, [&](const Attribute& attribute) -> Checked<Answer> {
    const bool takes_text = accepts(call.request, "text/plain");
    std::string body;
    render_value(attribute.value, body);
    if (is_compound(attribute.value)) {
      const bool takes_json = accepts(call.request, "application/json");
      if (takes_json && !prefers_text(call.request)) return json_answer(std::move(body));
      if (!takes_text) return not_acceptable("application/json, text/plain");
    } else if (!takes_text) {
      return not_acceptable("text/plain");
    }
    return text_answer(std::move(body));
  });
}

Checked<Answer> put_attribute_value(World& world, const Call& call) {
  const auto value = TRY(read_value_body(call));
  UpdateMode mode = UpdateMode::of(call);
  mode.keeps_type = true;
  mode.override_metadata = false;  // a value says nothing of metadata: Orion ignores the option
  return put(
      world, call, mode, [&](const StoredEntity* entity) -> Checked<std::vector<AttributePatch>> {
        const Attribute* there = entity == nullptr ? nullptr : entity->find(attribute_name(call));
        const Attribute& known = there == nullptr ? Attribute() : *there;
        AttributePatch patch;
        patch.name = intern(attribute_name(call));
        patch.value = TRY(read_value(value, known.type, known.metadata));
        patch.has_value = true;
        return std::vector{std::move(patch)};
      });
}

}  // namespace sosie::ngsi
