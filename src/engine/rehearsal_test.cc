#include "engine/rehearsal.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "diagnosis/verdict_model.h"
#include "engine/frame_builder.h"

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp rehearsal_noon = *from_iso8601("2026-11-20T12:00:00Z");

/// Speaks of whatever is above 15; has nothing to learn.
class Fifteen final : public Detector {
 public:
  void begin(const AssetColumns& /*columns*/) override {}
  void look(const Frame& frame, SymptomSink& out) override {
    const bool is_high = frame.values[0] > 15;
    if (is_high == is_active_) return;
    is_active_ = is_high;
    out.report({.detector = "fifteen",
                .kind = SymptomKind::residual,
                .active = is_high,
                .at = frame.at,
                .since = frame.at,
                .column = 0,
                .score = 0.9,
                .value = frame.values[0],
                .high = 15});
  }

 private:
  bool is_active_ = false;
};

/// Causes of which an offset alone is seldom one, so that what is found does not hang on what the
/// program's own model has learned.
std::shared_ptr<const diagnosis::VerdictModel> doubting_causes() {
  auto model = diagnosis::VerdictModel::read_text(R"(format = 1
name = "doubting"
least = 0.25
clues = ["residual"]
start = [0, 0, 0, 0, 0, 2.5]
[trees]
sensor_failure = [[0, 0.5, 0, -1]]
)",
                                                  "doubting.toml");
  if (!model) FAIL(model.error().what);
  return std::make_shared<const diagnosis::VerdictModel>(std::move(*model));
}

/// A sensor, a frame a minute: 0 … 9, and now and then 20.
class OneSensor {
 public:
  OneSensor() {
    SeriesInfo info;
    info.entity = "a";
    info.attribute = "value";
    info.asset = "plant";
    series_.declare(info);
    FrameBuilder frames("plant", minutes(1), series_);
    frames.refresh();
    columns_ = frames.columns();
  }

  Training training(double per_day) const {
    return {.make_detectors =
                [] {
                  std::vector<NamedDetector> detectors;
                  detectors.push_back({"1/fifteen", std::make_unique<Fifteen>()});
                  return Result<std::vector<NamedDetector>>(std::move(detectors));
                },
            .zone = Zone::find("UTC").value(),
            .diagnosis = {.verdict = causes_},
            .false_alarms_per_day = per_day};
  }

  const AssetColumns& columns() const { return columns_; }

  void take(Watch& watch, Duration after, double value) {
    const std::vector<double> values{value};
    const std::vector<Timestamp> measured{rehearsal_noon + after};
    const std::vector<std::uint8_t> fresh{1};
    watch.take(Frame{rehearsal_noon + after, values, measured, fresh}, clock_, events_);
  }

  /// Four days, the last of which is rehearsed: there it is high for three minutes every six hours.
  LooseWatch learned(double per_day, const std::string& folder = {}) {
    auto made = make_watch(training(per_day), folder).value();
    made.watch->begin(columns_);
    made.watch->rehearse_from(rehearsal_noon + hours(72));
    for (int minute = 0; minute < 4 * 1440; ++minute) {
      take(*made.watch, minutes(minute), minute < 3 * 1440 ? minute % 10 : value_at(minute));
    }
    models::Version about;
    about.state = models::State::active;
    REQUIRE(made.watch->finish_learning(clock_, about, ""));
    return made;
  }

  /// How many findings the same brings later.
  std::size_t told_later(Watch& watch) {
    events_.clear();
    for (int minute = 0; minute < 360; ++minute) {
      take(watch, hours(96) + minutes(minute), value_at(minute));
    }
    return static_cast<std::size_t>(std::ranges::count_if(
        events_, [](const auto& event) { return event.what == FindingEvent::What::opened; }));
  }

 private:
  std::shared_ptr<const diagnosis::VerdictModel> causes_ = doubting_causes();
  static double value_at(int minute) {
    const int place = minute % 360;
    return place >= 180 && place < 183 ? 20 : minute % 10;
  }

  SeriesTable series_;
  AssetColumns columns_;
  ManualClock clock_{rehearsal_noon};
  std::vector<FindingEvent> events_;
};

TEST_CASE("a rehearsal: the bar lets as many through as the budget allows") {
  const Rehearsed two_days{.days = 2, .chances = {0.9, 0.8, 0.8, 0.6, 0.3}};
  CHECK(two_days.allow(10, 0) == Allowance{.least_chance = 0, .told = 5, .episodes = 5});
  CHECK(two_days.allow(10, 0.65) == Allowance{.least_chance = 0.65, .told = 3, .episodes = 3});
  const auto three = two_days.allow(2, 0.1);  // above the fourth, so that four are expected
  CHECK(three.episodes == 3);
  CHECK((three.least_chance > 0.6 && three.least_chance < 0.61));
  const auto one = two_days.allow(1.5, 0);  // the two of 0.8 go together
  CHECK(one.episodes == 1);
  CHECK((one.least_chance > 0.8 && one.least_chance < 0.81));
  CHECK(two_days.allow(0.4, 0).episodes == 0);
  const Rehearsed sure{.days = 1, .chances = {1, 0.995, 0.5}};
  CHECK(sure.allow(0.1, 0) == Allowance{.least_chance = 0.99, .told = 2, .episodes = 2});
  CHECK(Rehearsed{.days = 3}.allow(0.1, 0.2) == Allowance{.least_chance = 0.2});
}

