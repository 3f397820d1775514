#include "store/document_rows.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sosie {
namespace {

/// A row of _cursor.
constexpr std::string_view earlier_horizon = "earlier states";

/// A document's name, borrowed.
struct Name {
  std::string_view kind;
  std::string_view key;
  bool operator==(const Name&) const = default;
};
struct NameHash {
  std::size_t operator()(const Name& name) const {
    constexpr std::hash<std::string_view> hash;
    return hash(name.kind) * 31 + hash(name.key);
  }
};

/// What becomes of a document in the end.
struct Final {
  const DocumentChange* change = nullptr;  ///< null: it was deleted and made anew further behind
  bool is_anew = false;                    ///< so there may be an old row, in an old place
};

/// In the order in which the documents are first named, which is that in which they were made.
std::vector<Final> final_changes(std::span<const Commit> commits) {
  std::size_t count = 0;
  for (const auto& commit : commits) count += commit.documents.size();
  std::vector<Final> finals;
  finals.reserve(count);
  std::unordered_map<Name, std::size_t, NameHash> places;
  places.reserve(count);
  for (const auto& commit : commits) {
    for (const auto& change : commit.documents) {
      const auto [place, is_first] = places.try_emplace({change.kind, change.key}, finals.size());
      if (is_first) {
        finals.push_back({&change, false});
        continue;
      }
      Final& known = finals[place->second];
      const bool is_reborn = !known.change->body && change.body;
      known.change = is_reborn ? nullptr : &change;
      if (!is_reborn) continue;
      place->second = finals.size();
      finals.push_back({&change, true});
    }
  }
  return finals;
}

Result<void> remove_document(Database& database, const DocumentChange& change) {
  auto remove = TRY(database.statement("DELETE FROM _document WHERE kind = ? AND key = ?"));
  return remove.bind(change.kind, change.key).run();
}

Result<void> write_document(Database& database, const DocumentChange& change,
                            std::string_view body) {
  auto save =
      TRY(database.statement("INSERT INTO _document (kind, key, body) VALUES (?, ?, ?) "
                             "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"));
  return save.bind(change.kind, change.key, Blob{body}).run();
}

}  // namespace

Result<void> save_documents(Database& database, std::span<const Commit> commits) {
  for (const auto& [change, is_anew] : final_changes(commits)) {
    if (change == nullptr) continue;
    if (is_anew || !change->body) {
      TRY(remove_document(database, *change));
    }
    if (change->body) {
      TRY(write_document(database, *change, *change->body));
    }
  }
  return {};
}

Result<void> find_documents(Database& database, std::string_view kind, const TakeDocument& take) {
  auto row = TRY(database.statement("SELECT key, body FROM _document WHERE kind = ? ORDER BY id"));
  row.bind(kind);
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    if (!take(row.bytes(0), row.bytes(1))) break;
  }
  return {};
}

Result<void> save_earlier(Database& database, std::span<const Commit> commits) {
  for (const auto& commit : commits) {
    for (const auto& state : commit.earlier) {
      auto add = TRY(
          database.statement("INSERT INTO _earlier (kind, key, until, body) VALUES (?, ?, ?, ?)"));
      TRY(add.bind(state.kind, state.key, state.until, Blob{state.body}).run());
    }
  }
  return {};
}

Result<void> find_earlier(Database& database, const EarlierQuery& query, const TakeEarlier& take) {
  std::string end(query.prefix);
  ++end.back();
  auto row = TRY(database.statement(
      "SELECT key, until, body FROM _earlier WHERE kind = ? AND key >= ? AND key < ? AND until > ? "
      "ORDER BY key DESC, id DESC"));
  row.bind(query.kind, query.prefix, std::string_view(end), query.instant);
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    if (!take({row.bytes(0), row.time(1), row.bytes(2)})) break;
  }
  return {};
}

Result<bool> retain_earlier(Database& database, Timestamp cut, std::size_t limit) {
  auto remove = TRY(database.statement(
      "DELETE FROM _earlier WHERE id IN (SELECT id FROM _earlier ORDER BY id LIMIT ?) "
      "AND until < ?"));
  TRY(remove.bind(limit, cut).run());
  const auto gone = static_cast<std::size_t>(sqlite3_changes64(database.handle()));
  if (gone == 0) return false;
  auto keep = TRY(database.statement("INSERT OR REPLACE INTO _cursor VALUES (?, ?)"));
  TRY(keep.bind(earlier_horizon, cut).run());
  return gone == limit;
}

Result<bool> has_earlier(Database& database, Timestamp cut) {
  auto oldest = TRY(database.statement("SELECT until FROM _earlier ORDER BY id LIMIT 1"));
  const bool is_there = TRY(oldest.step());
  return is_there && oldest.time(0) < cut;
}

Result<std::optional<Timestamp>> find_earlier_horizon(Database& database) {
  auto row = TRY(database.statement("SELECT number FROM _cursor WHERE name = ?"));
  row.bind(earlier_horizon);
  const bool is_there = TRY(row.step());
  return is_there ? std::optional(row.time(0)) : std::nullopt;
}

namespace {

/// Those that follow each other, as one receiver's do, go at once.
Result<void> remove_messages(Database& database, const std::unordered_set<std::uint64_t>& numbers) {
  std::vector<std::uint64_t> sorted(numbers.begin(), numbers.end());
  std::ranges::sort(sorted);
  for (std::size_t first = 0; first < sorted.size();) {
    std::size_t last = first;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    auto remove = TRY(database.statement("DELETE FROM _outbox WHERE number BETWEEN ? AND ?"));
    TRY(remove.bind(sorted[first], sorted[last]).run());
    first = last + 1;
  }
  return {};
}

}  // namespace

Result<void> save_outbox(Database& database, std::span<const Commit> commits) {
  std::unordered_set<std::uint64_t> arrived;
  for (const auto& commit : commits) arrived.insert(commit.arrived.begin(), commit.arrived.end());
  for (const auto& commit : commits) {
    for (const auto& outgoing : commit.outgoing) {
      if (arrived.erase(outgoing.number) > 0) continue;  // faster than the journal
      auto add = TRY(database.statement("INSERT OR REPLACE INTO _outbox VALUES (?, ?, ?)"));
      TRY(add.bind(outgoing.number, outgoing.queue, Blob{outgoing.payload}).run());
    }
  }
  return remove_messages(database, arrived);
}

Result<std::vector<Outgoing>> find_outbox(Database& database, std::uint64_t after,
                                          std::size_t limit) {
  auto row =
      TRY(database.statement("SELECT number, queue, payload FROM _outbox WHERE number > ? "
                             "ORDER BY number LIMIT ?"));
  row.bind(after, std::min<std::size_t>(limit, INT32_MAX));
  std::vector<Outgoing> outbox;
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    outbox.push_back({static_cast<std::uint64_t>(row.integer(0)), row.text(1), row.text(2)});
  }
  return outbox;
}

Result<std::vector<Outgoing>> find_outbox_of(Database& database, std::string_view queue,
                                             std::uint64_t after, std::size_t limit) {
  auto row =
      TRY(database.statement("SELECT number, payload FROM _outbox WHERE queue = ? AND number > ? "
                             "ORDER BY number LIMIT ?"));
  row.bind(queue, after, std::min<std::size_t>(limit, INT32_MAX));
  std::vector<Outgoing> outbox;
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    outbox.push_back({static_cast<std::uint64_t>(row.integer(0)), std::string(queue), row.text(1)});
  }
  return outbox;
}

}  // namespace sosie
