#include "plants/wastewater/evaluation.h"

#include <algorithm>
#include <cmath>

namespace sosie::bsm1 {
namespace {

constexpr double design_saturation = 8;  // g/m3
constexpr double kg_o2_per_kwh = 1.8;
constexpr double mixing_kw_m3 = 0.005;
constexpr double mixed_by_air = 20;  // 1/d: a kLa that needs no mixer

/// 2 TSS + COD + 30 TKN + 10 NO + 2 BOD5, in kg/d of what goes by in a day.
double pollution_kg(const Composite& c, double nitrate, double m3) {
  return (2 * c.tss + c.cod + 30 * c.tkn + 10 * nitrate + 2 * c.bod5) * m3 / 1000;
}

Mixture mean_of(const Mixture& load_g, double m3) {
  Mixture mean{};
  if (m3 <= 0) return mean;
  for (std::size_t c = 0; c < components; ++c) mean[c] = load_g[c] / m3;
  return mean;
}

}  // namespace

Composite composite(const Mixture& w, const Asm1Parameters& p, double bod_share) {
  Composite c;
  const double solids = w[xi] + w[xs] + w[xbh] + w[xba] + w[xp];
  c.tss = p.tss_per_cod * solids;
  c.cod = w[si] + w[ss] + solids;
  c.tkn = w[snh] + w[snd] + w[xnd] + p.i_xb * (w[xbh] + w[xba]) + p.i_xp * (w[xp] + w[xi]);
  c.tn = c.tkn + w[sno];
  c.bod5 = bod_share * (w[ss] + w[xs] + (1 - p.f_p) * (w[xbh] + w[xba]));
  return c;
}

Evaluation::Use Evaluation::use_of(const Bsm1& plant) const {
  const Bsm1::Config& config = plant.config();
  const Duty duty = plant.duty();
  Use use;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    const double kla = r == 4 ? plant.kla_5(plant.state()) : config.kla_per_d[r];
    const double volume = config.works.volume_m3[r];
    use.aeration += design_saturation / (kg_o2_per_kwh * 1000) * volume * kla;
    if (kla < mixed_by_air) use.mixing += 24 * mixing_kw_m3 * volume;
  }
  use.pumping = 0.004 * duty.internal_m3_d + 0.008 * duty.return_m3_d + 0.05 * duty.waste_m3_d;
  use.wasted_g_d = duty.waste_m3_d * solids_of(plant.underflow(), config.works.asm1.tss_per_cod);
  return use;
}

void Evaluation::begin(const Bsm1& plant) {
  *this = {};
  began_with_g_ = plant.solids_g();
  effluent_ = plant.effluent();
  use_ = use_of(plant);
}

void Evaluation::step(const Bsm1& plant, double days) {
  const Inflow& in = plant.inflow();
  const double effluent_m3 = (in.m3_d - plant.config().waste_m3_d) * days;
  const Mixture effluent = plant.effluent();
  for (std::size_t c = 0; c < components; ++c) {
    load_g_[c] += effluent_m3 * (effluent_[c] + effluent[c]) / 2;
    influent_load_g_[c] += in.m3_d * days * in.water[c];
  }
  effluent_ = effluent;
  effluent_m3_ += effluent_m3;
  influent_m3_ += in.m3_d * days;

  const Use use = use_of(plant);
  used_.aeration += days * (use_.aeration + use.aeration) / 2;
  used_.pumping += days * (use_.pumping + use.pumping) / 2;
  used_.mixing += days * (use_.mixing + use.mixing) / 2;
  used_.wasted_g_d += days * (use_.wasted_g_d + use.wasted_g_d) / 2;
  use_ = use;
  days_ += days;
}

void Evaluation::sample(const Bsm1& plant) {
  const Mixture water = plant.effluent();
  const Composite c = composite(water, plant.config().works.asm1, treated_bod);
  samples_.push_back({c.tn, c.cod, water[snh], c.tss, c.bod5});
  const double m3_d = plant.duty().effluent_m3_d();
  sampled_m3_d_ += m3_d;
  for (std::size_t part = 0; part < components; ++part) sampled_g_d_[part] += m3_d * water[part];
}

Violation Evaluation::violation(Limit which) const {
  Violation found;
  if (samples_.empty()) return found;
  std::vector<double> values;
  values.reserve(samples_.size());
  int over = 0;
  bool was_over = false;
  for (const auto& sample : samples_) {
    const bool is_over = sample[which] > limit_g_m3[which];
    over += is_over ? 1 : 0;
    found.times += is_over && !was_over ? 1 : 0;
    was_over = is_over;
    values.push_back(sample[which]);
  }
  found.time_pct = 100.0 * over / static_cast<double>(samples_.size());
  std::ranges::sort(values);
  // Between samples as MATLAB's prctile has it: the i-th of n is the (i - 1/2)/n quantile.
  const auto n = static_cast<double>(values.size());
  const double place = std::clamp(0.95 * n - 0.5, 0.0, n - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  const double share = place - std::floor(place);
  found.highest_95 = values[below] + share * (values[above] - values[below]);
  return found;
}

Averages Evaluation::sampled(const Asm1Parameters& asm1) const {
  Averages found;
  if (samples_.empty()) return found;
  found.effluent_m3_d = sampled_m3_d_ / static_cast<double>(samples_.size());
  found.mean = mean_of(sampled_g_d_, sampled_m3_d_);
  found.composite = composite(found.mean, asm1, treated_bod);
  found.eqi = pollution_kg(found.composite, found.mean[sno], found.effluent_m3_d);
  return found;
}

Summary Evaluation::summary(const Bsm1& plant) const {
  Summary s;
  if (days_ <= 0) return s;
  const Asm1Parameters& asm1 = plant.config().works.asm1;
  s.days = days_;
  s.effluent_m3_d = effluent_m3_ / days_;
  s.mean = mean_of(load_g_, effluent_m3_);
  s.composite = composite(s.mean, asm1, treated_bod);
  s.eqi = pollution_kg(s.composite, s.mean[sno], s.effluent_m3_d);
  const Mixture came = mean_of(influent_load_g_, influent_m3_);
  s.iqi = pollution_kg(composite(came, asm1, raw_bod), came[sno], influent_m3_ / days_);
  s.sludge_kg_d = (plant.solids_g() - began_with_g_ + used_.wasted_g_d) / days_ / 1000;
  s.aeration_kwh_d = used_.aeration / days_;
  s.pumping_kwh_d = used_.pumping / days_;
  s.mixing_kwh_d = used_.mixing / days_;
  s.oci = s.aeration_kwh_d + s.pumping_kwh_d + 5 * s.sludge_kg_d + s.mixing_kwh_d;
  for (std::size_t which = 0; which < limits; ++which) {
    s.violations[which] = violation(static_cast<Limit>(which));
  }
  s.sampled = sampled(asm1);
  return s;
}

}  // namespace sosie::bsm1
