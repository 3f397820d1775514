#include "web/ngsi_observer.h"

#include <algorithm>
#include <map>

namespace sosie::web {
namespace {

constexpr std::size_t most_waiting = 65'536;
constexpr auto tick = std::chrono::seconds(1);
constexpr auto second_look = std::chrono::milliseconds(200);
constexpr auto glance_at_journal = std::chrono::milliseconds(10);
/// Told at once: what the broker makes of them is in memory until it is committed.
constexpr std::size_t told_at_once = 4096;
constexpr std::size_t most_waiting_bytes = std::size_t{16} << 20U;
constexpr int longer_pause = 9;  ///< times as long as a round that left readings out
/// Where nobody subscribes: what a fast device says meanwhile is folded into one update.
constexpr auto shortest_unheard = std::chrono::milliseconds(200);
constexpr auto longest_unheard = std::chrono::seconds(10);
constexpr auto between_keeps = std::chrono::minutes(1);
/// From when a past is made to when it is committed: whatever is not by then, does not come.
constexpr auto longest_commit = std::chrono::seconds(5);

}  // namespace

void NgsiObserver::start() {
  engine_.listen(*this);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void NgsiObserver::stop() {
  engine_.unlisten(*this);
  thread_ = {};
}

void NgsiObserver::committed(std::span<const Parcel> parcels) {
  const std::scoped_lock lock(mutex_);
  for (const auto& parcel : parcels) {
    for (const auto& reading : parcel.readings) newest_at_ = std::max(newest_at_, reading.at);
    if (parcel.is_from_road) continue;  // from the broker itself
    if (newest_.empty() && waiting_.size() + parcel.readings.size() <= most_waiting) {
      waiting_.insert(waiting_.end(), parcel.readings.begin(), parcel.readings.end());
      continue;
    }
    for (const auto& reading : std::exchange(waiting_, {})) newest_.add(reading);
    for (const auto& reading : parcel.readings) newest_.add(reading);
  }
  if (has_some()) has_some_.notify_one();
}

/// Or is not committed to its end yet: of a part of it, even the newest is no news.
bool NgsiObserver::is_past_being_made() {
  const auto* const simulator = engine_.simulator();
  if (simulator == nullptr) return false;
  const auto status = simulator->status();
  if (status.catching_up) {
    past_end_.reset();
    return true;
  }
  if (!past_end_) {
    past_end_ = status.now;
    past_made_ = stopwatch();
  }
  const std::scoped_lock lock(mutex_);
  return newest_at_ < *past_end_ && stopwatch() - past_made_ < longest_commit;
}

NgsiObserver::Round NgsiObserver::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_some_.wait_for(lock, stop, tick, [&] { return has_some(); });
  if (newest_.empty()) return {std::exchange(waiting_, {}), false};
  return {newest_.take(), true};
}

bool NgsiObserver::has_subscriptions() const {
  return std::ranges::any_of(broker_.tenants(),
                             [](const auto& tenant) { return tenant.subscriptions > 0; });
}

/// Where nobody subscribes, or there are more readings than can be told, telling more of them or
/// more often would only take the time of those who make them.
void NgsiObserver::tell_round(const std::stop_token& stop) {
  auto round = take(stop);
  if (round.readings.empty()) return;
  if (!round.is_newest_only && !has_subscriptions()) {
    for (const auto& reading : round.readings) untold_.add(reading);
    round = {untold_.take(), true};
  }
  leave_out_past(round.readings);
  const auto began = stopwatch();
  tell(round.readings, stop);
  if (!round.is_newest_only) return;
  const auto took = std::chrono::duration_cast<Duration>(stopwatch() - began);
  const Duration fair = took * longer_pause;
  pause(has_subscriptions() ? std::min<Duration>(fair, tick)
                            : std::clamp<Duration>(fair, shortest_unheard, longest_unheard),
        stop);
}

void NgsiObserver::pause(Duration lasts, const std::stop_token& stop) {
  SystemClock clock;
  for (; lasts > Duration::zero() && !stop.stop_requested(); lasts -= tick) {
    clock.sleep(clock.now() + std::min<Duration>(lasts, tick), stop);
    keep_time();
  }
}

void NgsiObserver::run(const std::stop_token& stop) {
  next_tick_ = stopwatch() + tick;
  next_keep_ = stopwatch() + between_keeps;
  // A short past may be made before anyone has seen that it is being made.
  if (engine_.simulator() != nullptr) past_until_ = engine_.clock().now();
  while (!stop.stop_requested()) {
    if (is_past_being_made()) {
      past_until_ = engine_.clock().now();
      SystemClock clock;
      clock.sleep(clock.now() + second_look, stop);
    } else {
      tell_round(stop);
    }
    keep_time();
    keep_numbers(stop);
  }
  tell(take(stop).readings, stop);  // what came last
  // Twice: a round that was under way has left out what changed behind it.
  for (int round = 0; round < 2; ++round) {
    while (broker_.keep_numbers(told_at_once)) engine_.documents().settle(tick);
  }
}

void NgsiObserver::keep_numbers(const std::stop_token& stop) {
  if (stopwatch() < next_keep_) return;
  while (!stop.stop_requested() && broker_.keep_numbers(told_at_once)) {
    keep_time();
    let_journal_come(stop);
  }
  next_keep_ = stopwatch() + between_keeps;
}

void NgsiObserver::keep_time() {
  if (stopwatch() < next_tick_) return;
  broker_.tick();
  events_.beat();
  next_tick_ = stopwatch() + tick;
}

/// A past that is made up is no news to subscribers: of it the newest alone is what is now.
void NgsiObserver::leave_out_past(std::vector<Reading>& readings) const {
  const auto is_past = [&](const Reading& reading) { return reading.at < past_until_; };
  if (std::ranges::none_of(readings, is_past)) return;
  std::map<SeriesId, Timestamp> newest;
  for (const auto& reading : readings) {
    auto& at = newest[reading.series];
    at = std::max(at, reading.at);
  }
  std::erase_if(readings, [&](const Reading& reading) {
    return is_past(reading) && reading.at < newest[reading.series];
  });
}

void NgsiObserver::tell(std::span<const Reading> readings, const std::stop_token& stop) {
  const auto kept = has_subscriptions() ? ngsi::Kept::now : ngsi::Kept::later;
  while (!readings.empty()) {
    auto count = std::min(told_at_once, readings.size());
    // What a device measured together is told together.
    while (count < readings.size() && readings[count].at == readings[count - 1].at &&
           count < 2 * told_at_once) {
      ++count;
    }
    tell_some(readings.first(count), kept);
    readings = readings.subspan(count);
    keep_time();
    if (!readings.empty()) let_journal_come(stop);
  }
}

/// Not for ever: where the disk is full, subscribers shall be told all the same.
void NgsiObserver::let_journal_come(const std::stop_token& stop) const {
  SystemClock clock;
  const auto end = stopwatch() + tick;
  while (engine_.documents().waiting_bytes() > most_waiting_bytes && stopwatch() < end &&
         !stop.stop_requested()) {
    clock.sleep(clock.now() + glance_at_journal, stop);
  }
}

void NgsiObserver::tell_some(std::span<const Reading> readings, ngsi::Kept kept) {
  observations_.clear();
  for (const auto& reading : readings) {
    const SeriesInfo& info = engine_.series()[reading.series];
    const auto& entity = entity_of(reading.series);
    const std::string_view id = entity.id.empty() ? info.entity : entity.id;
    observations_.push_back(
        {entity.tenant, entity.path, id, entity.type, info.attribute, reading.value, reading.at});
  }
  if (!observations_.empty()) broker_.observe(observations_, kept);
}

/// A reference, which stays: an Observation only borrows its texts. Without an id: it is that of
/// the series.
const EntityName& NgsiObserver::entity_of(SeriesId series) {
  if (series.index >= names_.size()) names_.resize(engine_.series().size());
  const EntityName*& known = names_[series.index];
  if (known == nullptr) known = &find_entity(series);
  return *known;
}

const EntityName& NgsiObserver::find_entity(SeriesId series) {
  if (auto owner = series_.owner(series)) return owners_.emplace_back(std::move(*owner));
  auto type = broker_.type_of(engine_.series()[series].entity);
  const auto [named, is_new] = of_type_.try_emplace(type);
  if (is_new) named->second.type = std::move(type);
  return named->second;
}

}  // namespace sosie::web
