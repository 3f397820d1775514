#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"

namespace sosie::ngsi {

/// What one service path of one tenant has seen.
struct Traffic {
  std::uint64_t in = 0;
  std::uint64_t in_bytes = 0;
  std::uint64_t answered_bytes = 0;
  std::uint64_t errors = 0;
  std::chrono::nanoseconds service_time{0};
  std::uint64_t out = 0;
  std::uint64_t out_bytes = 0;
  std::uint64_t out_errors = 0;

  Traffic& operator+=(const Traffic& other);
};

/// The figures of GET /admin/metrics, by tenant and service path (Orion's documentation, "Metrics
/// API"). At most 10,000 pairs are told apart; what comes after that counts as the default
/// tenant's root.
///
/// Threads: any.
class Metrics {
 public:
  void add(std::string_view tenant, std::string_view path, const Traffic& traffic);
  void reset();

  /// The whole tree as JSON; `then_reset`: nothing is lost between reading and resetting.
  std::string render(bool then_reset);

 private:
  using Paths = std::map<std::string, Traffic, std::less<>>;
  struct Table {
    std::map<std::string, Paths, std::less<>> tenants;
    std::size_t pairs = 0;
  };
  Guarded<Table> table_;
};

}  // namespace sosie::ngsi
