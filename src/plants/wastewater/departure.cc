#include "plants/wastewater/departure.h"

namespace sosie::wastewater {

Departure Departure::draw(double share, Random random) {
  Departure d;
  for (double* each :
       {&d.headworks, &d.primary, &d.tertiary, &d.disinfection, &d.outfall, &d.sludge, &d.reactors,
        &d.settler_area, &d.phosphate, &d.organic_nitrogen, &d.inert, &d.transfer, &d.heterotrophs,
        &d.autotrophs, &d.decay, &d.hydrolysis, &d.halved, &d.settling, &d.hindrance}) {
    *each = random.uniform(1 - share, 1 + share);
  }
  d.yield = random.uniform(1 - share / 2, 1 + share / 2);
  return d;
}

bsm1::WorksParameters Departure::changed(bsm1::WorksParameters p) const {
  for (double& volume : p.volume_m3) volume *= reactors;
  const auto scale = [](bsm1::Asm1Parameters::Rate& rate, double factor) {
    rate.at_15c *= factor;
    rate.at_10c *= factor;
  };
  scale(p.asm1.mu_h, heterotrophs);
  scale(p.asm1.mu_a, autotrophs);
  scale(p.asm1.b_h, decay);
  scale(p.asm1.b_a, decay);
  scale(p.asm1.k_h, hydrolysis);
  for (double* each : {&p.asm1.k_s, &p.asm1.k_nh, &p.asm1.k_oh, &p.asm1.k_oa, &p.asm1.k_no}) {
    *each *= halved;
  }
  p.asm1.y_h *= yield;
  p.asm1.y_a *= yield;
  p.settler.area_m2 *= settler_area;
  p.settler.v0_m_d *= settling;
  p.settler.v0_max_m_d *= settling;
  p.settler.r_h_m3_g *= hindrance;
  return p;
}

}  // namespace sosie::wastewater
