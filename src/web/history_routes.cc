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

Result<std::string> describe_history(const Api& api, const Request& request) {
  auto& engine = api.engine;
  const auto now = engine.clock().now();
  const auto id = TRY(read_series(request.captured[0], engine.series()));
  const auto to = TRY(ask_time(request, "to", now));
  const auto from = TRY(ask_time(request, "from", to - std::chrono::hours(24)));
  const auto points = TRY(ask_integer(request, "points", usual_points, 1, max_points));
  if (from > to) return Error{Errc::invalid, "'from' is after 'to'"};
  const auto history = TRY(engine.store().history(id, from, to, static_cast<std::size_t>(points)));
  json::Writer out;
  out.begin_object();
  out.member("series", id.index);
  out.member("resolution", to_text(history.resolution));
  write_column(out, "t", history.t);
  write_column(out, "mean", history.mean);
  write_column(out, "min", history.min);
  write_column(out, "max", history.max);
  write_column(out, "count", history.count);
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
