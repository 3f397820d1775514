#include "base/process.h"
#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_rows = 100;
constexpr std::int64_t max_rows = 10'000;

double to_seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

std::string trouble_of(const Api& api) {
  const auto trouble = api.engine.intake().trouble();
  return trouble ? trouble->what : std::string();
}

void write_store(json::Writer& out, const Api& api) {
  const auto stats = api.engine.store().stats();
  const auto none = StoreStats();
  const auto& known = stats ? *stats : none;
  out.begin_object();
  out.member("file", known.file);
  out.member("bytes", known.bytes);
  out.member("oldest_ms", to_ms(known.oldest));
  out.member("newest_ms", to_ms(known.newest));
  out.member("commits", known.commits);
  out.member("last_commit_ms", to_ms(api.pulse.last_commit()));
  out.member("error", stats ? trouble_of(api) : stats.error().what);
  out.end_object();
}

void write_sources(json::Writer& out, const std::vector<SourceStatus>& sources) {
  out.begin_array();
  for (const auto& source : sources) {
    out.begin_object();
    out.member("name", source.name);
    out.member("kind", source.kind);
    out.member("state", source.state);
    out.member("readings", source.readings);
    out.member("refused", source.refused);
    if (source.lag) out.member("lag", *source.lag);
    if (source.lag || source.dead_letters > 0) out.member("dead_letters", source.dead_letters);
    out.member("troubles", source.troubles);
    out.member("contested", source.contested);
    out.member("error", source.error);
    out.end_object();
  }
  out.end_array();
}

void write_notifiers(json::Writer& out, const std::vector<NotifierStatus>& notifiers) {
  out.begin_array();
  for (const auto& notifier : notifiers) {
    out.begin_object();
    out.member("name", notifier.name);
    out.member("lag", notifier.lag);
    out.member("error", notifier.error);
    out.end_object();
  }
  out.end_array();
}

void write_sinks(json::Writer& out, const std::vector<SinkStatus>& sinks) {
  out.begin_array();
  for (const auto& sink : sinks) {
    out.begin_object();
    out.member("name", sink.name);
    out.member("kind", sink.kind);
    out.member("state", sink.state);
    out.member("lag", sink.lag);
    out.member("sent", sink.sent);
    out.member("refused", sink.refused);
    out.member("last_success_ms", to_ms(sink.last_success));
    out.member("error", sink.error);
    out.end_object();
  }
  out.end_array();
}

std::string_view to_text(Stray::What what) {
  switch (what) {
    case Stray::What::swapped:
      return "swapped";
    case Stray::What::nowhere:
      return "nowhere";
    default:
      return "outside";
  }
}

void write_operators(json::Writer& out, const std::vector<OperatorStatus>& operators) {
  out.begin_array();
  for (const auto& [name, kind, counts, strays] : operators) {
    out.begin_object();
    out.member("name", name);
    out.member("kind", kind);
    out.member("taken", counts.taken);
    out.member("given", counts.given);
    out.member("amended", counts.amended);
    out.member("too_late", counts.too_late);
    out.member("bad", counts.bad);
    out.member("outside", counts.outside);
    out.member("swapped", counts.swapped);
    out.member("nowhere", counts.nowhere);
    out.key("strays");
    out.begin_array();
    for (const auto& stray : strays) {
      out.begin_object();
      out.member("object", stray.object);
      out.member("what", to_text(stray.what));
      if (stray.has_place) {
        out.member("longitude", stray.longitude);
        out.member("latitude", stray.latitude);
      }
      out.member("t", to_ms(stray.at));
      out.end_object();
    }
    out.end_array();
    out.end_object();
  }
  out.end_array();
}

void write_zones(json::Writer& out, const places::ZoneSets& zones) {
  out.begin_array();
  for (const auto& set : zones) {
    out.begin_object();
    out.member("name", set->name());
    out.member("zones", set->size());
    out.member("left_out", set->left_out().size());
    out.end_object();
  }
  out.end_array();
}

void write_queues(json::Writer& out, const std::vector<QueueStatus>& queues) {
  out.begin_array();
  for (const auto& queue : queues) {
    out.begin_object();
    out.member("name", queue.name);
    out.member("size", queue.size);
    out.member("capacity", queue.capacity);
    out.end_object();
  }
  out.end_array();
}

std::string describe_system(const Api& api) {
  const auto& statistics = api.engine.statistics();
  json::Writer out;
  out.begin_object();
  out.member("version", api.version);
  out.member("started_ms", to_ms(api.started));
  out.member("uptime_s", to_seconds(SystemClock().now() - api.started));
  out.member("start_to_serving_s", to_seconds(Duration(api.serving_after_us.load())));
  out.member("memory_bytes", resident_bytes());
  out.member("cpu_s", process_cpu_s());
  out.key("readings");
  out.begin_object();
  out.member("taken", statistics.readings_taken.load());
  out.member("refused", statistics.readings_refused.load());
  out.member("per_s", api.pulse.readings_per_s());
  out.end_object();
  out.key("queues");
  write_queues(out, api.engine.queues());
  out.key("store");
  write_store(out, api);
  out.key("sources");
  write_sources(out, api.engine.sources());
  out.key("notifiers");
  write_notifiers(out, api.engine.notifiers());
  out.key("sinks");
  write_sinks(out, api.engine.sinks());
  out.key("operators");
  write_operators(out, api.engine.operators());
  out.key("zones");
  write_zones(out, api.engine.zones());
  out.member("pages_open", api.feed.pages());
  out.end_object();
  return out.take();
}

Result<std::string> list_quarantine(const Api& api, const Request& request) {
  const auto limit = TRY(ask_integer(request, "limit", usual_rows, 1, max_rows));
  const auto quarantine = TRY(api.engine.store().quarantine(static_cast<std::size_t>(limit)));
  json::Writer out;
  out.begin_object();
  out.member("total", quarantine.total);
  out.key("rows");
  out.begin_array();
  for (const auto& row : quarantine.rows) {
    out.begin_object();
    out.member("t", to_ms(row.at));
    out.member("source", row.refusal.source);
    out.member("where", row.refusal.where);
    out.member("reason", row.refusal.reason);
    out.member("sample", row.refusal.sample);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

Response health(const Api& api) {
  const auto health = api.engine.health();
  json::Writer out;
  out.begin_object();
  out.member("status", health);
  out.end_object();
  return {.status = health == "ok" ? 200 : 503, .body = out.take()};
}

}  // namespace

void add_system_routes(Router& router, Api& api) {
  router.add({"GET", "/api/system", Pace::slow, [&api](Request&) {
                return answer_json([&]() -> Result<std::string> { return describe_system(api); });
              }});
  router.add({"GET", "/api/quarantine", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return list_quarantine(api, request); });
              }});
  router.add({"GET", "/health", Pace::quick, [&api](Request&) { return health(api); }});
}

}  // namespace sosie::web
