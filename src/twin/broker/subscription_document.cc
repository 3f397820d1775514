#include "twin/broker/subscription_document.h"

#include "twin/broker/entity_document.h"
#include "twin/broker/exact_json.h"
#include "twin/broker/json_members.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

/// In microseconds; nothing where there is none.
void exact_time(std::string_view name, const std::optional<Timestamp>& at, Members& members) {
  if (at) members.number(name, at->time_since_epoch().count());
}

double read_number(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  return member != nullptr && member->number() != nullptr ? *member->number() : 0;
}

std::string read_string(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  if (member == nullptr || member->text() == nullptr) return {};
  return std::string(member->text()->view());
}

bool read_flag(const Value& object, std::string_view key) {
  const Value* member = object.find(key);
  return member != nullptr && member->flag() != nullptr && *member->flag();
}

std::string written(Object object) {
  std::string out;
  write_exact(Value(std::move(object)), out);
  return out;
}

}  // namespace

Document subscription_document(std::string_view tenant, const Subscription& subscription) {
  std::string definition;
  write_exact(subscription.definition, definition);
  Object object;
  set(object, "number", subscription.number);
  set(object, "scope", subscription.scope.first());
  set(object, "definition", definition);
  return {.kind = DocumentKind::subscription,
          .key = document_key({tenant, subscription.id}),
          .body = written(std::move(object))};
}

Document state_document(std::string_view tenant, const Subscription& subscription) {
  const SubscriptionState& state = subscription.state;
  std::string body;
  {
    Members members(body);
    members.number("sent", static_cast<std::int64_t>(state.times_sent));
    members.number("fails", state.fails);
    members.number("failed_up_to", static_cast<std::int64_t>(state.failed_up_to));
    exact_time("notified", state.last_notification, members);
    exact_time("success", state.last_success, members);
    members.number("code", state.last_success_code);
    exact_time("failure", state.last_failure, members);
    members.text("reason", state.last_failure_reason);
    members.flag("over", state.is_over);
    members.flag("given_up", state.has_given_up);
  }
  return {.kind = DocumentKind::subscription_state,
          .key = document_key({tenant, subscription.id}),
          .body = std::move(body)};
}

std::optional<Subscription> read_subscription_document(std::string_view id, std::string_view body,
                                                       bool allows_custom) {
  const auto document = parse_json(body);
  if (!document) return std::nullopt;
  auto definition = parse_json(read_string(*document, "definition"));
  auto scope = Scope::parse(read_string(*document, "scope"));
  if (!definition || !scope) return std::nullopt;
  auto plan = plan_subscription(*definition, allows_custom);
  if (!plan) return std::nullopt;
  Subscription subscription;
  subscription.id = id;
  subscription.number = static_cast<std::uint64_t>(read_number(*document, "number"));
  subscription.scope = std::move(*scope);
  subscription.definition = std::move(*definition);
  subscription.plan = std::move(*plan);
  return subscription;
}

std::optional<SubscriptionState> read_state_document(std::string_view body) {
  const auto document = parse_json(body);
  if (!document || document->object() == nullptr) return std::nullopt;
  SubscriptionState state;
  state.times_sent = static_cast<std::uint64_t>(read_number(*document, "sent"));
  state.fails = static_cast<std::int64_t>(read_number(*document, "fails"));
  state.failed_up_to = static_cast<std::uint64_t>(read_number(*document, "failed_up_to"));
  state.last_notification = read_time(*document, "notified");
  state.last_success = read_time(*document, "success");
  state.last_success_code = static_cast<int>(read_number(*document, "code"));
  state.last_failure = read_time(*document, "failure");
  state.last_failure_reason = read_string(*document, "reason");
  state.is_over = read_flag(*document, "over");
  state.has_given_up = read_flag(*document, "given_up");
  return state;
}

}  // namespace sosie::ngsi
