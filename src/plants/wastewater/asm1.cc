#include "plants/wastewater/asm1.h"

#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace sosie::bsm1 {
namespace {

double at(const Asm1Parameters::Rate& rate, double celsius) {
  return rate.at_15c * std::exp(std::log(rate.at_15c / rate.at_10c) / 5 * (celsius - 15));
}

struct Bound {
  std::string_view name;
  double value;
  double high;
};

Result<void> check_bounds(std::span<const Bound> bounds) {
  for (const Bound& bound : bounds) {
    if (!(bound.value > 0 && bound.value <= bound.high)) {
      return Error{Errc::invalid, fmt::format("ASM1: {} is {}; expected more than 0, {} at most",
                                              bound.name, bound.value, bound.high)};
    }
  }
  return {};
}

/// No biomass and nothing to hydrolyse: 0/0 becomes 0.
constexpr double hardly_anything = 1e-30;

double positive(double x) {
  return x > 0 ? x : 0;
}

}  // namespace

Result<void> Asm1Parameters::check() const {
  constexpr double most_rate = 100;      // 1/d: no organism of waste water grows faster
  constexpr double most_constant = 1e4;  // g/m3
  const std::array bounds{
      Bound{"y_h", y_h, 0.99},
      Bound{"y_a", y_a, 0.99},
      Bound{"f_p", f_p, 0.99},
      Bound{"i_xb", i_xb, 1},
      Bound{"i_xp", i_xp, 1},
      Bound{"tss_per_cod", tss_per_cod, 10},
      Bound{"cod_of_nitrate", cod_of_nitrate, 10},
      Bound{"cod_of_ammonia", cod_of_ammonia, 10},
      Bound{"mu_h at 15 degC", mu_h.at_15c, most_rate},
      Bound{"mu_h at 10 degC", mu_h.at_10c, most_rate},
      Bound{"mu_a at 15 degC", mu_a.at_15c, most_rate},
      Bound{"mu_a at 10 degC", mu_a.at_10c, most_rate},
      Bound{"b_h at 15 degC", b_h.at_15c, most_rate},
      Bound{"b_h at 10 degC", b_h.at_10c, most_rate},
      Bound{"b_a at 15 degC", b_a.at_15c, most_rate},
      Bound{"b_a at 10 degC", b_a.at_10c, most_rate},
      Bound{"k_h at 15 degC", k_h.at_15c, most_rate},
      Bound{"k_h at 10 degC", k_h.at_10c, most_rate},
      Bound{"k_a at 15 degC", k_a.at_15c, most_rate},
      Bound{"k_a at 10 degC", k_a.at_10c, most_rate},
      Bound{"k_s", k_s, most_constant},
      Bound{"k_oh", k_oh, most_constant},
      Bound{"k_no", k_no, most_constant},
      Bound{"k_nh", k_nh, most_constant},
      Bound{"k_oa", k_oa, most_constant},
      Bound{"k_x", k_x, most_constant},
      Bound{"eta_g", eta_g, 1},
      Bound{"eta_h", eta_h, 1},
  };
  return check_bounds(bounds);
}

Petersen petersen(const Asm1Parameters& p) {
  Petersen m{};
  const double breath = (1 - p.y_h) / p.y_h;  // g O2 (or nitrate's worth) per g of cells
  // 1, 2: growth of heterotrophs, with oxygen and without.
  m[0][ss] = m[1][ss] = -1 / p.y_h;
  m[0][xbh] = m[1][xbh] = 1;
  m[0][snh] = m[1][snh] = -p.i_xb;
  m[0][so] = -breath;
  m[1][sno] = -breath / p.cod_of_nitrate;
  m[0][salk] = -p.i_xb / 14;
  m[1][salk] = breath / (14 * p.cod_of_nitrate) - p.i_xb / 14;
  // 3: growth of autotrophs.
  m[2][xba] = 1;
  m[2][so] = -(p.cod_of_ammonia - p.y_a) / p.y_a;
  m[2][sno] = 1 / p.y_a;
  m[2][snh] = -p.i_xb - 1 / p.y_a;
  m[2][salk] = -p.i_xb / 14 - 1 / (7 * p.y_a);
  // 4, 5: decay of both.
  for (const std::size_t process : {3U, 4U}) {
    m[process][xs] = 1 - p.f_p;
    m[process][xp] = p.f_p;
    m[process][xnd] = p.i_xb - p.f_p * p.i_xp;
  }
  m[3][xbh] = -1;
  m[4][xba] = -1;
  // 6: ammonification.
  m[5][snh] = 1;
  m[5][snd] = -1;
  m[5][salk] = 1.0 / 14;
  // 7, 8: hydrolysis of organics and of their nitrogen.
  m[6][ss] = 1;
  m[6][xs] = -1;
  m[7][snd] = 1;
  m[7][xnd] = -1;
  return m;
}

