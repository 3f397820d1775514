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

/// What of the simulation is to be otherwise; none: as it is.
struct Change {
  std::optional<double> speed;
  std::optional<double> fault_rate;
  std::string weather;  ///< empty: as it is
};

std::optional<double> unless_nan(double value) {
  if (std::isnan(value)) return std::nullopt;
  return value;
}

Result<Change> read_change(const Request& request) {
  const auto body = TRY(ask_object(request));
  for (const auto& [key, value] : *body.object()) {
    if (key != "speed" && key != "weather" && key != "fault_rate") {
      return Error{Errc::invalid,
                   fmt::format("'{}' cannot be set; expected speed, weather or fault_rate", key)};
    }
  }
  const auto speed = TRY(member_number(body, "speed", std::nan("")));
  const auto rate = TRY(member_number(body, "fault_rate", std::nan("")));
  auto weather = TRY(member_text(body, "weather", ""));
  return Change{unless_nan(speed), unless_nan(rate), std::move(weather)};
}

Result<void> apply(Simulator& simulator, const Change& change) {
  if (!change.weather.empty()) {
    TRY(simulator.set_weather(change.weather));
  }
  if (change.fault_rate) {
    TRY(simulator.set_fault_rate(*change.fault_rate));
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

Result<FaultOrder> read_order(const Request& request) {
  const auto body = TRY(ask_object(request));
  FaultOrder order;
  order.fault = TRY(member_text(body, "fault", ""));
  order.target = TRY(member_text(body, "target", ""));
  const auto size = TRY(member_number(body, "size", std::nan("")));
  const auto minutes = TRY(member_number(body, "minutes", std::nan("")));
  if (order.fault.empty()) return Error{Errc::invalid, "'fault' is missing"};
  order.size = unless_nan(size);
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
