#include "cases/similarity.h"

#include <algorithm>
#include <cmath>

namespace sosie::cases {
namespace {

constexpr double weight_of_place = 0.5;
constexpr double weight_of_signs = 0.4;
constexpr double weight_of_kind = 0.1;
constexpr double most_limits = 52;  ///< a double has no score between that of these and 1

/// statistics' score_of undone.
double limits_of(double score) {
  return std::min(most_limits, -std::log2(1 - std::clamp(score, 0.0, 1.0)));
}

/// Of a suspect; 0 where its value or its band is not known.
double distance_of(const Suspect& suspect) {
  const double half = (suspect.high - suspect.low) / 2;
  const double distance = std::abs(suspect.value - suspect.expected) / half;
  return half > 0 && std::isfinite(distance) ? distance : 0;
}

bool is_far_stronger(const Signature& now, const Signature& earlier) {
  if (now.limits > 2 * earlier.limits + 1) return true;
  if (now.lead != earlier.lead || now.wavers() || earlier.wavers()) return false;
  return earlier.distance > 0 && now.distance > 4 * earlier.distance + 1;
}

/// Of the shares; those that point the other way are not alike: 0.
double place(const Signature& now, const Signature& earlier) {
  if (now.shares.empty() && earlier.shares.empty()) return 1;
  const bool has_sides = !now.wavers() && !earlier.wavers();
  const bool is_same_lead = now.lead == earlier.lead;
  double product = 0;
  double own = 0;
  double others = 0;
  for (const auto& [series, share] : now.shares) own += share * share;
  for (const auto& [series, share] : earlier.shares) {
    const auto known = now.shares.find(series);
    const bool is_shared = known != now.shares.end();
    if (is_shared || !is_same_lead) others += share * share;
    if (!is_shared) continue;
    const double both = share * known->second;
    product += has_sides ? both : std::abs(both);
  }
  const double lengths = std::sqrt(own) * std::sqrt(others);
  return lengths > 0 ? std::clamp(product / lengths, 0.0, 1.0) : 0;
}

/// The part of `some` that is in `all`.
double part_in(const std::set<SymptomKind>& some, const std::set<SymptomKind>& all) {
  if (some.empty()) return 1;
  const auto both =
      std::ranges::count_if(some, [&](SymptomKind kind) { return all.contains(kind); });
  return static_cast<double>(both) / static_cast<double>(some.size());
}

double signs(const Signature& now, const Signature& earlier) {
  if (is_far_stronger(now, earlier)) return 0;
  const double all = part_in(now.symptoms, earlier.symptoms);
  return now.lead == earlier.lead ? std::min(all, part_in(now.of_lead, earlier.of_lead)) : all;
}

}  // namespace

bool Signature::wavers() const {
  return of_lead.contains(SymptomKind::noise) || of_lead.contains(SymptomKind::spike);
}

Signature signature_of(const Finding& finding) {
  Signature signature;
  signature.kind = finding.kind;
  if (!finding.suspects.empty()) {
    signature.lead = finding.suspects.front().series;
    signature.distance = distance_of(finding.suspects.front());
  }
  for (const auto& suspect : finding.suspects) {
    // Below its band, or not: what is expected of a sensor that stands still is where it usually
    // is, and where in its band it stopped is chance.
    signature.shares[suspect.series] +=
        suspect.value < suspect.low ? -suspect.share : suspect.share;
  }
  for (const auto& evidence : finding.evidence) {
    signature.symptoms.insert(evidence.kind);
    if (evidence.series && evidence.series == signature.lead) {
      signature.of_lead.insert(evidence.kind);
    }
    signature.limits = std::max(signature.limits, limits_of(evidence.score));
  }
  return signature;
}

double similarity(const Signature& now, const Signature& earlier) {
  return weight_of_place * place(now, earlier) + weight_of_signs * signs(now, earlier) +
         (now.kind == earlier.kind ? weight_of_kind : 0);
}

}  // namespace sosie::cases
