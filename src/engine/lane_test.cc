#include "engine/lane.h"

#include <atomic>
#include <functional>
#include <semaphore>

#include <doctest/doctest.h>

namespace sosie {
namespace {

using std::chrono::seconds;

constexpr std::chrono::microseconds at_once{0};
constexpr std::string_view hot_rule =
    "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
    "priority = 'critical'\n";

/// A lane with one rule, between two queues that the test holds.
class LaneRig {
 public:
  explicit LaneRig(std::string_view rule = hot_rule, const std::function<bool()>& is_cut_off = {}) {
    SeriesInfo info;
    info.entity = "truck-1";
    info.attribute = "temperature";
    info.asset = "fleet";
    series_.declare(info);
    auto scenario = Section::read_text(rule).value();
    clock_.set(*from_iso8601("2026-11-20T10:00:00Z"));
    lane_.emplace(
        Lane::Config{},
        Lane::Context{to_lane_, to_journal_, series_, latest_, clock_, statistics_, desk_, durable},
        FrameBuilder("fleet", seconds(1), series_),
        std::make_unique<Watch>(Watch::Config{}, Zone::find("UTC").value(),
                                std::vector<NamedDetector>(), Diagnosis::Config{}, statistics_),
        rules::RuleSet::read(scenario).value(), operators_);
    lane_->ask_whether_cut_off(is_cut_off);
    lane_->start();
  }
  ~LaneRig() {
    to_lane_.close();
    lane_->join();
  }
  LaneRig(const LaneRig&) = delete;
  LaneRig& operator=(const LaneRig&) = delete;

  /// What the lane makes of one reading.
  Parcel pass(int second, double value) {
    Parcel parcel;
    parcel.readings = {{clock_.now() + seconds(second), value, SeriesId{0}}};
    REQUIRE(to_lane_.put(parcel, {}));
    return to_journal_.take().value();
  }

  void pass_time(Duration time) { clock_.set(clock_.now() + time); }
  std::size_t told() const { return to_journal_.size(); }
  Parcel take() { return to_journal_.take().value(); }

  DurableMark durable;

 private:
  SeriesTable series_;
  Latest latest_;
  ManualClock clock_;
  Statistics statistics_;
  Guarded<AlarmDesk> desk_{AlarmDesk{AlarmBook(AlarmPolicy(), series_), {}}};
  BoundedQueue<Parcel> to_lane_{4};
  BoundedQueue<Parcel> to_journal_{4};
  OperatorDesk operators_{{}, series_, {}};
  std::optional<Lane> lane_;
};

TEST_CASE("lane: an alarm makes the journal hurry, a reading does not") {
  LaneRig rig;
  CHECK(rig.pass(0, 70).alarms.empty());
  CHECK(rig.pass(1, 71).alarms.empty());  // so the lane is done with the one before
  CHECK_FALSE(rig.durable.wait_for_asker(at_once));
  CHECK(rig.pass(2, 90).alarms.size() == 1);
  CHECK(rig.durable.wait_for_asker(seconds(10)));
  CHECK(rig.pass(3, 91).alarms.empty());
  CHECK(rig.pass(4, 92).alarms.empty());
  CHECK_FALSE(rig.durable.wait_for_asker(at_once));
  CHECK(rig.pass(5, 60).alarms.size() == 1);  // its end, too
  CHECK(rig.durable.wait_for_asker(seconds(10)));
}

TEST_CASE("lane: while a source is cut off the clock calls nobody silent, nor soon after") {
  std::atomic<bool> is_away = true;
  std::counting_semaphore<> asked(0);
  LaneRig rig("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n", [&] {
    asked.release();
    return is_away.load();
  });
  const auto ticks = [&] {  // the second begins after the call, and then the first is over
    while (asked.try_acquire()) {
    }
    asked.acquire();
    asked.acquire();
    asked.acquire();
  };
  rig.pass(0, 70);
  for (int i = 0; i < 2; ++i) {
    ticks();
    rig.pass_time(std::chrono::hours(1));
  }
  ticks();
  CHECK(rig.told() == 0);
  is_away = false;
  ticks();
  CHECK(rig.told() == 0);  // as long as any rule gives them: 60 s, and twice the lateness
  rig.pass_time(seconds(200));
  const auto parcel = rig.take();
  REQUIRE(parcel.findings.size() == 1);
  CHECK(parcel.findings[0].finding.episode->rule == "quiet");
}

}  // namespace
}  // namespace sosie
