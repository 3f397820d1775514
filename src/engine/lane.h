#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "alarms/book.h"
#include "base/guarded.h"
#include "base/queue.h"
#include "engine/durable_mark.h"
#include "engine/frame_builder.h"
#include "engine/operator_desk.h"
#include "engine/parcel.h"
#include "engine/rule_desk.h"
#include "engine/shadow.h"
#include "engine/statistics.h"
#include "engine/watch.h"
#include "twin/live/latest.h"

namespace sosie {

/// The alarms and what people did to them that the journal has not got yet.
struct AlarmDesk {
  AlarmBook book;
  AlarmBook::Log waiting;
};

/// One thread that owns its asset wholly: marks each reading's quality, keeps the latest values,
/// has it judged by the rules, aligns frames, has them watched, and lives the alarms; what
/// operators derive from it goes the same way, behind it. Parcels come in one queue and leave, with
/// what came of them, by another, in the same order.
///
/// Where there are rules and no detectors, no frames are made: what a reading costs then does not
/// depend on how many series there are.
class Lane {
 public:
  struct Config {
    Duration future_skew = std::chrono::minutes(1);  ///< beyond it, a time lies in the future
    bool store_learning = true;  ///< false: what is only learned from is not kept
    bool judge_silence = true;   ///< frames go on when no reading comes (not in a replay)
  };
  struct Context {
    BoundedQueue<Parcel>& in;
    BoundedQueue<Parcel>& out;
    SeriesTable& series;
    Latest& latest;
    Clock& clock;
    Statistics& statistics;
    Guarded<AlarmDesk>& desk;
    DurableMark& durable;
  };

  Lane(Config config, const Context& context, FrameBuilder frames, std::unique_ptr<Watch> watch,
       rules::RuleSet rules, OperatorDesk& operators);

  /// Before `start` and `warm_up`: limits of rules that were moved in an earlier life, in order of
  /// time.
  void begin_with(std::span<const RuleOrder> moved);

  /// Before `start`: frames of the past, so that detectors know where they are. Findings still open
  /// in the store and seen again keep their ids; the others are closed. `open` may have some that
  /// ended in that past. `history` gives all readings from `since` on.
  using History = std::function<void(const std::function<void(std::span<const Reading>)>&)>;
  void warm_up(const History& history, Timestamp since, const std::vector<Finding>& open);

  /// Before `start`, instead: sources tell of the past of what comes to them (Handover). `known`
  /// are the findings of rules that are open in the store.
  void wait_for_handovers(const std::vector<Finding>& known);

  /// Before `start`: who gets steps of alarms before the journal does.
  using EarlySteps = std::function<void(std::span<const AlarmEvent>)>;
  void tell_early(EarlySteps tell) { tell_early_ = std::move(tell); }

  /// Before `start`: who may change the confidence in findings before alarms are made of them.
  using Weigh = std::function<void(std::span<FindingEvent>)>;
  void weigh_with(Weigh weigh) { weigh_ = std::move(weigh); }

  /// Before `start`: whether sources cannot get at what there is to read, so that time alone says
  /// nothing. Asked on the lane's thread.
  void ask_whether_cut_off(std::function<bool()> is_cut_off) {
    is_cut_off_ = std::move(is_cut_off);
  }

  void start();
  void join();

  const Watch& watch() const { return *watch_; }
  bool makes_frames() const { return makes_frames_; }
  std::size_t open_findings() const { return open_findings_.load(std::memory_order_relaxed); }
  std::uint64_t findings_version() const {
    return findings_version_.load(std::memory_order_relaxed);
  }
  /// While set, silence is not judged: a source is making up the past.
  void set_catching_up(bool value) { catching_up_.store(value, std::memory_order_relaxed); }

 private:
  void run();
  void take(Parcel& parcel);
  void take_past(Parcel& parcel, Timestamp newest_credible);
  void hand_over(const Handover& handover, std::vector<FindingEvent>& findings);
  void know(const Reading& reading, const FrameBuilder::Closed& closed);
  void derive(const Reading& reading, const FrameBuilder::Closed& closed);
  void derive_places(const Parcel& parcel, const FrameBuilder::Closed& closed);
  void settle_derived(Parcel& parcel, const FrameBuilder::Closed& closed);
  void know_derived(std::size_t begin, const FrameBuilder::Closed& closed);
  void mark(Reading& reading, Timestamp newest_credible);
  void take_frame(const Frame& frame, std::vector<FindingEvent>& findings);
  void obey(const ModelOrder& order, std::vector<FindingEvent>& findings);
  void put_in_place(Shadow& shadow, std::vector<FindingEvent>& findings);
  void live_alarms(Parcel& parcel, Timestamp at);
  void look_now_and_then();
  bool live_passing_time(Parcel& parcel);
  void judge_passing_time(Parcel& parcel);
  void derive_from_passing_time(Timestamp now, Parcel& parcel);
  void save_learned(Parcel& parcel);
  void count_open();
  void take_again(std::span<const Reading> readings, std::vector<FindingEvent>& events);
  void know_again(const std::vector<Finding>& open, std::vector<FindingEvent> events);
  void keep_ids(std::vector<FindingEvent>& events) const;
  void drop_unkept(Parcel& parcel) const;
  void pass(Parcel& parcel);
  void refresh();

  const Config config_;
  const Context context_;
  FrameBuilder frames_;
  std::unique_ptr<Watch> watch_;
  std::shared_ptr<Shadow> shadow_;  ///< shared with the desk, which asks how it does
  const Duration rules_memory_;
  const Duration rules_lateness_;
  RuleDesk rules_;
  OperatorDesk& operators_;
  std::vector<Reading> derived_;  ///< from the readings of the parcel at hand
  std::chrono::steady_clock::time_point saved_ = stopwatch();  ///< what operators have learned
  const bool makes_frames_;
  std::optional<Timestamp> live_since_;  ///< by the clock, since when nothing is made up
  Timestamp quiet_since_;                ///< by the clock, when readings came last
  struct Range {
    double low = 0;
    double high = 0;
    bool is_coordinate = false;  ///< and the range is the earth's
  };
  void say_not_on_earth(const Reading& reading, Range& range);
  std::vector<Range> ranges_;          ///< by series index
  std::size_t said_not_on_earth_ = 0;  ///< series in the log
  std::map<std::uint64_t, std::uint64_t>
      kept_ids_;             ///< a finding's id since the start, or of a shadow → in the store
  std::uint64_t taken_ = 0;  ///< parcels, which is the last one's number
  Timestamp frame_at_;       ///< how far event time is: the last frame's, or the youngest reading's
  EarlySteps tell_early_;
  Weigh weigh_;

  std::function<bool()> is_cut_off_;
  std::chrono::steady_clock::time_point looked_;  ///< for idle parts
  Parcel startup_;  ///< what warming up found, for the first parcel to carry
  std::atomic<std::size_t> open_findings_{0};
  std::atomic<std::uint64_t> findings_version_{0};
  std::atomic<bool> catching_up_{false};
  std::jthread thread_;
};

}  // namespace sosie
