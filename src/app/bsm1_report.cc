#include "app/bsm1_report.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "plants/wastewater/component_names.h"
#include "wire/json/writer.h"

namespace sosie::app {
namespace {

struct CompositeRow {
  std::string_view name;
  double bsm1::Composite::* value;
};
constexpr std::array<CompositeRow, 5> composite_rows{{{"TSS", &bsm1::Composite::tss},
                                                      {"TKN", &bsm1::Composite::tkn},
                                                      {"TN", &bsm1::Composite::tn},
                                                      {"COD", &bsm1::Composite::cod},
                                                      {"BOD5", &bsm1::Composite::bod5}}};

void write_water(json::Writer& out, const bsm1::Mixture& mean, const bsm1::Composite& composite) {
  for (std::size_t c = 0; c < bsm1::components; ++c) {
    out.member(bsm1::component_names[c], mean[c]);
  }
  for (const CompositeRow& row : composite_rows) out.member(row.name, composite.*row.value);
}

}  // namespace

std::string to_text(const Bsm1Report& r) {
  const bsm1::Summary& s = r.summary;
  auto text = fmt::format("BSM1, {} loop, {}: {:g} days, evaluated from day {:g}\n\n", r.loop,
                          r.influent, r.days, r.evaluated_from_d);
  for (const auto& note : r.notes) text += fmt::format("note: {}\n\n", note);
  text += "effluent, weighted by flow           all the time   of samples every 15 min\n";
  const auto line = [&](std::string_view name, double value, double sampled, const char* unit) {
    text += fmt::format("  {:<8}{:>12.5f} {:<8}{:>12.5f}\n", name, value, unit, sampled);
  };
  text += fmt::format("  {:<8}{:>12.1f} {:<8}{:>12.1f}\n", "Q", s.effluent_m3_d, "m3/d",
                      s.sampled.effluent_m3_d);
  for (std::size_t c = 0; c < bsm1::components; ++c) {
    line(bsm1::component_names[c], s.mean[c], s.sampled.mean[c],
         c == bsm1::salk ? "mol/m3" : "g/m3");
  }
  for (const CompositeRow& row : composite_rows) {
    line(row.name, s.composite.*row.value, s.sampled.composite.*row.value, "g/m3");
  }
  text += fmt::format(
      "\nIQI {:.1f}, EQI {:.2f} (of samples {:.2f}) kg/d of pollution units; OCI {:.2f}\n"
      "aeration {:.1f}, pumping {:.1f}, mixing {:.1f} kWh/d; sludge {:.1f} kg/d\n\n",
      s.iqi, s.eqi, s.sampled.eqi, s.oci, s.aeration_kwh_d, s.pumping_kwh_d, s.mixing_kwh_d,
      s.sludge_kg_d);
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
  out.key("notes");
  out.begin_array();
  for (const auto& note : r.notes) out.value(note);
  out.end_array();
  out.member("days", r.days);
  out.member("evaluated_from_d", r.evaluated_from_d);
  out.member("cpu_s", r.cpu_s);
  out.member("days_per_cpu_s", r.days / r.cpu_s);
  out.member("Qe", s.effluent_m3_d);
  write_water(out, s.mean, s.composite);
  out.member("IQI", s.iqi);
  out.member("EQI", s.eqi);
  out.member("OCI", s.oci);
  out.member("sludge_kg_d", s.sludge_kg_d);
  out.member("aeration_kwh_d", s.aeration_kwh_d);
  out.member("pumping_kwh_d", s.pumping_kwh_d);
  out.member("mixing_kwh_d", s.mixing_kwh_d);
  out.key("sampled");
  out.begin_object();
  out.member("Qe", s.sampled.effluent_m3_d);
  write_water(out, s.sampled.mean, s.sampled.composite);
  out.member("EQI", s.sampled.eqi);
  out.end_object();
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
