#pragma once

#include <array>
#include <cstddef>

#include "plants/wastewater/asm1.h"

namespace sosie::bsm1 {

/// The secondary settler: Takács, Patry, Nolasco 1991, with BSM1's values (settler1dinit.m).
struct SettlerParameters {
  double area_m2 = 1500;
  double height_m = 4;
  double v0_max_m_d = 250;
  double v0_m_d = 474;
  double r_h_m3_g = 0.000576;
  double r_p_m3_g = 0.00286;
  double f_ns = 0.00228;   ///< share of the feed's solids that never settles
  double x_t_g_m3 = 3000;  ///< above the feed: where a layer hinders the one over it

  /// Errors: invalid, naming the parameter, its value and what was expected.
  Result<void> check() const;
};

/// What a layer holds: ASM1's solubles in their order, then the suspended solids.
enum Column : std::size_t {  // NOLINT(performance-enum-size): an index
  layer_si,
  layer_ss,
  layer_so,
  layer_sno,
  layer_snh,
  layer_snd,
  layer_salk,
  layer_tss,
  columns
};
inline constexpr std::array<Component, columns - 1> soluble_parts{si, ss, so, sno, snh, snd, salk};
inline constexpr std::array<Component, 6> solid_parts{xi, xs, xbh, xba, xp, xnd};

inline constexpr std::size_t layers = 10;
inline constexpr std::size_t feed_layer = 4;  ///< counted from 0 at the top
using Layer = std::array<double, columns>;
using Settler = std::array<Layer, layers>;  ///< from the top

/// What goes through the settler.
struct SettlerFlow {
  double up_m3_d = 0;    ///< to the effluent
  double down_m3_d = 0;  ///< to return and waste
};

/// Ten layers, each mixed; water goes up from the feed's layer and down from it, and solids settle:
///
///     v_s = max(0, min(v0_max, v0 (e^(-r_h (X - X_min)) - e^(-r_p (X - X_min)))))  X_min = f_ns
///     X_feed J_i = v_s,i X_i where X_{i+1} <= X_t above the feed, else min(v_s,i X_i, v_s,i+1
///     X_{i+1})
///
/// (settler1dv4.c). The layers know no kinds of solids: their composition is the feed's.
class Takacs {
 public:
  explicit Takacs(const SettlerParameters& parameters = {});

  /// Sets `change` to what a day does to `settler` under `feed`.
  void settle(const Settler& settler, const Layer& feed, const SettlerFlow& flow,
              Settler& change) const;

  double layer_m3() const { return parameters_.area_m2 * layer_m_; }

 private:
  SettlerParameters parameters_;
  double layer_m_;
};

/// What the settler gets from the last reactor.
Layer to_layer(const Mixture& water, double tss_per_cod);

/// A layer's water, its solids composed as the feed's are.
Mixture to_mixture(const Layer& layer, const Mixture& feed, double tss_per_cod);

/// g/m3.
double solids_of(const Mixture& water, double tss_per_cod);

}  // namespace sosie::bsm1
