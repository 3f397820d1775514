#pragma once

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Puts the label as it is now in the place of what was known of it.
Result<void> save_label(Database& database, const Label& label);

/// Those that overlap [from, to), in order of start.
Result<std::vector<Label>> find_labels(Database& database, Timestamp from, Timestamp to);

}  // namespace sosie
