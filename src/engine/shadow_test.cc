#include "engine/shadow.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "base/log.h"
#include "engine/frame_builder.h"

namespace sosie {
namespace {

using std::chrono::minutes;

const Timestamp trial_noon = *from_iso8601("2026-11-20T12:00:00Z");

/// Symptomatic above what it learned, by a factor.
class Above final : public Detector {
 public:
  explicit Above(double factor) : factor_(factor) {}
  void begin(const AssetColumns& /*columns*/) override {}
  void learn(const Frame& frame) override { most_ = std::max(most_, frame.values[0]); }
  void look(const Frame& frame, SymptomSink& out) override {
    const bool is_high = frame.values[0] > factor_ * most_;
    if (is_high == is_active_) return;
    is_active_ = is_high;
    out.report({.detector = "above",
                .kind = SymptomKind::limit,
                .active = is_high,
                .at = frame.at,
                .since = frame.at,
                .column = 0,
                .score = 1,
                .value = frame.values[0],
                .high = factor_ * most_});
  }
  std::string save() const override { return fmt::to_string(most_); }
  Result<void> load(std::string_view model) override {
    most_ = std::stod(std::string(model));
    return {};
  }

 private:
  double factor_;
  double most_ = 0;
  bool is_active_ = false;
};

/// Two sensors, a frame a minute.
class TwoSensors {
 public:
  TwoSensors() {
    for (const auto* name : {"a", "b"}) {
      SeriesInfo info;
      info.entity = name;
      info.attribute = "value";
      info.asset = "plant";
      series_.declare(info);
    }
    FrameBuilder frames("plant", minutes(1), series_);
    frames.refresh();
    columns = frames.columns();
  }

  Training training(double factor) const {
    Training made{.make_detectors =
                      [factor] {
                        std::vector<NamedDetector> detectors;
                        detectors.push_back({"1/above", std::make_unique<Above>(factor)});
                        return Result<std::vector<NamedDetector>>(std::move(detectors));
                      },
                  .zone = Zone::find("UTC").value(),
                  .diagnosis = {}};
    made.diagnosis.hold = minutes(2);
    return made;
  }

  /// Learned from `learned` frames of values 0 … 9.
  LooseWatch watch(double factor, const std::string& folder = {}, int learned = 600) {
    auto made = make_watch(training(factor), folder).value();
    made.watch->begin(columns);
    for (int i = 0; i < learned; ++i) {
      show(i - learned, i % 10,
           [&](const Frame& frame) { made.watch->take(frame, clock, events); });
    }
    models::Version about;
    about.state = models::State::active;
    CHECK(made.watch->finish_learning(clock, about, ""));
    return made;
  }

  template <class Take>
  void show(int minute, double value, const Take& take) {
    const std::vector<double> values{value, value / 2};
    const std::vector<Timestamp> measured(2, trial_noon + minutes(minute));
    const std::vector<std::uint8_t> fresh(2, 1);
    take(Frame{trial_noon + minutes(minute), values, measured, fresh});
  }

  AssetColumns columns;
  ManualClock clock{trial_noon};
  std::vector<FindingEvent> events;

