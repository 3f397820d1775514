#include "twin/broker/broker.h"

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>

#include "base/result.h"
#include "twin/broker/answers.h"
#include "twin/broker/entity_document.h"
#include "twin/broker/gate.h"
#include "twin/broker/inner_updates.h"
#include "twin/broker/routes.h"
#include "twin/broker/uri.h"
#include "twin/broker/world.h"
#include "twin/broker/writer.h"

namespace sosie::ngsi {
namespace {

NgsiError no_service() {
  return bad_request("Service not found. Check your URL as probably it is wrong.");
}

Answer method_not_allowed(const Resource& resource) {
  Answer answer = error_answer(
      {.status = 405, .error = "MethodNotAllowed", .description = "method not allowed"});
  answer.headers.push_back({"Allow", resource.allowed()});
  return answer;
}

bool is_value(const Resource& resource) {
  return resource.segments.back() == "value";
}

Checked<Answer> serve(World& world, Call& call) {
  const auto segments = split_path(call.request.path);
  if (!segments) return no_service();
  const Resource* resource = find_resource(*segments, call.captured);
  if (resource == nullptr) return no_service();
  TRY(check_length(call.request, world.options));
  const Verb* verb = resource->find(call.request.method);
  if (verb == nullptr) return method_not_allowed(*resource);
  TRY(fill(call, world.options));
  TRY(check_media(call.request, is_value(*resource)));
  return verb->handler(world, call);
}

Result<void> not_ours(DocumentKind kind, std::string_view key) {
  return Error{Errc::corrupt, fmt::format("{} '{}' cannot be read", to_text(kind), key)};
}

}  // namespace

class Broker::Impl {
 public:
  Impl(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder)
      : world(std::move(options), clock, keeper, forwarder) {}

  Result<void> restore_entity(std::string_view key, std::string_view body) {
    const auto parts = key_parts(key);
    auto entity = read_entity_document(body);
    if (parts.size() != 4 || !entity) return not_ours(DocumentKind::entity, key);
    entity->service_path = intern(parts[1]);
    entity->id = Text(parts[2]);
    entity->type = intern(parts[3]);
    const auto number = entity->number;
    world.tenant(parts[0]).entities.restore(std::move(*entity), number);
    return {};
  }

  World world;
  std::atomic<std::uint64_t> requests{0};
};

Broker::Broker(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder)
    : impl_(std::make_unique<Impl>(std::move(options), clock, keeper, forwarder)) {}

Broker::~Broker() = default;

Result<void> Broker::restore(DocumentKind kind, std::string_view key, std::string_view body) {
  if (kind == DocumentKind::entity) return impl_->restore_entity(key, body);
  return not_ours(kind, key);
}

void Broker::start() {
  impl_->world.each_tenant([](Tenant& tenant) { tenant.entities.restored(); });
}

Answer Broker::handle(const Request& request) {
  World& world = impl_->world;
  ++impl_->requests;
  const auto sent = find_header(request.headers, "Fiware-Correlator");
  Call call{.request = request,
            .now = world.clock.now(),
            .correlator = sent.empty() ? world.new_uuid() : std::string(sent)};
  auto served = serve(world, call);
  Answer answer = served ? std::move(*served) : error_answer(served.error());
  answer.headers.push_back({"Fiware-Correlator", call.correlator});
  return answer;
}

Ticket Broker::observe(std::span<const Observation> observations) {
  return observe_readings(impl_->world, observations);
}

bool Broker::delivered(const Delivery& /*delivery*/) {
  return false;
}

void Broker::tick() {
  remove_expired(impl_->world);
}

BrokerFigures Broker::figures() const {
  BrokerFigures figures;
  figures.requests = impl_->requests;
  impl_->world.each_tenant([&](const Tenant& tenant) {
    const std::shared_lock lock(tenant.mutex);
    ++figures.tenants;
    figures.entities += tenant.entities.size();
  });
  return figures;
}

Answer Broker::not_kept(const Request& request) {
  Answer answer = error_answer({.status = 500,
                                .error = "InternalServerError",
                                .description = "the change could not be stored"});
  const auto correlator = find_header(request.headers, "Fiware-Correlator");
  if (!correlator.empty()) answer.headers.push_back({"Fiware-Correlator", std::string(correlator)});
  return answer;
}

bool Broker::owns(std::string_view path) {
  const auto segments = split_path(path);
  return segments && !segments->empty() &&
         (segments->front() == "v2" || segments->front() == "version");
}

}  // namespace sosie::ngsi
