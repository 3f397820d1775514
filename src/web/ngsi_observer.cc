#include "web/ngsi_observer.h"

#include <algorithm>

#include "wire/json/value.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_waiting = 65'536;
constexpr auto tick = std::chrono::seconds(1);
constexpr auto second_look = std::chrono::milliseconds(200);

/// Of each series the newest.
void keep_newest(std::vector<Reading>& readings) {
  std::ranges::stable_sort(readings, [](const Reading& a, const Reading& b) {
    return a.series == b.series ? a.at > b.at : a.series < b.series;
  });
  const auto rest = std::ranges::unique(readings, {}, &Reading::series);
  readings.erase(rest.begin(), rest.end());
}

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
  const std::size_t before = waiting_.size();
  for (const auto& parcel : parcels) {
    if (parcel.is_from_road) continue;  // from the broker itself
    waiting_.insert(waiting_.end(), parcel.readings.begin(), parcel.readings.end());
  }
  if (waiting_.size() > most_waiting) keep_newest(waiting_);
  if (waiting_.size() != before) has_some_.notify_one();
}

bool NgsiObserver::is_past_being_made() const {
  const auto* const simulator = engine_.simulator();
  return simulator != nullptr && simulator->status().catching_up;
}

std::vector<Reading> NgsiObserver::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  has_some_.wait_for(lock, stop, tick, [&] { return !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

void NgsiObserver::run(const std::stop_token& stop) {
  auto next_tick = stopwatch() + tick;
  while (!stop.stop_requested()) {
    if (is_past_being_made()) {
      past_until_ = engine_.clock().now();
      SystemClock clock;
      clock.sleep(clock.now() + second_look, stop);
    } else if (auto readings = take(stop); !readings.empty()) {
      leave_out_past(readings);
      tell(readings);
    }
    if (stopwatch() < next_tick) continue;
    broker_.tick();
    events_.beat();
    next_tick = stopwatch() + tick;
  }
  tell(take(stop));  // what came last
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
  if (const auto known = names_.find(series); known != names_.end()) return known->second;
  auto owner = series_.owner(series);
  if (!owner) {
    const auto& id = engine_.series()[series].entity;
    owner = EntityName{{}, "/", id, type_of(id)};
  }
  return names_.emplace(series, std::move(*owner)).first->second;
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