 private:
  SeriesTable series_;
};

TEST_CASE("a shadow: what it says beside the active one is counted, and nothing is raised") {
  TwoSensors plant;
  const auto active = plant.watch(2);     // above 18
  Shadow shadow(plant.watch(4), 2, 0.5);  // above 36
  shadow.begin(plant.columns, *active.watch);
  std::vector<cases::Answer> answers;
  for (int i = 0; i < 300; ++i) {
    const double value = i >= 100 && i < 105 ? 20 : i >= 200 && i < 205 ? 50 : i % 10;
    plant.events.clear();
    plant.show(i, value, [&](const Frame& frame) {
      active.watch->take(frame, plant.clock, plant.events);
      shadow.take(frame, plant.clock, *active.watch, plant.events);
    });
    for (const auto& event : plant.events) {
      if (event.what != FindingEvent::What::opened) continue;
      answers.push_back(
          {.finding = event.finding.id, .at = trial_noon, .who = "Ana", .comment = {}});
      answers.back().is_right = i >= 150;
    }
  }
  REQUIRE(answers.size() == 2);
  const auto trial = shadow.trial(answers);
  CHECK(trial.frames == 300);
  CHECK(trial.to - trial.from == minutes(299));
  CHECK(trial.active == models::Trial::Side{2, 1, 1, 2});
  CHECK(trial.shadow == models::Trial::Side{1, 0, 1, 2});
  CHECK(trial.error_ratio == doctest::Approx(1));  // the same life was learned
  CHECK(trial.budget_per_day == 0.5);
  CHECK(shadow.open().empty());
}

TEST_CASE("a watch whose model is of no use takes an earlier one, and says so") {
  log::set_level(log::Level::off);
  const auto path = std::filesystem::temp_directory_path() / "sosie_watch_test";
  std::filesystem::remove_all(path);
  const auto folder = path.string();
  TwoSensors plant;
  CHECK_FALSE(make_watch(plant.training(2), folder)->watch->load_model(plant.columns));
  plant.watch(2, folder);
  plant.watch(2, folder, 700);
  const auto load = [&](const AssetColumns& columns) {
    auto made = make_watch(plant.training(2), folder).value();
    made.watch->load_model(columns);
    return made.watch->card();
  };
  CHECK(load(plant.columns).version == 2);
  CHECK(load(plant.columns).note.empty());
  std::ofstream(path / "model-2.sosie", std::ios::app) << "x";
  CHECK(load(plant.columns).version == 1);
  CHECK(load(plant.columns).note.starts_with("model 2: "));
  auto slow = plant.columns;
  slow.period = std::chrono::hours(1);
  CHECK_FALSE(load(slow).trained);
  CHECK(load(slow).note.find("model 2: ") == 0);
  std::filesystem::remove_all(path);
}

TEST_CASE("of a model that loads in part nothing stays: neither its rate nor its sensors") {
  log::set_level(log::Level::off);
  TwoSensors plant;
  auto teacher = make_watch(plant.training(2), {}).value();
  teacher.watch->begin(plant.columns);
  for (int i = 0; i < 600; ++i) {
    plant.show(i - 600, i % 10,
               [&](const Frame& frame) { teacher.watch->take(frame, plant.clock, plant.events); });
  }
  const auto whole = teacher.watch->settle(plant.clock);
  auto broken = whole;
  broken.parts.erase("profile");
  auto bare = whole;  // as of a program that knew of neither
  bare.parts.erase("pace");
  bare.parts.erase("about");

  SeriesInfo third;
  third.entity = "c";
  third.attribute = "value";
  auto wider = plant.columns;
  wider.series.push_back(SeriesId{2});
  wider.info.push_back(&third);
  // What the model in use has to say of two sensors at a third of the rate, and of a third sensor.
  const auto notes_under = [&](const ModelFile& model) {
    auto judge = make_watch(plant.training(2), {}).value();
    const auto failed = judge.watch->load(broken, plant.columns);
    CHECK(failed.error().what == "it has no profile");
    REQUIRE(judge.watch->load(model, plant.columns));
    for (int i = 0; i < 20; ++i) {
      plant.show(3 * i, i % 10,
                 [&](const Frame& frame) { judge.watch->take(frame, plant.clock, plant.events); });
    }
    const auto at_other_rate = judge.watch->card().note;
    REQUIRE(judge.watch->load(model, plant.columns));
    judge.watch->begin(wider);
    return std::pair(at_other_rate, judge.watch->card().note);
  };
  const auto [rate, sensors] = notes_under(whole);
  CHECK(rate.find("send at another rate") != std::string::npos);
  CHECK(sensors.starts_with("1 of 3 sensors are unknown to it"));
  CHECK(notes_under(bare) == std::pair<std::string, std::string>());
}

TEST_CASE("a model of sensors that are not there yet: what is known of them waits for them") {
  TwoSensors plant;
  auto teacher = plant.watch(2);
  auto judge = make_watch(plant.training(2), {}).value();
  auto none = plant.columns;
  none.series.clear();
  none.info.clear();
  REQUIRE(judge.watch->load(teacher.watch->settle(plant.clock), none));
  CHECK_FALSE(judge.watch->profile()->band(1, 11));
  judge.watch->begin(plant.columns);
  CHECK(judge.watch->profile()->band(1, 11));
  CHECK(judge.watch->profile()->band(1, 11) == teacher.watch->profile()->band(1, 11));
  for (int i = 0; i < 20; ++i) {
    plant.show(3 * i, i % 10,
               [&](const Frame& frame) { judge.watch->take(frame, plant.clock, plant.events); });
  }
  CHECK(judge.watch->card().note.find("send at another rate") != std::string::npos);
}

TEST_CASE("a model whose sensors have not come yet is of no other plant, whoever comes first") {
  TwoSensors plant;
  auto teacher = plant.watch(2);
  auto judge = make_watch(plant.training(2), {}).value();
  auto columns = plant.columns;
  columns.series.clear();
  columns.info.clear();
  REQUIRE(judge.watch->load(teacher.watch->settle(plant.clock), columns));
  SeriesInfo third;
  third.entity = "c";
  third.attribute = "value";
  columns.series.push_back(SeriesId{2});
  columns.info.push_back(&third);
  judge.watch->begin(columns);
  CHECK(judge.watch->card().note.starts_with("1 of 1 sensors are unknown to it"));
}

TEST_CASE("what one model has open is the other one's after it has taken over") {
  TwoSensors plant;
  const auto active = plant.watch(2);
  Shadow shadow(plant.watch(2), 2, 0);
  shadow.begin(plant.columns, *active.watch);
  for (int i = 0; i < 10; ++i) {
    plant.events.clear();
    plant.show(i, i < 5 ? 1 : 50, [&](const Frame& frame) {
      active.watch->take(frame, plant.clock, plant.events);
      shadow.take(frame, plant.clock, *active.watch, plant.events);
    });
  }
  REQUIRE(active.watch->open_count() == 1);
  REQUIRE(shadow.open().size() == 1);
  CHECK(shadow.open().front().id >= Shadow::first_id);
  plant.events.clear();
  active.watch->close_all(trial_noon, plant.events);
  const auto next = active.watch->next_finding_id();
  active.watch->take_over(shadow.watch());
  active.watch->continue_ids(next);
  CHECK(active.watch->open_count() == 1);
  CHECK(active.watch->take_finding_id() == next);
  plant.events.clear();
  for (int i = 10; i < 20; ++i) {
    plant.show(i, 1,
               [&](const Frame& frame) { active.watch->take(frame, plant.clock, plant.events); });
  }
  REQUIRE(!plant.events.empty());
  CHECK(plant.events.back().what == FindingEvent::What::closed);
  CHECK(plant.events.back().finding.id >= Shadow::first_id);
}

}  // namespace
}  // namespace sosie
