#include "plants/wastewater/probes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sosie::wastewater {

using enum Water::Part;

namespace {

constexpr double raw_bod = 0.65;
constexpr double treated_bod = 0.25;
constexpr double flush_colour = 0.05;  // NTU per g/m3 of COD that a first flush lifts

/// Redox potential, mV: each acceptor of electrons that is there lifts it.
double redox(const Water& w) {
  return -220 + 55 * std::log10(1 + w[sno] / 0.05) + 60 * std::log10(1 + w[so] / 0.005) -
         15 * std::log10(1 + w[snh]);
}

double nitrite_share(const Process& p) {
  return std::min(p.biology.nitrite() / std::max(p.biology.reactor(5)[sno], 1e-6), 1.0);
}

// clang-format off
constexpr std::array<Probe, 127> all{{
    {"FIT-101", [](const Process& p) { return p.influent.stream().flow_m3_h; }},
    {"AIT-102-PH", [](const Process& p) { return ph(p.influent.stream().water); }},
    {"TIT-103", [](const Process& p) { return p.influent.stream().water[temperature]; }},
    {"AIT-104-COND", [](const Process& p) { return conductivity(p.influent.stream().water); }},
    {"AIT-105-TURB", [](const Process& p) { return 0.75 * tss(p.influent.stream().water) + flush_colour * p.influent.first_flush_g_m3(); }},
    {"AIT-106-TSS", [](const Process& p) { return tss(p.influent.stream().water); }},
    {"AIT-107-COD", [](const Process& p) { return cod(p.influent.stream().water); }},
    {"AIT-108-BOD", [](const Process& p) { return bod5(p.influent.stream().water, raw_bod); }},
    {"AIT-109-NH4", [](const Process& p) { return p.influent.stream().water[snh]; }},
    {"AIT-110-HC", [](const Process& p) { return p.headworks.chamber()[hydrocarbon]; }},
    {"AIT-111-HM", [](const Process& p) { return total_metal(p.influent.stream().water); }},
    {"PDIT-112", [](const Process& p) { return p.headworks.screen_loss_mbar(); }},
    {"LIT-113", [](const Process& p) { return p.headworks.level_m(); }},
    {"YS-114", [](const Process& p) { return static_cast<double>(p.headworks.pump_state()); }},
    {"JIT-115", [](const Process& p) { return p.headworks.power_kw(); }},
    {"FIT-201", [](const Process& p) { return p.primary.inlet().flow_m3_h; }},
    {"FIT-202", [](const Process& p) { return p.primary.sludge().flow_m3_h; }},
    {"AIT-203-TSS", [](const Process& p) { return tss(p.primary.inlet().water); }},
    {"AIT-204-TSS", [](const Process& p) { return tss(p.primary.effluent().water); }},
    {"AIT-205-TURB", [](const Process& p) { return 0.75 * tss(p.primary.effluent().water); }},
    {"AIT-206-COD", [](const Process& p) { return cod(p.primary.effluent().water); }},
    {"AIT-207-BOD", [](const Process& p) { return bod5(p.primary.effluent().water, raw_bod); }},
    {"AIT-208-PH", [](const Process& p) { return ph(p.primary.effluent().water); }},
    {"AIT-209-COND", [](const Process& p) { return conductivity(p.primary.effluent().water); }},
    {"AIT-210-TP", [](const Process& p) { return p.primary.effluent().water[po4] + particulate_p(p.primary.effluent().water); }},
    {"AIT-211-PO4", [](const Process& p) { return p.primary.effluent().water[po4]; }},
    {"AIT-212-NH4", [](const Process& p) { return p.primary.effluent().water[snh]; }},
    {"AIT-213-TN", [](const Process& p) { return total_n(p.primary.effluent().water); }},
    {"TIT-214", [](const Process& p) { return p.primary.effluent().water[temperature]; }},
    {"LIT-215", [](const Process& p) { return p.primary.blanket_m(); }},
    {"AIT-216-DS", [](const Process& p) { return p.primary.sludge_g_l(); }},
    {"YS-217", [](const Process& p) { return static_cast<double>(p.primary.pump_state()); }},
    {"JIT-218", [](const Process& p) { return p.primary.power_kw(); }},
    {"AIT-301-ORP", [](const Process& p) { return redox(p.biology.reactor(1)); }},
    {"AIT-302-ORP", [](const Process& p) { return redox(p.biology.reactor(2)); }},
    {"AIT-303-DO", [](const Process& p) { return std::max(p.biology.reactor(2)[so], 0.02); }},
    {"AIT-304-DO", [](const Process& p) { return p.biology.reactor(3)[so]; }},
    {"AIT-305-DO", [](const Process& p) { return p.biology.reactor(4)[so]; }},
    {"AIT-306-DO", [](const Process& p) { return p.biology.reactor(5)[so]; }},
    {"AIT-307-NH4", [](const Process& p) { return p.biology.reactor(1)[snh]; }},
    {"AIT-308-NH4", [](const Process& p) { return p.biology.reactor(3)[snh]; }},
    {"AIT-309-NH4", [](const Process& p) { return p.biology.reactor(5)[snh]; }},
    {"AIT-310-NO3", [](const Process& p) { return p.biology.reactor(2)[sno] * (1 - nitrite_share(p)); }},
    {"AIT-311-NO3", [](const Process& p) { return p.biology.reactor(5)[sno] * (1 - nitrite_share(p)); }},
    {"AIT-312-NO2", [](const Process& p) { return p.biology.nitrite(); }},
    {"AIT-313-TSS", [](const Process& p) { return tss(p.biology.reactor(3)); }},
    {"AIT-314-TSS", [](const Process& p) { return tss(p.biology.reactor(5)); }},
    {"AIT-315-PH", [](const Process& p) { return ph(p.biology.reactor(1)); }},
    {"AIT-316-PH", [](const Process& p) { return ph(p.biology.reactor(5)); }},
    {"AIT-317-ALK", [](const Process& p) { return p.biology.reactor(5)[alk]; }},
    {"TIT-318", [](const Process& p) { return p.biology.reactor(3)[temperature]; }},
    {"TIT-319", [](const Process& p) { return p.biology.blower_discharge_c(); }},
    {"AIT-320-COD", [](const Process& p) { return soluble_cod(p.biology.reactor(5)); }},
    {"AIT-321-PO4", [](const Process& p) { return p.biology.reactor(5)[po4]; }},
    {"FIT-322", [](const Process& p) { return p.biology.recycle_m3_h(); }},
    {"FIT-323", [](const Process& p) { return p.biology.air_m3_h(3); }},
    {"FIT-324", [](const Process& p) { return p.biology.air_m3_h(4); }},
    {"FIT-325", [](const Process& p) { return p.biology.air_m3_h(5); }},
    {"PIT-326", [](const Process& p) { return p.biology.header_kpa(); }},
    {"YS-327", [](const Process& p) { return static_cast<double>(p.biology.blower_state(0)); }},
    {"YS-328", [](const Process& p) { return static_cast<double>(p.biology.blower_state(1)); }},
    {"SIT-329", [](const Process& p) { return p.biology.blower_speed_pct(); }},
    {"JIT-330", [](const Process& p) { return p.biology.blower_kw(); }},
    {"YS-331", [](const Process& p) { return static_cast<double>(p.biology.recycle_pump_state()); }},
    {"JIT-332", [](const Process& p) { return p.biology.mixer_kw(); }},
    {"ZIT-333", [](const Process& p) { return p.biology.valve_pct(); }},
    {"LIT-334", [](const Process& p) { return p.biology.level_m(); }},
    {"FIT-335", [](const Process& p) { return p.biology.carbon_l_h(); }},
    {"FIT-401", [](const Process& p) { return p.settler.return_sludge().flow_m3_h; }},
    {"FIT-402", [](const Process& p) { return p.settler.waste().flow_m3_h; }},
    {"FIT-403", [](const Process& p) { return p.settler.effluent().flow_m3_h; }},
    {"LIT-404", [](const Process& p) { return p.settler.blanket_m(); }},
    {"AIT-405-TSS", [](const Process& p) { return tss(p.settler.return_sludge().water); }},
    {"AIT-406-TSS", [](const Process& p) { return tss(p.settler.effluent().water); }},
    {"AIT-407-TURB", [](const Process& p) { return tss(p.settler.effluent().water) / 2.3; }},
    {"AIT-408-NH4", [](const Process& p) { return p.settler.effluent().water[snh]; }},
    {"AIT-409-NO3", [](const Process& p) { return p.settler.effluent().water[sno] * (1 - nitrite_share(p)); }},
    {"AIT-410-PO4", [](const Process& p) { return p.settler.effluent().water[po4]; }},
    {"AIT-411-COD", [](const Process& p) { return cod(p.settler.effluent().water); }},
    {"AIT-412-SVI", [](const Process& p) { return p.settler.sludge_volume_index(); }},
    {"TIT-413", [](const Process& p) { return p.settler.effluent().water[temperature]; }},
    {"YS-414", [](const Process& p) { return static_cast<double>(p.settler.return_pump_state()); }},
    {"JIT-415", [](const Process& p) { return p.settler.power_kw(); }},
    {"AIT-416-DO", [](const Process& p) { return p.tertiary.inlet()[so]; }},
    {"FIT-501", [](const Process& p) { return p.tertiary.dose_l_h(); }},
    {"AIT-502-PO4", [](const Process& p) { return p.tertiary.inlet()[po4]; }},
    {"AIT-503-TP", [](const Process& p) { return p.tertiary.total_p(); }},
    {"AIT-504-TURB", [](const Process& p) { return tss(p.tertiary.out().water) / 1.5; }},
    {"AIT-505-TSS", [](const Process& p) { return tss(p.tertiary.out().water); }},
    {"PDIT-506", [](const Process& p) { return p.tertiary.filter_loss_kpa(); }},
    {"FIT-507", [](const Process& p) { return p.tertiary.filter_flow_m3_h(); }},
    {"AIT-508-PH", [](const Process& p) { return ph(p.tertiary.coagulated()); }},
    {"YS-509", [](const Process& p) { return static_cast<double>(p.tertiary.dosing_pump_state()); }},
    {"YS-510", [](const Process& p) { return static_cast<double>(p.tertiary.wash_pump_state()); }},
    {"JIT-511", [](const Process& p) { return p.tertiary.power_kw(); }},
    {"AIT-512-FE", [](const Process& p) { return p.tertiary.residual_iron(); }},
    {"AIT-601-CL2", [](const Process& p) { return p.disinfection.residual_chlorine(); }},
    {"FIT-602", [](const Process& p) { return p.disinfection.dose_l_h(); }},
    {"AIT-603-UVT", [](const Process& p) { return p.disinfection.transmittance_pct(); }},
    {"AIT-604-UVI", [](const Process& p) { return p.disinfection.uv_w_m2(); }},
    {"JIT-605", [](const Process& p) { return p.disinfection.power_kw(); }},
    {"AIT-606-PH", [](const Process& p) { return ph(p.disinfection.tank()); }},
    {"YS-607", [](const Process& p) { return static_cast<double>(p.disinfection.dosing_pump_state()); }},
    {"LIT-608", [](const Process& p) { return p.disinfection.level_m(); }},
    {"AIT-701-DS", [](const Process& p) { return p.sludge.thickened_pct(); }},
    {"FIT-702", [](const Process& p) { return p.sludge.feed_m3_h(); }},
    {"TIT-703", [](const Process& p) { return p.sludge.digester_c(); }},
    {"AIT-704-PH", [](const Process& p) { return p.sludge.digester_ph(); }},
    {"FIT-705", [](const Process& p) { return p.sludge.gas_m3_h(); }},
    {"AIT-706-CH4", [](const Process& p) { return p.sludge.methane_pct(); }},
    {"PIT-707", [](const Process& p) { return p.sludge.holder_mbar(); }},
    {"AIT-708-DS", [](const Process& p) { return p.sludge.cake_pct(); }},
    {"AIT-709-NH4", [](const Process& p) { return p.sludge.reject_ammonia(); }},
    {"JIT-710", [](const Process& p) { return p.sludge.power_kw(); }},
    {"FIT-801", [](const Process& p) { return p.outfall.flow_m3_h(); }},
    {"AIT-802-PH", [](const Process& p) { return ph(p.outfall.water()); }},
    {"TIT-803", [](const Process& p) { return p.outfall.water()[temperature]; }},
    {"AIT-804-COND", [](const Process& p) { return conductivity(p.outfall.water()); }},
    {"AIT-805-TURB", [](const Process& p) { return tss(p.outfall.water()) / 1.5; }},
    {"AIT-806-TSS", [](const Process& p) { return tss(p.outfall.water()); }},
    {"AIT-807-COD", [](const Process& p) { return cod(p.outfall.water()); }},
    {"AIT-808-BOD", [](const Process& p) { return bod5(p.outfall.water(), treated_bod); }},
    {"AIT-809-TN", [](const Process& p) { return total_n(p.outfall.water()); }},
    {"AIT-810-NH4", [](const Process& p) { return p.outfall.water()[snh]; }},
    {"AIT-811-TP", [](const Process& p) { return p.outfall.water()[po4] + 0.025 * tss(p.outfall.water()); }},
    {"AIT-812-HM", [](const Process& p) { return total_metal(p.outfall.water()); }},
    {"JQI-813", [](const Process& p) { return p.meter.kwh_per_day(); }},
}};
// clang-format on

}  // namespace

std::span<const Probe> probes() {
  return all;
}

const Probe* find_probe(std::string_view tag) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Probe& probe) { return probe.tag == tag; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace sosie::wastewater
