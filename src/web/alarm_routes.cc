#include <cmath>

#include "base/text.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_live = 1000;  ///< the most urgent; the counts tell of all
constexpr std::int64_t usual_events = 200;
constexpr std::int64_t max_events = 10'000;
constexpr double usual_shelf_minutes = 60;
constexpr double max_shelf_minutes = 60.0 * 24 * 365;

std::string list_alarms(const Api& api) {
  const auto version =
      api.engine.versions().alarms;  // first: a change in between is asked for anew
  json::Writer out;
  out.begin_object();
  out.key("alarms");
  out.begin_array();
  for (const auto& alarm : api.engine.live_alarms(most_live))
    write(out, alarm, api.engine.series());
  out.end_array();
  out.member("version", version);
  out.end_object();
  return out.take();
}

Result<std::string> list_events(const Api& api, const Request& request) {
  const auto to = TRY(ask_time(request, "to", api.engine.clock().now() + Duration(1)));
  const auto from = TRY(ask_time(request, "from", to - std::chrono::hours(24 * 7)));
  const auto limit = TRY(ask_integer(request, "limit", usual_events, 1, max_events));
  const auto events = TRY(api.engine.store().alarm_log(from, to, static_cast<std::size_t>(limit)));
  json::Writer out;
  out.begin_object();
  out.key("events");
  out.begin_array();
  for (const auto& event : events) {
    out.begin_object();
    out.member("what", to_text(event.what));
    out.member("at_ms", to_ms(event.at));
    out.member("who", event.who);
    out.member("comment", event.comment);
    out.key("alarm");
    write(out, event.alarm, api.engine.series());
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

/// What a person asks of an alarm.
struct Act {
  std::uint64_t alarm = 0;
  std::string who;
  std::string comment;
  Duration lasts{};
};

Result<Act> read_act(const Request& request) {
  Act act;
  act.alarm = TRY(read_id(request.captured[0]));
  const auto body = TRY(ask_object(request));
  act.who = TRY(member_text(body, "who", ""));
  act.comment = TRY(member_text(body, "comment", ""));
  if (trim(act.who).empty()) return Error{Errc::invalid, "'who' is missing: the name of a person"};
  const auto minutes = TRY(member_number(body, "minutes", usual_shelf_minutes));
  if (!(minutes > 0) || minutes > max_shelf_minutes) {
    return Error{Errc::invalid, fmt::format("'minutes' is {}; expected more than 0", minutes)};
  }
  act.lasts = Duration(std::llround(minutes * 60e6));
  return act;
}

using Apply = Result<Alarm> (*)(Engine&, const Act&);

/// 409 where the alarm is not in a state for it.
Response apply(Api& api, const Request& request, Apply how) {
  const auto act = read_act(request);
  if (!act) return answer_error(act.error());
  const auto alarm = how(api.engine, *act);
  if (!alarm && alarm.error().code == Errc::invalid) return problem(409, alarm.error().what);
  if (!alarm) return answer_error(alarm.error());
  json::Writer out;
  write(out, *alarm, api.engine.series());
  return {.body = out.take()};
}

void add_act(Router& router, Api& api, std::string_view name, Apply how) {
  router.add({"POST", fmt::format("/api/alarms/{{id}}/{}", name), Pace::slow,
              [&api, how](Request& request) { return apply(api, request, how); }});
}

}  // namespace

void add_alarm_routes(Router& router, Api& api) {
  router.add({"GET", "/api/alarms", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return list_alarms(api); });
              }});
  router.add({"GET", "/api/alarms/log", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list_events(api, request); });
              }});
  add_act(router, api, "acknowledge", [](Engine& engine, const Act& act) {
    return engine.acknowledge(act.alarm, act.who, act.comment);
  });
  add_act(router, api, "shelve", [](Engine& engine, const Act& act) {
    return engine.shelve(act.alarm, act.who, act.comment, act.lasts);
  });
  add_act(router, api, "unshelve",
          [](Engine& engine, const Act& act) { return engine.unshelve(act.alarm, act.who); });
}

}  // namespace sosie::web
