#include "web/ngsi_figures.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sosie::web {
namespace {

/// Who gives each of his clients a tenant has thousands: the largest are told apart.
constexpr std::size_t most_tenants = 20;

void count_of(Exposition& out, std::string_view name, std::string_view help, std::uint64_t value) {
  out.family(name, "counter", help);
  out.sample(static_cast<double>(value));
}

void level_of(Exposition& out, std::string_view name, std::string_view help, std::uint64_t value) {
  out.family(name, "gauge", help);
  out.sample(static_cast<double>(value));
}

/// The largest, then the rest in one.
std::vector<ngsi::TenantFigures> shown_tenants(const ngsi::Broker& broker) {
  auto tenants = broker.tenants();
  for (auto& tenant : tenants) {
    if (tenant.name.empty()) tenant.name = "(default)";
  }
  if (tenants.size() <= most_tenants) return tenants;
  std::ranges::sort(tenants, std::ranges::greater(), &ngsi::TenantFigures::entities);
  ngsi::TenantFigures others{.name = "(others)"};
  for (const auto& tenant : std::span(tenants).subspan(most_tenants)) {
    others.entities += tenant.entities;
    others.subscriptions += tenant.subscriptions;
  }
  tenants.resize(most_tenants);
  tenants.push_back(std::move(others));
  return tenants;
}

void write_holdings(Exposition& out, const ngsi::Broker& broker) {
  const auto tenants = shown_tenants(broker);
  out.family("sosie_ngsi_entities", "gauge", "Entities, by tenant");
  for (const auto& tenant : tenants) {
    out.sample(static_cast<double>(tenant.entities), {{"tenant", tenant.name}});
  }
  out.family("sosie_ngsi_subscriptions", "gauge", "Subscriptions, by tenant");
  for (const auto& tenant : tenants) {
    out.sample(static_cast<double>(tenant.subscriptions), {{"tenant", tenant.name}});
  }
  const auto figures = broker.figures();
  level_of(out, "sosie_ngsi_tenants", "Tenants that have been written to", figures.tenants);
  level_of(out, "sosie_ngsi_registrations", "Context providers registered", figures.registrations);
}

void write_deliveries(Exposition& out, const delivery::Postman::Figures& figures) {
  count_of(out, "sosie_ngsi_notifications_arrived_total", "Notifications that receivers answered",
           figures.arrived);
  count_of(out, "sosie_ngsi_notification_failures_total",
           "Attempts to deliver that failed and are made again", figures.failed_attempts);
  count_of(out, "sosie_ngsi_notifications_dropped_total",
           "Notifications that nobody waited for any more", figures.dropped);
  level_of(out, "sosie_ngsi_notifications_waiting", "Notifications that have not arrived yet",
           figures.waiting);
  level_of(out, "sosie_ngsi_notifications_held", "Of those, in memory", figures.held);
}

}  // namespace

std::size_t NgsiFigures::route_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 6> prefixes{{
      {"/v2/entities/", 1},
      {"/v2/entities", 0},
      {"/v2/types", 2},
      {"/v2/op/", 3},
      {"/v2/subscriptions", 4},
      {"/v2/registrations", 5},
  }};
  for (const auto& [prefix, route] : prefixes) {
    if (path.starts_with(prefix)) return route;
  }
  return routes.size() - 1;
}

void NgsiFigures::count(std::size_t route, int status, std::chrono::nanoseconds took) {
  const auto family = static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2);
  counts_.at(route).at(family).fetch_add(1, std::memory_order_relaxed);
  const std::chrono::duration<double> seconds = took;
  const std::scoped_lock lock(mutex_);
  latency_.add(seconds.count());
}

void NgsiFigures::write(Exposition& out) const {
  out.family("sosie_ngsi_requests_total", "counter", "Requests to the NGSI broker");
  for (std::size_t route = 0; route < routes.size(); ++route) {
    for (std::size_t status = 0; status < statuses.size(); ++status) {
      const auto count = counts_.at(route).at(status).load(std::memory_order_relaxed);
      if (count == 0) continue;
      out.sample(static_cast<double>(count),
                 {{"route", routes.at(route)}, {"status", statuses.at(status)}});
    }
  }
  out.histogram("sosie_ngsi_request_seconds",
                "One request to the NGSI broker, without the commit that its answer waits for",
                latency_.snapshot());
}

void write_ngsi_metrics(Exposition& out, const NgsiMetricSources& from) {
  from.requests.write(out);
  write_holdings(out, from.broker);
  write_deliveries(out, from.postman.figures());
  level_of(out, "sosie_ngsi_outbox_messages", "Notifications in the outbox on disk", from.outbox);
  level_of(out, "sosie_ngsi_watchers", "Who watches subscriptions by SSE or WebSocket",
           from.events.watchers());
  const auto forwarded = from.forwarder.figures();
  count_of(out, "sosie_ngsi_forwardings_total", "Questions and updates to context providers",
           forwarded.asked);
  count_of(out, "sosie_ngsi_forwarding_failures_total", "Of those, without an answer",
           forwarded.failed);
}

}  // namespace sosie::web
