#pragma once

#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// The sludge line: thickener, blend tank, digester, gas holder with its engine, centrifuge, reject
/// water. Thickener and centrifuge are BSM2's ideal separators (`separate.h`), at 5.5 and 27 %. The
/// digester is a reduced model, not ADM1: one mixed tank in which what is degradable goes by one
/// first-order law, and leaves as methane, ammonia and a little that stays:
///
///     V dC/dt = Q (C_in - C) - V k C        C: SS, XS, XBH, XBA, XND, SND; k = 0.25/d at 35 degC
///     CH4 = 0.35 Nm3 per kg COD destroyed   of biomass 8 % stay as XP (ASM1's f_P)
///     dA/dt = k_a (destroyed - A's use)     A: volatile acids
///     pH = 7.3 + 0.9 log10(ALK/A / (ALK/A)_0)
///
/// Oxygen and nitrate that come with the sludge take their COD first, as at BSM2's interface to
/// ADM1. Of the nitrogen that is set free 30 % becomes struvite, which leaves with the cake. A side
/// stream takes 80 % of the reject water's ammonia, which goes into the air as N2, before the water
/// goes back. The centrifuge works on shift, from 8 to 16 o'clock on working days; meanwhile the
/// digested sludge waits, and the reject water comes when the centrifuge runs. It takes an eighth
/// of what waits in an hour, 50 m3/h at most, and works overtime when 1500 m3 wait.
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
  double feed_m3_h() const { return feed_.flow_m3_h; }
  double digester_c() const { return digester_[Water::temperature]; }
  double digester_ph() const;
  double gas_m3_h() const { return gas_m3_h_; }
  double methane_pct() const { return 100 * methane_share_; }
  double holder_mbar() const { return holder_mbar_; }
  double cake_pct() const { return cake_pct_; }
  double reject_ammonia() const { return waiting_[Water::snh]; }
  double power_kw() const { return power_kw_; }
  bool has_shift() const { return centrifuge_ > 0.5; }
  const Water& digester() const { return digester_; }
  double methane_cod_kg_h() const { return methane_cod_kg_h_; }

  Amount holds() const;
  /// What left in the last step: with the cake, as methane, and as N2 (with what it took of
  /// oxygen).
  const Amount& left() const { return left_; }
  double oxygen_in_g() const { return oxygen_in_g_; }  ///< of the side stream, in the last step

 private:
  void thicken(const Stream& primary, const Stream& waste, double svi);
  void digest(double share, double air_c);
  void decay(double per_h);
  void store_gas();
  /// What the centrifuge takes in this step, m3/h.
  double spin(const LocalTime& time);
  void dewater(const LocalTime& time, double svi);

  double scale_;
  Stream returned_;
  double thickened_pct_ = 5.5;
  Water blend_;
  double blend_m3_;
  Stream feed_;  ///< of the digester
  Water digester_;
  Stream digested_;      ///< what flows out of it
  double struvite_n_g_;  ///< nitrogen in the digester's crystals
  double struvite_n_out_g_ = 0;
  Water waiting_;  ///< digested sludge, for the centrifuge
  double waiting_m3_;
  double waiting_struvite_n_g_;
  double methane_cod_kg_h_ = 260;
  double acids_ = 1;  ///< over their normal amount
  double gas_m3_h_ = 150;
  double methane_share_ = 0.61;
  double holder_mbar_ = 22;
  double cake_pct_ = 27;
  double centrifuge_ = 0;  ///< 0..1, as it runs up and down
  bool overtime_ = false;
  double power_kw_ = 45;
  Amount left_;
  double oxygen_in_g_ = 0;
};

}  // namespace sosie::wastewater
