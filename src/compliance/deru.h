#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "compliance/config.h"

namespace sosie {

/// Council Directive 91/271/EEC (DERU), Annex I, as amended by 98/15/EC, or, where the plant's
/// `directive` says so, (EU) 2024/3019: what it asks of one parameter of one plant. Met by the
/// concentration OR by the reduction of the influent's load.
struct DeruLimit {
  double concentration_mg_l = 0;
  double min_reduction_pct = 0;
  double gross_mg_l = 0;     ///< a failing sample above is not tolerated at all; 0: no such rule
  bool annual_mean = false;  ///< TN, TP: judged by the year's mean, not sample by sample
};

/// By the plant's directive. None: it asks nothing of this parameter of this plant (plant too
/// small, area not sensitive, TSS left out).
std::optional<DeruLimit> deru_limit(Parameter parameter, const ComplianceConfig& plant);

/// Annex I, Table 3: how many of `samples` taken in a year may fail. Below 4: none.
int deru_allowed_failures(int samples);

/// One 24 h composite sample, outlet and, where it is measured, inlet.
struct DaySample {
  std::chrono::local_days day;
  double outlet_mg_l = 0;
  std::optional<double> inlet_mg_l;
  std::optional<double> inlet_m3;  ///< the day's volumes; both known: the reduction is one of loads
  std::optional<double> outlet_m3;
};

/// What is measured just now.
struct Current {
  std::optional<double> outlet_mg_l;
  std::optional<double> inlet_mg_l;
};

struct SampleVerdict {
  std::chrono::local_days day;
  double value_mg_l = 0;
  std::optional<double> reduction_pct;
  bool ok = true;
  bool gross = false;    ///< beyond what even a tolerated failure may be
  bool unusual = false;  ///< not counted: more inflow than the reference flow
};

/// A day with more inflow than the plant's reference flow: it counts neither way.
bool is_unusual(const ComplianceConfig& plant, const DaySample& day);

/// One parameter over the days given, at most a year.
struct ParameterVerdict {
  Parameter parameter = Parameter::bod5;
  DeruLimit limit;
  int taken = 0;    ///< samples that count
  int failed = 0;   ///< of an annual mean: 0 or 1
  int allowed = 0;  ///< of an annual mean: 0
  bool ok = true;
  double mean_mg_l = 0;                 ///< of the samples that count
  std::optional<double> reduction_pct;  ///< of their loads together
  double score = 100;                   ///< 0..100
  std::vector<SampleVerdict> days;
};

/// The parameter just now: informative, the directive judges samples.
struct NowVerdict {
  Parameter parameter = Parameter::bod5;
  DeruLimit limit;
  double value_mg_l = 0;
  std::optional<double> reduction_pct;
  bool ok = true;
  double score = 100;
};

enum class DeruVerdict : std::uint8_t { compliant, not_compliant, unknown };
std::string_view to_text(DeruVerdict verdict);  ///< "compliant", "not_compliant", "unknown"

struct DeruReport {
  DeruVerdict verdict = DeruVerdict::unknown;
  /// 0..100, the worst parameter's. A parameter's is the mean over its samples (an annual mean's:
  /// of that mean) of
  ///
  ///     100 where the limit or the reduction is met, else 100 max(0, 1 - (c/limit - 1) / d)
  ///
  /// with d = 1, for TSS 1.5: 0 is reached where a failure is no longer tolerated. Ours, not the
  /// directive's. A parameter with no sample yet counts as it is now, but for a year's mean, of
  /// which a moment says nothing. None: nothing is measured.
  std::optional<double> score;
  std::vector<ParameterVerdict> parameters;  ///< those that the directive limits and have samples
  std::vector<NowVerdict> now;               ///< those that it limits and are measured
};

/// `days` by parameter, in order of time, at most the last 366 count; `now` by parameter.
DeruReport deru_report(const ComplianceConfig& plant,
                       const PerParameter<std::vector<DaySample>>& days,
                       const PerParameter<Current>& now);

}  // namespace sosie
