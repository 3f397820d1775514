#pragma once

#include "plants/wastewater/water.h"

namespace sosie::wastewater {

/// A stream in two: what is thick, and the water that is left.
struct Parted {
  Stream thick;
  Stream thin;
};

/// Ideal separation without a volume, as BSM2's thickener (7 % and 98 %) and dewatering (28 % and
/// 98 %) have it (thickener_bsm2.c, dewatering_bsm2.c): `capture` of the solids ends in sludge of
/// `solids_pct` (1 %: 10 000 g/m3); what is dissolved goes with the water. A stream that is as
/// thick already stays whole.
Parted separate(const Stream& in, double solids_pct, double capture);

}  // namespace sosie::wastewater
