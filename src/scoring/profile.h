#pragma once

#include <span>
#include <vector>

#include "scoring/block.h"
#include "scoring/season.h"

namespace sosie::scoring {

/// What the rows of learning say of one column.
struct Profile {
  double known = 0;          ///< share of the rows that have a value
  bool is_constant = false;  ///< one value, or none
  /// Nine of ten values are the same one: a rain gauge, a pump that seldom runs. What comes and
  /// goes does not move the level that it goes back to.
  bool is_resting = false;
  /// Its level wanders: what it was says little of what it will be. It is then judged on a
  /// high-pass, not on its level.
  bool is_slow = false;
  double middle = 0;  ///< of its values, less its season
  Season season;  ///< its daily course, if it has one: it is then judged on what differs from it
};

/// A column is slow where the means of ten blocks vary at least half as much as the values within
/// the blocks do: twenty times what white noise in blocks of forty would give. Or where they climb,
/// or fall, in a line that leads away: there, too, the level of tomorrow is not that of today.
/// `of_day`: the time of day of each row (see season_of); may be empty.
std::vector<Profile> profiles_of(const Block& block, std::span<const double> of_day = {});

}  // namespace sosie::scoring
