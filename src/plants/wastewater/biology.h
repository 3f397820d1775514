#pragma once

#include <array>

#include "plants/wastewater/activated_sludge.h"
#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/rota.h"
#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// Biological treatment: BSM1's five reactors, two without air and three with, an internal recycle
/// from the last to the first, and the return sludge; its loops, blowers and pumps.
///
/// ASM1's thirteen states are the sludge's (`activated_sludge.h`), which goes through the settlers
/// too. What else the water carries is mixed and carried by the same flows here, by implicit Euler:
/// carbon dioxide made by respiration and stripped with the air, phosphate in biomass, tracers.
class Biology {
 public:
  static constexpr std::size_t reactors = 5;

  explicit Biology(double scale,
                   double settler_breathes_per_h = ActivatedSludge::usually_breathed_per_h);

  /// What is drawn from the settlers' bottom in this step.
  struct Draw {
    Stream returned;
    double waste_m3_h = 0;
    double sludge_volume_index = 110;  ///< of what settles there, ml/g
  };
  /// What has befallen blowers and pumps, which of them change over, how foul the diffusers are.
  struct Machines {
    const Disturbance& disturbance;
    const Rotas& rotas;
    double fouling = 0.5;  ///< 0: clean, 1: to be cleaned
    double transfer = 1;   ///< of oxygen into the water, of what it would be
  };
  void step(const Stream& in, const Draw& draw, double air_temperature_c, const Machines& machines,
            const Feedback& feedback, ActivatedSludge::Gas* gas = nullptr);

  /// From now on the sludge lives by other parameters than the station's.
  void live_by(const bsm1::WorksParameters& parameters) { sludge_.live_by(parameters); }

  /// Reactors and settlers, as they are after the step.
  const ActivatedSludge& sludge() const { return sludge_; }

  /// To secondary clarification.
  Stream out() const { return {through_m3_h_, tanks_.back()}; }

  const Water& reactor(std::size_t number) const { return tanks_[number - 1]; }  ///< 1..5
  double nitrite() const { return nitrite_g_m3_; }
  double recycle_m3_h() const { return recycle_m3_h_; }
  int recycle_pump_state() const { return recycle_pump_state_; }
  double air_m3_h(std::size_t number) const { return air_m3_h_[number - 1]; }
  double header_kpa() const { return header_kpa_; }
  double blower_discharge_c() const;
  int blower_state(std::size_t which) const { return blower_state_[which]; }  ///< B-301, B-302
  double blower_speed_pct() const { return blower_speed_pct_; }
  double blower_kw() const { return blower_kw_; }
  double mixer_kw() const;
  double valve_pct() const;
  double level_m() const;
  double carbon_l_h() const { return 0; }  ///< external carbon is not dosed in this strategy

 private:
  void control(const Machines& machines, const Feedback& feedback);
  void blow(const Machines& machines);
  void follow_nitrite();

  double scale_;
  ActivatedSludge sludge_;
  std::array<Water, reactors> tanks_;
  std::array<double, reactors> kla_per_h_{};  ///< as it is, after valves and blowers
  std::array<double, reactors> air_m3_h_{};
  std::array<int, 2> blower_state_{1, 1};
  double valve_kla_per_h_ = 5.5;  ///< reactor 5's, asked for by the loop, after the valve's lag
  double do_integral_ = 0;
  double nitrate_integral_ = 0;
  double recycle_m3_h_ = 931;
  int recycle_pump_state_ = 1;
  double through_m3_h_ = 0;
  double in_m3_h_ = 0;
  double header_kpa_ = 58;
  double blower_speed_pct_ = 68;
  double blower_kw_ = 200;
  double air_c_ = 12;
  double nitrite_g_m3_ = 0.15;
};

}  // namespace sosie::wastewater
