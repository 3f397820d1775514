#include <fmt/format.h>

#include "twin/broker/answers.h"
#include "twin/broker/routes.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

std::string uptime(std::chrono::seconds seconds) {
  const auto s = seconds.count();
  return fmt::format("{} d, {} h, {} m, {} s", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

}  // namespace

Checked<Answer> get_version(World& world, const Call& call) {
  const auto up = std::chrono::floor<std::chrono::seconds>(call.now - world.started());
  return json_answer(fmt::format(
      R"({{"orion":{{"version":"{0}","uptime":"{1}"}},"sosie":{{"version":"{0}","uptime":"{1}"}}}})",
      world.options.version, uptime(up)));
}

Checked<Answer> get_entry_point(World& /*world*/, const Call& /*call*/) {
  return json_answer(
      R"({"entities_url":"/v2/entities","types_url":"/v2/types",)"
      R"("subscriptions_url":"/v2/subscriptions","registrations_url":"/v2/registrations"})");
}

}  // namespace sosie::ngsi
