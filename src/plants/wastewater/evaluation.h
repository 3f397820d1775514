#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "plants/wastewater/bsm1.h"

namespace sosie::bsm1 {

/// The effluent's limits (BSM1), g/m3.
enum Limit : std::size_t {  // NOLINT(performance-enum-size): an index
  total_nitrogen,
  chemical_oxygen_demand,
  ammonia,
  suspended_solids,
  biochemical_oxygen_demand,
  limits
};
inline constexpr std::array<double, limits> limit_g_m3{18, 100, 4, 30, 10};
inline constexpr std::array<std::string_view, limits> limit_names{"TN", "COD", "SNH", "TSS",
                                                                  "BOD5"};

/// What is computed of a mixture; g/m3.
struct Composite {
  double tss = 0;
  double tkn = 0;  ///< Kjeldahl's nitrogen
  double tn = 0;
  double cod = 0;
  double bod5 = 0;
};
/// `bod_share`: 0.65 of raw water, 0.25 of treated.
Composite composite(const Mixture& water, const Asm1Parameters& parameters, double bod_share);
inline constexpr double raw_bod = 0.65;
inline constexpr double treated_bod = 0.25;

struct Violation {
  double time_pct = 0;    ///< of the samples that are over the limit
  int times = 0;          ///< episodes
  double highest_95 = 0;  ///< g/m3: 95 % of the samples are below
};

/// Averages of the effluent, weighted by flow.
struct Averages {
  double effluent_m3_d = 0;
  Mixture mean{};
  Composite composite;
  double eqi = 0;  ///< effluent quality index, kg/d of pollution units
};

/// What the benchmark says of a run (perf_plant.m). Concentrations are weighted by flow.
struct Summary {
  double days = 0;
  double effluent_m3_d = 0;
  Mixture mean{};
  Composite composite;
  double iqi = 0;          ///< influent quality index, kg/d of pollution units
  double eqi = 0;          ///< effluent quality index, kg/d of pollution units
  double sludge_kg_d = 0;  ///< to be disposed of, and gathered in the plant
  double aeration_kwh_d = 0;
  double pumping_kwh_d = 0;
  double mixing_kwh_d = 0;
  double oci = 0;  ///< operational cost index
  std::array<Violation, limits> violations{};
  /// The same averages of the samples alone, each with the flow of its instant, as programs add
  /// them up that keep no more than samples.
  Averages sampled;
};

/// Gathers a run's averages and indices. Loads by the trapezoidal rule over the model's own steps;
/// violations on samples, which the benchmark takes every 15 minutes.
class Evaluation {
 public:
  void begin(const Bsm1& plant);
  void step(const Bsm1& plant, double days);  ///< after each step of the model
  void sample(const Bsm1& plant);
  Summary summary(const Bsm1& plant) const;

 private:
  struct Use {
    double aeration = 0;  ///< kWh/d
    double pumping = 0;
    double mixing = 0;
    double wasted_g_d = 0;
  };
  Use use_of(const Bsm1& plant) const;
  Violation violation(Limit which) const;
  Averages sampled(const Asm1Parameters& asm1) const;

  double days_ = 0;
  double began_with_g_ = 0;
  double effluent_m3_ = 0;
  Mixture effluent_{};  ///< at the end of the last step
  Mixture load_g_{};
  double influent_m3_ = 0;
  Mixture influent_load_g_{};
  Use use_;
  Use used_;  ///< integrals, by day
  std::vector<std::array<double, limits>> samples_;
  double sampled_m3_d_ = 0;  ///< sums over the samples
  Mixture sampled_g_d_{};
};

}  // namespace sosie::bsm1
