#include "plants/wastewater/confounders.h"

#include <algorithm>

namespace sosie::wastewater {

std::vector<std::string_view> confounders_at(const LocalTime& time, const Process& process,
                                             bool has_service) {
  constexpr double cold_c = 12;
  const bool has_storm = process.weather() == Weather::storm;
  const bool is_cold = process.biology.reactor(3)[Water::temperature] < cold_c;
  const auto rotas = process.rotas().all();
  const auto wears = process.wears().all();
  const auto is_worked_at = [&](std::string_view kind) {
    for (std::size_t k = 0; k < wears.size(); ++k) {
      if (wears.at(k)->is_announced() && Wears::kind(k) == kind) return true;
    }
    return false;
  };
  std::vector<std::string_view> now;
  now.reserve(10);
  const auto tell = [&](bool is_there, std::string_view name) {
    if (is_there) now.push_back(name);
  };
  tell(process.weather() == Weather::rain || (!has_storm && process.influent.has_runoff()), "N1");
  tell(has_storm, "N2");
  tell(time.is_weekend(), "N3");
  tell(time.school_holiday, "N4");
  tell(is_cold, "N5");
  tell(process.influent.has_melt_water(), "N6");
  tell(has_service || is_worked_at("cleaning"), "N7");
  tell(std::ranges::any_of(rotas, &Rota::is_announced) || is_worked_at("rotation"), "N8");
  tell(process.tertiary.wash_pump_state() == 1, "N9");
  tell(process.sludge.has_shift(), "N10");
  return now;
}

}  // namespace sosie::wastewater
