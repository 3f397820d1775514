#include "app/live_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/terminal.h"

namespace sosie::app {
namespace {

constexpr std::size_t most_waiting = 2000;

bool is_upper(std::string_view limit) {
  return limit.starts_with("high");
}

struct Word {
  AlarmEvent::What what;
  const char* en;
  const char* fr;
};
constexpr std::array<Word, 8> steps{{{AlarmEvent::What::raised, "raised", "levée"},
                                     {AlarmEvent::What::cleared, "cleared", "terminée"},
                                     {AlarmEvent::What::acknowledged, "acknowledged", "acquittée"},
                                     {AlarmEvent::What::shelved, "shelved", "mise de côté"},
                                     {AlarmEvent::What::unshelved, "unshelved", "reprise"},
                                     {AlarmEvent::What::changed, "changed", "changée"},
                                     {AlarmEvent::What::taken_over, "taken over", "reçue"},
                                     {AlarmEvent::What::given_up, "given up", "cédée"}}};

/// The outermost limit that is broken; nullptr: none.
const SeriesLimit* broken(const std::vector<SeriesLimit>& limits, const Reading& reading) {
  const SeriesLimit* worst = nullptr;
  for (const SeriesLimit& limit : limits) {
    if (limit.series != reading.series) continue;
    const bool beyond =
        is_upper(limit.name) ? reading.value > limit.value : reading.value < limit.value;
    if (!beyond) continue;
    const bool is_outer = worst == nullptr || std::abs(reading.value - limit.value) <
                                                  std::abs(reading.value - worst->value);
    if (is_outer) worst = &limit;
  }
  return worst;
}

}  // namespace

bool LiveLines::speaks_french() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("fr");
  }
  return false;
}

LiveLines::LiveLines(Engine& engine, Options options)
    : engine_(engine),
      options_(options),
      since_(engine.scenario().recorded ? Timestamp{}
                                        : engine.clock().now() - std::chrono::seconds(15)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
  engine_.listen(*this);
}

LiveLines::~LiveLines() {
  engine_.unlisten(*this);
  thread_.request_stop();
}

bool LiveLines::is_watched(SeriesId series) const {
  const auto& names = engine_.scenario().watched;
  const SeriesInfo& info = engine_.series()[series];
  if (!names.empty()) {
    return std::ranges::any_of(
        names, [&](const std::string& name) { return name == info.name() || name == info.entity; });
  }
  const auto limits = engine_.limits();
  if (limits.empty()) return info.asset == engine_.scenario().asset;
  return std::ranges::find(limits, series, &SeriesLimit::series) != limits.end();
}

void LiveLines::add(Item item) {
  waiting_.push_back(std::move(item));
  if (waiting_.size() <= most_waiting) return;
  waiting_.pop_front();
  ++missed_;
}

void LiveLines::committed(std::span<const Parcel> parcels) {
  const std::scoped_lock lock(mutex_);
  for (const Parcel& parcel : parcels) {
    for (const Reading& reading : parcel.readings) {
      if (reading.at >= since_) add(reading);
    }
    for (const AlarmEvent& event : parcel.alarms) {
      if (event.at >= since_) add(event);
    }
  }
  if (!waiting_.empty()) has_some_.notify_one();
}

bool LiveLines::has_alarm(SeriesId series) const {
  return std::ranges::any_of(engine_.live_alarms(), [&](const Alarm& alarm) {
    return alarm.is_active() && alarm.series == series;
  });
}

std::string LiveLines::clock_time(Timestamp at) const {
  const auto there = std::chrono::floor<std::chrono::seconds>(at) + engine_.zone().offset(at);
  const std::chrono::hh_mm_ss clock(there - std::chrono::floor<std::chrono::days>(there));
  return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string LiveLines::line(const Reading& reading) const {
  const SeriesInfo& info = engine_.series()[reading.series];
  const auto limits = engine_.limits();
  const SeriesLimit* limit = broken(limits, reading);
  std::string verdict = "✔ normal";
  std::string_view paint = colour::green;
  if (limit != nullptr) {
    const bool upper = is_upper(limit->name);
    const std::string_view word =
        options_.french ? (upper ? "au-dessus de" : "en dessous de") : (upper ? "above" : "below");
    verdict = fmt::format("{} {} {:.6g}", upper ? "▲" : "▼", word, limit->value);
    paint = colour::bold_red;
  } else if (has_alarm(reading.series)) {
    verdict = options_.french ? "■ alarme" : "■ alarm";
    paint = colour::bold_red;
  } else if (reading.quality != Quality::good) {
    verdict = options_.french ? "? incertain" : "? uncertain";
    paint = colour::yellow;
  }
  const auto text = fmt::format("{}  {:<24} {:>9.2f} {:<4}  {}", clock_time(reading.at),
                                info.name(), reading.value, info.unit, verdict);
  return options_.colour ? painted(text, paint) : text;
}

std::string LiveLines::line(const AlarmEvent& event) const {
  const auto step = std::ranges::find(steps, event.what, &Word::what);
  const auto words = options_.french ? step->fr : step->en;
  const auto& message = options_.french ? event.alarm.message.fr : event.alarm.message.en;
  const bool is_over =
      event.what == AlarmEvent::What::cleared || event.what == AlarmEvent::What::given_up;
  auto text = fmt::format("{}  {} {}, {}: {}", clock_time(event.at), is_over ? "□" : "■",
                          to_text(event.alarm.priority), words, message);
  if (!event.who.empty()) text += fmt::format(" ({})", event.who);
  return options_.colour ? painted(text, is_over ? colour::green : colour::bold_red) : text;
}

void LiveLines::run(const std::stop_token& stop) {
  for (;;) {
    std::deque<Item> items;
    std::size_t missed = 0;
    {
      std::unique_lock lock(mutex_);
      has_some_.wait(lock, stop, [&] { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      items.swap(waiting_);
      missed = std::exchange(missed_, 0);
    }
    if (missed > 0) std::printf(options_.french ? "… %zu lignes\n" : "… %zu lines\n", missed);
    for (const Item& item : items) {
      const auto* const reading = std::get_if<Reading>(&item);
      if (reading != nullptr && !is_watched(reading->series)) continue;
      const auto text = std::visit([this](const auto& one) { return line(one); }, item);
      std::printf("%s\n", text.c_str());
    }
    std::fflush(stdout);
  }
}

}  // namespace sosie::app
