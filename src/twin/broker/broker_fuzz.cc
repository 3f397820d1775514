// Whole requests: the first line is "POST /v2/entities?options=keyValues", the rest the body. One
// broker answers them all, so that what one request leaves meets the next.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "twin/broker/broker.h"
#include "twin/broker/broker_fakes.h"

namespace {

using namespace sosie;        // NOLINT(google-build-using-namespace)
using namespace sosie::ngsi;  // NOLINT(google-build-using-namespace)

struct Rig {
  Rig() : broker({.multiservice = true}, clock, keeper, forwarder) { broker.start(); }
  ManualClock clock{Timestamp(std::chrono::hours(490000))};
  MemoryKeeper keeper;
  ScriptedForwarder forwarder;
  Broker broker;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Rig rig;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto blank = line.find(' ');
  const auto target = blank == std::string_view::npos ? line : line.substr(blank + 1);
  const auto question = target.find('?');
  Request request;
  request.method = line.substr(0, blank);
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  if (line.size() < text.size()) {
    request.body = text.substr(line.size() + 1);
    request.headers = {{"Content-Type", "application/json"},
                       {"Content-Length", std::to_string(request.body.size())}};
  }
  const Answer answer = rig.broker.handle(request);
  if (answer.status < 200 || answer.status > 599) __builtin_trap();
  rig.keeper.notifications.clear();
  rig.keeper.readings.clear();
  return 0;
}
