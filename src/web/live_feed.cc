#include "web/live_feed.h"

#include <algorithm>
#include <array>

#include "web/api.h"
#include "web/ask.h"
#include "web/describe.h"

namespace sosie::web {
namespace {

constexpr auto period = std::chrono::milliseconds(500);
constexpr int max_quiet_ticks = 2;
constexpr auto live_age = std::chrono::seconds(60);  ///< data older than this are not live

std::optional<Timestamp> newest(const Statistics& statistics) {
  const std::int64_t us = statistics.newest_us;
  if (us == 0) return std::nullopt;
  return Timestamp(Duration(us));
}

void write_counts(json::Writer& out, const AlarmCounts& counts) {
  out.begin_object();
  for (const auto priority :
       {Priority::critical, Priority::high, Priority::medium, Priority::low}) {
    out.key(to_text(priority));
    out.begin_array();
    out.value(counts.of(priority).unacknowledged);
    out.value(counts.of(priority).acknowledged);
    out.end_array();
  }
  out.end_object();
}

void write_newest(json::Writer& out, const std::optional<Alarm>& alarm) {
  if (!alarm) return out.value(nullptr);
  out.begin_object();
  out.member("id", alarm->id);
  out.member("priority", to_text(alarm->priority));
  out.key("message");
  write(out, alarm->message);
  out.member("raised_ms", to_ms(alarm->raised));
  out.end_object();
}

void write_versions(json::Writer& out, const Versions& versions, std::uint64_t received,
                    std::size_t series) {
  out.begin_object();
  out.member("alarms", versions.alarms);
  out.member("findings", versions.findings);
  out.member("simulator", versions.simulator);
  out.member("received", received);
  out.member("series", series);
  out.end_object();
}

/// Of a recording: there is no more of it. Others may still post readings.
bool has_ended(const std::vector<SourceStatus>& sources) {
  const auto is = [](std::string_view state) {
    return [state](const SourceStatus& source) { return source.state == state; };
  };
  return std::ranges::any_of(sources, is("ended")) &&
         std::ranges::none_of(sources, is("running")) &&
         std::ranges::none_of(sources, is("waiting"));
}

}  // namespace

void LiveFeed::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LiveFeed::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  for (const auto& page : pages_) page.events->close();
  pages_.clear();
}

void LiveFeed::run(const std::stop_token& stop) {
  SystemClock wall;
  while (!stop.stop_requested()) {
    tick();
    wall.sleep(wall.now() + period, stop);
  }
}

void LiveFeed::tick() {
  pulse_.look(engine_.statistics(), engine_.clock().now());
  const std::scoped_lock lock(mutex_);
  if (pages_.empty()) return;
  const auto now = status();
  std::erase_if(pages_, [&](Page& page) { return !tell(page, now); });
}

/// False: the page is gone.
bool LiveFeed::tell(Page& page, const Status& status) const {
  std::string text = values_for(page);
  ++page.quiet_ticks;
  if (status.marks != page.marks || page.quiet_ticks >= max_quiet_ticks) {
    text += fmt::format("event: status\ndata: {}\n\n", status.json);
    page.marks = status.marks;
    page.quiet_ticks = 0;
  }
  return text.empty() ? !page.events->is_closed() : page.events->send(text);
}

std::string LiveFeed::values_for(Page& page) const {
  const std::size_t count = page.series ? page.series->size() : engine_.series().size();
  page.told.resize(count);
  json::Writer out;
  bool changed = false;
  out.begin_object();
  out.member("t", to_ms(engine_.clock().now()));
  out.key("v");
  out.begin_array();
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = page.series ? (*page.series)[i] : SeriesId{static_cast<std::uint32_t>(i)};
    const auto reading = engine_.latest().read(id);
    auto& told = page.told[i];
    const bool is_new =
        !told.ever || (reading && (reading->at != told.at || reading->value != told.value ||
                                   reading->quality != told.quality));
    if (!is_new) continue;
    changed = true;
    told.ever = true;
    out.begin_array();
    out.value(id.index);
    if (reading) {
      told = {reading->at, reading->value, reading->quality, true};
      out.value(reading->value);
      out.value(static_cast<int>(reading->quality));
      out.value(to_ms(reading->at));
    } else {
      out.value(nullptr);
      out.value(static_cast<int>(Quality::bad));
      out.value(0);
    }
    out.end_array();
  }
  out.end_array();
  out.end_object();
  return changed ? fmt::format("event: values\ndata: {}\n\n", out.text()) : std::string();
}

LiveFeed::Status LiveFeed::status() const {
  const auto now = engine_.clock().now();
  const auto data = newest(engine_.statistics());
  const auto* simulator = engine_.simulator();
  const auto simulation = simulator != nullptr ? simulator->status() : Simulator::Status();
  const bool ended = engine_.scenario().recorded && has_ended(engine_.sources());
  const bool live = data && now - *data < live_age && !simulation.catching_up && !ended;
  const auto model = engine_.model();

  json::Writer marks;
  marks.begin_object();
  marks.member("live", live);
  marks.member("ended", ended);
  marks.member("simulated", simulator != nullptr);
  marks.member("speed", simulation.speed);
  marks.member("weather", simulation.weather);
  marks.member("learning", !model.trained && !model.detectors.empty());
  marks.member("catching_up", simulation.catching_up);
  marks.key("alarms");
  write_counts(marks, engine_.alarm_counts());
  marks.key("newest");
  write_newest(marks, engine_.newest_alarm());
  marks.member("open_findings", engine_.open_findings());
  marks.key("versions");
  write_versions(marks, engine_.versions(), received_(), engine_.series().size());
  marks.member("health", engine_.health());
  marks.end_object();

  json::Writer clocks;
  clocks.begin_object();
  clocks.member("now_ms", to_ms(now));
  clocks.member("data_ms", to_ms(data));
  clocks.member("wall_ms", to_ms(SystemClock().now()));
  auto json = clocks.take() + ',' + marks.text().substr(1);
  return {std::move(json), marks.take()};
}

std::shared_ptr<EventStream> LiveFeed::subscribe(std::optional<std::vector<SeriesId>> series) {
  Page page;
  page.events = std::make_shared<EventStream>();
  page.series = std::move(series);
  auto events = page.events;
  const auto now = status();
  const std::scoped_lock lock(mutex_);
  page.quiet_ticks = max_quiet_ticks;
  tell(page, now);
  pages_.push_back(std::move(page));
  return events;
}

std::size_t LiveFeed::pages() const {
  const std::scoped_lock lock(mutex_);
  return pages_.size();
}

void add_live_routes(Router& router, Api& api) {
  router.add({"GET", "/api/live", Pace::slow, [&api](Request& request) {
                const auto asked = request.parameter("series").value_or("all");
                if (asked == "all") return Response{.events = api.feed.subscribe(std::nullopt)};
                auto series = ask_series(request, api.engine.series());
                if (!series) return answer_error(series.error());
                return Response{.events = api.feed.subscribe(std::move(*series))};
              }});
}

}  // namespace sosie::web
