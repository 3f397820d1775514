#pragma once

#include <vector>

#include "scoring/block.h"

namespace sosie::scoring {

/// What the rows of learning say of one column.
struct Profile {
  double known = 0;          ///< share of the rows that have a value
  bool is_constant = false;  ///< one value, or none
  /// Its level wanders: what it was says little of what it will be. It is then judged on a
  /// high-pass, not on its level.
  bool is_slow = false;
  double middle = 0;  ///< of its values
};

/// A column is slow where the means of ten blocks vary at least half as much as the values within
/// the blocks do: twenty times what white noise in blocks of forty would give.
std::vector<Profile> profiles_of(const Block& block);

}  // namespace sosie::scoring
