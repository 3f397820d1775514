#include "twin/broker/broker.h"

#include <atomic>
#include <mutex>
#include <shared_mutex>

#include <fmt/format.h>

#include "base/log.h"
#include "base/result.h"
#include "base/text.h"
#include "twin/broker/answers.h"
#include "twin/broker/cors.h"
#include "twin/broker/deliveries.h"
#include "twin/broker/entity_document.h"
#include "twin/broker/gate.h"
#include "twin/broker/inner_updates.h"
#include "twin/broker/restoring.h"
#include "twin/broker/routes.h"
#include "twin/broker/uri.h"
#include "twin/broker/world.h"

namespace sosie::ngsi {
namespace {

NgsiError no_service() {
  return bad_request("Service not found. Check your URL as probably it is wrong.");
}

Answer method_not_allowed(const Resource& resource, bool has_cors) {
  Answer answer = error_answer(
      {.status = 405, .error = "MethodNotAllowed", .description = "method not allowed"});
  answer.headers.push_back({"Allow", resource.allowed() + (has_cors ? ", OPTIONS" : "")});
  return answer;
}

bool is_value(const Resource& resource) {
  return resource.segments.back() == "value";
}

/// The management resources take no body, so the rules about bodies are not theirs.
bool is_management(const Resource& resource) {
  return resource.segments.front() == "admin" || resource.segments.front() == "log";
}

Checked<Answer> serve(World& world, Call& call) {
  const auto segments = split_path(call.request.path);
  if (!segments) return no_service();
  const Resource* resource = find_resource(*segments, call.captured);
  if (resource == nullptr) return no_service();
  const bool has_cors = !world.options.cors_origin.empty() && resource->segments.front() == "v2";
  if (has_cors && call.request.method == "OPTIONS") {
    return preflight(world.options, call.request, *resource);
  }
  if (!is_management(*resource)) {
    TRY(check_length(call.request, world.options));
  }
  const Verb* verb = resource->find(call.request.method);
  if (verb == nullptr) return method_not_allowed(*resource, has_cors);
  TRY(fill(call, world.options));
  if (!is_management(*resource)) {
    TRY(check_media(call.request, is_value(*resource)));
  }
  return verb->handler(world, call);
}

void log_deprecated(const World& world, const Request& request, int status) {
  const bool is_v1 = request.path.starts_with("/v1/") || request.path.starts_with("/ngsi");
  if (!is_v1 || !world.log.tells_deprecated) return;
  log::warning("broker", "deprecated NGSIv1 request received: {} {}, response code: {}",
               request.method, json_escaped(request.path), status);
}

void trace(const World& world, const Request& request, const Answer& answer) {
  const auto line = [&](std::string_view what) {
    return fmt::format("{} {} {}", what, request.method, request.path);
  };
  if (world.log.traces_requests()) world.log.trace(line("request"), request.body);
  if (world.log.traces_answers()) world.log.trace(line("answer to"), answer.body);
}

void measure(World& world, const Call& call, const Answer& answer,
             std::chrono::steady_clock::time_point begin) {
  const std::string_view path = call.scope ? std::string_view(call.scope->first()) : "/";
  world.metrics.add(call.tenant, path,
                    {.in = 1,
                     .in_bytes = call.request.body.size(),
                     .answered_bytes = answer.body.size(),
                     .errors = answer.status >= 400 ? 1U : 0U,
                     .service_time = stopwatch() - begin});
}

}  // namespace

class Broker::Impl {
 public:
  Impl(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder)
      : world(std::move(options), clock, keeper, forwarder), restoring(world) {}

  World world;
  Restoring restoring;
  std::atomic<std::uint64_t> requests{0};
  WalkPlace kept_to;
};

Broker::Broker(Options options, const Clock& clock, Keeper& keeper, Forwarder& forwarder)
    : impl_(std::make_unique<Impl>(std::move(options), clock, keeper, forwarder)) {}

Broker::~Broker() = default;

void Broker::use(const Archive& archive) {
  impl_->world.archive = &archive;
}

Result<void> Broker::restore(DocumentKind kind, std::string_view key, std::string_view body) {
  return impl_->restoring.put(kind, key, body);
}

void Broker::start() {
  impl_->restoring.finish();
}

void Broker::bring_back(const Observation& newest) {
  ngsi::bring_back(impl_->world, newest);
}

Answer Broker::handle(const Request& request) {
  World& world = impl_->world;
  const auto begin = stopwatch();
  ++impl_->requests;
  const auto sent = find_header(request.headers, "Fiware-Correlator");
  Call call{.request = request,
            .now = world.clock.now(),
            .correlator = sent.empty() ? world.new_uuid() : std::string(sent)};
  auto served = serve(world, call);
  Answer answer = served ? std::move(*served) : error_answer(served.error());
  answer.headers.push_back({"Fiware-Correlator", call.correlator});
  if (request.path.starts_with("/v2")) add_cors_headers(world.options, request, answer);
  log_deprecated(world, request, answer.status);
  trace(world, request, answer);
  measure(world, call, answer, begin);
  return answer;
}

Ticket Broker::observe(std::span<const Observation> observations, Kept kept) {
  return observe_readings(impl_->world, observations, kept);
}

bool Broker::keep_numbers(std::size_t most) {
  return ngsi::keep_numbers(impl_->world, impl_->kept_to, most);
}

std::string Broker::type_of(std::string_view id) const {
  const Tenant& tenant = impl_->world.look_at({});
  const std::shared_lock lock(tenant.mutex);
  const auto found = tenant.entities.find_all(Scope::of("/"), id, {});
  return found.empty() ? std::string() : std::string(found.front()->type.view());
}

bool Broker::delivered(const Delivery& delivery) {
  return note_delivery(impl_->world, delivery);
}

std::string Broker::mqtt_password(std::string_view subscription) const {
  const auto parts = key_parts(subscription);
  if (parts.size() != 2) return {};
  const Tenant& tenant = impl_->world.look_at(parts[0]);
  const std::shared_lock lock(tenant.mutex);
  const Subscription* found = tenant.subscriptions.find(parts[1]);
  return found == nullptr ? std::string() : found->plan.receiver.password;
}

void Broker::tick() {
  remove_expired(impl_->world);
  keep_counters(impl_->world);
}

BrokerFigures Broker::figures() const {
  BrokerFigures figures;
  figures.requests = impl_->requests;
  impl_->world.each_tenant([&](const Tenant& tenant) {
    const std::shared_lock lock(tenant.mutex);
    ++figures.tenants;
    figures.entities += tenant.entities.size();
    figures.registrations += tenant.registrations.size();
    figures.subscriptions += tenant.subscriptions.size();
    tenant.subscriptions.each([&](const Subscription& subscription) {
      figures.notifications += subscription.state.times_sent;
    });
  });
  return figures;
}

std::vector<TenantFigures> Broker::tenants() const {
  std::vector<TenantFigures> all;
  impl_->world.each_tenant([&](const Tenant& tenant) {
    const std::shared_lock lock(tenant.mutex);
    all.push_back({tenant.name, tenant.entities.size(), tenant.subscriptions.size()});
  });
  return all;
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
  if (!segments || segments->empty()) return false;
  std::vector<std::string> captured;
  return segments->front() == "v2" || find_resource(*segments, captured) != nullptr;
}

}  // namespace sosie::ngsi
