#include "twin/broker/json_members.h"
#include "twin/broker/subscription.h"
#include "twin/model/date.h"

namespace sosie::ngsi {
namespace {

void render_selector(const EntitySelector& selector, std::string& out) {
  Members members(out);
  if (selector.id_pattern) {
    members.text("idPattern", selector.id_pattern->expression());
  } else if (!selector.ids.empty()) {
    members.text("id", selector.ids.front());
  }
  if (selector.type_pattern) {
    members.text("typePattern", selector.type_pattern->expression());
  } else if (!selector.types.empty()) {
    members.text("type", selector.types.front());
  }
}

void render_condition(const Condition& condition, std::string& out) {
  Members members(out);
  members.texts("attrs", condition.attrs);
  if (!condition.expression.empty()) members.value("expression", condition.expression);
  if (condition.jexl) members.text("jexlExpression", condition.jexl_text);
  if (!condition.alterations.empty()) {
    std::vector<Text> words;
    words.reserve(condition.alterations.size());
    for (const auto one : condition.alterations) words.emplace_back(to_text(one));
    members.texts("alterationTypes", words);
  }
  members.flag("notifyOnMetadataChange", condition.metadata_counts);
}

void render_subject(const SubscriptionPlan& plan, std::string& out) {
  Members members(out);
  std::string& list = members.key("entities");
  char before = '[';
  for (const auto& selector : plan.entities) {
    list += before;
    render_selector(selector, list);
    before = ',';
  }
  list += ']';
  render_condition(plan.condition, members.key("condition"));
}

void render_fields(std::string_view name, const Receiver::Fields& fields, Members& members) {
  if (fields.empty()) return;
  Members inner(members.key(name));
  for (const auto& [key, value] : fields) inner.text(key, value);
}

void render_content(const Receiver& receiver, Members& members) {
  switch (receiver.content) {
    case Receiver::Content::standard:
      break;
    case Receiver::Content::none:
      members.value("payload", Value());
      break;
    case Receiver::Content::text:
      members.text("payload", receiver.text);
      break;
    case Receiver::Content::json:
      members.value("json", receiver.json);
      break;
    case Receiver::Content::ngsi:
      members.value("ngsi", receiver.json);
      break;
  }
}

void render_receiver(const Receiver& receiver, Members& notification) {
  if (receiver.kind == Receiver::Kind::events) {
    const Members empty(notification.key("events"));
    return;
  }
  const bool is_mqtt = receiver.kind == Receiver::Kind::mqtt;
  Members members(notification.key(std::string(is_mqtt ? "mqtt" : "http") +
                                   (receiver.is_custom ? "Custom" : "")));
  members.text("url", receiver.url);
  if (receiver.timeout.count() > 0) members.number("timeout", receiver.timeout.count());
  if (is_mqtt) {
    members.text("topic", receiver.topic);
    members.number("qos", receiver.qos);
    members.flag("retain", receiver.retain);
    if (!receiver.user.empty()) {
      members.text("user", receiver.user);
      members.text("passwd", "*****");
    }
  } else if (receiver.is_custom && !receiver.method.empty()) {
    members.text("method", receiver.method);
  }
  render_fields("headers", receiver.headers, members);
  render_fields("qs", receiver.query, members);
  render_content(receiver, members);
}

void render_state(const SubscriptionState& state, Members& members) {
  if (state.times_sent > 0) {
    members.number("timesSent", static_cast<std::int64_t>(state.times_sent));
  }
  members.time("lastNotification", state.last_notification);
  members.time("lastFailure", state.last_failure);
  if (state.last_failure) members.text("lastFailureReason", state.last_failure_reason);
  members.time("lastSuccess", state.last_success);
  if (state.last_success && state.last_success_code != 0) {
    members.number("lastSuccessCode", state.last_success_code);
  }
  if (state.fails > 0) members.number("failsCounter", state.fails);
}

void render_notification(const Subscription& subscription, std::string& out) {
  const SubscriptionPlan& plan = subscription.plan;
  Members members(out);
  render_state(subscription.state, members);
  if (plan.attrs.except.empty()) {
    members.texts("attrs", plan.attrs.names);
  } else {
    members.texts("exceptAttrs", plan.attrs.except);
  }
  members.flag("onlyChangedAttrs", plan.only_changed);
  members.text("attrsFormat", plan.format_name);
  render_receiver(plan.receiver, members);
  if (!plan.metadata.names.empty()) members.texts("metadata", plan.metadata.names);
  if (plan.max_fails) members.number("maxFailsLimit", *plan.max_fails);
  members.flag("covered", plan.covered);
}

}  // namespace

void render_subscription(const Subscription& subscription, Timestamp now, std::string& out) {
  const SubscriptionPlan& plan = subscription.plan;
  Members members(out);
  members.text("id", subscription.id);
  if (!plan.description.empty()) members.text("description", plan.description);
  if (plan.expires) members.text("expires", print_date(*plan.expires));
  members.text("status", subscription.status_text(now));
  render_subject(plan, members.key("subject"));
  render_notification(subscription, members.key("notification"));
  if (plan.throttling.count() > 0) members.number("throttling", plan.throttling.count());
}

}  // namespace sosie::ngsi
