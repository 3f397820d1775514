#pragma once

#include "base/random.h"
#include "plants/wastewater/works.h"

namespace sosie::wastewater {

/// By how much a model beside a plant is not that plant: nobody knows a plant's parameters, and a
/// model that had them would look better than any can be. Factors.
struct Departure {
  // Sizes: of tanks, floors and pumps.
  double headworks = 1;
  double primary = 1;
  double tertiary = 1;
  double disinfection = 1;
  double outfall = 1;
  double sludge = 1;
  double reactors = 1;
  double settler_area = 1;

  // What the water is made of.
  double phosphate = 1;
  double organic_nitrogen = 1;
  double inert = 1;  ///< soluble COD

  double transfer = 1;  ///< kLa

  // ASM1 and Takacs.
  double heterotrophs = 1;  ///< mu_H
  double autotrophs = 1;    ///< mu_A
  double decay = 1;         ///< b_H and b_A
  double hydrolysis = 1;    ///< k_h
  double halved = 1;        ///< K_S, K_NH, K_OH, K_OA, K_NO
  double yield = 1;         ///< Y_H and Y_A
  double settling = 1;      ///< v0
  double hindrance = 1;     ///< r_h

  /// Each factor evenly from 1 - share to 1 + share; of yields half as far.
  static Departure draw(double share, Random random);

  bsm1::WorksParameters changed(bsm1::WorksParameters parameters) const;
};

}  // namespace sosie::wastewater
