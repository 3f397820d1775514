// Bodies of POST and PATCH /v2/subscriptions (Orion's documentation, "Subscription payload
// datamodel" and "Subscription payload validations").

#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/body.h"
#include "twin/broker/entities_vector.h"
#include "twin/broker/query_body.h"
#include "twin/broker/receiver_parse.h"
#include "twin/broker/subscription.h"
#include "twin/model/date.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t max_description = 1024;

/// REQUIRES: its patterns are good ones.
EntitySelector selector_of(const EntityWords& words) {
  EntitySelector selector;
  if (!words.id.empty()) selector.ids.push_back(words.id);
  if (!words.type.empty()) selector.types.push_back(words.type);
  if (!words.id_pattern.empty()) selector.id_pattern = Pattern::create(words.id_pattern);
  if (!words.type_pattern.empty()) selector.type_pattern = Pattern::create(words.type_pattern);
  return selector;
}

Checked<std::vector<EntitySelector>> read_entities(const Object& subject) {
  const Value* list = find(subject, "entities");
  if (list == nullptr) return bad_request("no subject entities specified");
  const auto all = TRY(read_entities_vector(*list));
  if (all.empty()) return bad_request("subject entities is empty");
  std::vector<EntitySelector> selectors;
  selectors.reserve(all.size());
  for (const auto& words : all) selectors.push_back(selector_of(words));
  return selectors;
}

Checked<std::vector<Text>> read_names(const Object& object, std::string_view key) {
  auto names = TRY(names_at(object, key));
  for (const auto& name : names) {
    if (has_forbidden(name.view())) {
      return bad_request(fmt::format("{} element has forbidden char", key));
    }
    TRY(check_field(name, key));
  }
  return names;
}

Checked<std::vector<Alteration>> read_alterations(const Object& condition) {
  std::vector<Alteration> alterations;
  const auto words = TRY(names_at(condition, "alterationTypes"));
  alterations.reserve(words.size());
  for (const auto& word : words) {
    const auto alteration = alteration_of(word);
    if (!alteration)
      return bad_request(fmt::format("unknown subscription alterationType: {}", word.view()));
    alterations.push_back(*alteration);
  }
  return alterations;
}

Checked<void> read_condition_expression(const Value& value, Condition& condition) {
  if (value.object() == nullptr) return bad_request("expression is not an object");
  if (value.object()->empty()) return bad_request("expression is empty");
  const auto texts = TRY(read_expression(*value.object()));
  TRY(add_expression(texts, condition.filter));
  condition.expression = *value.object();
  return {};
}

Checked<Condition> read_condition(const Object& subject) {
  Condition condition;
  const Value* value = find(subject, "condition");
  if (value == nullptr) return condition;
  if (value->object() == nullptr) return bad_request("condition is not an object");
  if (value->object()->empty()) return bad_request("condition is empty");
  const Object& object = *value->object();
  condition.attrs = TRY(read_names(object, "attrs"));
  condition.alterations = TRY(read_alterations(object));
  const auto metadata_counts = TRY(flag_at(object, "notifyOnMetadataChange"));
  condition.metadata_counts = metadata_counts.value_or(true);
  if (const Value* expression = find(object, "expression")) {
    TRY(read_condition_expression(*expression, condition));
  }
  if (const auto text = TRY(text_at(object, "jexlExpression"))) {
    condition.jexl = Expression::parse(*text);
    condition.jexl_text = *text;
    if (!condition.jexl) return bad_request("jexlExpression is not a valid expression");
  }
  return condition;
}

Checked<void> read_selection(const Object& notification, SubscriptionPlan& plan) {
  const Value* except = find(notification, "exceptAttrs");
  if (find(notification, "attrs") != nullptr && except != nullptr) {
    return bad_request("http notification has attrs and exceptAttrs");
  }
  plan.attrs.names = TRY(read_names(notification, "attrs"));
  plan.attrs.except = TRY(read_names(notification, "exceptAttrs"));
  if (except != nullptr && plan.attrs.except.empty())
    return bad_request("http notification has exceptAttrs is empty");
  plan.metadata.names = TRY(read_names(notification, "metadata"));
  return {};
}

Checked<void> read_format(const Object& notification, SubscriptionPlan& plan) {
  static constexpr std::array<std::pair<std::string_view, Format>, 5> formats{
      {{"normalized", Format::normalized},
       {"keyValues", Format::key_values},
       {"values", Format::values},
       {"simplifiedNormalized", Format::simplified_normalized},
       {"simplifiedKeyValues", Format::simplified_key_values}}};
  const auto word = TRY(text_at(notification, "attrsFormat"));
  if (!word) return {};
  for (const auto& [name, format] : formats) {
    if (name != *word) continue;
    plan.format_name = name;
    plan.format = format;
    return {};
  }
  return bad_request(
      "invalid attrsFormat, accepted values: normalized, simplifiedNormalized, keyValues, "
      "simplifiedkeyValues, values");
}

