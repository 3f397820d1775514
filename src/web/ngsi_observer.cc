#include "web/ngsi_observer.h"

#include <algorithm>
#include <map>

#include "wire/json/value.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_waiting = 65'536;
constexpr auto tick = std::chrono::seconds(1);
constexpr auto second_look = std::chrono::milliseconds(200);
constexpr int longer_pause = 9;  ///< times as long as a round that left readings out

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

bool NgsiObserver::is_past_being_made() const {
  const auto* const simulator = engine_.simulator();
  return simulator != nullptr && simulator->status().catching_up;
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
  tell(round.readings);
  if (!round.is_newest_only) return;
  const Duration pause = std::chrono::duration_cast<Duration>(stopwatch() - began) * longer_pause;
  SystemClock clock;
  clock.sleep(clock.now() + std::min<Duration>(pause, tick), stop);
}

void NgsiObserver::run(const std::stop_token& stop) {
  auto next_tick = stopwatch() + tick;
  while (!stop.stop_requested()) {
    if (is_past_being_made()) {
      past_until_ = engine_.clock().now();
      SystemClock clock;
      clock.sleep(clock.now() + second_look, stop);
    } else {
      tell_round(stop);
    }
    if (stopwatch() < next_tick) continue;
    broker_.tick();
    events_.beat();
    next_tick = stopwatch() + tick;
  }
  tell(take(stop).readings);  // what came last
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

void NgsiObserver::tell(const std::vector<Reading>& readings) {
  std::vector<ngsi::Observation> observations;
  observations.reserve(readings.size());
  for (const auto& reading : readings) {
    const auto& entity = entity_of(reading.series);
    observations.push_back({entity.tenant, entity.path, entity.id, entity.type,
                            engine_.series()[reading.series].attribute, reading.value, reading.at});
  }
  if (!observations.empty()) broker_.observe(observations);
}

/// A reference, which stays: an Observation only borrows its texts.
const EntityName& NgsiObserver::entity_of(SeriesId series) {
  if (series.index >= names_.size()) names_.resize(engine_.series().size());
  const EntityName*& known = names_[series.index];
  if (known != nullptr) return *known;
  if (auto owner = series_.owner(series)) return *(known = &kept_.emplace_back(std::move(*owner)));
  const std::string& id = engine_.series()[series].entity;
  const auto [named, is_new] = of_entity_.try_emplace(id);
  if (is_new) named->second = &kept_.emplace_back(EntityName{{}, "/", id, type_of(id)});
  return *(known = named->second);
}

/// Of the entity with this id, where there is one already.
std::string NgsiObserver::type_of(const std::string& id) {
  ngsi::Request question;
  question.method = "GET";
  question.path = "/v2/entities";
  question.query = "limit=1&options=keyValues&attrs=id&id=" + id;
  question.headers = {{"Fiware-ServicePath", "/"}};
  const auto answer = broker_.handle(question);
  const auto found = answer.status == 200 ? json::parse(answer.body) : Result<json::Value>({});
  const auto* const type = found ? found->find("0.type") : nullptr;
  return type != nullptr && type->text() != nullptr ? *type->text() : std::string();
}

}  // namespace sosie::web
