#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "compliance/deru.h"
#include "compliance/samples.h"

namespace sosie {

/// What a period has shown of one parameter that the directive limits.
struct ParameterReport {
  Parameter parameter = Parameter::bod5;
  DeruLimit limit;
  std::optional<ParameterVerdict> verdict;            ///< none: no sample that counts
  int gross = 0;                                      ///< failures beyond what is ever tolerated
  int unusual = 0;                                    ///< samples of days that do not count
  std::vector<std::chrono::local_days> not_measured;  ///< days without a sample
  bool has_reduction = false;                         ///< the inlet is measured too
};

/// A plant's effluent over a period of whole days of its calendar, at most a year of them: what an
/// authority is shown.
struct ComplianceReport {
  std::chrono::local_days from;
  std::chrono::local_days to;  ///< included
  DeruVerdict verdict = DeruVerdict::unknown;
  std::vector<ParameterReport> parameters;
  int asked_a_year = 0;        ///< samples that the directive asks for in a year
  bool is_whole_year = false;  ///< else failures allowed and means are those of a part of one
};

/// A year's, and a leap year's.
inline constexpr int most_report_days = 366;

/// Judges the samples of [from, to]; others that are given do not count. `today` has not ended: no
/// sample of it, or of later, is missing.
ComplianceReport compliance_report(const ComplianceConfig& plant, const EndSamples& inlet,
                                   const EndSamples& outlet, std::chrono::local_days from,
                                   std::chrono::local_days to, std::chrono::local_days today);

}  // namespace sosie
