#pragma once

#include "diagnosis/clues.h"

namespace sosie::diagnosis {

/// The clues by name, while they are gathered.
struct Gathered {
  // The strongest symptom of each sort.
  double stuck = 0;
  double missing = 0;
  double spike = 0;
  double noise = 0;       ///< more of it
  double calm = 0;        ///< less of it
  double impossible = 0;  ///< clearly beyond what the sensor can measure
  double at_end = 0;      ///< at the very end of its range: the process may have driven it there
  double limit = 0;
  double rate = 0;
  double residual = 0;
  double drift = 0;
  double deviation = 0;
  double multivariate = 0;
  double replay = 0;
  double command = 0;
  // On how many sensors.
  double sensors = 0;  ///< 1: 64 of them
  double devices = 0;  ///< with a sign of the instrument; 1: 16
  double one_sensor = 0;
  double many_sensors = 0;  ///< from 3 on, certain at 8
  double several_devices = 0;
  double all_silent = 0;    ///< became silent within half a minute; 1: 5 or more
  double all_still = 0;     ///< began to stand still within half a minute; 1: 5 or more
  double all_repeated = 0;  ///< repeat past digits; 1: 4 or more
  double all_jumped = 0;    ///< left their course within a minute; 1: 9 or more
  // Where.
  double spread = 0;         ///< over several stages
  double inlet_quality = 0;  ///< share of quality sensors of the first two stages
  double machines = 0;       ///< share of flows, powers, states …
  double flows = 0;
  double powers = 0;
  double pressures = 0;
  double levels = 0;
  double temperatures = 0;
  double reactions = 0;    ///< pH, redox, conductivity
  double solids = 0;       ///< turbidity
  double nutrients = 0;    ///< nitrogen, phosphorus
  double first_stage = 0;  ///< where it began: 0 the first, 1 the last
  double last_stage = 0;   ///< how far it has come
  double inlet_first = 0;  ///< the first sensors to move are quality sensors of the inlet
  double machine_first = 0;
  double downstream = 0;  ///< the order in which quality sensors moved: 1 as the water flows
  // Machines.
  double switched = 0;       ///< a pump or valve of the stage changed its state as it began
  double machine_fault = 0;  ///< one of a stage concerned says that it has failed
  double unswitched = 0;     ///< flows, powers … that jumped while no machine switched; 1: 3
  double answered = 0;       ///< a machine of the leading sensor's stage moves too
  // How the sensors moved that left what the others say.
  double higher = 0;    ///< share of quality sensors that show more than expected
  double off = 0;       ///< furthest, as a share of the range (square root)
  double factor = 0;    ///< furthest, as a factor; 1: a thousand times more or less
  double in_step = 0;   ///< several by one common factor
  double swapped = 0;   ///< two show what the other should
  double together = 0;  ///< of different sorts at one instant: no cause in the process does that
  double abrupt_alone = 0;  ///< one leaves the others at once, and nothing else is wrong with it
  double no_device_sign = 0;
  double jump_and_hold = 0;  ///< a value jumped within its range and has stood there since
  double grown = 0;          ///< how much of the leading sensor's distance came since it was told
  double again = 0;          ///< how often a sign has come back; 1: 15 times
  // The leading sensor's course (see Shape).
  double jump = 0;
  double straight = 0;
  double back = 0;
  double louder = 0;
  double calmer = 0;
  // … and of those that moved first.
  double first_jump = 0;  ///< of the very first
  double first_straight = 0;
  double most_jump = 0;  ///< of the first six, the most
  double mean_jump = 0;  ///< of those that left their tremble
  double mean_straight = 0;
  double lead_quality = 0;
  double lead_state = 0;
  double lead_weight = 0;  ///< its share of all scores
  double age = 0;          ///< since the onset; 1: a day and a half
  // Beside it.
  double sigmas = 0;      ///< furthest from what the others say, in ordinary residuals; 1: 200
  double evidence = 0;    ///< all scores together; 1: 32
  double echo = 0;        ///< share of its sensors that a finding named that is just over
  double after = 0;       ///< how lately one was over; 1: now, a half: an hour and a half ago
  double after_wide = 0;  ///< the same of one of four sensors or more
  double beside = 0;      ///< other findings that are open; 1: 7
  double stirred = 0;     ///< share of all sensors that are not where they were
  // What is usual here.
  double astray = 0;      ///< share of all sensors that are not where they were for days
  double inflow = 0;      ///< the first stage's flow against that of the last days; 1: 8 deviations
  double inlet_cool = 0;  ///< its temperature, below that
  double lead_astray = 0;  ///< the leading sensor; 1: 32 deviations
  double often = 0;        ///< that the leading sensor was part of it lately; 1: 15 times
  double rarest = 0;       ///< the same of the sensor of which it is rarest
  double outdone = 0;      ///< by how much it is stronger than it ever was lately; 0.5: as strong
  double same_hour = 0;    ///< its episodes of the last days began at this hour; 1: 3 of them
};

/// In the order of `clue_names()`.
Clues clues_of(const Gathered& gathered);

}  // namespace sosie::diagnosis
