#include "plants/wastewater/separate.h"

namespace sosie::wastewater {

Parted separate(const Stream& in, double solids_pct, double capture) {
  constexpr double g_m3_per_pct = 10000;
  const double wanted = g_m3_per_pct * solids_pct;
  const double found = tss(in.water);
  if (found >= wanted) return {in, {0, with_solids(in.water, 0)}};
  const double share = capture * found / wanted;  // of the water
  if (share <= 0) return {{0, in.water}, in};
  return {{share * in.flow_m3_h, with_solids(in.water, capture / share)},
          {(1 - share) * in.flow_m3_h, with_solids(in.water, (1 - capture) / (1 - share))}};
}

}  // namespace sosie::wastewater
