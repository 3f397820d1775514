#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_document.h"
#include "twin/broker/registration.h"
#include "twin/broker/routes.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

/// Of lists only: an id names one of the tenant whatever path is said with it.
bool is_seen(const Registration& registration, const Call& call) {
  return !call.scope || call.scope->is_all() ||
         std::ranges::find(call.scope->paths(), registration.scope.first()) !=
             call.scope->paths().end();
}

Checked<const Registration*> found(const Tenant& tenant, const Call& call) {
  if (!is_object_id(call.captured.front())) return bad_request("Invalid registration ID");
  const Registration* registration = tenant.registrations.find(call.captured.front());
  if (registration == nullptr) {
    return not_found("The requested registration has not been found. Check id");
  }
  return registration;
}

}  // namespace

Checked<Answer> list_registrations(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Page page = call.parameters.page();
  std::string body = "[";
  std::size_t total = 0;
  tenant.registrations.each([&](const Registration& registration) {
    if (!is_seen(registration, call)) return;
    if (total >= page.offset && total < page.offset + page.limit) {
      if (body.size() > 1) body += ',';
      render_registration(registration, call.now, body);
    }
    ++total;
  });
  Answer answer = json_answer(body + "]");
  if (call.has(Option::count)) {
    answer.headers.push_back({"Fiware-Total-Count", std::to_string(total)});
  }
  return answer;
}

Checked<Answer> create_registration(World& world, const Call& call) {
  const auto path = TRY(call.write_path());
  const auto body = TRY(parse_json(call.request.body));
  auto registration = TRY(read_registration(body));
  registration.id = world.new_id();
  registration.scope = Scope::of(path);
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  const Registration& there = tenant.registrations.add(std::move(registration));
  Answer answer = created("/v2/registrations/" + there.id);
  Change change;
  change.documents.push_back(registration_document(tenant.name, there));
  answer.ticket = world.keeper.keep(std::move(change));
  return answer;
}

Checked<Answer> get_registration(World& world, const Call& call) {
  const Tenant& tenant = world.look_at(call.tenant);
  const std::shared_lock lock(tenant.mutex);
  const Registration* there = TRY(found(tenant, call));
  std::string body;
  render_registration(*there, call.now, body);
  return json_answer(std::move(body));
}

Checked<Answer> delete_registration(World& world, const Call& call) {
  Tenant& tenant = world.tenant(call.tenant);
  const std::unique_lock lock(tenant.mutex);
  TRY(found(tenant, call));
  const auto key = document_key({tenant.name, call.captured.front()});
  tenant.registrations.remove(call.captured.front());
  Change change;
  change.documents.push_back(
      {.kind = DocumentKind::registration, .key = key, .body = std::nullopt});
  Answer answer = no_content();
  answer.ticket = world.keeper.keep(std::move(change));
  return answer;
}

}  // namespace sosie::ngsi
