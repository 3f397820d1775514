#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "engine/statistics.h"
#include "twin/broker/broker.h"
#include "web/delivery/forwarder.h"
#include "web/delivery/postman.h"
#include "web/exposition.h"
#include "web/ngsi_events.h"

namespace sosie::web {

/// What the broker's clients asked, counted for /metrics.
///
/// Threads: any.
class NgsiFigures {
 public:
  /// Which of the counted routes `path` (still encoded) belongs to.
  static std::size_t route_of(std::string_view path);

  /// `route`: by `route_of`. `took`: until the answer was there; the commit that it waits for is
  /// not part of it.
  void count(std::size_t route, int status, std::chrono::nanoseconds took);

  void write(Exposition& out) const;

 private:
  static constexpr std::array<std::string_view, 7> routes{
      "entities", "entity", "types", "batch", "subscriptions", "registrations", "other"};
  static constexpr std::array<std::string_view, 4> statuses{"2xx", "3xx", "4xx", "5xx"};

  std::array<std::array<std::atomic<std::uint64_t>, statuses.size()>, routes.size()> counts_{};
  mutable std::mutex mutex_;  ///< the histogram wants one writer
  LatencyHistogram latency_;
};

/// Everything that /metrics says of the broker.
struct NgsiMetricSources {
  const NgsiFigures& requests;
  const ngsi::Broker& broker;
  const delivery::Postman& postman;
  const delivery::HttpForwarder& forwarder;
  const NgsiEvents& events;
  std::uint64_t outbox = 0;  ///< messages in it
};
void write_ngsi_metrics(Exposition& out, const NgsiMetricSources& from);

}  // namespace sosie::web
