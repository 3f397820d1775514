#include <fmt/format.h>

#include "twin/broker/answers.h"
#include "twin/broker/json_members.h"
#include "twin/broker/routes.h"

namespace sosie::ngsi {
namespace {

/// The release whose behaviour ours is: clients choose by it what they may ask for.
constexpr std::string_view orion_release = "4.7.0";

std::string uptime(std::chrono::seconds seconds) {
  const auto s = seconds.count();
  return fmt::format("{} d, {} h, {} m, {} s", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

std::chrono::seconds since(Timestamp begin, Timestamp now) {
  return std::chrono::floor<std::chrono::seconds>(now - begin);
}

Answer counters_reset() {
  return json_answer(R"({"message":"All statistics counter reset"})");
}

}  // namespace

Checked<Answer> get_version(World& world, const Call& call) {
  const auto up = uptime(since(world.started(), call.now));
  std::string body;
  {
    Members members(body);
    for (const auto& [name, version] :
         {std::pair{"orion", orion_release}, {"sosie", std::string_view(world.options.version)}}) {
      Members inner(members.key(name));
      inner.text("version", version);
      inner.text("uptime", up);
    }
  }
  return json_answer(std::move(body));
}

Checked<Answer> get_entry_point(World& /*world*/, const Call& /*call*/) {
  return json_answer(
      R"({"entities_url":"/v2/entities","types_url":"/v2/types",)"
      R"("subscriptions_url":"/v2/subscriptions","registrations_url":"/v2/registrations"})");
}

Checked<Answer> get_statistics(World& world, const Call& call) {
  std::string body;
  {
    Members members(body);
    members.number("uptime_in_secs", since(world.started(), call.now).count());
    members.number("measuring_interval_in_secs",
                   since(world.measured_since.load(), call.now).count());
  }
  return json_answer(std::move(body));
}

Checked<Answer> reset_statistics(World& world, const Call& call) {
  world.measured_since = call.now;
  return counters_reset();
}

Checked<Answer> get_cache_statistics(World& world, const Call& /*call*/) {
  std::uint64_t items = 0;
  world.each_tenant([&](const Tenant& tenant) {
    const std::shared_lock lock(tenant.mutex);
    items += tenant.subscriptions.size();
  });
  std::string body;
  {
    Members members(body);
    members.number("inserts", world.subscriptions_made.load());
    members.number("removes", world.subscriptions_removed.load());
    members.number("updates", world.subscriptions_changed.load());
    members.number("items", static_cast<std::int64_t>(items));
  }
  return json_answer(std::move(body));
}

Checked<Answer> reset_cache_statistics(World& world, const Call& /*call*/) {
  world.subscriptions_made = 0;
  world.subscriptions_removed = 0;
  world.subscriptions_changed = 0;
  return counters_reset();
}

Checked<Answer> get_metrics(World& world, const Call& call) {
  return json_answer(world.metrics.render(call.parameters.find("reset") == "true"));
}

Checked<Answer> reset_metrics(World& world, const Call& /*call*/) {
  world.metrics.reset();
  return no_content();
}

}  // namespace sosie::ngsi
