#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/residual/fit.h"
#include "detectors/residual/model.h"
#include "detectors/residual/table.h"

namespace sosie::residual {

/// Columns of which so much is missing that it matters how it is filled in.
std::vector<std::uint8_t> gappy_in(const Table& table);

/// Which cells of a table's columns say something of residuals: columns a row. All but what is
/// unknown of gappy columns.
std::vector<std::uint8_t> known_in(const Table& table, std::span<const std::uint8_t> is_gappy);

/// `table` with what is not known of gappy columns filled in by what the others say. Left at nought
/// it would be a value like any other, and all that a column has to do with others would seem
/// weaker.
///
/// By turns what is not known is filled in and what that teaches is learned, of whole rows alone at
/// first if these are enough (Dempster, Laird, Rubin: Maximum likelihood from incomplete data via
/// the EM algorithm, 1977; what it adds to the variance is far below the ridge). Means are learned
/// with it: a column that is known in other weather than the rest is not centred where they are.
/// Leaves the last P in `model`.
Table completed(const Table& table, std::span<const std::uint8_t> is_gappy, Model& model,
                const FitConfig& config);

/// Moves the centres of gappy columns to where these are in all rows, as those of the others are;
/// `filled` is the table without unknown cells in them.
void centre_anew(std::span<const std::uint8_t> is_gappy, Table& table, Table& filled, Model& model);

}  // namespace sosie::residual
