#include <algorithm>

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
    if (item.object() != nullptr && item.find("id") == nullptr) {
      return bad_request("nor /id/ nor /idPattern/ present");
    }
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
    return bad_request(
        fmt::format("attribute render format /{}/ not supported for notifications", format));
  }
  const auto body = TRY(parse_json(call.request.body));
  const Object* members = TRY(body_object(body, {"subscriptionId", "data"}));
  const Value* subscription = find(*members, "subscriptionId");
  if (subscription == nullptr) return missing_field("subscriptionId");
  const Value* data = find(*members, "data");
  if (data == nullptr) return missing_field("data");
  if (subscription->text() == nullptr) {
    return bad_request("/subscriptionId/ must be a JSON string");
  }
  if (data->array() == nullptr) {
    return bad_request("notification field /data/ must be a JSON array");
  }
  const auto is_object = [](const Value& item) { return item.object() != nullptr; };
  if (!std::ranges::all_of(*data->array(), is_object)) {
    return bad_request("notification data vector item must be a JSON object");
  }
  const auto entities = TRY(read_entities(*data->array(), Form::normalized));
  auto answer = TRY(update_batch(world, call, BatchAction::append, entities));
  if (answer.status == 204) answer.status = 200;
  return answer;
}

}  // namespace sosie::ngsi