Mixture cod_content(const Asm1Parameters& p) {
  Mixture cod{};
  for (const Component part : {si, ss, xi, xs, xbh, xba, xp}) cod[part] = 1;
  cod[so] = -1;
  cod[sno] = -p.cod_of_ammonia;
  return cod;
}

Mixture nitrogen_content(const Asm1Parameters& p) {
  Mixture nitrogen{};
  for (const Component part : {sno, snh, snd, xnd}) nitrogen[part] = 1;
  nitrogen[xbh] = nitrogen[xba] = p.i_xb;
  nitrogen[xp] = nitrogen[xi] = p.i_xp;
  return nitrogen;
}

Mixture charge_content() {
  Mixture charge{};
  charge[sno] = -1.0 / 14;
  charge[snh] = 1.0 / 14;
  charge[salk] = -1;
  return charge;
}

Asm1::Asm1(const Asm1Parameters& p, double celsius)
    : mu_h_(at(p.mu_h, celsius)),
      mu_a_(at(p.mu_a, celsius)),
      b_h_(at(p.b_h, celsius)),
      b_a_(at(p.b_a, celsius)),
      k_h_(at(p.k_h, celsius)),
      k_a_(at(p.k_a, celsius)),
      k_s_(p.k_s),
      k_oh_(p.k_oh),
      k_no_(p.k_no),
      k_nh_(p.k_nh),
      k_oa_(p.k_oa),
      k_x_(p.k_x),
      eta_g_(p.eta_g),
      eta_h_(p.eta_h),
      matrix_(petersen(p)) {}

std::array<double, processes> Asm1::rates(const Mixture& water) const {
  Mixture w = water;
  for (double& part : w) part = positive(part);
  const double oxygen = w[so] / (k_oh_ + w[so]);
  const double anoxic = (1 - oxygen) * (w[sno] / (k_no_ + w[sno]));
  const double growth = mu_h_ * (w[ss] / (k_s_ + w[ss])) * w[xbh];
  const double hydrolysis =
      k_h_ * w[xbh] / (k_x_ * w[xbh] + w[xs] + hardly_anything) * (oxygen + eta_h_ * anoxic);
  return {growth * oxygen,
          growth * eta_g_ * anoxic,
          mu_a_ * (w[snh] / (k_nh_ + w[snh])) * (w[so] / (k_oa_ + w[so])) * w[xba],
          b_h_ * w[xbh],
          b_a_ * w[xba],
          k_a_ * w[snd] * w[xbh],
          hydrolysis * w[xs],
          hydrolysis * w[xnd]};
}

struct Asm1::EightRates {
  double r1, r2, r3, r4, r5, r6, r7, r8;
};

