#pragma once

#include <map>
#include <set>

#include "core/finding.h"

namespace sosie::cases {

/// What of a finding tells it from others, whenever it was: where, by what signs, of which kind.
struct Signature {
  /// Of each suspect its share, negative where it is below what was expected.
  std::map<SeriesId, double> shares;
  std::set<SymptomKind> symptoms;
  Kind kind = Kind::unknown;
};
Signature signature_of(const Finding& finding);

/// 0 (nothing in common) to 1 (the same): half of it the cosine of the shares, three tenths the
/// part of the symptoms that both have, two tenths the same kind. Our own weights, as a person
/// would lay them; fitted on nothing.
double similarity(const Signature& a, const Signature& b);

}  // namespace sosie::cases
