#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/reading.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// What the directive limits.
enum class Parameter : std::uint8_t { bod5, cod, tss, tn, tp };
inline constexpr std::size_t parameter_count = 5;
inline constexpr std::array<Parameter, parameter_count> all_parameters{
    Parameter::bod5, Parameter::cod, Parameter::tss, Parameter::tn, Parameter::tp};
std::string_view to_text(Parameter parameter);  ///< "BOD5", "COD", "TSS", "TN", "TP"

/// Which law the effluent is judged by.
enum class Directive : std::uint8_t {
  of_1991,  ///< 91/271/EEC as amended by 98/15/EC, in force until 31 July 2027
  of_2024,  ///< (EU) 2024/3019, which takes its place
};
std::string_view to_text(Directive directive);  ///< "91/271/EEC", "2024/3019"

/// One `T` per parameter: `of[Parameter::cod]`.
template <class T>
struct PerParameter {
  std::array<T, parameter_count> values{};
  T& operator[](Parameter p) { return values.at(static_cast<std::size_t>(p)); }
  const T& operator[](Parameter p) const { return values.at(static_cast<std::size_t>(p)); }
};

/// Where a plant is sampled. `Name` is a std::string (of a scenario) or a SeriesId.
template <class Name>
struct SamplingPoint {
  PerParameter<std::optional<Name>> parameters;  ///< mg/l
  std::optional<Name> flow;                      ///< m3/h
};

/// The series that compliance and efficiency are computed from.
template <class Name>
struct ComplianceSources {
  SamplingPoint<Name> inlet;
  SamplingPoint<Name> outlet;
  std::optional<Name> energy_per_day;  ///< kWh/d, the plant's own meter
  std::vector<Name> powers;            ///< kW, one a part of the plant
};

/// `[compliance]` of a scenario.
struct ComplianceConfig {
  Directive directive = Directive::of_1991;
  double population_equivalent = 0;  ///< 1 p.e. is 60 g BOD5 a day
  bool sensitive_area = false;       ///< Table 2 (TN, TP) applies in sensitive areas only
  bool suspended_solids = true;      ///< Table 1 calls TSS optional
  /// Days with more inflow are unusual (Annex I D.5: heavy rain) and count neither way; none: all
  /// do.
  std::optional<double> reference_flow_m3_per_day;
  ComplianceSources<std::string> sources;

  /// None where the scenario has no `[compliance]`.
  static Result<std::optional<ComplianceConfig>> read(Section& scenario);
};

/// Names become ids; one that `series` does not know becomes none.
ComplianceSources<SeriesId> resolve(const ComplianceSources<std::string>& sources,
                                    const SeriesTable& series);

}  // namespace sosie
