#include "diagnosis/gathered.h"

namespace sosie::diagnosis {
namespace {

struct Name {
  std::string_view text;
  double Gathered::* clue;
};

// clang-format off
constexpr std::array<Name, clue_count> names{{
    {"stuck", &Gathered::stuck}, {"missing", &Gathered::missing}, {"spike", &Gathered::spike},
    {"noise", &Gathered::noise}, {"calm", &Gathered::calm}, {"impossible", &Gathered::impossible},
    {"at_end", &Gathered::at_end}, {"limit", &Gathered::limit}, {"rate", &Gathered::rate},
    {"residual", &Gathered::residual}, {"drift", &Gathered::drift},
    {"deviation", &Gathered::deviation}, {"multivariate", &Gathered::multivariate},
    {"replay", &Gathered::replay}, {"command", &Gathered::command},
    {"sensors", &Gathered::sensors}, {"devices", &Gathered::devices},
    {"one_sensor", &Gathered::one_sensor}, {"many_sensors", &Gathered::many_sensors},
    {"several_devices", &Gathered::several_devices}, {"all_silent", &Gathered::all_silent},
    {"all_still", &Gathered::all_still}, {"all_repeated", &Gathered::all_repeated},
    {"all_jumped", &Gathered::all_jumped}, {"spread", &Gathered::spread},
    {"inlet_quality", &Gathered::inlet_quality}, {"machines", &Gathered::machines},
    {"flows", &Gathered::flows}, {"powers", &Gathered::powers},
    {"pressures", &Gathered::pressures}, {"levels", &Gathered::levels},
    {"temperatures", &Gathered::temperatures}, {"reactions", &Gathered::reactions},
    {"solids", &Gathered::solids}, {"nutrients", &Gathered::nutrients},
    {"first_stage", &Gathered::first_stage}, {"last_stage", &Gathered::last_stage},
    {"inlet_first", &Gathered::inlet_first}, {"machine_first", &Gathered::machine_first},
    {"downstream", &Gathered::downstream}, {"switched", &Gathered::switched},
    {"machine_fault", &Gathered::machine_fault}, {"unswitched", &Gathered::unswitched},
    {"answered", &Gathered::answered}, {"higher", &Gathered::higher}, {"off", &Gathered::off},
    {"factor", &Gathered::factor}, {"in_step", &Gathered::in_step},
    {"swapped", &Gathered::swapped}, {"together", &Gathered::together},
    {"abrupt_alone", &Gathered::abrupt_alone}, {"no_device_sign", &Gathered::no_device_sign},
    {"jump_and_hold", &Gathered::jump_and_hold}, {"grown", &Gathered::grown},
    {"again", &Gathered::again}, {"jump", &Gathered::jump}, {"straight", &Gathered::straight},
    {"back", &Gathered::back}, {"louder", &Gathered::louder}, {"calmer", &Gathered::calmer},
    {"first_jump", &Gathered::first_jump}, {"first_straight", &Gathered::first_straight},
    {"most_jump", &Gathered::most_jump}, {"mean_jump", &Gathered::mean_jump},
    {"mean_straight", &Gathered::mean_straight}, {"lead_quality", &Gathered::lead_quality}, {"lead_state", &Gathered::lead_state},
    {"lead_weight", &Gathered::lead_weight}, {"age", &Gathered::age},
    {"sigmas", &Gathered::sigmas}, {"evidence", &Gathered::evidence}, {"echo", &Gathered::echo},
    {"after", &Gathered::after}, {"after_wide", &Gathered::after_wide},
    {"beside", &Gathered::beside}, {"stirred", &Gathered::stirred},
    {"astray", &Gathered::astray}, {"inflow", &Gathered::inflow},
    {"inlet_cool", &Gathered::inlet_cool}, {"lead_astray", &Gathered::lead_astray},
    {"often", &Gathered::often}, {"rarest", &Gathered::rarest},
    {"outdone", &Gathered::outdone}, {"same_hour", &Gathered::same_hour},
}};
// clang-format on
static_assert(names.back().clue == &Gathered::same_hour, "as many names as `clue_count`");

}  // namespace

std::span<const std::string_view> clue_names() {
  static constexpr auto texts = [] {
    std::array<std::string_view, clue_count> all{};
    for (std::size_t i = 0; i < clue_count; ++i) all.at(i) = names.at(i).text;
    return all;
  }();
  return texts;
}

Clues clues_of(const Gathered& gathered) {
  Clues clues{};
  for (std::size_t i = 0; i < clue_count; ++i) clues.at(i) = gathered.*names.at(i).clue;
  return clues;
}

}  // namespace sosie::diagnosis
