#include <cmath>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

void write_type(json::Writer& out, const FaultType& type) {
  out.begin_object();
  out.member("name", type.name);
  out.member("kind", to_text(type.kind));
  out.key("words");
  write(out, type.words);
  out.key("targets");
  out.begin_array();
  for (const auto& target : type.targets) out.value(target);
  out.end_array();
  out.member("size_unit", type.size_unit);
  out.member("size_low", type.size_low);
  out.member("size_high", type.size_high);
  out.end_object();
}

std::string describe(const Simulator* simulator) {
  const auto status = simulator != nullptr ? simulator->status() : Simulator::Status();
  json::Writer out;
  out.begin_object();
  out.member("available", simulator != nullptr);
  out.member("plant", status.plant);
  out.member("seed", status.seed);
  out.member("speed", status.speed);
  out.member("weather", status.weather);
  out.member("weather_set", status.weather_set);
  out.key("weathers");
  out.begin_array();
  for (const auto& weather : status.weathers) out.value(weather);
  out.end_array();
  out.member("fault_rate", status.fault_rate);
  out.member("now_ms", to_ms(status.now));
  out.member("catching_up", status.catching_up);
  out.key("running");
  out.begin_array();
  for (const auto& label : status.running) {
    out.begin_object();
    write_members(out, label);
    out.end_object();
  }
  out.end_array();
  out.key("types");
  out.begin_array();
  for (const auto& type : status.types) write_type(out, type);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<Simulator*> find_simulator(const Api& api) {
  auto* simulator = api.engine.simulator();
  if (simulator == nullptr) return Error{Errc::not_found, "nothing is simulated here"};
  return simulator;
}

Result<std::string> change(const Api& api, const Request& request) {
  auto* simulator = TRY(find_simulator(api));
  const auto body = TRY(ask_object(request));
  for (const auto& [key, value] : *body.object()) {
    if (key != "speed" && key != "weather" && key != "fault_rate") {
      return Error{Errc::invalid,
                   fmt::format("'{}' cannot be set; expected speed, weather or fault_rate", key)};
    }
  }
  const double nothing = std::nan("");
  const auto speed = TRY(member_number(body, "speed", nothing));
  const auto rate = TRY(member_number(body, "fault_rate", nothing));
  const auto weather = TRY(member_text(body, "weather", ""));
  if (!weather.empty()) {
    TRY(simulator->set_weather(weather));
  }
  if (!std::isnan(rate)) {
    TRY(simulator->set_fault_rate(rate));
  }
  if (!std::isnan(speed)) {
    TRY(simulator->set_speed(speed));
  }
  return describe(simulator);
}

Result<FaultOrder> read_order(const Request& request) {
  const auto body = TRY(ask_object(request));
  const double nothing = std::nan("");
  FaultOrder order;
  order.fault = TRY(member_text(body, "fault", ""));
  order.target = TRY(member_text(body, "target", ""));
  const auto size = TRY(member_number(body, "size", nothing));
  const auto minutes = TRY(member_number(body, "minutes", nothing));
  if (order.fault.empty()) return Error{Errc::invalid, "'fault' is missing"};
  if (!std::isnan(size)) order.size = size;
  constexpr double max_minutes = 60.0 * 24 * 365;
  if (!std::isnan(minutes)) {
    if (!(minutes > 0) || minutes > max_minutes) {
      return Error{Errc::invalid, fmt::format("'minutes' is {}; expected more than 0", minutes)};
    }
    order.lasts = Duration(std::llround(minutes * 60e6));
  }
  return order;
}

Result<std::string> inject(const Api& api, const Request& request) {
  auto* simulator = TRY(find_simulator(api));
  const auto order = TRY(read_order(request));
  const auto label = TRY(simulator->inject(order));
  json::Writer out;
  out.begin_object();
  out.member("label", label);
  out.end_object();
  return out.take();
}

Result<void> cancel(const Api& api, const Request& request) {
  auto* simulator = TRY(find_simulator(api));
  const auto label = TRY(read_id(request.captured[0]));
  return simulator->cancel(label);
}

}  // namespace

void add_simulator_routes(Router& router, Api& api) {
  router.add({"GET", "/api/simulator", Pace::slow, [&api](Request&) {
                return answer_json(
                    [&]() -> Result<std::string> { return describe(api.engine.simulator()); });
              }});
  router.add({"POST", "/api/simulator", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return change(api, request); });
              }});
  router.add({"POST", "/api/simulator/faults", Pace::slow, [&api](Request& request) {
                auto answer = answer_json([&] { return inject(api, request); });
                if (answer.status == 200) answer.status = 201;
                return answer;
              }});
  router.add({"DELETE", "/api/simulator/faults/{label}", Pace::slow, [&api](Request& request) {
                const auto done = cancel(api, request);
                return done ? Response{.status = 204} : answer_error(done.error());
              }});
}

}  // namespace sosie::web
