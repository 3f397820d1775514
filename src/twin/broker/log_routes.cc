#include <array>
#include <mutex>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/broker/answers.h"
#include "twin/broker/json_members.h"
#include "twin/broker/routes.h"

namespace sosie::ngsi {
namespace {

/// Orion refuses lines shorter than this.
constexpr std::int64_t least_line = 100;

/// The management resources have their own form of error.
Answer management_error(std::string_view words) {
  return json_answer(fmt::format(R"({{"error":"{}"}})", words), 400);
}

Answer trace_answer(std::string_view key, std::string_view levels) {
  std::string body;
  Members(body).text(key, levels);
  return json_answer(std::move(body));
}

/// The number that a parameter says; what there is if it is not said; -1 if it is none.
std::int64_t number_or(std::optional<std::string_view> word, std::uint64_t otherwise) {
  if (!word) return static_cast<std::int64_t>(otherwise);
  return to_integer(*word).value_or(-1);
}

/// "true" or "false", however they are written; nothing for anything else.
std::optional<bool> to_flag(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

/// Whether anybody changes something of any tenant right now.
bool is_any_tenant_taken(const World& world) {
  bool taken = false;
  world.each_tenant([&](const Tenant& tenant) {
    const std::shared_lock lock(tenant.mutex, std::try_to_lock);
    taken = taken || !lock.owns_lock();
  });
  return taken;
}

}  // namespace

Checked<Answer> get_log(World& world, const Call& /*call*/) {
  std::string body;
  {
    Members members(body);
    members.number("infoPayloadMaxSize", static_cast<std::int64_t>(world.log.payload_limit));
    members.text("level", world.log.level());
    members.number("lineMaxSize", static_cast<std::int64_t>(world.log.line_limit));
    members.flag("deprecate", world.log.tells_deprecated);
  }
  return json_answer(std::move(body));
}

/// All that is named, or nothing where one is wrong.
Checked<Answer> put_log(World& world, const Call& call) {
  const auto level = call.parameters.find("level");
  const auto payload = call.parameters.find("infoPayloadMaxSize");
  const auto line = call.parameters.find("lineMaxSize");
  const auto deprecate = call.parameters.find("deprecate");
  if (!level && !payload && !line && !deprecate) return management_error("log level missing");
  const auto payload_limit = number_or(payload, world.log.payload_limit);
  const auto line_limit = number_or(line, world.log.line_limit);
  const auto tells = deprecate ? to_flag(*deprecate) : std::nullopt;
  if (payload_limit <= 0) {
    return management_error("infoPayloadMaxSize must be a positive integer");
  }
  if (line_limit < least_line) {
    return management_error("lineMaxSize must be an integer of 100 or more");
  }
  if (deprecate && !tells) return management_error("deprecate must be true or false");
  if (level && !world.log.set_level(*level)) return management_error("invalid log level");
  world.log.payload_limit = static_cast<std::uint64_t>(payload_limit);
  world.log.line_limit = static_cast<std::uint64_t>(line_limit);
  if (tells) world.log.tells_deprecated = *tells;
  return Answer{};
}

Checked<Answer> get_traces(World& world, const Call& /*call*/) {
  return trace_answer("tracelevels", print_trace_levels(world.log.traces()));
}

Checked<Answer> remove_traces(World& world, const Call& call) {
  if (call.captured.empty()) {
    world.log.set_traces({});
    return trace_answer("tracelevels", "all trace levels off");
  }
  const auto levels = parse_trace_levels(call.captured[0]);
  if (!levels) return management_error("poorly formatted trace level string");
  world.log.set_traces(world.log.traces() & ~*levels);
  return trace_answer("tracelevels_removed", call.captured[0]);
}

Checked<Answer> put_traces(World& world, const Call& call) {
  const auto levels = parse_trace_levels(call.captured[0]);
  if (!levels) return management_error("poorly formatted trace level string");
  world.log.set_traces(*levels);
  return trace_answer("tracelevels", call.captured[0]);
}

/// By Orion's names. Ours that guard the same are the tenants': what they hold is both its database
/// and its cache of subscriptions. The others are held for moments only, nobody ever waits there.
Checked<Answer> get_semaphores(World& world, const Call& /*call*/) {
  constexpr std::array<std::string_view, 11> names{
      "alarmMgr",     "connectionContext", "connectionEndpoints",
      "dbConnection", "dbConnectionPool",  "logMsg",
      "metrics",      "request",           "subCache",
      "timeStat",     "transaction"};
  const bool taken = is_any_tenant_taken(world);
  std::string body;
  {
    Members members(body);
    for (const auto name : names) {
      const bool is_tenants = name == "request" || name == "subCache";
      Members(members.key(name)).text("status", is_tenants && taken ? "taken" : "free");
    }
  }
  return json_answer(std::move(body));
}

}  // namespace sosie::ngsi
