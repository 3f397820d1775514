#include "web/pulse.h"

namespace sosie::web {
namespace {

constexpr auto memory = std::chrono::seconds(10);

}  // namespace

void Pulse::look(const Statistics& statistics, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  beats_.push_back({stopwatch(), statistics.readings_taken, statistics.predictions});
  while (beats_.size() > 2 && beats_.back().at - beats_.front().at > memory) beats_.pop_front();
  const std::uint64_t commits = statistics.commits;
  if (commits != commits_) last_commit_ = now;
  commits_ = commits;
}

double Pulse::per_second(std::uint64_t Beat::* counter) const {
  const std::scoped_lock lock(mutex_);
  if (beats_.size() < 2) return 0;
  const std::chrono::duration<double> span = beats_.back().at - beats_.front().at;
  if (span.count() <= 0) return 0;
  return static_cast<double>(beats_.back().*counter - beats_.front().*counter) / span.count();
}

double Pulse::readings_per_s() const {
  return per_second(&Beat::readings);
}
double Pulse::predictions_per_s() const {
  return per_second(&Beat::predictions);
}

std::optional<Timestamp> Pulse::last_commit() const {
  const std::scoped_lock lock(mutex_);
  return last_commit_;
}

}  // namespace sosie::web
