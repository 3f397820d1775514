#include "plants/wastewater/fault_types.h"

#include <algorithm>

#include "plants/wastewater/design.h"
#include "plants/wastewater/fault_acts.h"
#include "plants/wastewater/fault_tags.h"

namespace sosie::wastewater {
namespace {

// ---- whom they show on at once

template <std::size_t Count>
using List = std::array<std::string_view, Count>;

constexpr List<2> loop_sensors{"AIT-306-DO", "AIT-310-NO3"};

constexpr List<2> d_organic{"AIT-107-COD", "AIT-108-BOD"};
constexpr List<1> d_ammonia{"AIT-109-NH4"};
constexpr List<1> d_toxic{"AIT-304-DO"};
constexpr List<1> d_oil{"AIT-110-HC"};
constexpr List<1> d_metal{"AIT-111-HM"};
constexpr List<2> d_acid{"AIT-102-PH", "AIT-104-COND"};
constexpr List<1> d_salt{"AIT-104-COND"};
constexpr List<7> d_blowers{"YS-327",  "YS-328",  "FIT-323", "FIT-324",
                            "FIT-325", "PIT-326", "JIT-330"};
constexpr List<4> d_blower{"YS-328", "SIT-329", "PIT-326", "JIT-330"};
constexpr List<3> d_return{"FIT-401", "YS-414", "JIT-415"};
constexpr List<2> d_recycle{"FIT-322", "YS-331"};
constexpr List<1> d_lift{"YS-114"};
constexpr List<1> d_waste{"FIT-402"};
constexpr List<1> d_bulking{"AIT-406-TSS"};
constexpr List<1> d_washout{"FIT-101"};
constexpr List<2> d_ferric{"FIT-501", "YS-509"};
constexpr List<2> d_chlorine{"FIT-602", "YS-607"};
constexpr List<2> d_uv{"AIT-604-UVI", "JIT-605"};
constexpr List<1> d_screen{"PDIT-112"};
constexpr List<1> d_filter{"PDIT-506"};
constexpr List<2> d_digester{"AIT-704-PH", "AIT-706-CH4"};
constexpr List<1> d_setpoint{"AIT-306-DO"};
constexpr List<1> d_ferric_meter{"FIT-501"};
constexpr List<1> d_chlorine_meter{"FIT-602"};
constexpr List<2> d_spoofed{"FIT-401", "JIT-415"};

// ---- which sensors it can befall

bool is_flow(const SensorRow& sensor) {
  return sensor.info.unit == "m3/h";
}
bool is_concentration(const SensorRow& sensor) {
  return std::string_view(sensor.info.unit).starts_with("mg");
}
bool has_two_units(const SensorRow& sensor, const SensorRow&) {
  return is_flow(sensor) || is_concentration(sensor);
}
bool grows_with_load(const SensorRow& sensor, const SensorRow&) {
  return is_concentration(sensor);
}
bool is_like(const SensorRow& sensor, const SensorRow& first) {
  return sensor.info.unit == first.info.unit && (is_flow(sensor) || is_concentration(sensor));
}

// ---- the table

// clang-format off
constexpr std::array<FaultRow, 44> all_rows{{
    {.name = "stuck", .kind = Kind::sensor_failure, .en = "stuck value", .fr = "valeur figée",
     .scenario_id = "SF1", .mechanism = "y = y(t0)", .reach = Reach::one_sensor, .hours_low = 0.5,
     .hours_high = 3, .weight = 3, .misleads_loops = true, .apply = acts::stuck},
    {.name = "dropout", .kind = Kind::sensor_failure, .en = "values missing",
     .fr = "valeurs manquantes", .scenario_id = "SF2", .mechanism = "values are not sent",
     .parameter = "missing_pct", .reach = Reach::one_sensor, .unit = "%", .size_low = 20,
     .size_high = 100, .hours_low = 0.1, .hours_high = 1.5, .weight = 2, .apply = acts::dropout},
    {.name = "spikes", .kind = Kind::sensor_failure, .en = "spikes", .fr = "pics isolés",
     .scenario_id = "SF3", .mechanism = "single values far off", .parameter = "spikes_per_h",
     .reach = Reach::one_sensor, .unit = "1/h", .size_low = 1, .size_high = 40, .chance_low = 6,
     .chance_high = 40, .hours_low = 0.5, .hours_high = 3, .weight = 2, .apply = acts::spikes},
    {.name = "out_of_range", .kind = Kind::sensor_failure, .en = "out of range",
     .fr = "hors gamme", .scenario_id = "SF4", .mechanism = "3.6 or 21 mA on the loop",
     .reach = Reach::one_sensor, .hours_low = 0.1, .hours_high = 1.5, .weight = 2,
     .misleads_loops = true, .apply = acts::out_of_range},
    {.name = "noise_burst", .kind = Kind::sensor_failure, .en = "noise burst",
     .fr = "bruit excessif", .scenario_id = "SF5",
     .mechanism = "standard deviation times the factor", .parameter = "noise_factor",
     .reach = Reach::one_sensor, .unit = "x", .size_low = 5, .size_high = 20, .hours_low = 0.5,
     .hours_high = 3, .weight = 2, .apply = acts::noise_burst},

    {.name = "clock_error", .kind = Kind::sensor_failure, .en = "wrong clock",
     .fr = "horloge décalée", .scenario_id = "SF6", .mechanism = "the sensor's clock is off",
     .parameter = "offset_s", .reach = Reach::one_sensor, .unit = "s", .size_low = 30,
     .size_high = 600, .hours_low = 1, .hours_high = 3, .weight = 0.5, .apply = acts::clock_error},
    {.name = "unit_error", .kind = Kind::sensor_failure, .en = "wrong unit",
     .fr = "erreur d'unité", .scenario_id = "SF6", .mechanism = "m3/d for m3/h, g/L for mg/L",
     .reach = Reach::one_sensor, .hours_low = 1, .hours_high = 3, .weight = 0.5,
     .suits = has_two_units, .misleads_loops = true, .apply = acts::unit_error},

    {.name = "bias", .kind = Kind::sensor_drift, .en = "drifting bias", .fr = "dérive de zéro",
     .scenario_id = "SD1", .mechanism = "a bias grows evenly",
     .parameter = "bias_at_end_pct_of_range", .reach = Reach::one_sensor, .unit = "% of range",
     .size_low = 4, .size_high = 15, .hours_low = 3, .hours_high = 12, .misleads_loops = true,
     .apply = acts::bias},
    {.name = "gain", .kind = Kind::sensor_drift, .en = "wrong gain", .fr = "erreur de gain",
     .scenario_id = "SD2", .mechanism = "y = g x", .parameter = "gain", .reach = Reach::one_sensor,
     .unit = "x", .size_low = 0.6, .size_high = 1.5, .hours_low = 3, .hours_high = 12,
     .void_low = 0.85, .void_high = 1.15, .misleads_loops = true, .apply = acts::gain},
    {.name = "fouling", .kind = Kind::sensor_drift, .en = "fouling", .fr = "encrassement",
     .scenario_id = "SD3", .mechanism = "gain and speed of answer are lost",
     .parameter = "gain_lost_pct", .reach = Reach::one_sensor, .unit = "% lost", .size_low = 15,
     .size_high = 50, .hours_low = 3, .hours_high = 12, .misleads_loops = true,
     .apply = acts::fouling},

    {.name = "bad_calibration", .kind = Kind::sensor_drift, .en = "shift after a bad calibration",
     .fr = "décalage après un mauvais étalonnage", .scenario_id = "SD4",
     .mechanism = "a bias all at once", .parameter = "bias_pct_of_range",
     .reach = Reach::one_sensor, .unit = "% of range", .size_low = 5, .size_high = 20,
     .hours_low = 3, .hours_high = 12, .misleads_loops = true, .apply = acts::bad_calibration},
    {.name = "loop_drift", .kind = Kind::sensor_drift,
     .en = "drift of a sensor that a control loop hears",
     .fr = "dérive d'un capteur de régulation", .scenario_id = "SD5",
     .mechanism = "a bias grows inside a control loop", .parameter = "bias_at_end_mg_l",
     .reach = Reach::target, .targets = loop_sensors, .unit = "mg/L", .size_low = 0.5,
     .size_high = 1.5, .hours_low = 3, .hours_high = 6, .traces_h = 0.5, .weight = 0.5,
     .misleads_loops = true, .apply = acts::loop_drift},

    {.name = "organic_load", .kind = Kind::pollution_peak, .en = "organic load peak",
     .fr = "pic de charge organique", .scenario_id = "PP1", .root_cause = "SS of the influent",
     .mechanism = "SS is added", .parameter = "added_mg_cod_l", .unit = "mg COD/L",
     .size_low = 200, .size_high = 600, .hours_high = 2, .traces_h = 1.5, .weight = 2,
     .direct = d_organic, .consequences = shows_on::organic_load, .apply = acts::organic_load},
    {.name = "ammonia_peak", .kind = Kind::pollution_peak, .en = "ammonia peak",
     .fr = "pic d'ammonium", .scenario_id = "PP2", .root_cause = "SNH of the influent",
     .mechanism = "SNH times the factor", .parameter = "snh_factor", .unit = "x", .size_low = 1.5,
     .size_high = 3, .hours_high = 2, .traces_h = 1.5, .weight = 2, .direct = d_ammonia,
     .consequences = shows_on::ammonia_peak, .apply = acts::ammonia_peak},
    {.name = "toxic_shock", .kind = Kind::pollution_peak, .en = "toxic shock",
     .fr = "choc toxique", .scenario_id = "PP3", .root_cause = "mu_A and mu_H",
     .mechanism = "a toxin slows growth", .parameter = "toxin", .unit = "x", .size_low = 2,
     .size_high = 8, .hours_high = 1.5, .traces_h = 2, .direct = d_toxic,
     .consequences = shows_on::toxic_shock, .apply = acts::toxic_shock},
    {.name = "hydrocarbon_spill", .kind = Kind::pollution_peak, .en = "hydrocarbon spill",
     .fr = "déversement d'hydrocarbures", .scenario_id = "PP4",
     .root_cause = "oil in the influent", .mechanism = "oil lowers kLa and slows growth",
     .parameter = "added_mg_l", .unit = "mg/L", .size_low = 10, .size_high = 50, .chance_low = 10,
     .chance_high = 40, .hours_high = 2, .traces_h = 1, .direct = d_oil,
     .consequences = shows_on::hydrocarbon_spill, .apply = acts::hydrocarbon_spill},
    {.name = "heavy_metals", .kind = Kind::pollution_peak, .en = "heavy metals",
     .fr = "métaux lourds", .scenario_id = "PP5", .root_cause = "metals in the influent",
     .mechanism = "metals slow growth", .parameter = "metal_factor", .unit = "x", .size_low = 3,
     .size_high = 20, .chance_low = 3, .chance_high = 7, .hours_low = 1, .hours_high = 2,
     .traces_h = 1.5, .direct = d_metal, .consequences = shows_on::heavy_metals,
     .apply = acts::heavy_metals},
    {.name = "acid_spill", .kind = Kind::pollution_peak, .en = "acid spill",
     .fr = "déversement d'acide", .scenario_id = "PP6", .root_cause = "SALK of the influent",
     .mechanism = "SALK is taken away", .parameter = "taken_mol_m3", .unit = "mol/m3",
     .size_low = 2, .size_high = 6, .hours_high = 1.5, .traces_h = 1, .direct = d_acid,
     .consequences = shows_on::acid_spill, .apply = acts::acid_spill},
    {.name = "alkaline_spill", .kind = Kind::pollution_peak, .en = "alkaline spill",
     .fr = "déversement de base", .scenario_id = "PP6", .root_cause = "SALK of the influent",
     .mechanism = "SALK is added", .parameter = "added_mol_m3", .unit = "mol/m3", .size_low = 2,
     .size_high = 6, .hours_high = 1.5, .traces_h = 1, .direct = d_acid,
     .consequences = shows_on::alkaline_spill, .apply = acts::alkaline_spill},
    {.name = "saline_water", .kind = Kind::pollution_peak, .en = "illegal saline discharge",
     .fr = "rejet salin illégal", .scenario_id = "PP7", .root_cause = "salt in the influent",
     .mechanism = "salt and solids are added", .parameter = "added_us_cm", .unit = "uS/cm",
     .size_low = 500, .size_high = 2000, .chance_low = 500, .chance_high = 1500, .hours_high = 1.5,
     .traces_h = 1, .direct = d_salt, .consequences = shows_on::saline_water,
     .apply = acts::saline_water},

    {.name = "blower_trip", .kind = Kind::process_malfunction, .en = "all blowers tripped",
     .fr = "arrêt des surpresseurs", .scenario_id = "PM1", .root_cause = "B-301 and B-302",
     .mechanism = "kLa of reactors 3 to 5 = 0", .hours_high = 1, .traces_h = 1,
     .direct = d_blowers, .consequences = shows_on::blower_trip, .apply = acts::blower_trip},
    {.name = "blower_lost", .kind = Kind::process_malfunction, .en = "blower B-302 lost",
     .fr = "perte du surpresseur B-302", .scenario_id = "PM2", .root_cause = "B-302",
     .mechanism = "half of the air at most", .hours_high = 2, .traces_h = 1, .direct = d_blower,
     .consequences = shows_on::blower_lost, .apply = acts::blower_lost},
    {.name = "return_pump_trip", .kind = Kind::process_malfunction,
     .en = "return sludge pump tripped", .fr = "arrêt de la recirculation des boues",
     .scenario_id = "PM3", .root_cause = "P-401", .mechanism = "Qr = 0", .hours_high = 1.5,
     .traces_h = 1, .direct = d_return, .consequences = shows_on::return_pump_trip,
     .apply = acts::return_pump_trip},
    {.name = "recycle_pump_trip", .kind = Kind::process_malfunction,
     .en = "internal recycle pump tripped", .fr = "arrêt de la recirculation interne",
     .scenario_id = "PM7", .root_cause = "P-301", .mechanism = "Qa = 0", .hours_high = 2,
     .traces_h = 0.5, .direct = d_recycle, .consequences = shows_on::recycle_pump_trip,
     .apply = acts::recycle_pump_trip},
    {.name = "lift_pump_trip", .kind = Kind::process_malfunction, .en = "lift pump P-101 tripped",
     .fr = "arrêt de la pompe de relevage P-101", .root_cause = "P-101",
     .mechanism = "a quarter of the lifting capacity is lost", .hours_high = 2, .traces_h = 0.2,
     .direct = d_lift, .consequences = shows_on::lift_pump_trip, .apply = acts::lift_pump_trip},
    {.name = "waste_valve_open", .kind = Kind::process_malfunction,
     .en = "waste sludge valve stuck open", .fr = "vanne d'extraction bloquée ouverte",
     .scenario_id = "PM4", .root_cause = "waste sludge valve", .mechanism = "Qw at its most",
     .hours_low = 1, .hours_high = 3, .traces_h = 0.5, .direct = d_waste,
     .consequences = shows_on::waste_valve_open, .apply = acts::waste_valve_open},
    {.name = "bulking", .kind = Kind::process_malfunction, .en = "sludge bulking",
     .fr = "foisonnement des boues", .scenario_id = "PM5", .root_cause = "sludge volume index",
     .mechanism = "the index rises: v0 falls, r_h rises", .parameter = "added_ml_g",
     .unit = "mL/g", .size_low = 60, .size_high = 140, .hours_low = 2, .hours_high = 4,
     .traces_h = 1, .weight = 0.5, .direct = d_bulking, .consequences = shows_on::bulking,
     .apply = acts::bulking},
    {.name = "hydraulic_washout", .kind = Kind::process_malfunction, .en = "hydraulic wash-out",
     .fr = "lessivage hydraulique", .scenario_id = "PM6", .root_cause = "storm overflow",
     .mechanism = "Q times the factor, without rain", .parameter = "flow_factor", .unit = "x",
     .size_low = 1.6, .size_high = 2.5, .hours_high = 1.5, .traces_h = 0.5, .weight = 0.5,
     .direct = d_washout, .consequences = shows_on::hydraulic_washout,
     .apply = acts::hydraulic_washout},
    {.name = "ferric_dosing_failure", .kind = Kind::process_malfunction,
     .en = "FeCl3 dosing failed", .fr = "panne du dosage de FeCl3", .scenario_id = "PM9",
     .root_cause = "P-501", .mechanism = "dose 0", .hours_high = 3, .traces_h = 0.5, .weight = 2,
     .direct = d_ferric, .consequences = shows_on::ferric_dosing_failure,
     .apply = acts::ferric_dosing_failure},
    {.name = "chlorine_dosing_failure", .kind = Kind::process_malfunction,
     .en = "NaOCl dosing failed", .fr = "panne du dosage de NaOCl", .scenario_id = "PM8",
     .root_cause = "P-601", .mechanism = "dose 0", .hours_high = 2, .traces_h = 0.5, .weight = 2,
     .direct = d_chlorine, .consequences = shows_on::chlorine_dosing_failure,
     .apply = acts::chlorine_dosing_failure},
    {.name = "uv_bank_failure", .kind = Kind::process_malfunction, .en = "UV lamps failed",
     .fr = "panne de lampes UV", .scenario_id = "PM8", .root_cause = "UV lamps",
     .mechanism = "lamps go out", .parameter = "lost_pct", .unit = "% lost", .size_low = 30,
     .size_high = 80, .hours_high = 2, .traces_h = 0, .weight = 2, .direct = d_uv,
     .apply = acts::uv_bank_failure},
    {.name = "screen_clogging", .kind = Kind::process_malfunction, .en = "screen clogging",
     .fr = "colmatage du dégrilleur", .scenario_id = "PM11", .root_cause = "bar screen",
     .mechanism = "it clogs faster", .parameter = "clogging_factor", .unit = "x", .size_low = 6,
     .size_high = 12, .hours_high = 2, .traces_h = 0.5, .weight = 2, .direct = d_screen,
     .consequences = shows_on::screen_clogging, .apply = acts::screen_clogging},
    {.name = "filter_clogging", .kind = Kind::process_malfunction, .en = "sand filter clogging",
     .fr = "colmatage du filtre à sable", .scenario_id = "PM11", .root_cause = "sand filter",
     .mechanism = "it clogs faster", .parameter = "clogging_factor", .unit = "x", .size_low = 6,
     .size_high = 12, .hours_low = 1, .hours_high = 3, .traces_h = 0.5, .direct = d_filter,
     .consequences = shows_on::filter_clogging, .apply = acts::filter_clogging},
    {.name = "digester_upset", .kind = Kind::process_malfunction, .en = "digester upset",
     .fr = "acidification du digesteur", .scenario_id = "PM10", .root_cause = "digestion rate",
     .mechanism = "the rate falls, acids gather", .parameter = "rate_lost_pct",
     .unit = "% of rate lost", .size_low = 40, .size_high = 80, .hours_low = 3, .hours_high = 5,
     .traces_h = 2, .weight = 0.5, .direct = d_digester, .consequences = shows_on::digester_upset,
     .apply = acts::digester_upset},

    {.name = "replay", .kind = Kind::cyber_attack, .en = "replayed values",
     .fr = "valeurs rejouées", .scenario_id = "CY1",
     .mechanism = "values of half an hour ago, again and again", .parameter = "sensors",
     .reach = Reach::stage, .targets = stage_ids, .unit = "sensors", .size_low = 3,
     .size_high = 10, .hours_high = 2, .weight = 2, .misleads_loops = true, .apply = acts::replay},
    {.name = "false_data", .kind = Kind::cyber_attack, .en = "injected false values",
     .fr = "fausses valeurs injectées", .mechanism = "calm values in place of the true ones",
     .parameter = "sensors", .reach = Reach::several, .unit = "sensors", .size_low = 1,
     .size_high = 6, .hours_high = 2, .weight = 2, .misleads_loops = true,
     .apply = acts::false_data},
    {.name = "loop_injection", .kind = Kind::cyber_attack, .en = "false value in a control loop",
     .fr = "fausse valeur dans une régulation", .scenario_id = "CY2",
     .mechanism = "a bias inside a control loop", .parameter = "bias_mg_l", .reach = Reach::target,
     .targets = loop_sensors, .unit = "mg/L", .size_low = 0.5, .size_high = 1.5, .hours_high = 2,
     .traces_h = 0.5, .misleads_loops = true, .apply = acts::loop_injection},
    {.name = "setpoint_change", .kind = Kind::cyber_attack, .en = "changed oxygen set point",
     .fr = "consigne d'oxygène modifiée", .scenario_id = "CY3", .root_cause = "oxygen set point",
     .mechanism = "another set point, not shown", .parameter = "do_setpoint_mg_l", .unit = "mg/L",
     .size_low = 0.4, .size_high = 4, .hours_high = 2, .traces_h = 0.5, .void_low = 1.4,
     .void_high = 2.7, .direct = d_setpoint, .consequences = shows_on::setpoint_change,
     .apply = acts::setpoint_change},
    {.name = "ferric_manipulation", .kind = Kind::cyber_attack,
     .en = "FeCl3 dosing changed behind its meter",
     .fr = "dosage de FeCl3 modifié à l'insu du débitmètre", .scenario_id = "CY4",
     .root_cause = "P-501", .mechanism = "dose times the factor, its meter unchanged",
     .parameter = "dose_factor", .unit = "x", .size_low = 0, .size_high = 5, .chance_low = 0,
     .chance_high = 3, .hours_high = 2, .traces_h = 0.5, .weight = 0.5, .void_low = 0.6,
     .void_high = 1.6, .direct = d_ferric_meter, .consequences = shows_on::ferric_manipulation,
     .apply = acts::ferric_manipulation},
    {.name = "chlorine_manipulation", .kind = Kind::cyber_attack,
     .en = "NaOCl dosing changed behind its meter",
     .fr = "dosage de NaOCl modifié à l'insu du débitmètre", .scenario_id = "CY4",
     .root_cause = "P-601", .mechanism = "dose times the factor, its meter unchanged",
     .parameter = "dose_factor", .unit = "x", .size_low = 0, .size_high = 5, .chance_low = 0,
     .chance_high = 3, .hours_high = 2, .traces_h = 0.5, .weight = 0.5, .void_low = 0.6,
     .void_high = 1.6, .direct = d_chlorine_meter, .consequences = shows_on::chlorine_manipulation,
     .apply = acts::chlorine_manipulation},
    {.name = "command_spoofing", .kind = Kind::cyber_attack,
     .en = "return sludge pump commanded against its status",
     .fr = "pompe de recirculation commandée contre son état", .scenario_id = "CY5",
     .root_cause = "P-401", .mechanism = "stopped and started against its status",
     .hours_high = 1.5, .traces_h = 0.5, .weight = 0.5, .direct = d_spoofed,
     .consequences = shows_on::command_spoofing, .apply = acts::command_spoofing},
    {.name = "denial_of_data", .kind = Kind::cyber_attack, .en = "a gateway's data cut off",
     .fr = "données d'une passerelle coupées", .scenario_id = "CY6",
     .mechanism = "nothing comes from a gateway", .parameter = "sensors", .reach = Reach::stage,
     .targets = stage_ids, .unit = "sensors", .size_low = 10, .size_high = 24, .hours_low = 0.1,
     .hours_high = 1, .apply = acts::denial_of_data},
    {.name = "stealthy_injection", .kind = Kind::cyber_attack,
     .en = "false values that agree with each other",
     .fr = "fausses valeurs cohérentes entre elles", .scenario_id = "CY7",
     .mechanism = "all by one gain that grows", .parameter = "sensors", .reach = Reach::stage,
     .targets = stage_ids, .unit = "sensors", .size_low = 4, .size_high = 10, .hours_low = 1,
     .hours_high = 4, .suits = grows_with_load, .misleads_loops = true,
     .apply = acts::stealthy_injection},
    {.name = "identity_swap", .kind = Kind::cyber_attack, .en = "two sensors exchanged",
     .fr = "deux capteurs échangés", .scenario_id = "CY8",
     .mechanism = "each under the other's name", .parameter = "sensors", .reach = Reach::several,
     .unit = "sensors", .size_low = 2, .size_high = 2, .hours_low = 1, .hours_high = 3,
     .weight = 0.5, .suits = is_like, .misleads_loops = true, .apply = acts::identity_swap},
}};
// clang-format on

constexpr std::array<LoopRow, 4> loops{{
    {"AIT-306-DO", shows_on::loop_do},
    {"AIT-310-NO3", shows_on::loop_nitrate},
    {"AIT-502-PO4", shows_on::loop_phosphate},
    {"AIT-601-CL2", shows_on::loop_chlorine},
}};

}  // namespace

double Strike::envelope() const {
  const double part = lasts_h > 0 ? age_h / lasts_h : 1;
  return std::clamp(std::min(part, 1 - part) * 10, 0.0, 1.0);
}

std::span<const FaultRow> fault_rows() {
  return all_rows;
}
std::span<const LoopRow> loop_rows() {
  return loops;
}

}  // namespace sosie::wastewater
