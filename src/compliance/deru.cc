#include "compliance/deru.h"

#include <algorithm>
#include <array>
#include <span>

// Where each figure of Annex I was read, and which were recalled: README.md beside this file.

namespace sosie {
namespace {

/// Annex I, Table 3: up to so many samples, one more may fail than in the line before. From 4 on.
constexpr std::array<int, 25> table_3{7,   16,  28,  40,  53,  67,  81,  95,  110,
                                      125, 140, 155, 171, 187, 203, 219, 235, 251,
                                      268, 284, 300, 317, 334, 350, 365};
constexpr int table_3_begins = 4;
constexpr std::size_t year_days = 366;

constexpr DeruLimit bod5_limit{.concentration_mg_l = 25, .min_reduction_pct = 70, .gross_mg_l = 50};
constexpr DeruLimit cod_limit{
    .concentration_mg_l = 125, .min_reduction_pct = 75, .gross_mg_l = 250};
constexpr DeruLimit tss_limit{
    .concentration_mg_l = 35, .min_reduction_pct = 90, .gross_mg_l = 87.5};
constexpr DeruLimit tss_limit_small{
    .concentration_mg_l = 60, .min_reduction_pct = 70, .gross_mg_l = 150};

constexpr DeruLimit mean_limit(double concentration_mg_l, double min_reduction_pct) {
  return {.concentration_mg_l = concentration_mg_l,
          .min_reduction_pct = min_reduction_pct,
          .annual_mean = true};
}

/// Annex I, Tables 1 and 2.
std::optional<DeruLimit> limit_of_1991(Parameter parameter, const ComplianceConfig& plant) {
  const double pe = plant.population_equivalent;
  const bool is_large = pe > 100'000;
  const bool has_nutrient_limits = plant.sensitive_area && pe > 10'000;
  if (pe < 2'000) return std::nullopt;  // Art. 7: "appropriate treatment", no figures
  switch (parameter) {
    case Parameter::bod5:
      return bod5_limit;
    case Parameter::cod:
      return cod_limit;
    case Parameter::tss:
      if (!plant.suspended_solids) return std::nullopt;
      return pe > 10'000 ? tss_limit : tss_limit_small;
    case Parameter::tn:
      if (!has_nutrient_limits) return std::nullopt;
      return mean_limit(is_large ? 10 : 15, 70);
    case Parameter::tp:
      if (!has_nutrient_limits) return std::nullopt;
      return mean_limit(is_large ? 1 : 2, 80);
  }
  return std::nullopt;
}

/// Its third treatment is asked of all large plants, and of those above 10,000 p.e. in sensitive
/// areas, step by step until 2039 and 2045: judged here as if it were asked today.
std::optional<DeruLimit> limit_of_2024(Parameter parameter, const ComplianceConfig& plant) {
  const double pe = plant.population_equivalent;
  const bool is_large = pe >= 150'000;
  const bool has_nutrient_limits = is_large || (plant.sensitive_area && pe >= 10'000);
  if (pe < 1'000) return std::nullopt;
  switch (parameter) {
    case Parameter::bod5:
      return bod5_limit;
    case Parameter::cod:
      return cod_limit;
    case Parameter::tss:
      if (!plant.suspended_solids) return std::nullopt;
      return tss_limit;
    case Parameter::tn:
      if (!has_nutrient_limits) return std::nullopt;
      return mean_limit(is_large ? 8 : 10, 80);
    case Parameter::tp:
      if (!has_nutrient_limits) return std::nullopt;
      return is_large ? mean_limit(0.5, 90) : mean_limit(0.7, 87.5);
  }
  return std::nullopt;
}

/// A sum of loads at both ends, in mg/l times m3 or, where volumes are not known, mg/l.
struct Loads {
  double in = 0;
  double out = 0;

  std::optional<double> reduction_pct() const {
    if (in <= 0) return std::nullopt;
    return 100 * (1 - out / in);
  }
};

bool has_volumes(const DaySample& day) {
  return day.inlet_m3 && day.outlet_m3;
}

void add(Loads& loads, const DaySample& day, bool by_volume) {
  if (!day.inlet_mg_l) return;
  loads.in += *day.inlet_mg_l * (by_volume ? day.inlet_m3.value_or(0) : 1);
  loads.out += day.outlet_mg_l * (by_volume ? day.outlet_m3.value_or(0) : 1);
}

bool is_met(const DeruLimit& limit, double value_mg_l, std::optional<double> reduction_pct) {
  return value_mg_l <= limit.concentration_mg_l ||
         (reduction_pct && *reduction_pct >= limit.min_reduction_pct);
}

double score_of(const DeruLimit& limit, double value_mg_l, bool is_ok) {
  if (is_ok) return 100;
  const double tolerated =
      limit.gross_mg_l > 0 ? limit.gross_mg_l / limit.concentration_mg_l - 1 : 1;
  const double excess = value_mg_l / limit.concentration_mg_l - 1;
  return 100 * std::max(0.0, 1 - excess / tolerated);
}

SampleVerdict judge(const DeruLimit& limit, const ComplianceConfig& plant, const DaySample& day) {
  Loads loads;
  add(loads, day, has_volumes(day));
  SampleVerdict verdict{
      .day = day.day, .value_mg_l = day.outlet_mg_l, .reduction_pct = loads.reduction_pct()};
  verdict.ok = is_met(limit, day.outlet_mg_l, verdict.reduction_pct);
  verdict.gross = !verdict.ok && limit.gross_mg_l > 0 && day.outlet_mg_l > limit.gross_mg_l;
  verdict.unusual = is_unusual(plant, day);
  return verdict;
}

/// Judges the year's mean: TN and TP.
void judge_mean(ParameterVerdict& verdict) {
  verdict.ok = is_met(verdict.limit, verdict.mean_mg_l, verdict.reduction_pct);
  verdict.failed = verdict.ok ? 0 : 1;
  verdict.score = score_of(verdict.limit, verdict.mean_mg_l, verdict.ok);
}

/// Judges sample by sample: BOD5, COD, TSS.
void judge_samples(ParameterVerdict& verdict) {
  bool is_gross = false;
  double score = 0;
  for (const SampleVerdict& day : verdict.days) {
    if (day.unusual) continue;
    verdict.failed += day.ok ? 0 : 1;
    is_gross = is_gross || day.gross;
    score += score_of(verdict.limit, day.value_mg_l, day.ok);
  }
  verdict.allowed = deru_allowed_failures(verdict.taken);
  verdict.ok = !is_gross && verdict.failed <= verdict.allowed;
  verdict.score = score / verdict.taken;
}

std::optional<ParameterVerdict> judge(Parameter parameter, const ComplianceConfig& plant,
                                      std::span<const DaySample> samples) {
  const auto limit = deru_limit(parameter, plant);
  if (!limit) return std::nullopt;
  ParameterVerdict verdict;
  verdict.parameter = parameter;
  verdict.limit = *limit;
  // One day without volumes and the year's reduction is one of concentrations: loads and
  // concentrations cannot be added.
  const bool by_volume = std::ranges::all_of(samples, has_volumes);
  Loads loads;
  double sum = 0;
  for (const DaySample& day : samples) {
    verdict.days.push_back(judge(*limit, plant, day));
    if (verdict.days.back().unusual) continue;
    ++verdict.taken;
    sum += day.outlet_mg_l;
    add(loads, day, by_volume);
  }
  if (verdict.taken == 0) return std::nullopt;
  verdict.mean_mg_l = sum / verdict.taken;
  verdict.reduction_pct = loads.reduction_pct();
  limit->annual_mean ? judge_mean(verdict) : judge_samples(verdict);
  return verdict;
}

std::optional<NowVerdict> judge(Parameter parameter, const ComplianceConfig& plant,
                                const Current& now) {
  const auto limit = deru_limit(parameter, plant);
  if (!limit || !now.outlet_mg_l) return std::nullopt;
  NowVerdict verdict;
  verdict.parameter = parameter;
  verdict.limit = *limit;
  verdict.value_mg_l = *now.outlet_mg_l;
  if (now.inlet_mg_l) {
    verdict.reduction_pct = Loads{*now.inlet_mg_l, *now.outlet_mg_l}.reduction_pct();
  }
  verdict.ok = is_met(*limit, verdict.value_mg_l, verdict.reduction_pct);
  verdict.score = score_of(*limit, verdict.value_mg_l, verdict.ok);
  return verdict;
}

DeruVerdict overall(std::span<const ParameterVerdict> parameters) {
  if (parameters.empty()) return DeruVerdict::unknown;
  return std::ranges::all_of(parameters, &ParameterVerdict::ok) ? DeruVerdict::compliant
                                                                : DeruVerdict::not_compliant;
}

}  // namespace

std::optional<DeruLimit> deru_limit(Parameter parameter, const ComplianceConfig& plant) {
  return plant.directive == Directive::of_1991 ? limit_of_1991(parameter, plant)
                                               : limit_of_2024(parameter, plant);
}

bool is_unusual(const ComplianceConfig& plant, const DaySample& day) {
  return plant.reference_flow_m3_per_day && day.inlet_m3 &&
         *day.inlet_m3 > *plant.reference_flow_m3_per_day;
}

int deru_allowed_failures(int samples) {
  if (samples < table_3_begins) return 0;
  const auto line = std::ranges::lower_bound(table_3, samples);
  const auto lines = std::min<std::ptrdiff_t>(line - table_3.begin() + 1, table_3.size());
  return static_cast<int>(lines);
}

std::string_view to_text(DeruVerdict verdict) {
  constexpr std::array<std::string_view, 3> words{"compliant", "not_compliant", "unknown"};
  return words.at(static_cast<std::size_t>(verdict));
}

DeruReport deru_report(const ComplianceConfig& plant,
                       const PerParameter<std::vector<DaySample>>& days,
                       const PerParameter<Current>& now) {
  DeruReport report;
  const auto count = [&](double score) {
    report.score = std::min(report.score.value_or(100), score);
  };
  for (const Parameter parameter : all_parameters) {
    const std::span<const DaySample> all = days[parameter];
    auto year = judge(parameter, plant, all.last(std::min(all.size(), year_days)));
    auto moment = judge(parameter, plant, now[parameter]);
    if (year) {
      count(year->score);
      report.parameters.push_back(std::move(*year));
    } else if (moment && !moment->limit.annual_mean) {
      count(moment->score);  // of a year's mean one moment says nothing
    }
    if (moment) report.now.push_back(*moment);
  }
  report.verdict = overall(report.parameters);
  return report;
}

}  // namespace sosie
