#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"
#include "web/orders.h"

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
  out.member("takes_target", type.takes_target);
  out.member("scenario_id", type.scenario_id);
  out.member("size_unit", type.size_unit);
  out.member("size_low", type.size_low);
  out.member("size_high", type.size_high);
  out.end_object();
}

void write_setpoint(json::Writer& out, const Setpoint& setpoint) {
  out.begin_object();
  out.member("name", setpoint.name);
  out.key("words");
  write(out, setpoint.words);
  out.member("unit", setpoint.unit);
  out.member("low", setpoint.low);
  out.member("high", setpoint.high);
  out.member("usual", setpoint.usual);
  out.member("value", setpoint.value);
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
  out.key("setpoints");
  out.begin_array();
  for (const auto& setpoint : status.setpoints) write_setpoint(out, setpoint);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<Simulator*> find_simulator(const Api& api) {
  auto* simulator = api.engine.simulator();
  if (simulator == nullptr) return Error{Errc::not_found, "nothing is simulated here"};
  return simulator;
}

/// What of the simulation is to be otherwise; none: as it is.
struct Change {
  std::optional<double> speed;
  std::optional<double> fault_rate;
  std::string weather;  ///< empty: as it is
  std::vector<SetpointOrder> setpoints;
};

Result<Change> read_change(const Request& request) {
  const auto body = TRY(ask_object(request));
  for (const auto& [key, value] : *body.object()) {
    if (key != "speed" && key != "weather" && key != "fault_rate" && key != "setpoints") {
      return Error{
          Errc::invalid,
          fmt::format("'{}' cannot be set; expected speed, weather, fault_rate or setpoints", key)};
    }
  }
  const auto speed = TRY(member_number(body, "speed"));
  const auto rate = TRY(member_number(body, "fault_rate"));
  auto weather = TRY(member_text(body, "weather", ""));
  auto setpoints = TRY(read_setpoints(body));
  return Change{speed, rate, std::move(weather), std::move(setpoints)};
}

/// One setpoint that cannot be, and none is set.
Result<void> check_setpoints(const Simulator& simulator, const Change& change) {
  if (change.setpoints.empty()) return {};
  const auto known = simulator.status().setpoints;
  for (const SetpointOrder& order : change.setpoints) {
    TRY(find_setpoint(known, order.name, order.value));
  }
  return {};
}

Result<void> apply(Simulator& simulator, const Change& change) {
  TRY(check_setpoints(simulator, change));
  if (!change.weather.empty()) {
    TRY(simulator.set_weather(change.weather));
  }
  if (change.fault_rate) {
    TRY(simulator.set_fault_rate(*change.fault_rate));
  }
  for (const SetpointOrder& order : change.setpoints) {
    TRY(simulator.set_setpoint(order.name, order.value));
  }
  if (change.speed) return simulator.set_speed(*change.speed);
  return {};
}

Result<std::string> change(const Api& api, const Request& request) {
  auto* simulator = TRY(find_simulator(api));
  const auto wanted = TRY(read_change(request));
  TRY(apply(*simulator, wanted));
  return describe(simulator);
}

Result<std::string> inject(const Api& api, const Request& request) {
  auto* simulator = TRY(find_simulator(api));
  const auto body = TRY(ask_object(request));
  const auto order = TRY(read_fault(body));
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
