#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "statistics/columns.h"

namespace sosie {

/// A model that is a few numbers a column, as bytes, by series name. `row` gives a column's
/// numbers, or nothing where nothing was learned.
std::string save_rows(std::string_view what, std::uint32_t version, const ColumnNames& names,
                      const std::function<std::vector<double>(std::uint32_t)>& row);

/// Gives `take` the rows of the series that are known here; nothing at all is taken if anything is
/// wrong. Errors: those of ModelReader; corrupt where a row has not `width` numbers.
Result<void> load_rows(std::string_view bytes, std::string_view what, std::uint32_t version,
                       const ColumnNames& names, std::size_t width,
                       const std::function<void(std::uint32_t, std::span<const double>)>& take);

}  // namespace sosie
