#include "plants/wastewater/station_ledger.h"

namespace sosie::wastewater {
namespace {

constexpr int steps_a_book_day = 17280;

}  // namespace

void StationLedger::begin(const Process& process) {
  *this = {};
  began_ = process.holds();
}

void StationLedger::enter(const Process& process, const ActivatedSludge::Gas& gas) {
  const auto passed = [](const Water& water, double m3_h) { return amount(water, m3_h * step_h); };
  const Stream& sewer = process.influent.stream();
  today_.came += passed(sewer.water, sewer.flow_m3_h);
  const double oxygen_g =
      gas.oxygen_in + process.tertiary.oxygen_in_g() + process.sludge.oxygen_in_g();
  today_.came += {0, -oxygen_g, 0};

  today_.left += passed(process.outfall.water(), process.outfall.flow_m3_h());
  today_.left += passed(process.headworks.well(), process.headworks.overflow_m3_h());
  today_.left += process.sludge.left();
  today_.left += {0, cod_of_nitrogen_gas * gas.nitrogen_out, gas.nitrogen_out};
  if (++steps_today_ < steps_a_book_day) return;
  before_today_.came += today_.came;
  before_today_.left += today_.left;
  today_ = {};
  steps_today_ = 0;
}

StationLedger::Balance StationLedger::balance(double Amount::* what, const Process& process) const {
  return {before_today_.came.*what + today_.came.*what,
          before_today_.left.*what + today_.left.*what, process.holds().*what - began_.*what};
}
StationLedger::Balance StationLedger::water_m3(const Process& process) const {
  return balance(&Amount::m3, process);
}
StationLedger::Balance StationLedger::cod_g(const Process& process) const {
  return balance(&Amount::cod_g, process);
}
StationLedger::Balance StationLedger::nitrogen_g(const Process& process) const {
  return balance(&Amount::nitrogen_g, process);
}

}  // namespace sosie::wastewater
