#include <algorithm>
#include <array>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"
#include "web/listener.h"

namespace sosie::web {
namespace {

constexpr std::size_t largest_body = std::size_t{1} << 20U;
constexpr std::int64_t usual_alerts = 200;
constexpr std::int64_t most_alerts = 1000;

/// Goes out when what was received is on disk.
Response receive(AlertDesk& desk, const Request& request) {
  if (request.body.size() > largest_body) return problem(413, "an alert has at most 1 MiB");
  const auto receipt = desk.receive(request.body, request.raw_path);
  if (!receipt && receipt.error().code == Errc::unavailable) {
    auto answer = problem(503, receipt.error().what);
    answer.headers.push_back({"Retry-After", "5"});
    return answer;
  }
  if (!receipt) return problem(400, receipt.error().what);
  json::Writer out;
  out.begin_object();
  out.member("taken", (*receipt).alerts.size());
  out.key("alerts");
  out.begin_array();
  for (const auto id : (*receipt).alerts) out.value(id);
  out.end_array();
  out.end_object();
  return {.body = out.take(), .after = (*receipt).ticket};
}

void write_couriers(json::Writer& out, const AlertDesk& desk) {
  out.key("notifiers");
  out.begin_array();
  for (const auto& courier : desk.couriers()) {
    out.begin_object();
    out.member("name", courier.name);
    out.member("told", courier.told);
    out.member("dropped", courier.dropped);
    out.member("waiting", courier.waiting);
    out.member("error", courier.error);
    out.end_object();
  }
  out.end_array();
}

Result<std::string> list(const AlertDesk& desk, const Request& request) {
  const auto limit = TRY(ask_integer(request, "limit", usual_alerts, 1, most_alerts));
  const auto figures = desk.figures();
  json::Writer out;
  out.begin_object();
  out.key("alerts");
  out.begin_array();
  for (const auto& alert : desk.newest(static_cast<std::size_t>(limit))) {
    out.begin_object();
    alerts::write_members(out, alert);
    out.end_object();
  }
  out.end_array();
  out.member("total", figures.kept);
  out.member("open", figures.open);
  out.member("received", figures.received);
  out.member("refused", figures.refused);
  out.member("version", figures.version);
  out.member("fold_s", std::chrono::duration<double>(desk.fold()).count());
  write_couriers(out, desk);
  out.end_object();
  return out.take();
}

Result<std::string> one(const AlertDesk& desk, const Request& request) {
  const auto id = TRY(read_id(request.captured[0]));
  const auto alert = desk.find(id);
  if (!alert) return Error{Errc::not_found, fmt::format("alert {} is not kept here", id)};
  json::Writer out;
  out.begin_object();
  alerts::write_members(out, *alert);
  out.member("raw", alert->notice.raw);
  out.end_object();
  return out.take();
}

}  // namespace

void add_alert_routes(Router& router, Api& api) {
  if (!api.alerts.is_open()) return;
  constexpr std::array<std::string_view, 4> doors{alerts_door, "/alerts", "/alert", "/notify"};
  for (const auto path : doors) {
    router.add({"POST", std::string(path), Pace::slow,
                [&api](Request& request) { return receive(api.alerts, request); }});
  }
  router.add({"GET", "/api/alerts", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list(api.alerts, request); });
              }});
  router.add({"GET", "/api/alerts/{id}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return one(api.alerts, request); });
              }});
}

}  // namespace sosie::web
