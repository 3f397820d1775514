#pragma once

namespace sosie::room {

/// A room's air and its walls, two heat capacities and two resistances (2R2C):
///
///     C_air  dT_air/dt  = (T_wall - T_air) / R_in + U (T_out - T_air) + Q_air
///     C_wall dT_wall/dt = (T_air - T_wall) / R_in + (T_out - T_wall) / R_out + Q_wall
///
/// U is what leaks at once with the outside: window panes, ventilation, an open window. Solved
/// exactly for inputs that hold during the step (the eigenvalues of the 2x2 matrix are real and
/// negative), so that a long step gives what many short ones do.
class Thermal {
 public:
  struct Body {
    double air_j_per_k = 2.5e5;    ///< 40 m3 of air, and furniture
    double wall_j_per_k = 6.0e6;   ///< what of the walls takes part in a day
    double inner_k_per_w = 0.006;  ///< from the air into the walls
    double outer_k_per_w = 0.020;  ///< from the walls to the outside
  };
  struct Inputs {
    double outside_c = 10;
    double leak_w_per_k = 30;
    double air_w = 0;   ///< heater, people, and the sun on what is light
    double wall_w = 0;  ///< the sun on floor and walls
  };

  Thermal(const Body& body, double air_c, double wall_c)
      : body_(body), air_c_(air_c), wall_c_(wall_c) {}

  void advance(const Inputs& inputs, double dt_s);

  double air_c() const { return air_c_; }
  double wall_c() const { return wall_c_; }

 private:
  Body body_;
  double air_c_;
  double wall_c_;
};

}  // namespace sosie::room
