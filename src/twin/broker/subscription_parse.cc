// Bodies of POST and PATCH /v2/subscriptions (Orion's documentation, "Subscription payload
// datamodel" and "Subscription payload validations").

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/body.h"
#include "twin/broker/query_body.h"
#include "twin/broker/receiver_parse.h"
#include "twin/broker/subscription.h"
#include "twin/model/date.h"
#include "twin/model/name_index.h"
#include "twin/model/rules.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t max_description = 1024;

Checked<EntitySelector> read_entity_element(const Value& element) {
  constexpr std::string_view what = "subject entities element";
  if (element.object() == nullptr) return bad_request(fmt::format("{} is not an object", what));
  const bool has_id = element.find("id") != nullptr;
  const bool has_pattern = element.find("idPattern") != nullptr;
  if (has_id && has_pattern) return bad_request(fmt::format("{} has id and idPattern", what));
  if (!has_id && !has_pattern) {
    return bad_request(fmt::format("{} does not have id nor idPattern", what));
  }
  if (element.find("type") != nullptr && element.find("typePattern") != nullptr) {
    return bad_request(fmt::format("{} has type and typePattern", what));
  }
  for (const auto* key : {"id", "type"}) {
    const Value* text = element.find(key);
    if (text != nullptr && text->text() != nullptr && has_forbidden(text->text()->view())) {
      return bad_request(fmt::format("forbidden characters in {} {}", what, key));
    }
  }
  return read_selector(element);
}

Checked<std::vector<EntitySelector>> read_entities(const Object& subject) {
  const Value* list = find(subject, "entities");
  if (list == nullptr) return bad_request("no subject entities specified");
  if (list->array() == nullptr) return bad_request("subject entities is not an array");
  if (list->array()->empty()) return bad_request("subject entities is empty");
  std::vector<EntitySelector> selectors;
  for (const auto& element : *list->array()) {
    auto selector = TRY(read_entity_element(element));
    selectors.push_back(std::move(selector));
  }
  return selectors;
}

Checked<std::vector<Text>> read_names(const Object& object, std::string_view key,
                                      std::string_view what) {
  const Value* list = find(object, key);
  if (list == nullptr) return std::vector<Text>();
  if (list->array() == nullptr) return bad_request(fmt::format("{} is not an array", what));
  std::vector<Text> names;
  NameIndex index(names);
  for (const auto& item : *list->array()) {
    if (item.text() == nullptr) return bad_request(fmt::format("{} element is not a string", what));
    if (item.text()->empty()) return bad_request(fmt::format("{} element is empty", what));
    if (has_forbidden(item.text()->view())) {
      return bad_request(fmt::format("{} element has forbidden char", key));
    }
    TRY(check_field(*item.text(), what));
    if (index.has(*item.text())) {
      return bad_request(fmt::format("duplicated item /{}/ in array", item.text()->view()));
    }
    names.push_back(intern(*item.text()));
  }
  return names;
}

Checked<std::vector<Alteration>> read_alterations(const Object& condition) {
  std::vector<Alteration> alterations;
  const auto words = TRY(texts_at(condition, "alterationTypes"));
  if (!words) return alterations;
  for (const auto& word : *words) {
    const auto alteration = alteration_of(word);
    if (!alteration)
      return bad_request(fmt::format("unknown subscription alterationType: {}", word.view()));
    if (std::ranges::find(alterations, *alteration) != alterations.end()) {
      return bad_request(fmt::format("duplicated item /{}/ in array", word.view()));
    }
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
  condition.attrs = TRY(read_names(object, "attrs", "condition attrs"));
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
  plan.attrs.names = TRY(read_names(notification, "attrs", "attrs"));
  plan.attrs.except = TRY(read_names(notification, "exceptAttrs", "exceptAttrs"));
  if (except != nullptr && plan.attrs.except.empty())
    return bad_request("http notification has exceptAttrs is empty");
  plan.metadata.names = TRY(read_names(notification, "metadata", "metadata"));
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
  return bad_request("invalid attrsFormat in subscription");
}

Checked<std::optional<std::int64_t>> integer_at(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::optional<std::int64_t>();
  const double* number = member->number();
  if (number == nullptr || *number != static_cast<double>(static_cast<std::int64_t>(*number))) {
    return bad_request(fmt::format("{} is not an integer", key));
  }
  return std::optional(static_cast<std::int64_t>(*number));
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
    return bad_request("status is not valid (it has to be either active or inactive or oneshot)");
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
