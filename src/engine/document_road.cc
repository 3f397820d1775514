#include "engine/document_road.h"

#include <algorithm>
#include <iterator>

#include "core/sift.h"

namespace sosie {
namespace {

constexpr std::size_t most_pending_bytes = std::size_t{64} << 20U;

std::size_t bytes_of(const DocumentRoad::Entry& entry) {
  std::size_t bytes = 0;
  for (const auto& change : entry.documents) {
    bytes += change.key.size() + (change.body ? change.body->size() : 0);
  }
  for (const auto& state : entry.earlier) bytes += state.key.size() + state.body.size();
  for (const auto& outgoing : entry.outgoing) bytes += outgoing.payload.size();
  return bytes;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
  }
}

}  // namespace

std::uint64_t DocumentRoad::put(Entry entry) {
  auto refusals = sift(entry.readings, "ngsi", series_, clock_.now() + future_limit_);
  statistics_.readings_taken += entry.readings.size();
  statistics_.readings_refused += refusals.size();
  const std::scoped_lock lock(mutex_);
  pending_bytes_ += bytes_of(entry);
  add(std::move(entry));
  append(pending_.refusals, std::move(refusals));
  const std::uint64_t number = ++last_;
  if (on_its_way_ == 0) send();
  return number;
}

void DocumentRoad::hurry(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  if (number <= durable_) return;
  urgent_ = std::max(urgent_, number);
  if (on_its_way_ != 0) durable_mark_.hurry(on_its_way_);  // it is in it, or behind it
}

void DocumentRoad::add(Entry&& entry) {
  append(pending_.readings, std::move(entry.readings));
  append(pending_.documents, std::move(entry.documents));
  append(pending_.earlier, std::move(entry.earlier));
  append(pending_.outgoing, std::move(entry.outgoing));
  append(pending_.arrived, std::move(entry.arrived));
}

/// Where the lane's queue is full, the next commit, which makes room, comes here again.
void DocumentRoad::send() {
  if (last_ == last_on_its_way_) return;
  pending_.is_from_road = true;
  const std::uint64_t number = lane_.try_put(pending_);
  if (number == 0) return;
  if (urgent_ > last_on_its_way_) durable_mark_.hurry(number);
  pending_ = {};
  pending_bytes_ = 0;
  on_its_way_ = number;
  last_on_its_way_ = last_;
}

bool DocumentRoad::is_behind() const {
  return waiting_bytes() > most_pending_bytes;
}

std::size_t DocumentRoad::waiting_bytes() const {
  const std::scoped_lock lock(mutex_);
  return pending_bytes_;
}

std::uint64_t DocumentRoad::durable() const {
  const std::scoped_lock lock(mutex_);
  return durable_;
}

bool DocumentRoad::settle(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = last_;
  if (wanted > durable_) {
    urgent_ = std::max(urgent_, wanted);
    if (on_its_way_ != 0) durable_mark_.hurry(on_its_way_);
  }
  return moved_.wait_for(lock, patience, [&] { return durable_ >= wanted; });
}

void DocumentRoad::on_durable(Listener listener) {
  const std::scoped_lock lock(listener_mutex_);
  listener_ = std::move(listener);
}

void DocumentRoad::finish() {
  Parcel rest;
  {
    const std::scoped_lock lock(mutex_);
    if (last_ == last_on_its_way_) return;
    rest = std::exchange(pending_, {});
    pending_bytes_ = 0;
    last_on_its_way_ = last_;
  }
  rest.is_from_road = true;
  lane_.put(rest, std::stop_token());  // without the lock: room is made by a commit, which takes it
}

void DocumentRoad::committed(std::span<const Parcel> parcels) {
  std::uint64_t reached = 0;
  for (const auto& parcel : parcels) reached = std::max(reached, parcel.number);
  std::uint64_t durable = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (on_its_way_ != 0 && on_its_way_ <= reached) {
      durable = durable_ = last_on_its_way_;
      on_its_way_ = 0;
      moved_.notify_all();
    }
    if (on_its_way_ == 0) send();
  }
  if (durable == 0) return;
  const std::scoped_lock lock(listener_mutex_);
  if (listener_) listener_(durable);
}

}  // namespace sosie
