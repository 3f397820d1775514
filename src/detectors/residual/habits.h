#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "detectors/residual/fit.h"
#include "detectors/residual/held_out.h"
#include "detectors/residual/model.h"
#include "detectors/residual/table.h"

namespace sosie::residual {

/// What `fit` was given, and which of the model's columns are judged.
struct Learning {
  const History& history;
  std::span<const std::string> names;
  std::span<const std::uint8_t> judged;
  std::span<const std::uint8_t> is_judged;
};

/// Finds the habits by the residuals of `trial`, and makes the cells in which they show unknown:
/// they teach nothing. `wake`: rows after an excursion of a state that still belong to it.
void find_habits(const Learning& learning, const Trial& trial, std::size_t wake, Model& model,
                 Table& table);

}  // namespace sosie::residual
