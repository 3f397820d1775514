#pragma once

#include <string>

#include "base/result.h"

namespace sosie {

/// Makes the folder, and those above it, unless it is there. One that is made here is for its owner
/// alone: measurements, models and the store's lock are nobody else's business.
Result<void> make_own_folder(const std::string& path);

}  // namespace sosie
