#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_document.h"
#include "twin/broker/routes.h"
#include "twin/broker/subscription_document.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

Checked<void> check_id(std::string_view id) {
  if (is_object_id(id)) return {};
  return bad_request("Invalid subscription ID");
}

/// A subscription belongs to one service path; "/#" if none is said.
Checked<Scope> subscription_scope(const Call& call) {
  if (!call.scope) return Scope::of("/#");
  if (call.scope->paths().size() > 1) {
    return bad_request("Subscription must have only one service path");
  }
  return *call.scope;
}

/// Of lists only: an id names one of the tenant whatever path is said with it.
bool is_seen(const Subscription& subscription, const Call& call) {
  return !call.scope || call.scope->is_all() ||
         std::ranges::find(call.scope->paths(), subscription.scope.first()) !=
             call.scope->paths().end();
}

Checked<const Subscription*> found(const Subscription* subscription) {
  if (subscription == nullptr) {
    return not_found("The requested subscription has not been found. Check id");
  }
  return subscription;
}

Checked<Subscription*> changeable(Tenant& tenant, const Call& call) {
  TRY(check_id(call.captured.front()));
  Subscription* subscription = tenant.subscriptions.find(call.captured.front());
  TRY(found(subscription));
  return subscription;
}

}  // namespace

Checked<Answer> list_subscriptions(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Page page = call.parameters.page();
  std::string body = "[";
  std::size_t total = 0;
  tenant.subscriptions.each([&](const Subscription& subscription) {
    if (!is_seen(subscription, call)) return;
    if (total >= page.offset && total < page.offset + page.limit) {
      if (body.size() > 1) body += ',';
      render_subscription(subscription, call.now, body);
    }
    ++total;
  });
  Answer answer = json_answer(body + "]");
  if (call.has(Option::count)) {
    answer.headers.push_back({"Fiware-Total-Count", std::to_string(total)});
  }
  return answer;
}

Checked<Answer> create_subscription(World& world, const Call& call) {
  Subscription subscription;
  subscription.scope = TRY(subscription_scope(call));
  subscription.definition = TRY(parse_json(call.request.body));
  subscription.plan =
      TRY(plan_subscription(subscription.definition, world.options.custom_notifications));
  TRY(check_covered(subscription.definition));
  subscription.id = world.new_id();
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  const Subscription& there = tenant.subscriptions.add(std::move(subscription));
  ++world.subscriptions_made;
  Answer answer = created("/v2/subscriptions/" + there.id);
  Change change;
  change.documents.push_back(subscription_document(tenant.name, there));
  answer.ticket = world.keeper.keep(std::move(change));
  return answer;
}

Checked<Answer> get_subscription(World& world, const Call& call) {
  TRY(check_id(call.captured.front()));
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Subscription* there = TRY(found(tenant.subscriptions.find(call.captured.front())));
  std::string body;
  render_subscription(*there, call.now, body);
  return json_answer(std::move(body));
}

Checked<Answer> update_subscription(World& world, const Call& call) {
  const auto body = TRY(parse_json(call.request.body));
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  Subscription* there = TRY(changeable(tenant, call));
  auto definition = TRY(patched_definition(there->definition, body));
  auto plan = TRY(plan_subscription(definition, world.options.custom_notifications));
  TRY(check_covered(body));
  tenant.subscriptions.replace_plan(*there, std::move(definition), std::move(plan));
  ++world.subscriptions_changed;
  if (body.find("status") != nullptr) {
    there->state.is_over = false;
    there->state.has_given_up = false;
    there->state.fails = 0;
  }
  Change change;
  change.documents.push_back(subscription_document(tenant.name, *there));
  change.documents.push_back(state_document(tenant.name, *there));
  Answer answer = no_content();
  answer.ticket = world.keeper.keep(std::move(change));
  return answer;
}

Checked<Answer> delete_subscription(World& world, const Call& call) {
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  Subscription* there = TRY(changeable(tenant, call));
  const auto key = document_key({tenant.name, there->id});
  tenant.subscriptions.remove(*there);
  ++world.subscriptions_removed;
  Change change;
  change.documents.push_back(
      {.kind = DocumentKind::subscription, .key = key, .body = std::nullopt});
  change.documents.push_back(
      {.kind = DocumentKind::subscription_state, .key = key, .body = std::nullopt});
  Answer answer = no_content();
  answer.ticket = world.keeper.keep(std::move(change));
  return answer;
}

}  // namespace sosie::ngsi
