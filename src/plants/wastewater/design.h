#pragma once

#include <array>
#include <string_view>

namespace sosie::wastewater {

/// The stages, in the water's order, then the sludge's and the outlet.
inline constexpr std::array<std::string_view, 8> stage_ids{
    "pretraitement",          "decantation_primaire", "traitement_biologique",
    "decantation_secondaire", "traitement_tertiaire", "desinfection",
    "traitement_des_boues",   "sortie_controle"};

// What the parts are sized for, at scale 1.
inline constexpr double design_population = 125000;  ///< population equivalents
inline constexpr double mean_influent_m3_h = 1042;   ///< 0.2 m3 a day and person
inline constexpr double mean_effluent_m3_h = 1030;   ///< less what leaves with the sludge
inline constexpr double usual_return_m3_h = 1041;    ///< sludge, from the settlers' bottom
inline constexpr double usual_waste_m3_h = 21.7;
inline constexpr double normal_svi_ml_g = 110;  ///< sludge volume index of a healthy sludge

}  // namespace sosie::wastewater
