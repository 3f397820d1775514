#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/batch_update.h"
#include "twin/broker/body.h"
#include "twin/broker/query_body.h"
#include "twin/broker/query_forwarding.h"
#include "twin/broker/routes.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

NgsiError missing_field(std::string_view name) {
  return bad_request(fmt::format("Invalid JSON payload, mandatory field /{}/ not found", name));
}

Checked<std::vector<EntityPatch>> read_entities(const Array& list, Form form) {
  std::vector<EntityPatch> entities;
  entities.reserve(list.size());
  for (const auto& item : list) {
    auto entity = TRY(read_entity(item, form));
    entities.push_back(std::move(entity));
  }
  return entities;
}

}  // namespace

Checked<Answer> batch_update(World& world, const Call& call) {
  const auto body = TRY(parse_json(call.request.body));
  const Object* members = TRY(body_object(body, {"actionType", "entities"}));
  const auto word = TRY(text_at(*members, "actionType"));
  const Array* list = TRY(array_at(*members, "entities"));
  if (!word) return missing_field("actionType");
  if (list == nullptr) return missing_field("entities");
  const auto action = batch_action(*word);
  if (!action) {
    return bad_request(
        "invalid update action type: right ones are: append, appendStrict, delete, replace, "
        "update");
  }
  if (list->empty()) return bad_request("empty entities vector");
  const auto form = call.has(Option::key_values) ? Form::key_values : Form::normalized;
  const auto entities = TRY(read_entities(*list, form));
  return update_batch(world, call, *action, entities);
}

Checked<Answer> batch_query(World& world, const Call& call) {
  const auto body = TRY(parse_json(call.request.body));
  const auto asked = TRY(read_query_body(call, body));
  return answer_query(world, call, asked.query, asked.view);
}

Checked<Answer> batch_notify(World& world, const Call& call) {
  if (call.has(Option::key_values)) {
    return bad_request("Invalid value for URI param /options/");
  }
  const auto format = find_header(call.request.headers, "Ngsiv2-AttrsFormat");
  if (!format.empty() && format != "normalized") {
    return bad_request("Ngsiv2-AttrsFormat: notifications can be read as normalized only");
  }
  const auto body = TRY(parse_json(call.request.body));
  const Object* members = TRY(body_object(body, {"subscriptionId", "data"}));
  const auto subscription = TRY(text_at(*members, "subscriptionId"));
  const Array* list = TRY(array_at(*members, "data"));
  if (!subscription) return missing_field("subscriptionId");
  if (list == nullptr) return missing_field("data");
  const auto entities = TRY(read_entities(*list, Form::normalized));
  auto answer = TRY(update_batch(world, call, BatchAction::append, entities));
  if (answer.status == 204) answer.status = 200;
  return answer;
}

}  // namespace sosie::ngsi
