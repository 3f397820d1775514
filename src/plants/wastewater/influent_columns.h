#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plants/wastewater/asm1.h"

namespace sosie::bsm1 {

/// The columns of an influent file: time, ASM1's components, suspended solids, flow, temperature.
enum InfluentColumn : std::size_t {  // NOLINT(performance-enum-size): an index
  column_time,
  column_first_part,
  column_tss = column_first_part + components,
  column_flow,
  column_celsius,
  influent_columns
};

/// Where each column is in a row.
using ColumnPlaces = std::array<std::optional<std::size_t>, influent_columns>;

std::string_view name_of_column(std::size_t column);

/// From a header's titles. Errors: invalid: a column that lacks, is twice there, or in another
/// unit.
Result<ColumnPlaces> places_of(std::span<const std::string_view> titles);

/// Where they are in a file without header, of `fields` fields. Errors: invalid: too few.
Result<ColumnPlaces> usual_places(std::size_t fields);

}  // namespace sosie::bsm1
