#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "plants/wastewater/works.h"

namespace sosie::bsm1 {

/// to = from + factor * slope, state by state.
template <std::size_t N>
void advance(const std::array<double, N>& from, double factor, const std::array<double, N>& slope,
             std::array<double, N>& to) {
  for (std::size_t i = 0; i < N; ++i) to[i] = from[i] + factor * slope[i];
}
template <std::size_t Rows, std::size_t N>
void advance(const std::array<std::array<double, N>, Rows>& from, double factor,
             const std::array<std::array<double, N>, Rows>& slope,
             std::array<std::array<double, N>, Rows>& to) {
  for (std::size_t row = 0; row < Rows; ++row) advance(from[row], factor, slope[row], to[row]);
}
inline void advance(const WorksState& from, double factor, const WorksState& slope,
                    WorksState& to) {
  advance(from.reactors, factor, slope.reactors, to.reactors);
  advance(from.settler, factor, slope.settler, to.settler);
}

/// One step of Heun's method, of second order, `days` long, under `duty`. `note` is shown both
/// states whose slopes are taken, each of which weighs half: what they say flows over a boundary is
/// what did.
template <class Note>
void advance_heun(const Works& works, const Duty& duty, double days, WorksState& state,
                  Note&& note) {
  WorksState slope;
  WorksState end;
  note(std::as_const(state));
  works.derive(state, duty, slope);
  advance(state, days, slope, end);
  advance(state, days / 2, slope, state);
  note(std::as_const(end));
  works.derive(end, duty, slope);
  advance(state, days / 2, slope, state);
}

}  // namespace sosie::bsm1
