#include "cases/similarity.h"

#include <algorithm>
#include <cmath>

namespace sosie::cases {
namespace {

constexpr double weight_of_place = 0.5;
constexpr double weight_of_signs = 0.3;
constexpr double weight_of_kind = 0.2;

double length(const std::map<SeriesId, double>& shares) {
  double sum = 0;
  for (const auto& [series, share] : shares) sum += share * share;
  return std::sqrt(sum);
}

/// Shares that point the other way are not alike: 0.
double cosine(const std::map<SeriesId, double>& a, const std::map<SeriesId, double>& b) {
  if (a.empty() && b.empty()) return 1;
  double product = 0;
  for (const auto& [series, share] : a) {
    if (const auto other = b.find(series); other != b.end()) product += share * other->second;
  }
  const double lengths = length(a) * length(b);
  return lengths > 0 ? std::max(0.0, product / lengths) : 0;
}

/// Jaccard's index.
double in_common(const std::set<SymptomKind>& a, const std::set<SymptomKind>& b) {
  if (a.empty() && b.empty()) return 1;
  const auto both = std::ranges::count_if(a, [&](SymptomKind kind) { return b.contains(kind); });
  const auto all = static_cast<double>(a.size() + b.size()) - static_cast<double>(both);
  return static_cast<double>(both) / all;
}

}  // namespace

Signature signature_of(const Finding& finding) {
  Signature signature;
  signature.kind = finding.kind;
  for (const auto& suspect : finding.suspects) {
    // Below its band, or not: what is expected of a sensor that stands still is where it usually
    // is, and where in its band it stopped is chance.
    signature.shares[suspect.series] +=
        suspect.value < suspect.low ? -suspect.share : suspect.share;
  }
  for (const auto& evidence : finding.evidence) signature.symptoms.insert(evidence.kind);
  return signature;
}

double similarity(const Signature& a, const Signature& b) {
  return weight_of_place * cosine(a.shares, b.shares) +
         weight_of_signs * in_common(a.symptoms, b.symptoms) +
         (a.kind == b.kind ? weight_of_kind : 0);
}

}  // namespace sosie::cases
