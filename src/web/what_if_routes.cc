#include <algorithm>
#include <memory>
#include <semaphore>

#include "web/api.h"
#include "web/ask.h"
#include "web/what_if.h"

namespace sosie::web {
namespace {

/// Two futures take a core for a while: one question at a time, the next may wait this long.
constexpr auto longest_wait = std::chrono::seconds(3);

Result<std::string> answer_what_if(const Api& api, const Request& request) {
  const auto* simulator = api.engine.simulator();
  if (simulator == nullptr) return Error{Errc::not_found, "nothing is simulated here"};
  const auto body = TRY(ask_object(request));
  const auto begun = stopwatch();
  const auto plant = TRY(simulator->fork());
  const auto& compliance = api.engine.compliance();
  const auto question = TRY(read_what_if(body, *plant, &api.engine.series()));
  // What compliance is computed from is always lived with; only what was asked for is told.
  auto lived = question;
  if (compliance && !lived.sensors.empty()) {
    for (const auto sensor : compliance_sensors(*plant, *compliance))
      lived.sensors.push_back(sensor);
  }
  auto told = TRY(what_if(*plant, lived));
  std::optional<Outcomes> outcomes;
  if (compliance) outcomes = outcomes_of(told, *plant, *compliance, api.engine.zone());
  if (!question.sensors.empty()) {
    std::erase_if(told.courses, [&](const WhatIfCourse& course) {
      return std::ranges::find(question.sensors, course.sensor) == question.sensors.end();
    });
  }
  return describe_what_if({.plant = *plant,
                           .question = question,
                           .told = told,
                           .outcomes = outcomes,
                           .compliance = compliance ? &*compliance : nullptr,
                           .known = &api.engine.series(),
                           .took_s = seconds_since(begun)});
}

}  // namespace

void add_what_if_routes(Router& router, Api& api) {
  // shared: the handler is copied, the turn is one
  const auto turn = std::make_shared<std::binary_semaphore>(1);
  router.add(
      {"POST", "/api/simulator/whatif", Pace::slow, [&api, turn](Request& request) {
         if (!turn->try_acquire_for(longest_wait)) {
           return answer_error(
               {Errc::unavailable, "another what-if is being worked out; ask again in a moment"});
         }
         auto answer = answer_json([&] { return answer_what_if(api, request); });
         turn->release();
         return answer;
       }});
}

}  // namespace sosie::web
