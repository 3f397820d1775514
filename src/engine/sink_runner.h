#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "engine/anomaly_marks.h"
#include "engine/commit_listener.h"
#include "engine/door.h"
#include "engine/news.h"
#include "engine/plan.h"
#include "engine/sink_place.h"
#include "engine/statistics.h"

namespace sosie {

/// Walks one sink along the feed and the alarm log with durable cursors: each batch is given until
/// it is taken. What the sink refuses for good goes to quarantine.
///
/// Its cursors are written once a second and at the end: after a crash the last second comes again.
class SinkRunner final : public CommitListener {
 public:
  using Limits = std::function<std::vector<SeriesLimit>()>;
  struct Pace {
    std::uint64_t split_above = 10'000;              ///< so far behind, what is new comes first
    Duration first_pause = std::chrono::seconds(1);  ///< after a failure; doubled each time
    Duration longest_pause = std::chrono::seconds(8);
    Duration at_stop = std::chrono::seconds(3);  ///< to pass on what is left
  };

  /// Whether alarms and findings may go out yet. Any thread.
  using MayTell = std::function<bool()>;

  SinkRunner(NamedSink named, Store& store, const DoorContext& doors, Limits limits)
      : SinkRunner(std::move(named), store, doors, std::move(limits), Pace{}) {}
  SinkRunner(
      NamedSink named, Store& store, const DoorContext& doors, Limits limits, Pace pace,
      MayTell may_tell = [] { return true; });

  void start();
  void request_stop() { thread_.request_stop(); }
  void join();

  /// Any thread.
  SinkStatus status() const;
  void committed(std::span<const Parcel> parcels) override;
  bool is_early() const { return named_.early; }
  /// Steps that the journal has not got yet, in order: for a sink that does not wait for it.
  void stepped(std::span<const AlarmEvent> steps);

 private:
  enum class Filter { all, since_edge, before_edge };
  enum class Step { took, idle };
  /// What is enough to know a step again, in the order of the log.
  struct EarlyStep {
    std::uint64_t alarm = 0;
    AlarmEvent::What what{};
    Timestamp at;
    explicit(false) EarlyStep(const AlarmEvent& step)
        : alarm(step.alarm.id), what(step.what), at(step.at) {}
    bool operator==(const EarlyStep&) const = default;
  };
  /// A part that was folded takes many steps.
  struct Folded {
    std::uint64_t end = 0;  ///< which
    Timestamp at;           ///< how far it is
  };

  void run(const std::stop_token& stop);
  bool walk(const std::stop_token& stop);

  Result<Step> step();
  void pass_early();
  void forget_early(const std::vector<LoggedAlarmEvent>& logged);
  Result<Step> pass_alarms();
  Result<Step> pass_findings();
  Result<void> give_steps(std::span<const AlarmEvent> steps);
  Result<Step> pass_feed();
  Result<Step> pass_readings(std::uint64_t& cursor, std::uint64_t until, Filter filter);
  Result<Step> pass_folded(std::uint64_t& cursor, const FeedPart& part, Filter filter);
  Folded& folded_of(Filter filter) {
    return filter == Filter::since_edge ? folded_ahead_ : folded_behind_;
  }
  Result<std::vector<Reading>> read_folded(Timestamp from, Timestamp to) const;
  Result<void> give(std::span<const Reading> readings, Filter filter);
  Result<bool> is_newest(const Reading& reading);
  Result<Timestamp> newest_stored(SeriesId series) const;
  Result<Step> pass_steps(std::optional<Error>& held);
  void note_taken(std::size_t given, std::vector<SinkRefusal> refused);
  Result<void> split_if_far_behind();
  Result<void> save(bool at_once);

  void succeeded();
  void is_through();
  void failed(Error error);

  NamedSink named_;
  Store& store_;
  const SeriesTable& series_;
  Door door_;
  const Limits limits_;
  const Pace pace_;
  const MayTell may_tell_;

  // The sink's thread only.
  SinkPlace place_;
  SinkPlace saved_;
  std::chrono::steady_clock::time_point saved_at_;
  Duration pause_;
  std::deque<EarlyStep> given_early_;  ///< and not met in the log yet
  bool is_back_ = true;                ///< no success since the start or the last failure
  std::vector<std::optional<Timestamp>> newest_;  ///< by series, where the sink minds
  std::uint64_t left_out_ = 0;                    ///< of the sink's, as far as it is counted
  Folded folded_behind_;
  Folded folded_ahead_;

  struct Said {
    std::string state = "starting";
    std::string error;
    std::optional<Timestamp> last_success;
  };
  mutable Guarded<Said> said_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> refused_{0};

  Guarded<std::vector<AlarmEvent>> early_;  ///< to be given
  News news_;
  mutable Guarded<SinkPlace> shown_;
  std::jthread thread_;
};

}  // namespace sosie
