#pragma once

#include "base/random.h"
#include "plants/wastewater/biology.h"
#include "plants/wastewater/departure.h"
#include "plants/wastewater/disturbance.h"
#include "plants/wastewater/headworks.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/outlet.h"
#include "plants/wastewater/primary.h"
#include "plants/wastewater/rota.h"
#include "plants/wastewater/settler.h"
#include "plants/wastewater/sludge.h"
#include "plants/wastewater/tertiary.h"
#include "plants/wastewater/wear.h"

namespace sosie::wastewater {

/// The water's and the sludge's whole way. A value: plain numbers all through, so that its bytes
/// are its state. What a sensor could see is read from the parts.
class Process {
 public:
  Process(double population_equivalent, Random random);

  /// One step of 5 s. What the air gave and took in the reactors is added to `gas`, for the books.
  void step(const LocalTime& time, const Disturbance& disturbance, const Feedback& feedback,
            ActivatedSludge::Gas* gas = nullptr);

  /// The same where this is a model beside a plant (parallel.h): with what comes into that plant
  /// and what is done there, with no weather, no faults, no change-overs and no wear of its own.
  /// Before it, `influent.step_as_usual`.
  struct Beside {
    Stream inlet;
    Followed followed;
    double transfer = 1;  ///< Biology::Machines::transfer
  };
  void step_beside(const LocalTime& time, const Beside& beside, const Feedback& feedback);

  /// From now on its parts are not quite the station's.
  void depart(const Departure& departure);

  void order(Weather weather) { sky_.order(weather); }
  Weather weather() const { return sky_.now(); }
  const Rotas& rotas() const { return rotas_; }
  const Wears& wears() const { return wears_; }

  double power_kw() const;

  /// In all tanks, on all floors, and on the way back to primary clarification.
  Amount holds() const;

 private:
  /// What the stages do this step with what has come in.
  struct Doing {
    const LocalTime& time;
    const Disturbance& disturbance;
    const Feedback& feedback;
    const Followed& followed;
    double transfer;
  };
  void treat(const Doing& doing, ActivatedSludge::Gas* gas);

  Stream returned() const { return join(sludge.returned(), tertiary.wash_water()); }

  double scale_;  ///< 1: 125 000 population equivalents
  Sky sky_;
  Rotas rotas_;
  Wears wears_;

 public:
  // Read by sensors; stepped here alone.
  Influent influent;
  Headworks headworks;
  Primary primary;
  Biology biology;
  Settler settler;
  Tertiary tertiary;
  Disinfection disinfection;
  Outfall outfall;
  SludgeLine sludge;
  EnergyMeter meter;
};
static_assert(std::is_trivially_copyable_v<Process>);

}  // namespace sosie::wastewater
