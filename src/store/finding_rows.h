#pragma once

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Puts the finding as it is now in the place of what was known of it.
Result<void> save_finding(Database& database, const Finding& finding);
/// For those who pass findings on.
Result<void> log_finding(Database& database, const FindingEvent& event);
Result<std::vector<LoggedFindingEvent>> find_finding_events_after(Database& database,
                                                                  std::uint64_t cursor,
                                                                  std::size_t limit);

// Inside one read transaction.
Result<FindingPage> find_findings(Database& database, const FindingQuery& query);
Result<std::optional<Finding>> find_finding(Database& database, std::uint64_t id);

}  // namespace sosie
