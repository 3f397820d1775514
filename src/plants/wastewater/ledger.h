#pragma once

#include "plants/wastewater/bsm1.h"

namespace sosie::bsm1 {

/// The plant's books: what came, what left, what is there. What goes over the boundary is
/// integrated with the plant's own stages and weights, so that the books close to rounding if, and
/// only if, the model neither makes nor loses anything.
///
/// COD is theoretical: oxygen counts -1, nitrate -4.57 (to ammonia), N2 -(4.57 - 2.86). The layers
/// of BSM1's settler know how much solids they hold but not of what kind: COD per solids is the
/// same for all kinds, nitrogen is not. Nitrogen in the settler's solids is therefore what came in
/// with them less what left with them.
class Ledger {
 public:
  void begin(const Bsm1& plant);
  void enter(const Bsm1& plant, const std::array<PlantState, 4>& stages, double days);

  struct Balance {
    double came = 0;
    double left = 0;
    double stored = 0;  ///< more than at the beginning
    /// What is missing, as a share of what came.
    double error() const { return (came - left - stored) / came; }
  };
  Balance water_m3() const { return water_; }
  Balance cod_g(const Bsm1& plant) const;
  Balance nitrogen_g(const Bsm1& plant) const;
  double n2_g() const { return n2_g_; }

 private:
  struct Holdings {
    double cod_g = 0;
    double nitrogen_g = 0;  ///< without that of the settler's solids
  };
  static Holdings holdings(const Bsm1& plant);

  Holdings began_;
  Balance water_;
  Balance cod_;
  Balance nitrogen_;
  double settled_nitrogen_g_ = 0;
  double n2_g_ = 0;
};

}  // namespace sosie::bsm1
