#include "plants/wastewater/takacs.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "plants/wastewater/exp_lanes.h"

namespace sosie::bsm1 {
namespace {

constexpr double most_exponent = 600;

struct SettlerBound {
  std::string_view name;
  double value;
  double high;
};

}  // namespace

Result<void> SettlerParameters::check() const {
  const std::array bounds{
      SettlerBound{"area_m2", area_m2, 1e7},
      SettlerBound{"height_m", height_m, 100},
      SettlerBound{"v0_max_m_d", v0_max_m_d, 5000},
      SettlerBound{"v0_m_d", v0_m_d, 5000},
      SettlerBound{"r_h_m3_g", r_h_m3_g, 1},
      SettlerBound{"r_p_m3_g", r_p_m3_g, 1},
      SettlerBound{"f_ns", f_ns, 1},
      SettlerBound{"x_t_g_m3", x_t_g_m3, 1e6},
  };
  for (const SettlerBound& bound : bounds) {
    if (!(bound.value > 0 && bound.value <= bound.high)) {
      return Error{Errc::invalid, fmt::format("settler: {} is {}; expected more than 0, {} at most",
                                              bound.name, bound.value, bound.high)};
    }
  }
  return {};
}

Takacs::Takacs(const SettlerParameters& parameters)
    : parameters_(parameters), layer_m_(parameters.height_m / layers) {}

void Takacs::settle(const Settler& s, const Layer& feed, const SettlerFlow& flow,
                    Settler& change) const {
  const SettlerParameters& p = parameters_;
  // Both exponentials of all layers, side by side.
  std::array<double, 2 * layers> e;  // NOLINT: set below
  const double x_min = p.f_ns * feed[layer_tss];
  std::array<double, layers> x;  // NOLINT: set below
  for (std::size_t i = 0; i < layers; ++i) x[i] = s[i][layer_tss];
  for (std::size_t i = 0; i < layers; ++i) {
    const double over = x[i] - x_min;
    e[i] = std::min(std::max(-p.r_h_m3_g * over, -most_exponent), most_exponent);
    e[layers + i] = std::min(std::max(-p.r_p_m3_g * over, -most_exponent), most_exponent);
  }
  exp_lanes(e);
  std::array<double, layers> falling;  // NOLINT: v_s X
  for (std::size_t i = 0; i < layers; ++i) {
    const double speed = p.v0_m_d * (e[i] - e[layers + i]);
    falling[i] = std::max(std::min(speed, p.v0_max_m_d), 0.0) * x[i];
  }
  std::array<double, layers + 1> flux;  // NOLINT: from the layer over it into layer i
  flux[0] = flux[layers] = 0;
  for (std::size_t i = 0; i + 1 < layers; ++i) {
    const double least = std::min(falling[i], falling[i + 1]);
    flux[i + 1] = i < feed_layer && x[i + 1] <= p.x_t_g_m3 ? falling[i] : least;
  }

  const double up = flow.up_m3_d / (p.area_m2 * layer_m_);  // 1/d
  const double down = flow.down_m3_d / (p.area_m2 * layer_m_);
  for (std::size_t i = 0; i < feed_layer; ++i) {
    for (std::size_t k = 0; k < columns; ++k) change[i][k] = up * (s[i + 1][k] - s[i][k]);
  }
  for (std::size_t k = 0; k < columns; ++k) {
    change[feed_layer][k] = (up + down) * (feed[k] - s[feed_layer][k]);
  }
  for (std::size_t i = feed_layer + 1; i < layers; ++i) {
    for (std::size_t k = 0; k < columns; ++k) change[i][k] = down * (s[i - 1][k] - s[i][k]);
  }
  for (std::size_t i = 0; i < layers; ++i) {
    change[i][layer_tss] += (flux[i] - flux[i + 1]) / layer_m_;
  }
}

double solids_of(const Mixture& w, double tss_per_cod) {
  return tss_per_cod * (w[xi] + w[xs] + w[xbh] + w[xba] + w[xp]);
}

Layer to_layer(const Mixture& water, double tss_per_cod) {
  Layer layer{};
  for (std::size_t k = 0; k < soluble_parts.size(); ++k) layer[k] = water[soluble_parts[k]];
  layer[layer_tss] = solids_of(water, tss_per_cod);
  return layer;
}

Mixture to_mixture(const Layer& layer, const Mixture& feed, double tss_per_cod) {
  Mixture water{};
  for (std::size_t k = 0; k < soluble_parts.size(); ++k) water[soluble_parts[k]] = layer[k];
  const double in_feed = solids_of(feed, tss_per_cod);
  const double share = in_feed > 0 ? layer[layer_tss] / in_feed : 0;
  for (const Component part : solid_parts) water[part] = share * feed[part];
  return water;
}

}  // namespace sosie::bsm1
