// forest_quality [FIRST_WORLD [WORLDS]]: how well the forest does on made-up assets of 127 sensors,
// beside its floors, as a table for README.md. A world is a seed of made_up.h: frames a minute
// apart, 3 days to learn from, then 2 clean days, then 100 faults of 30 minutes on one sensor each,
// 2 to 4 hours apart. A fault is found when an episode begins while it lasts. Faults of size 0 show
// what is found by chance.

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "core/catalog.h"
#include "core/detector.h"
#include "detectors/forest/made_up.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_forest(Catalog& catalog);

namespace {

constexpr std::size_t sensors = 127;
constexpr int day = 1440;
constexpr int faults = 100;

struct Tally {
  int episodes = 0;  ///< that began on clean days
  int found = 0;
  int found_named = 0;  ///< and the first share was the sensor
  int named = 0;        ///< in an explanation of the fault's first frame, found or not
};

std::unique_ptr<Detector> make_detector(const std::string& keys) {
  Catalog catalog;
  register_detectors_forest(catalog);
  auto section = Section::read_text("kind = \"forest\"\n" + keys);
  if (!section) std::abort();
  auto made = catalog.make<Detector>(*section);
  if (!made) std::abort();
  return std::move(*made);
}

class World {
 public:
  World(std::uint64_t seed, const std::string& keys)
      : random_(seed),
        asset_(sensors, seed, std::chrono::minutes(1)),
        rig_(testing::Rig::plain(sensors), std::chrono::minutes(1)),
        detector_(make_detector(keys)),
        explainer_(make_detector(keys + "threshold = 0.5\non_delay = 0\ntell_again = 0\n")),
        values_(sensors) {}

  bool learn() {
    detector_->begin(rig_.columns());
    explainer_->begin(rig_.columns());
    for (int i = 0; i < 3 * day; ++i) detector_->learn(next());
    return detector_->settle() && explainer_->load(detector_->save());
  }

  Tally live(double spreads) {
    Tally tally;
    for (int i = 0; i < 2 * day; ++i) tally.episodes += look(next()) ? 1 : 0;
    for (int i = 0; i < faults; ++i) {
      const auto gap = 120 + static_cast<int>(random_.below(120));
      for (int j = 0; j < gap; ++j) look(next());
      fault(spreads, tally);
    }
    return tally;
  }

 private:
  Frame next(std::size_t faulty = 0, double off = 0) {
    asset_.step(values_);
    values_[faulty] += off;
    return rig_.frame(values_);
  }

  /// True: an episode begins.
  bool look(const Frame& frame) {
    explainer_->look(frame, explained_);
    said_ = {};
    detector_->look(frame, said_);
    const bool before = active_;
    if (!said_.symptoms.empty()) active_ = said_.symptoms.back().active;
    return active_ && !before;
  }

  void fault(double spreads, Tally& tally) {
    const std::size_t faulty = random_.below(sensors);
    const double side = random_.below(2) == 0 ? -1 : 1;
    bool found = false;
    for (int i = 0; i < 30; ++i) {
      const bool begins = look(next(faulty, side * spreads * asset_.spread(faulty)));
      if (i == 0 && explained_.shares.back().at(0).column == faulty) ++tally.named;
      if (!begins || found) continue;
      found = true;
      ++tally.found;
      if (said_.shares.back().at(0).column == faulty) ++tally.found_named;
    }
  }

  Random random_;
  forest::MadeUpAsset asset_;
  testing::Rig rig_;
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<Detector> explainer_;  ///< the same model; explains every frame
  std::vector<double> values_;
  testing::Recorder said_;
  testing::Recorder explained_;
  bool active_ = false;
};

std::string row(const char* name, const std::string& keys, double spreads, std::uint64_t first,
                std::uint64_t worlds) {
  Tally sum;
  for (std::uint64_t seed = first; seed < first + worlds; ++seed) {
    World world(seed, keys);
    if (!world.learn()) std::abort();
    const Tally tally = world.live(spreads);
    sum.episodes += tally.episodes;
    sum.found += tally.found;
    sum.found_named += tally.found_named;
    sum.named += tally.named;
  }
  const auto percent = [&](int n) { return 100.0 * n / (faults * static_cast<double>(worlds)); };
  return fmt::format("| {} | {} | {:.0f} % | {:.0f} % | {:.0f} % | {:.1f} |\n", name, spreads,
                     percent(sum.named), percent(sum.found), percent(sum.found_named),
                     sum.episodes / (2.0 * static_cast<double>(worlds)));
}

}  // namespace
}  // namespace sosie

int main(int count, char** words) {
  const auto first = count > 1 ? sosie::to_integer(words[1]) : 101;
  const auto worlds = count > 2 ? sosie::to_integer(words[2]) : 4;
  if (!first || !worlds) return EXIT_FAILURE;
  std::ofstream out("/dev/stdout");
  out << "| forest | deviations off | named first | found | found and named | false episodes a day "
         "|\n"
         "|---|---|---|---|---|---|\n";
  for (const double spreads : {0.0, 2.0, 4.0, 8.0}) {
    for (const auto& [name, keys] :
         {std::pair{"this one", ""}, std::pair{"plain", "gaps = 0\nmade_up = 0\n"},
          std::pair{"values only", "features = \"value\"\n"},
          std::pair{"deviations only", "features = \"deviation\"\n"}}) {
      out << sosie::row(name, keys, spreads, static_cast<std::uint64_t>(*first),
                        static_cast<std::uint64_t>(*worlds));
      out.flush();
    }
  }
  return EXIT_SUCCESS;
}
