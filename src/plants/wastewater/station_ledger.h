#pragma once

#include "plants/wastewater/process.h"

namespace sosie::wastewater {

/// The books of the whole station, from the sewer to the river, to the cake and to the air: water,
/// COD (theoretical, `Amount`) and nitrogen. They are kept beside the process, which does not know
/// of them, but for the gas in its reactors, which is counted only for them. Sums are of days, so
/// that a year's rounding does not gather.
class StationLedger {
 public:
  void begin(const Process& process);
  /// After each step, with what the step gave of gas.
  void enter(const Process& process, const ActivatedSludge::Gas& gas);

  struct Balance {
    double came = 0;
    double left = 0;
    double stored = 0;  ///< more than at the beginning
    /// What is missing, as a share of what came.
    double error() const { return (came - left - stored) / came; }
  };
  Balance water_m3(const Process& process) const;
  Balance cod_g(const Process& process) const;
  Balance nitrogen_g(const Process& process) const;

 private:
  struct Entry {
    Amount came;
    Amount left;
  };
  Balance balance(double Amount::* what, const Process& process) const;

  Amount began_;
  Entry before_today_;
  Entry today_;
  int steps_today_ = 0;
};

}  // namespace sosie::wastewater
