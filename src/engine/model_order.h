#pragma once

#include <cstdint>
#include <memory>

namespace sosie {

class Shadow;  // engine/shadow.h, which is made of what carries orders

/// What the desk of models has the lane do.
struct ModelOrder {
  enum class What : std::uint8_t {
    start_trial,  ///< `shadow` looks at what comes, in the place of any other
    end_trial,    ///< nobody does
    take_over,    ///< `shadow` judges from now on
  };
  What what = What::end_trial;
  std::shared_ptr<Shadow> shadow;  ///< shared: the lane feeds it, the desk asks how it does
};

}  // namespace sosie
