#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// Documents (what is not a series: entities, subscriptions …) and the outbox.

/// What these commits make of the documents. Of several changes of one document the last counts, as
/// if the others had never been.
Result<void> save_documents(Database& database, std::span<const Commit> commits);

/// All of one kind, in the order in which they were made. `take` gets the key and the body, valid
/// for the call; false ends it.
using TakeDocument = std::function<bool(std::string_view key, std::string_view body)>;
Result<void> find_documents(Database& database, std::string_view kind, const TakeDocument& take);

/// What is to go out, less what these commits say has arrived.
Result<void> save_outbox(Database& database, std::span<const Commit> commits);

/// The first `limit` whose number is above `after`, in order.
Result<std::vector<Outgoing>> find_outbox(Database& database, std::uint64_t after,
                                          std::size_t limit);

}  // namespace sosie
