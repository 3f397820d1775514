#include <filesystem>
#include <map>

#include <unistd.h>

#include "app/bench.h"
#include "app/plant_of.h"
#include "base/time_text.h"
#include "engine/engine.h"
#include "wire/json/readings.h"

namespace sosie::app {
namespace {

constexpr int learning_steps = 1440;  ///< two hours
constexpr int judged_steps = 2880;    ///< four hours
constexpr std::string_view road_scenario = R"(
name = "bench"
recorded = true
learn.period = "2h"
intake.queue = 64
[[detector]]
kind = "limits"
[[detector]]
kind = "rate"
[[detector]]
kind = "stuck"
[[detector]]
kind = "machine"
[[detector]]
kind = "missing"
[[detector]]
kind = "noise"
[[detector]]
kind = "residual"
[[detector]]
kind = "slope"
[[detector]]
kind = "clogging"
[[detector]]
kind = "forest"
)";

/// What a connector does with a decoded body: names to handles, then one put.
class Feeder final : public json::ReadingVisitor {
 public:
  explicit Feeder(Intake& intake) : intake_(intake) {}

  void reading(std::size_t /*index*/, const json::ReadingItem& item) override {
    const auto series = intake_.series(item.entity, item.attribute);
    if (!series || !item.time) return;
    batch_.push_back({*item.time, item.value, *series});
  }
  void refused(std::size_t /*index*/, std::string_view /*reason*/,
               std::string_view /*sample*/) override {}

  Admission put() {
    auto said = intake_.put(batch_, "bench");
    batch_.clear();
    return said;
  }

 private:
  Intake& intake_;
  std::vector<Reading> batch_;
};

/// One JSON list a step of the plant.
std::vector<std::string> bodies_of(Plant& plant, int steps) {
  const auto sensors = sensors_of(plant);
  std::vector<PlantValue> values(sensors.size());
  std::vector<std::string> bodies;
  Deaf deaf;
  for (int step = 0; step < steps; ++step) {
    const auto time = to_iso8601(plant.step(values, deaf));
    json::Writer out;
    out.begin_array();
    for (std::size_t i = 0; i < values.size(); ++i) {
      out.begin_object();
      out.member("entity", sensors[i].entity);
      out.member("attribute", sensors[i].attribute);
      out.member("value", values[i].value);
      out.member("time", time);
      out.end_object();
    }
    out.end_array();
    bodies.push_back(out.take());
  }
  return bodies;
}

struct Used {
  double decoding_s = 0;
  double lane_s = 0;
  double journal_s = 0;
  std::uint64_t readings = 0;

  Used operator-(const Used& b) const {
    return {decoding_s - b.decoding_s, lane_s - b.lane_s, journal_s - b.journal_s,
            readings - b.readings};
  }
};

Used used_so_far(const Engine& engine) {
  const auto& s = engine.statistics();
  return {thread_cpu_s(), s.lane_cpu_s, s.journal_cpu_s, s.readings_taken};
}

Result<Used> drive(Engine& engine, Plant& plant) {
  TRY(engine.start());
  for (auto& mine : sensors_of(plant)) {
    mine.asset = "bench";
    engine.intake().declare(mine);
  }
  const auto learned = bodies_of(plant, learning_steps);
  const auto judged = bodies_of(plant, judged_steps);
  Feeder feeder(engine.intake());
  json::ReadingDecoder decoder;
  const auto feed = [&](const std::vector<std::string>& bodies) {
    Ticket last;
    for (const auto& body : bodies) {
      decoder.decode(body, feeder);
      last = feeder.put().ticket;
    }
    return engine.intake().wait_durable(last, std::chrono::minutes(2));
  };
  const bool warm = feed(learned);
  const Used before = used_so_far(engine);
  const bool done = feed(judged);
  const Used after = used_so_far(engine);
  engine.stop();
  if (!warm || !done) return Error{Errc::timeout, "the road did not get through in two minutes"};
  return after - before;
}

}  // namespace

Result<void> bench_road(const std::string& scenario, const Catalog& catalog,
                        std::vector<Measured>& lines) {
  auto plant = TRY(make_plant(scenario, catalog));
  plant->start(Timestamp(std::chrono::seconds(1'767'225'600)), 42);
  plant->set_fault_rate(0);
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("sosie-bench-road-{}", ::getpid());
  auto section = TRY(Section::read_text(road_scenario, "bench"));
  Engine::Options options;
  options.data_folder = folder.string();
  auto engine = TRY(Engine::create(section, catalog, options));
  const auto used = drive(*engine, *plant);
  engine.reset();
  std::filesystem::remove_all(folder);
  if (!used) return used.error();
  const auto n = static_cast<double>(used->readings);
  const auto rate = [&](double cpu_s) { return n / std::max(cpu_s, 1e-9); };
  lines.push_back({"road: JSON decoded and named, a CPU second", rate(used->decoding_s), "readings",
                   1e6, 5e6, true});
  lines.push_back({"road: state, frames and all detectors, a CPU second", rate(used->lane_s),
                   "readings", 1e6, 5e6, true});
  lines.push_back(
      {"road: journal, a CPU second", rate(used->journal_s), "readings", 1e6, 5e6, true});
  return {};
}

}  // namespace sosie::app