TEST_CASE("a rehearsal: what has a cause is no false alarm, and where nothing has one all are") {
  // Of a week with faults, and of one without, as development seeds 1011 and 1501 gave them.
  const std::vector<double> faults{0.9998, 0.9996, 0.9987, 0.997, 0.996, 0.99, 0.98, 0.98, 0.83};
  const std::vector<double> calm{0.9, 0.86, 0.79, 0.69, 0.68, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01};

  const Rehearsed quiet{.days = 2, .before = 0.7, .chances = calm};
  const Rehearsed unknown{.days = 2, .before = 0, .chances = calm};
  for (const double part : quiet.false_parts()) CHECK(part == doctest::Approx(1).epsilon(0.01));
  for (const double per_day : {0.1, 1.0, 2.0, 10.0}) {
    CHECK(quiet.allow(per_day, 0.1) == unknown.allow(per_day, 0.1));
  }

  const Rehearsed busy{.days = 2, .before = 0.7, .chances = faults};
  CHECK(busy.allow(1, 0.5) == Allowance{.least_chance = 0.5, .told = 9, .episodes = 0});
  CHECK(Rehearsed{.days = 2, .chances = faults}.allow(1, 0.5).least_chance == 0.99);

  // Both at once: what is false counts, and what has a cause does not.
  std::vector<double> all = faults;
  all.insert(all.end(), calm.begin(), calm.end());
  std::ranges::sort(all, std::greater{});
  const Rehearsed mixed{.days = 2, .before = 0.7, .chances = all};
  const auto kept = mixed.allow(1, 0.1);
  CHECK((kept.least_chance > 0.3 && kept.least_chance < 0.9));
  CHECK(kept.told > faults.size());
  CHECK(kept.episodes <= 2);

  // One sure finding is believed, one that is half sure is not.
  CHECK(Rehearsed{.days = 1, .before = 0.7, .chances = {0.998}}.allow(1, 0).told == 1);
  CHECK(Rehearsed{.days = 1, .before = 0.7, .chances = {0.8}}.allow(1, 0).told == 0);
  CHECK(Rehearsed{.days = 1, .before = 0.7}.false_parts().empty());
}

TEST_CASE("a rehearsal: what was found in it is kept, and refused where it is not that") {
  const Rehearsed rehearsed{.days = 1.75, .before = 0.7, .chances = {0.9, 0.25}};
  CHECK(rehearsed_from_json(to_json(rehearsed)).value() == rehearsed);
  CHECK(rehearsed_from_json(R"({"days": 1, "chances": [0.1, 0.5]})").value().chances.front() ==
        0.5);
  CHECK(rehearsed_from_json(R"({"days": 1, "chances": [0.1]})").value().before == 0);
  for (const auto* text : {"", "[]", R"({"days": 1, "before": 1, "chances": []})", R"({"days": 1})",
                           R"({"days": -1, "chances": []})", R"({"days": 1, "chances": [2]})",
                           R"({"days": "1", "chances": []})", R"({"days": 1, "chances": ["a"]})"}) {
    const auto read = rehearsed_from_json(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::corrupt);
  }
}

TEST_CASE("a watch keeps all its detectors to the budget, as it was rehearsed") {
  OneSensor plant;
  const auto free = plant.learned(0);
  CHECK_FALSE(free.watch->card().false_alarms);  // no budget: none is rehearsed
  CHECK(plant.told_later(*free.watch) == 1);

  const auto wide = plant.learned(10);
  const auto many = wide.watch->card().false_alarms.value();
  CHECK(many.found == 4);
  CHECK(many.episodes == 4);
  CHECK(many.days == doctest::Approx(22.0 / 24).epsilon(0.01));
  CHECK(many.per_day == doctest::Approx(4 * 24.0 / 22).epsilon(0.01));
  CHECK((many.low < 2 && many.high > 10));
  CHECK(many.least_chance == 0);
  CHECK(plant.told_later(*wide.watch) == 1);

  const auto narrow = plant.learned(1);
  const auto few = narrow.watch->card().false_alarms.value();
  CHECK(few.found == 4);
  CHECK(few.episodes == 0);
  CHECK(few.least_chance > 0);
  CHECK(plant.told_later(*narrow.watch) == 0);
}

TEST_CASE("a rehearsal: a gap is no time without false alarms") {
  OneSensor plant;
  const auto made = make_watch(plant.training(1), {}).value();
  made.watch->begin(plant.columns());
  made.watch->rehearse_from(rehearsal_noon + hours(24));
  for (int minute = 0; minute < 3 * 1440; ++minute) {
    const bool is_gap = minute >= 1440 + 240 && minute < 3 * 1440 - 60;
    if (!is_gap) plant.take(*made.watch, minutes(minute), minute % 10);
  }
  models::Version about;
  REQUIRE(made.watch->finish_learning(SystemClock(), about, ""));
  // Two hours before the gap, an hour of it, and the hour after it.
  CHECK(made.watch->card().false_alarms.value().days == doctest::Approx(4.0 / 24).epsilon(0.02));
}

TEST_CASE("a watch: another budget needs no other model") {
  const auto folder = (std::filesystem::temp_directory_path() / "sosie-rehearsal-test").string();
  std::filesystem::remove_all(folder);
  OneSensor plant;
  (void)plant.learned(1, folder);
  for (const auto& [per_day, told] : {std::pair{1.0, 0U}, std::pair{10.0, 1U}}) {
    const auto again = make_watch(plant.training(per_day), folder).value();
    REQUIRE(again.watch->load_model(plant.columns()));
    CHECK(again.watch->card().false_alarms.value().allowed_per_day == per_day);
    CHECK(plant.told_later(*again.watch) == told);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sosie