/// In lane `i`. Inline, and the loops over lanes around it: so they become vectors.
inline Asm1::EightRates Asm1::rates_in(const Reactors& c, const Vigour& vigour,
                                       std::size_t i) const {
  const Asm1& k = *this;
  const double w_ss = positive(c[ss][i]);
  const double w_xs = positive(c[xs][i]);
  const double w_xbh = positive(c[xbh][i]);
  const double w_xba = positive(c[xba][i]);
  const double w_so = positive(c[so][i]);
  const double w_sno = positive(c[sno][i]);
  const double w_snh = positive(c[snh][i]);
  const double w_snd = positive(c[snd][i]);
  const double w_xnd = positive(c[xnd][i]);
  const double oxygen = w_so / (k.k_oh_ + w_so);
  const double anoxic = (1 - oxygen) * (w_sno / (k.k_no_ + w_sno));
  const double growth = vigour.heterotrophs[i] * k.mu_h_ * (w_ss / (k.k_s_ + w_ss)) * w_xbh;
  const double hydrolysis =
      k.k_h_ * w_xbh / (k.k_x_ * w_xbh + w_xs + hardly_anything) * (oxygen + k.eta_h_ * anoxic);
  return {growth * oxygen,
          growth * k.eta_g_ * anoxic,
          vigour.autotrophs[i] * k.mu_a_ * (w_snh / (k.k_nh_ + w_snh)) * (w_so / (k.k_oa_ + w_so)) *
              w_xba,
          k.b_h_ * w_xbh,
          k.b_a_ * w_xba,
          k.k_a_ * w_snd * w_xbh,
          hydrolysis * w_xs,
          hydrolysis * w_xnd};
}

std::array<Lane, processes> Asm1::rates(const Reactors& c, const Vigour& vigour) const {
  std::array<Lane, processes> rates;  // NOLINT: set below
  for (std::size_t i = 0; i < lanes; ++i) {
    const EightRates r = rates_in(c, vigour, i);
    rates[0][i] = r.r1;
    rates[1][i] = r.r2;
    rates[2][i] = r.r3;
    rates[3][i] = r.r4;
    rates[4][i] = r.r5;
    rates[5][i] = r.r6;
    rates[6][i] = r.r7;
    rates[7][i] = r.r8;
  }
  return rates;
}

/// The rates, and the matrix's entries that are not zero.
void Asm1::react(const Reactors& c, Reactors& change, const Vigour& vigour) const {
  const Petersen& m = matrix_;
  Reactors d;  // NOLINT: set below; a local, so that nothing read may be what is written
  for (std::size_t i = 0; i < lanes; ++i) {
    const EightRates r = rates_in(c, vigour, i);
    d[ss][i] = m[0][ss] * (r.r1 + r.r2) + r.r7;
    d[xs][i] = m[3][xs] * (r.r4 + r.r5) - r.r7;
    d[xbh][i] = r.r1 + r.r2 - r.r4;
    d[xba][i] = r.r3 - r.r5;
    d[xp][i] = m[3][xp] * (r.r4 + r.r5);
    d[so][i] = m[0][so] * r.r1 + m[2][so] * r.r3;
    d[sno][i] = m[1][sno] * r.r2 + m[2][sno] * r.r3;
    d[snh][i] = m[0][snh] * (r.r1 + r.r2) + m[2][snh] * r.r3 + r.r6;
    d[snd][i] = r.r8 - r.r6;
    d[xnd][i] = m[3][xnd] * (r.r4 + r.r5) - r.r8;
    d[salk][i] = m[0][salk] * r.r1 + m[1][salk] * r.r2 + m[2][salk] * r.r3 + m[5][salk] * r.r6;
  }
  for (const Component part : {ss, xs, xbh, xba, xp, so, sno, snh, snd, xnd, salk}) {
    for (std::size_t i = 0; i < lanes; ++i) change[part][i] += d[part][i];
  }
}

Lane Asm1::oxygen_stiffness(const Reactors& c) const {
  Lane stiffness{};
  for (std::size_t i = 0; i < lanes; ++i) {
    const double w_so = positive(c[so][i]);
    const double food = positive(c[ss][i]) / (k_s_ + positive(c[ss][i]));
    const double ammonia = positive(c[snh][i]) / (k_nh_ + positive(c[snh][i]));
    const double by_h = k_oh_ / ((k_oh_ + w_so) * (k_oh_ + w_so));
    const double by_a = k_oa_ / ((k_oa_ + w_so) * (k_oa_ + w_so));
    stiffness[i] = -matrix_[0][so] * mu_h_ * food * positive(c[xbh][i]) * by_h -
                   matrix_[2][so] * mu_a_ * ammonia * positive(c[xba][i]) * by_a;
  }
  return stiffness;
}

}  // namespace sosie::bsm1
