#include "app/bsm1_report.h"

#include <fmt/format.h>

#include "plants/wastewater/component_names.h"
#include "wire/json/writer.h"

namespace sosie::app {

std::string to_text(const Bsm1Report& r) {
  const bsm1::Summary& s = r.summary;
  auto text = fmt::format("BSM1, {} loop, {}: {:g} days, evaluated from day {:g}\n\n", r.loop,
                          r.influent, r.days, r.evaluated_from_d);
  text += fmt::format("effluent, weighted by flow        {:>12.1f} m3/d\n", s.effluent_m3_d);
  for (std::size_t c = 0; c < bsm1::components; ++c) {
    text += fmt::format("  {:<8}{:>12.5f} {}\n", bsm1::component_names[c], s.mean[c],
                        c == bsm1::salk ? "mol/m3" : "g/m3");
  }
  struct Line {
    const char* name;
    double value;
  };
  for (const Line& line : {Line{"TSS", s.composite.tss},
                           {"TKN", s.composite.tkn},
                           {"TN", s.composite.tn},
                           {"COD", s.composite.cod},
                           {"BOD5", s.composite.bod5}}) {
    text += fmt::format("  {:<8}{:>12.5f} g/m3\n", line.name, line.value);
  }
  text += fmt::format(
      "\nIQI {:.1f}, EQI {:.2f} kg/d of pollution units; OCI {:.2f}\n"
      "aeration {:.1f}, pumping {:.1f}, mixing {:.1f} kWh/d; sludge {:.1f} kg/d\n\n",
      s.iqi, s.eqi, s.oci, s.aeration_kwh_d, s.pumping_kwh_d, s.mixing_kwh_d, s.sludge_kg_d);
  text += fmt::format("{:<8}{:>8}{:>12}{:>8}{:>10}\n", "", "limit", "% of time", "times", "95 %");
  for (std::size_t k = 0; k < bsm1::limits; ++k) {
    const bsm1::Violation& v = s.violations[k];
    text += fmt::format("{:<8}{:>8g}{:>12.3f}{:>8}{:>10.4f}\n", bsm1::limit_names[k],
                        bsm1::limit_g_m3[k], v.time_pct, v.times, v.highest_95);
  }
  text += fmt::format("\n{:.1f} days per CPU second ({:.3f} s)\n", r.days / r.cpu_s, r.cpu_s);
  return text;
}

std::string to_json(const Bsm1Report& r) {
  const bsm1::Summary& s = r.summary;
  json::Writer out;
  out.begin_object();
  out.member("loop", r.loop);
  out.member("influent", r.influent);
  out.member("days", r.days);
  out.member("evaluated_from_d", r.evaluated_from_d);
  out.member("cpu_s", r.cpu_s);
  out.member("days_per_cpu_s", r.days / r.cpu_s);
  out.member("Qe", s.effluent_m3_d);
  for (std::size_t c = 0; c < bsm1::components; ++c) {
    out.member(bsm1::component_names[c], s.mean[c]);
  }
  out.member("TSS", s.composite.tss);
  out.member("TKN", s.composite.tkn);
  out.member("TN", s.composite.tn);
  out.member("COD", s.composite.cod);
  out.member("BOD5", s.composite.bod5);
  out.member("IQI", s.iqi);
  out.member("EQI", s.eqi);
  out.member("OCI", s.oci);
  out.member("sludge_kg_d", s.sludge_kg_d);
  out.member("aeration_kwh_d", s.aeration_kwh_d);
  out.member("pumping_kwh_d", s.pumping_kwh_d);
  out.member("mixing_kwh_d", s.mixing_kwh_d);
  out.key("violations");
  out.begin_object();
  for (std::size_t k = 0; k < bsm1::limits; ++k) {
    out.key(bsm1::limit_names[k]);
    out.begin_object();
    out.member("limit", bsm1::limit_g_m3[k]);
    out.member("time_pct", s.violations[k].time_pct);
    out.member("times", s.violations[k].times);
    out.member("p95", s.violations[k].highest_95);
    out.end_object();
  }
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace sosie::app
