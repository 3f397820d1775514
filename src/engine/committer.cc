#include "engine/committer.h"

#include <algorithm>

#include "base/log.h"
#include "engine/news.h"

namespace sosie {
namespace {

constexpr std::size_t group_readings = 65536;  ///< one transaction holds about so many at most
constexpr auto retry_after = std::chrono::seconds(1);
constexpr int tries_at_stop = 3;
constexpr Duration glance = std::chrono::milliseconds(50);

Commit view_of(const Parcel& parcel, std::span<const Label> labels, Timestamp at) {
  Commit commit;
  commit.at = at;
  commit.readings = parcel.readings;
  commit.findings = parcel.findings;
  commit.alarms = parcel.alarms;
  commit.labels = labels;
  commit.refusals = parcel.refusals;
  commit.remembered = parcel.remembered;
  commit.documents = parcel.documents;
  commit.earlier = parcel.earlier;
  commit.outgoing = parcel.outgoing;
  commit.arrived = parcel.arrived;
  return commit;
}

}  // namespace

void Committer::start() {
  thread_ = std::jthread([this](const std::stop_token& give_up) { run(give_up); });
}

void Committer::join() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Committer::listen(CommitListener& listener) {
  listeners_.with([&](auto& listeners) { listeners.push_back(&listener); });
}

void Committer::unlisten(CommitListener& listener) {
  listeners_.with([&](auto& listeners) { std::erase(listeners, &listener); });
}

void Committer::label(const Label& label) {
  labels_.with([&](auto& labels) { labels.push_back(label); });
}

std::size_t Committer::gather(std::vector<Parcel>& group) {
  group.clear();
  std::size_t readings = 0;
  auto parcel = queue_.take();
  while (parcel) {
    readings += parcel->readings.size();
    group.push_back(std::move(*parcel));
    if (readings >= group_readings) break;
    parcel = queue_.try_take();
  }
  return readings;
}

bool Committer::commit(const std::vector<Parcel>& group) {
  auto labels = labels_.with([](auto& waiting) { return std::exchange(waiting, {}); });
  std::vector<Commit> commits;
  commits.reserve(group.size());
  const Timestamp now = clock_.now();
  for (const Parcel& parcel : group) {
    commits.push_back(view_of(parcel, commits.empty() ? labels : std::span<const Label>(), now));
  }
  const auto began = stopwatch();
  auto done = store_.append(commits);
  if (done) {
    const std::chrono::duration<double> took = stopwatch() - began;
    statistics_.commit.add(took.count());
    ++statistics_.commits;
    durable_.succeed();
    return true;
  }
  ++statistics_.commit_failures;
  labels_.with(
      [&](auto& waiting) { waiting.insert(waiting.begin(), labels.begin(), labels.end()); });
  const auto before = durable_.trouble();
  if (!before || before->what != done.error().what) {
    log::error("journal", "{}; trying again", done.error().what);
  }
  durable_.fail(std::move(done).error());
  return false;
}

void Committer::publish(const std::vector<Parcel>& group) {
  listeners_.with([&](const auto& listeners) {
    for (auto* listener : listeners) listener->committed(group);
  });
  std::uint64_t number = 0;
  for (const Parcel& parcel : group) number = std::max(number, parcel.number);
  if (number > 0) durable_.publish(number);
}

bool Committer::is_behind() const {
  return queue_.size() * 2 >= queue_.capacity();
}

/// Until the rhythm's next beat, unless somebody waits for a commit or the lane soon would. Steps
/// of alarms are waited for, too, but a commit costs half a millisecond: where hundreds come in a
/// second, those of a glance share one.
void Committer::let_parcels_gather(const std::stop_token& give_up) {
  auto heeds = DurableMark::Heeds::who_cannot_wait;
  for (Duration left = rhythm_; left > Duration::zero() && !is_behind(); left -= glance) {
    const auto patience = std::min<Duration>(left, glance);
    if (give_up.stop_requested() || durable_.wait_for_asker(patience, heeds)) return;
    heeds = DurableMark::Heeds::all;
  }
}

void Committer::keep_house() {
  if (const auto more = store_.retain(clock_.now()); !more) {
    log::warning("journal", "old readings could not be removed: {}", more.error().what);
  }
}

void Committer::run(const std::stop_token& give_up) {
  std::vector<Parcel> group;
  int tries_left = tries_at_stop;
  while (true) {
    const std::size_t readings = gather(group);
    if (group.empty()) break;
    while (!commit(group)) {
      if (give_up.stop_requested() && --tries_left <= 0) {
        log::error("journal", "{} readings could not be written before the end", readings);
        return;
      }
      rest(give_up, retry_after);
    }
    publish(group);
    if (readings < group_readings && !is_behind()) {
      keep_house();
      let_parcels_gather(give_up);
    }
    statistics_.journal_cpu_s = thread_cpu_s();
  }
  // Labels that came after the last parcel.
  if (labels_.with([](const auto& waiting) { return !waiting.empty(); })) {
    commit(std::vector<Parcel>(1));
  }
}

}  // namespace sosie
