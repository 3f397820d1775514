#include "plants/wastewater/ledger.h"

namespace sosie::bsm1 {
namespace {

double content(const Mixture& water, const Mixture& per_unit) {
  double sum = 0;
  for (std::size_t c = 0; c < components; ++c) sum += water[c] * per_unit[c];
  return sum;
}

Mixture solids_alone(const Mixture& water) {
  Mixture solids{};
  for (const Component part : solid_parts) solids[part] = water[part];
  return solids;
}

}  // namespace

Ledger::Holdings Ledger::holdings(const Bsm1& plant) {
  const WorksParameters& works = plant.config().works;
  const Mixture cod = cod_content(works.asm1);
  const Mixture nitrogen = nitrogen_content(works.asm1);
  Holdings held;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    const Mixture water = plant.state().works.reactor(r + 1);
    held.cod_g += works.volume_m3[r] * content(water, cod);
    held.nitrogen_g += works.volume_m3[r] * content(water, nitrogen);
  }
  for (const Layer& layer : plant.state().works.settler) {
    Mixture dissolved{};
    for (std::size_t k = 0; k < soluble_parts.size(); ++k) dissolved[soluble_parts[k]] = layer[k];
    const double m3 = plant.works().layer_m3();
    held.cod_g += m3 * (content(dissolved, cod) + layer[layer_tss] / works.asm1.tss_per_cod);
    held.nitrogen_g += m3 * content(dissolved, nitrogen);
  }
  return held;
}

void Ledger::begin(const Bsm1& plant) {
  *this = {};
  began_ = holdings(plant);
}

void Ledger::enter(const Bsm1& plant, const std::array<PlantState, 4>& stages, double days) {
  constexpr std::array<double, 4> weights{1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
  const Asm1Parameters& asm1 = plant.config().works.asm1;
  const Mixture cod = cod_content(asm1);
  const Mixture nitrogen = nitrogen_content(asm1);
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    const WorksState& y = stages[stage].works;
    const Duty duty = plant.duty(stages[stage]);
    const Works& works = plant.works();
    const double w = weights[stage] * days;
    const Mixture effluent = works.effluent(y);
    const Mixture underflow = works.underflow(y);
    const Works::Gas gas = works.gas(y, duty);
    water_.came += w * duty.influent_m3_d;
    water_.left += w * (duty.effluent_m3_d() + duty.waste_m3_d);
    cod_.came += w * (duty.influent_m3_d * content(duty.influent, cod) - gas.oxygen_in);
    cod_.left += w * (duty.effluent_m3_d() * content(effluent, cod) +
                      duty.waste_m3_d * content(underflow, cod) -
                      (asm1.cod_of_ammonia - asm1.cod_of_nitrate) * gas.nitrogen_out);
    nitrogen_.came += w * duty.influent_m3_d * content(duty.influent, nitrogen);
    nitrogen_.left += w * (duty.effluent_m3_d() * content(effluent, nitrogen) +
                           duty.waste_m3_d * content(underflow, nitrogen) + gas.nitrogen_out);
    n2_g_ += w * gas.nitrogen_out;
    const Mixture feed = solids_alone(y.reactor(reactor_count));
    settled_nitrogen_g_ +=
        w * (duty.settler_m3_d() * content(feed, nitrogen) -
             duty.effluent_m3_d() * content(solids_alone(effluent), nitrogen) -
             (duty.return_m3_d + duty.waste_m3_d) * content(solids_alone(underflow), nitrogen));
  }
}

Ledger::Balance Ledger::cod_g(const Bsm1& plant) const {
  Balance balance = cod_;
  balance.stored = holdings(plant).cod_g - began_.cod_g;
  return balance;
}

Ledger::Balance Ledger::nitrogen_g(const Bsm1& plant) const {
  Balance balance = nitrogen_;
  balance.stored = holdings(plant).nitrogen_g - began_.nitrogen_g + settled_nitrogen_g_;
  return balance;
}

}  // namespace sosie::bsm1
