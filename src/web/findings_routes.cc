#include <algorithm>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_findings = 100;
constexpr std::int64_t max_findings = 10'000;

/// What is found is what the scoreboard says is found.
ScoreOptions counting(const Api& api) {
  ScoreOptions options;
  options.series = &api.engine.series();
  return options;
}

Result<FindingQuery> read_query(const Request& request, const SeriesTable& series) {
  FindingQuery query;
  if (request.parameter("from")) query.from = TRY(ask_time(request, "from", {}));
  if (request.parameter("to")) query.to = TRY(ask_time(request, "to", {}));
  query.only_open = request.parameter("open") == "true";
  if (const auto kind = request.parameter("kind"); kind && !kind->empty()) {
    query.kind = kind_from_text(*kind);
    if (!query.kind) {
      return Error{Errc::invalid,
                   fmt::format("'kind' is '{}'; expected sensor_failure, sensor_drift, "
                               "pollution_peak, process_malfunction, cyber_attack or unknown",
                               *kind)};
    }
  }
  if (const auto name = request.parameter("series"); name && !name->empty()) {
    query.series = TRY(read_series(*name, series));
  }
  const auto limit = TRY(ask_integer(request, "limit", usual_findings, 1, max_findings));
  query.limit = static_cast<std::size_t>(limit);
  return query;
}

Result<std::string> list_findings(const Api& api, const Request& request) {
  const auto query = TRY(read_query(request, api.engine.series()));
  const auto page = TRY(api.engine.store().findings(query));
  json::Writer out;
  out.begin_object();
  out.key("findings");
  out.begin_array();
  for (const auto& finding : page.findings) {
    out.begin_object();
    write_members(out, finding, api.engine.series());
    out.end_object();
  }
  out.end_array();
  out.member("total", page.total);
  out.end_object();
  return out.take();
}

Result<std::string> describe_finding(const Api& api, const Request& request) {
  const auto id = TRY(read_id(request.captured[0]));
  const auto& store = api.engine.store();
  const auto finding = TRY(store.finding(id));
  if (!finding) return Error{Errc::not_found, fmt::format("no finding {}", id)};
  const auto options = counting(api);
  const auto end = finding->closed.value_or(api.engine.clock().now()) + Duration(1);
  const auto labels =
      TRY(store.labels(std::min(finding->onset, finding->detected) - options.grace, end));
  json::Writer out;
  out.begin_object();
  write_members(out, *finding, api.engine.series());
  out.key("truth");
  out.begin_object();
  out.member("known", api.knows_truth());
  out.key("labels");
  out.begin_array();
  for (const auto& label : labels) {
    if (!belongs(*finding, label, options)) continue;
    out.begin_object();
    write_members(out, label);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  out.end_object();
  return out.take();
}

Result<std::string> list_labels(const Api& api, const Request& request) {
  const auto options = counting(api);
  const auto to = TRY(ask_time(request, "to", api.engine.clock().now()));
  const auto from = TRY(ask_time(request, "from", to - std::chrono::hours(24)));
  const auto labels = TRY(api.engine.store().labels(from, to));
  FindingQuery query;
  query.from = from;
  query.to = to + options.grace;
  query.limit = max_findings;
  const auto page = TRY(api.engine.store().findings(query));
  json::Writer out;
  out.begin_object();
  out.key("labels");
  out.begin_array();
  for (const auto& label : labels) {
    out.begin_object();
    write_members(out, label);
    out.key("found_by");
    out.begin_array();
    for (const auto& finding : page.findings) {
      if (belongs(finding, label, options)) out.value(finding.id);
    }
    out.end_array();
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace

bool Api::knows_truth() const {
  if (engine.simulator() != nullptr) return true;
  const auto labels = engine.store().labels(Timestamp::min(), Timestamp::max());
  return labels && !(*labels).empty();
}

void add_findings_routes(Router& router, Api& api) {
  router.add({"GET", "/api/findings", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list_findings(api, request); });
              }});
  router.add({"GET", "/api/findings/{id}", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_finding(api, request); });
              }});
  router.add({"GET", "/api/labels", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list_labels(api, request); });
              }});
}

}  // namespace sosie::web
