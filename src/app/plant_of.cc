#include "app/plant_of.h"

#include "core/section.h"

namespace sosie::app {

Result<std::unique_ptr<Plant>> make_plant(const std::string& file, const Catalog& catalog) {
  auto made = TRY(make_simulated(file, catalog));
  return std::move(made.plant);
}

Result<Simulated> make_simulated(const std::string& file, const Catalog& catalog) {
  auto scenario = TRY(Section::read_file(file));
  auto sources = TRY(scenario.tables("source"));
  for (auto& source : sources) {
    const auto kind = TRY(source.text("kind"));
    if (kind != "simulator") continue;
    auto plant = TRY(source.table("plant"));
    Simulated made;
    made.life = TRY(PlantLife::read(source));
    made.plant = TRY(catalog.make<Plant>(plant));
    made.message = TRY(generating::MessageConfig::read(source, *made.plant));
    return made;
  }
  return Error{Errc::invalid, file + ": has no [[source]] with kind = \"simulator\""};
}

}  // namespace sosie::app