Checked<void> read_notification(const Value& value, bool allows_custom, SubscriptionPlan& plan) {
  if (value.object() == nullptr) return bad_request("notification is not an object");
  const Object& object = *value.object();
  plan.receiver = TRY(read_receiver(object, allows_custom));
  TRY(read_selection(object, plan));
  TRY(read_format(object, plan));
  const auto only_changed = TRY(flag_at(object, "onlyChangedAttrs"));
  const auto covered = TRY(flag_at(object, "covered"));
  plan.only_changed = only_changed.value_or(false);
  plan.covered = covered.value_or(false);
  plan.max_fails = TRY(integer_at(object, "maxFailsLimit"));
  if (plan.max_fails && *plan.max_fails < 1) {
    return bad_request("maxFailsLimit must be greater than zero");
  }
  return {};
}

Checked<void> read_expires(const Object& body, SubscriptionPlan& plan) {
  const auto text = TRY(text_at(body, "expires"));
  if (!text || text->empty()) return {};
  plan.expires = parse_date(*text);
  if (!plan.expires) return bad_request("expires has an invalid format");
  return {};
}

Checked<void> read_status(const Object& body, SubscriptionPlan& plan) {
  const auto word = TRY(text_at(body, "status"));
  if (!word || *word == "active") return {};
  if (*word == "inactive") {
    plan.status = SubscriptionStatus::inactive;
  } else if (*word == "oneshot") {
    plan.status = SubscriptionStatus::oneshot;
  } else {
    return bad_request("status is not valid: it has to be either active, inactive or oneshot");
  }
  return {};
}

Checked<void> read_description(const Object& body, SubscriptionPlan& plan) {
  const auto text = TRY(text_at(body, "description"));
  if (!text) return {};
  if (text->size() > max_description) return bad_request("max description length exceeded");
  if (has_forbidden(*text)) return bad_request("forbidden characters in description");
  plan.description = *text;
  return {};
}

/// Of a notification that is replaced these members stay if the new one does not say them.
Value with_lasting(const Value& notification, const Value* before) {
  if (before == nullptr || notification.object() == nullptr) return notification;
  Object result = *notification.object();
  for (const auto* name : {"onlyChangedAttrs", "covered", "maxFailsLimit"}) {
    const Value* lasting = before->find(name);
    if (lasting != nullptr && notification.find(name) == nullptr) set(result, name, *lasting);
  }
  return result;
}

}  // namespace

Checked<SubscriptionPlan> plan_subscription(const Value& body, bool allows_custom) {
  if (body.object() == nullptr) return unreadable_body();
  const Object& object = *body.object();
  if (object.empty()) return bad_request("empty payload");
  SubscriptionPlan plan;
  TRY(read_description(object, plan));
  const Value* subject = find(object, "subject");
  if (subject == nullptr) return bad_request("no subject for subscription specified");
  if (subject->object() == nullptr) return bad_request("subject is not an object");
  plan.entities = TRY(read_entities(*subject->object()));
  plan.condition = TRY(read_condition(*subject->object()));
  const Value* notification = find(object, "notification");
  if (notification == nullptr) return bad_request("no notification for subscription specified");
  TRY(read_notification(*notification, allows_custom, plan));
  TRY(read_expires(object, plan));
  TRY(read_status(object, plan));
  const auto throttling = TRY(integer_at(object, "throttling"));
  if (throttling.value_or(0) < 0) return bad_request("throttling must be non-negative");
  plan.throttling = std::chrono::seconds(throttling.value_or(0));
  return plan;
}

Checked<void> check_covered(const Value& body) {
  const Value* notification = body.find("notification");
  if (notification == nullptr) return {};
  const Value* covered = notification->find("covered");
  if (covered == nullptr || *covered != Value(true)) return {};
  for (const auto* list : {"attrs", "exceptAttrs"}) {
    const Value* names = notification->find(list);
    if (names != nullptr && names->array() != nullptr && !names->array()->empty()) return {};
  }
  return bad_request("covered true cannot be used if notification attributes list is empty");
}

Checked<Value> patched_definition(const Value& definition, const Value& body) {
  if (body.object() == nullptr) return unreadable_body();
  if (body.object()->empty()) return bad_request("empty payload");
  Object result = *definition.object();
  for (const auto& [key, value] : *body.object()) {
    const bool is_notification = key == "notification";
    set(result, key, is_notification ? with_lasting(value, definition.find(key)) : value);
  }
  return Value(std::move(result));
}

}  // namespace sosie::ngsi
