#include "twin/broker/world.h"

#include <mutex>

#include <fmt/format.h>

namespace sosie::ngsi {
namespace {

/// The last `digits` hexadecimal digits of `bits`.
void append_hex(std::uint64_t bits, unsigned digits, std::string& out) {
  constexpr std::string_view names = "0123456789abcdef";
  while (digits-- > 0) out += names[bits >> digits * 4U & 0xfU];
}

}  // namespace

World::World(Options options_given, const Clock& clock_given, Keeper& keeper_given,
             Forwarder& forwarder_given)
    : options(std::move(options_given)),
      clock(clock_given),
      keeper(keeper_given),
      forwarder(forwarder_given),
      measured_since(clock.now()),
      started_(clock.now()),
      random_(options.seed) {
  if (!options.log_level.empty()) log.set_level(options.log_level);
  if (const auto traces = parse_trace_levels(options.trace_levels)) log.set_traces(*traces);
}

Tenant& World::tenant(std::string_view name) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = tenants_.find(name); found != tenants_.end()) return *found->second;
  }
  const std::unique_lock lock(mutex_);
  auto& tenant = tenants_[std::string(name)];
  if (tenant == nullptr) tenant = std::make_unique<Tenant>(name);
  return *tenant;
}

const Tenant& World::look_at(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = tenants_.find(name);
  return found == tenants_.end() ? nobody_ : *found->second;
}

std::string World::new_id() {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch();
  const auto bits = random_.with([](Random& random) { return random.bits(); });
  return fmt::format("{:08x}{:016x}", static_cast<std::uint32_t>(seconds.count()), bits);
}

std::string World::new_uuid() {
  const auto [high, low] =
      random_.with([](Random& random) { return std::pair(random.bits(), random.bits()); });
  std::string out;
  out.reserve(36);
  append_hex(high >> 32U, 8, out);
  append_hex(high >> 16U, 4, out += '-');
  append_hex(high, 3, out += "-4");
  append_hex((low >> 48U & 0x3fffU) | 0x8000U, 4, out += '-');
  append_hex(low, 12, out += '-');
  return out;
}

}  // namespace sosie::ngsi
