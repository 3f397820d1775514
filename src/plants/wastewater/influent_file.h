#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plants/wastewater/bsm1.h"

namespace sosie::bsm1 {

/// What flows in over time: each row is held until the next.
struct Influent {
  struct Row {
    double t_d = 0;  ///< since the file's own zero
    Inflow inflow;
    std::uint64_t line = 0;  ///< of the file, from 1
  };
  std::string name;  ///< of the file, for messages
  std::vector<Row> rows;
  double days = 0;  ///< from the first row to the end of the last
  /// What may be, but is likely to be another unit: a flow or strength far from any sewage of a
  /// plant of this size.
  std::vector<std::string> notes{};

  /// The row in force `days` after the first; what is longer begins anew.
  std::size_t at(double days) const;
  /// How long after the first row the row `index` ends.
  double end_d(std::size_t index) const;
};

/// Reads a benchmark influent from CSV. Without a header, the columns of bsm2-python and of the
/// benchmark's files: time in days, the 13 states, TSS, Q in m3/d and, if there, T in degC; what
/// follows is passed over. With a header, the same by their names, in any order, units in brackets
/// if wanted ("Q [m3/d]"); TSS and T may be lacking. TSS is not used, but compared with the
/// particles.
///
/// Errors: not_found; invalid, with file, line, the value and what was expected: no number, less
/// than 0, a column that lacks or is twice there, another unit, a time that goes back, a gap (more
/// than 1.5 times the usual step).
Result<Influent> read_influent(const std::string& path);
Result<Influent> parse_influent(std::string text, const std::string& name);

enum class BenchmarkWeather { dry, rain, storm };
std::optional<BenchmarkWeather> weather_of(std::string_view name);

/// The benchmark's own 14 days, every 15 minutes (compiled in).
const Influent& benchmark_influent(BenchmarkWeather weather);

}  // namespace sosie::bsm1
