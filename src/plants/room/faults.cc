#include "plants/room/faults.h"

namespace sosie::room {
namespace {

FaultSpec of_sensor(SensorAct act, Kind kind, const char* name, Words words, const char* unit,
                    double low, double high) {
  FaultSpec spec;
  spec.type = {.name = name,
               .kind = kind,
               .words = std::move(words),
               .targets = {},
               .size_unit = unit,
               .size_low = low,
               .size_high = high};
  spec.act = act;
  return spec;
}

FaultSpec of_room(Kind kind, const char* name, Words words, const char* equipment,
                  const std::string& temperature) {
  FaultSpec spec;
  spec.type.name = name;
  spec.type.kind = kind;
  spec.type.words = std::move(words);
  spec.type.targets = {equipment};
  spec.direct = {temperature};
  return spec;
}

}  // namespace

std::vector<FaultSpec> fault_specs(const std::string& temperature) {
  using enum SensorAct;
  using enum Kind;
  std::vector<FaultSpec> specs{
      of_sensor(stuck, sensor_failure, "stuck", {"stuck", "bloqué"}, "", 0, 0),
      of_sensor(spikes, sensor_failure, "spikes", {"spikes", "pics"}, "K", 4, 10),
      of_sensor(noise, sensor_failure, "noise_burst", {"noise", "bruit"}, "x", 8, 20),
      of_sensor(dropout, sensor_failure, "dropout", {"dropout", "coupures"}, "", 0.7, 1),
      of_sensor(bias, sensor_drift, "bias", {"offset", "décalage"}, "K", 2, 5),
      of_sensor(drift, sensor_drift, "drift", {"drift", "dérive"}, "K", 3, 8),
      of_room(process_malfunction, "heater_stuck",
              {"heater stuck on", "chauffage bloqué en marche"}, "heater", temperature),
      of_room(process_malfunction, "heater_dead", {"heater dead", "chauffage en panne"}, "heater",
              temperature),
      of_room(process_malfunction, "window_open", {"window left open", "fenêtre restée ouverte"},
              "window", temperature),
      of_room(process_malfunction, "vent_stuck",
              {"roof vent stuck shut", "lanterneau bloqué fermé"}, "vent", temperature),
      of_room(cyber_attack, "setpoint_change",
              {"thermostat set by someone else", "consigne modifiée par un tiers"}, "thermostat",
              temperature),
  };
  specs[5].hours_low = 4;  // a drift takes its time
  specs[5].hours_high = 12;
  const auto sized = [&](std::size_t at, const char* unit, double low, double high) {
    specs[at].type.size_unit = unit;
    specs[at].type.size_low = low;
    specs[at].type.size_high = high;
  };
  sized(8, "W/K", 80, 250);
  sized(10, "°C", 32, 38);
  return specs;
}

Disturbance disturbance_of(const FaultRoster& faults) {
  Disturbance disturbance;
  disturbance.heater_on = faults.find("heater_stuck") != nullptr;
  disturbance.heater_off = faults.find("heater_dead") != nullptr;
  disturbance.vent_shut = faults.find("vent_stuck") != nullptr;
  if (const auto* open = faults.find("window_open")) disturbance.window_w_per_k = open->size;
  if (const auto* set = faults.find("setpoint_change")) disturbance.setpoint_c = set->size;
  return disturbance;
}

}  // namespace sosie::room
