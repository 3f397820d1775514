#include "web/alert_courier.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"

namespace sosie::web {
namespace {

constexpr std::size_t most_steps = 10'000;
constexpr auto first_pause = std::chrono::seconds(1);
constexpr auto longest_pause = std::chrono::seconds(60);

}  // namespace

void AlertCourier::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void AlertCourier::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<AlertCourier::Due> AlertCourier::add(Due due) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(due));
  changed_.notify_one();
  if (waiting_.size() <= most_steps) return std::nullopt;
  ++dropped_;
  const auto second = std::next(waiting_.begin());
  auto oldest = std::move(*second);
  waiting_.erase(second);
  return oldest;
}

bool AlertCourier::tell(const Due& due) {
  const auto told = notifier_.tell(due.event, series_);
  const auto error = told ? std::string() : told.error().what;
  const std::scoped_lock lock(mutex_);
  if (!error.empty() && error != error_) log::warning(name_, "{}; trying again", error);
  error_ = error;
  return error.empty();
}

void AlertCourier::run(const std::stop_token& stop) {
  auto pause = first_pause;
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    const Due due = waiting_.front();  // a copy: the deque may grow meanwhile
    lock.unlock();
    const bool was_told = tell(due);
    if (was_told) report_(due);
    lock.lock();
    if (was_told) {
      waiting_.pop_front();
      ++told_;
      pause = first_pause;
    } else {
      changed_.wait_for(lock, stop, pause, [] { return false; });
      pause = std::min<std::chrono::seconds>(pause * 2, longest_pause);
    }
  }
}

AlertCourier::Status AlertCourier::status() const {
  const std::scoped_lock lock(mutex_);
  return {name_, told_.load(), dropped_.load(), waiting_.size(), error_};
}

}  // namespace sosie::web
