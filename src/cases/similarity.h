#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/finding.h"

namespace sosie::cases {

/// What of a finding tells it from others, whenever it was: where, by what signs, of which kind.
struct Signature {
  /// Of each suspect its share, negative where it is below what was expected.
  std::map<SeriesId, double> shares;
  std::optional<SeriesId> lead;  ///< the suspect with the largest share
  std::set<SymptomKind> symptoms;
  std::set<SymptomKind> of_lead;  ///< those of them that the lead itself has
  double limits = 0;  ///< by how many the strongest is off (statistics' score_of undone), to 52
  /// How far the lead is from what was expected of it, in half widths of its band, which has no
  /// end; 0: not known.
  double distance = 0;
  Kind kind = Kind::unknown;

  /// Whether the lead jumps or trembles: on which side of its band it then stands is chance.
  bool wavers() const;
};
Signature signature_of(const Finding& finding);

/// How like `earlier` one is `now`, which may still grow: 0 (nothing in common) to 1 (the same, as
/// far as it has come). Half of it the cosine of the shares, four tenths the part of its symptoms
/// that the earlier one had too, one tenth the same kind. Our own weights, as a person would lay
/// them; fitted on nothing.
///
/// Under the same lead, sensors that have not joined yet do not count against it, and the lead's
/// own symptoms must be the earlier lead's. None of its symptoms is the earlier one's where it is
/// far stronger: more than twice as many limits off, and one; or, as scores tell no more than 52
/// limits apart, the same lead four times as far from what is expected of it, and one, unless it
/// wavers.
double similarity(const Signature& now, const Signature& earlier);

}  // namespace sosie::cases
