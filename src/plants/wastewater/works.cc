#include "plants/wastewater/works.h"

#include <algorithm>
#include <cmath>

namespace sosie::bsm1 {

Result<void> WorksParameters::check() const {
  TRY(asm1.check());
  TRY(settler.check());
  for (const double volume : volume_m3) {
    if (!(volume > 0 && volume <= 1e8)) {
      return Error{Errc::invalid, fmt::format("plant: a reactor of {} m3; expected more than 0, "
                                              "1e8 at most",
                                              volume)};
    }
  }
  return {};
}

WorksParameters WorksParameters::scaled(double factor) const {
  WorksParameters scaled = *this;
  for (double& volume : scaled.volume_m3) volume *= factor;
  scaled.settler.area_m2 *= factor;
  return scaled;
}

Mixture WorksState::reactor(std::size_t number) const {
  Mixture water{};
  for (std::size_t c = 0; c < components; ++c) water[c] = reactors[c][number - 1];
  return water;
}

void WorksState::set_reactor(std::size_t number, const Mixture& water) {
  for (std::size_t c = 0; c < components; ++c) reactors[c][number - 1] = water[c];
}

double saturation_of_oxygen(double celsius) {
  const double t = (celsius + 273.15) / 100;
  return 0.9997743214 * 8.0 / 10.5 * 56.12 * 6791.5 *
         std::exp(-66.7354 + 87.4755 / t + 24.4526 * std::log(t));
}

Works::Works(const WorksParameters& parameters, double celsius)
    : parameters_(parameters),
      celsius_(celsius),
      saturation_(saturation_of_oxygen(celsius)),
      kla_factor_(std::pow(1.024, celsius - 15)),
      asm1_(parameters.asm1, celsius),
      takacs_(parameters.settler) {
  for (std::size_t r = 0; r < reactor_count; ++r) per_volume_[r] = 1 / parameters.volume_m3[r];
}

void Works::derive(const WorksState& y, const Duty& duty, WorksState& change) const {
  const Mixture last = y.reactor(reactor_count);
  const double tss_per_cod = parameters_.asm1.tss_per_cod;
  const Mixture& made_of = duty.settled ? *duty.settled : last;
  const Mixture back = to_mixture(y.settler.back(), made_of, tss_per_cod);
  const double through = duty.reactors_m3_d();

  Lane exchange;  // NOLINT: 1/d, set below
  for (std::size_t r = 0; r < lanes; ++r) exchange[r] = through * per_volume_[r];
  const double per_through = 1 / std::max(through, 1e-9);  // all pumps may stand still
  for (std::size_t c = 0; c < components; ++c) {
    const Lane& row = y.reactors[c];
    // What flows into each reactor: the mixture at the head, then the one before.
    const double head = (duty.influent_m3_d * duty.influent[c] + duty.return_m3_d * back[c] +
                         duty.internal_m3_d * last[c]) *
                        per_through;
    const Lane in{head, row[0], row[1], row[2], row[3], 0, 0, 0};
    for (std::size_t r = 0; r < lanes; ++r) change.reactors[c][r] = exchange[r] * (in[r] - row[r]);
  }
  for (std::size_t r = 0; r < reactor_count; ++r) {
    change.reactors[so][r] += duty.kla_per_d[r] * (saturation_ - y.reactors[so][r]);
  }
  asm1_.react(y.reactors, change.reactors, vigour_);

  takacs_.settle(y.settler, to_layer(last, tss_per_cod),
                 {duty.effluent_m3_d(), duty.return_m3_d + duty.waste_m3_d}, change.settler);
}

double Works::stiffness(const WorksState& y, const Duty& duty) const {
  const Lane by_life = asm1_.oxygen_stiffness(y.reactors);
  double fastest = 0;
  for (std::size_t r = 0; r < reactor_count; ++r) {
    const double by_flow = duty.reactors_m3_d() * per_volume_[r];
    fastest = std::max(fastest, by_life[r] + by_flow + duty.kla_per_d[r]);
  }
  return fastest;
}

Mixture Works::effluent(const WorksState& y) const {
  return to_mixture(y.settler.front(), y.reactor(reactor_count), parameters_.asm1.tss_per_cod);
}

Mixture Works::underflow(const WorksState& y) const {
  return to_mixture(y.settler.back(), y.reactor(reactor_count), parameters_.asm1.tss_per_cod);
}

Works::Gas Works::gas(const WorksState& y, const Duty& duty) const {
  Gas gas;
  const double nitrate_per_growth = -petersen(parameters_.asm1)[1][sno];
  for (std::size_t r = 0; r < reactor_count; ++r) {
    const double volume = parameters_.volume_m3[r];
    const Mixture water = y.reactor(r + 1);
    gas.oxygen_in += volume * duty.kla_per_d[r] * (saturation_ - water[so]);
    gas.nitrogen_out +=
        volume * nitrate_per_growth * vigour_.heterotrophs[r] * asm1_.rates(water)[1];
  }
  return gas;
}

}  // namespace sosie::bsm1
