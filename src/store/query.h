#pragma once

#include <string_view>

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Runs one SELECT and nothing else: whatever writes, attaches or sets is refused.
Result<Table> run_query(Database& database, std::string_view sql, std::size_t limit);

}  // namespace sosie
