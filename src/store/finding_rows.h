#pragma once

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Puts the finding as it is now in the place of what was known of it.
Result<void> save_finding(Database& database, const Finding& finding);

// Inside one read transaction.
Result<FindingPage> find_findings(Database& database, const FindingQuery& query);
Result<std::optional<Finding>> find_finding(Database& database, std::uint64_t id);

}  // namespace sosie
