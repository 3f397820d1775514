#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr std::int64_t usual_points = 600;
constexpr std::int64_t max_points = 20'000;

template <class T>
void write_column(json::Writer& out, std::string_view key, const std::vector<T>& column) {
  out.key(key);
  out.begin_array();
  for (const auto& cell : column) {
    if constexpr (std::is_same_v<T, Timestamp>) {
      out.value(to_ms(cell));
    } else {
      out.value(cell);
    }
  }
  out.end_array();
}

/// [[from, to, 2, "out_of_range"], …]
void write_quality(json::Writer& out, const std::vector<QualitySpan>& spans) {
  out.begin_array();
  for (const auto& span : spans) {
    out.begin_array();
    out.value(to_ms(span.from));
    out.value(to_ms(span.to));
    out.value(static_cast<int>(span.quality));
    out.value(to_text(span.reason));
    out.end_array();
  }
  out.end_array();
}

Result<std::string> describe_history(const Api& api, const Request& request) {
  auto& engine = api.engine;
  const auto now = engine.clock().now();
  const auto id = TRY(read_series(request.captured[0], engine.series()));
  const auto to = TRY(ask_time(request, "to", now));
  const auto from = TRY(ask_time(request, "from", to - std::chrono::hours(24)));
  const auto points = TRY(ask_integer(request, "points", usual_points, 1, max_points));
  if (from > to) return Error{Errc::invalid, "'from' is after 'to'"};
  const auto& store = engine.store();
  const auto history = TRY(store.history(id, from, to, static_cast<std::size_t>(points)));
  json::Writer out;
  out.begin_object();
  out.member("series", id.index);
  out.member("resolution", to_text(history.resolution));
  write_column(out, "t", history.t);
  write_column(out, "mean", history.mean);
  write_column(out, "min", history.min);
  write_column(out, "max", history.max);
  write_column(out, "count", history.count);
  if (request.parameter("quality") == "true") {
    const auto quality = TRY(store.quality(id, from, to, static_cast<std::size_t>(points)));
    out.key("quality");
    write_quality(out, quality);
  }
  out.end_object();
  return out.take();
}

}  // namespace

void add_history_routes(Router& router, Api& api) {
  router.add({"GET", "/api/series/{id}/history", Pace::slow, [&api](Request& request) {
                return answer_json([&] { return describe_history(api, request); });
              }});
}

}  // namespace sosie::web
