#pragma once

#include <string>
#include <string_view>

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Small things that are kept: refusals, what sources remember, cursors.

/// Keeps the rows of the last 10,000 refusals and counts all.
Result<void> save_refusal(Database& database, const Refusal& refusal, Timestamp at);
Result<Quarantine> find_quarantine(Database& database, std::size_t limit);

Result<void> save_memory(Database& database, std::string_view key, std::string_view bytes);
Result<std::optional<std::string>> find_memory(Database& database, std::string_view key);

Result<void> save_cursor(Database& database, std::string_view name, std::uint64_t number);
Result<std::uint64_t> find_cursor(Database& database, std::string_view name);

}  // namespace sosie
