#include "plants/room/thermal.h"

#include <cmath>

namespace sosie::room {

/// x' = A x + b goes to its rest x* = -A^-1 b, and what is left of the way decays as exp(A t),
/// which for a 2x2 matrix is e^(m t) (cosh(d t) I + sinh(d t) / d (A - m I)), with m half the trace
/// and d the root of m^2 - det A.
void Thermal::advance(const Inputs& in, double dt_s) {
  const double inner = 1 / body_.inner_k_per_w;
  const double outer = 1 / body_.outer_k_per_w;
  const double a = -(inner + in.leak_w_per_k) / body_.air_j_per_k;
  const double b = inner / body_.air_j_per_k;
  const double c = inner / body_.wall_j_per_k;
  const double d = -(inner + outer) / body_.wall_j_per_k;
  const double to_air = (in.leak_w_per_k * in.outside_c + in.air_w) / body_.air_j_per_k;
  const double to_wall = (outer * in.outside_c + in.wall_w) / body_.wall_j_per_k;
  const double determinant = a * d - b * c;
  const double rest_air = (b * to_wall - d * to_air) / determinant;
  const double rest_wall = (c * to_air - a * to_wall) / determinant;

  const double middle = (a + d) / 2;
  const double spread = std::sqrt((a - d) * (a - d) / 4 + b * c);  // > 0, since b c > 0
  const double slow = std::exp((middle + spread) * dt_s);
  const double fast = std::exp((middle - spread) * dt_s);
  const double even = (slow + fast) / 2;
  const double odd = (slow - fast) / (2 * spread);
  const double air = air_c_ - rest_air;
  const double wall = wall_c_ - rest_wall;
  air_c_ = rest_air + even * air + odd * ((a - middle) * air + b * wall);
  wall_c_ = rest_wall + even * wall + odd * (c * air + (d - middle) * wall);
}

}  // namespace sosie::room
