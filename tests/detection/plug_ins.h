#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/catalog.h"

// Defined by each plug-in's room.
namespace sosie {
void register_plants_wastewater(Catalog& catalog);
void register_detectors_aakr(Catalog& catalog);
void register_detectors_clogging(Catalog& catalog);
void register_detectors_contrast(Catalog& catalog);
void register_detectors_deviation(Catalog& catalog);
void register_detectors_echo(Catalog& catalog);
void register_detectors_forest(Catalog& catalog);
void register_detectors_limits(Catalog& catalog);
void register_detectors_machine(Catalog& catalog);
void register_detectors_mechanistic(Catalog& catalog);
void register_detectors_missing(Catalog& catalog);
void register_detectors_noise(Catalog& catalog);
void register_detectors_pca(Catalog& catalog);
void register_detectors_rate(Catalog& catalog);
void register_detectors_replay(Catalog& catalog);
void register_detectors_residual(Catalog& catalog);
void register_detectors_slope(Catalog& catalog);
void register_detectors_stuck(Catalog& catalog);

/// The plant and every detector, those too that no shipped scenario uses.
inline void register_plant_and_detectors(Catalog& catalog) {
  for (auto* const add :
       {register_plants_wastewater, register_detectors_aakr, register_detectors_clogging,
        register_detectors_contrast, register_detectors_deviation, register_detectors_echo,
        register_detectors_forest, register_detectors_limits, register_detectors_machine,
        register_detectors_mechanistic, register_detectors_missing, register_detectors_noise,
        register_detectors_pca, register_detectors_rate, register_detectors_replay,
        register_detectors_residual, register_detectors_slope, register_detectors_stuck}) {
    add(catalog);
  }
}

/// A detector's table as a scenario of the plant has it, with `keys` of one's own, a line each.
inline std::string detector_toml(std::string_view kind, std::string_view keys = {}) {
  const std::string_view model = kind == "mechanistic"
                                     ? "[model]\nkind = 'wastewater'\nsensors = '" SOSIE_ROOT
                                       "/scenarios/traffeyere/sensors.csv'\n"
                                     : "";
  return fmt::format("kind = '{}'\n{}\n{}", kind, keys, model);
}

}  // namespace sosie
