#pragma once

#include <cstddef>
#include <functional>
#include <optional>
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

/// Appends what was true before.
Result<void> save_earlier(Database& database, std::span<const Commit> commits);

/// States of documents whose keys begin with `prefix` that ended after `instant`: key by key, of
/// each the newest first. `take` gets them valid for the call; false ends it.
struct EarlierRow {
  std::string_view key;
  Timestamp until;
  std::string_view body;
};
using TakeEarlier = std::function<bool(const EarlierRow& row)>;
struct EarlierQuery {
  std::string_view kind;
  std::string_view prefix;  ///< not empty
  Timestamp instant;
};
Result<void> find_earlier(Database& database, const EarlierQuery& query, const TakeEarlier& take);

/// Whether there is one that ended before `cut`. Only reads.
Result<bool> has_earlier(Database& database, Timestamp cut);

/// Removes the oldest of those that ended before `cut`, `limit` at most, and remembers that they
/// are gone. True: there may be more.
Result<bool> retain_earlier(Database& database, Timestamp cut, std::size_t limit);

/// States that ended before this are gone; none: nothing is.
Result<std::optional<Timestamp>> find_earlier_horizon(Database& database);

/// What is to go out, less what these commits say has arrived.
Result<void> save_outbox(Database& database, std::span<const Commit> commits);

/// The first `limit` whose number is above `after`, in order.
Result<std::vector<Outgoing>> find_outbox(Database& database, std::uint64_t after,
                                          std::size_t limit);
/// The same of one queue.
Result<std::vector<Outgoing>> find_outbox_of(Database& database, std::string_view queue,
                                             std::uint64_t after, std::size_t limit);

}  // namespace sosie
