#pragma once

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// The sludge line: thickener, digester, gas holder with its engine, centrifuge, reject water.
///
///     dS/dt = load - Q/V S - k S            S: degradable COD, k = 0.25/d at 35 degC (BSM2's size)
///     CH4 = 0.35 Nm3 per kg COD destroyed
///     dA/dt = k_a (destroyed - A's use)     A: volatile acids; pH = 7.3 - 0.9 log10(A / A_0)
///
/// Reject water is buffered and a side stream takes 80 % of its ammonia before it goes back.
class SludgeLine {
 public:
  explicit SludgeLine(double scale);

  /// The sludges of both clarifications; how the waste sludge settles decides how it thickens.
  struct Feed {
    Stream primary;
    Stream waste;
    double sludge_volume_index = 110;
  };

  void step(const Feed& feed, const LocalTime& time, double air_c, const Disturbance& disturbance);

  /// Back to primary clarification: the thickener's overflow and the reject water.
  const Stream& returned() const { return returned_; }

  double thickened_pct() const { return thickened_pct_; }
  double feed_m3_h() const { return feed_m3_h_; }
  double digester_c() const { return digester_c_; }
  double digester_ph() const;
  double gas_m3_h() const { return gas_m3_h_; }
  double methane_pct() const { return 100 * methane_share_; }
  double holder_mbar() const { return holder_mbar_; }
  double cake_pct() const { return cake_pct_; }
  double reject_ammonia() const { return reject_nh_g_m3_; }
  double power_kw() const { return power_kw_; }

 private:
  void thicken(const Stream& primary, const Stream& waste, double svi);
  void digest(double share);
  void store_gas();
  void dewater(const LocalTime& time, double svi);

  double scale_;
  Stream returned_;
  double thickened_pct_ = 5.5;
  double feed_m3_h_ = 10;
  double feed_cod_kg_h_ = 300;  ///< degradable
  double feed_n_kg_h_ = 14;     ///< that digestion sets free
  double degradable_kg_;
  double bound_n_kg_;
  double ammonia_kg_;
  double acids_ = 1;  ///< over their normal amount
  double digester_c_ = 35;
  double gas_m3_h_ = 150;
  double methane_share_ = 0.61;
  double holder_mbar_ = 22;
  double cake_pct_ = 27;
  double reject_nh_g_m3_ = 1200;
  double centrifuge_ = 0;  ///< 0..1, as it runs up and down
  double power_kw_ = 45;
};

}  // namespace sosie::wastewater
