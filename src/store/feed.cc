#include "store/feed.h"

#include <algorithm>

#include "base/log.h"
#include "store/notes.h"

namespace sosie {
namespace {

/// So much of the room is folded at once: the folded rows stay few.
constexpr std::int64_t folds_in_room = 64;

std::string cursor_name(std::string_view reader) {
  return fmt::format("sink/{}", reader);
}

/// Runs of one series, for the codec.
std::vector<std::span<const Reading>> runs_of(std::span<const Reading> readings) {
  std::vector<std::span<const Reading>> runs;
  while (!readings.empty()) {
    const auto end = std::ranges::find_if(
        readings, [&](const Reading& r) { return r.series != readings.front().series; });
    const auto run = readings.first(static_cast<std::size_t>(end - readings.begin()));
    runs.push_back(run);
    readings = readings.subspan(run.size());
  }
  return runs;
}

}  // namespace

Result<void> Feed::recover(Database& database) {
  const auto head =
      TRY(database.number("SELECT max(coalesce((SELECT max(id) FROM _feed), 0), "
                          "coalesce((SELECT max(number) FROM _cursor WHERE name = 'feed'), 0))"));
  head_ = static_cast<std::uint64_t>(head);
  const auto alarms =
      TRY(database.number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = "
                          "'_alarm_log'), 0)"));
  const auto findings =
      TRY(database.number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = "
                          "'_finding_log'), 0)"));
  TRY(forget_others(database));
  for (const auto& reader : readers_) {
    auto known = TRY(database.statement("SELECT number FROM _cursor WHERE name = ?"));
    const std::string name = cursor_name(reader);
    const bool is_known = TRY(known.bind(std::string_view(name)).step());
    cursors_[name] = is_known ? static_cast<std::uint64_t>(known.integer(0)) : head_.load();
    known.reset();
    if (is_known) continue;
    TRY(save_cursor(database, name, head_));
    TRY(save_cursor(database, name + "/alarms", static_cast<std::uint64_t>(alarms)));
    TRY(save_cursor(database, name + "/findings", static_cast<std::uint64_t>(findings)));
  }
  bytes_ = TRY(database.number("SELECT coalesce(sum(length(data)), 0) FROM _feed"));
  staged_head_ = head_;
  staged_bytes_ = bytes_;
  TRY(remove_read(database));
  committed();
  return {};
}

Result<void> Feed::forget_others(Database& database) const {
  std::vector<std::string> gone;
  auto row = TRY(database.statement("SELECT name FROM _cursor WHERE name LIKE 'sink/%'"));
  while ([[maybe_unused]] const bool more = TRY(row.step())) {
    const auto name = row.text(0);
    const bool is_known = std::ranges::any_of(readers_, [&](const std::string& reader) {
      return name == cursor_name(reader) || name.starts_with(cursor_name(reader) + "/");
    });
    if (!is_known) gone.push_back(name);
  }
  row.reset();
  for (const auto& name : gone) {
    auto forget = TRY(database.statement("DELETE FROM _cursor WHERE name = ?"));
    TRY(forget.bind(std::string_view(name)).run());
  }
  return {};
}

void Feed::take(std::span<const Reading> readings) {
  if (readers_.empty() || !has_readings_) return;
  taken_.insert(taken_.end(), readings.begin(), readings.end());
}

/// In the order of series, and in that of arrival within one.
std::vector<Reading> Feed::by_series() const {
  std::uint32_t most = 0;
  for (const auto& reading : taken_) most = std::max(most, reading.series.index);
  std::vector<std::size_t> starts(std::size_t{most} + 2);
  for (const auto& reading : taken_) ++starts[reading.series.index + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<Reading> sorted(taken_.size());
  for (const auto& reading : taken_) sorted[starts[reading.series.index]++] = reading;
  return sorted;
}

Result<void> Feed::add_row(Database& database) {
  const auto sorted = by_series();
  const auto bytes = TRY(codec_.encode(runs_of(sorted)));
  const auto [oldest, newest] = std::ranges::minmax(sorted, {}, &Reading::at);
  staged_head_ += sorted.size();
  staged_bytes_ += static_cast<std::int64_t>(bytes.size());
  auto add = TRY(database.statement("INSERT INTO _feed VALUES (?, ?, ?, ?)"));
  return add.bind(staged_head_, oldest.at, newest.at, Blob{bytes}).run();
}

Result<void> Feed::remove_read(Database& database) {
  std::uint64_t lowest = staged_head_;
  for (const auto& [name, number] : cursors_) lowest = std::min(lowest, number);
  if (lowest <= staged_removed_) return {};
  auto size = TRY(database.statement(
      "SELECT count(*), coalesce(sum(length(data)), 0) FROM _feed WHERE id <= ?"));
  TRY(size.bind(lowest).step());
  const bool is_gone = size.integer(0) == 0;
  staged_bytes_ -= size.integer(1);
  size.reset();
  staged_removed_ = lowest;
  if (is_gone) return {};  // also on a full disk
  auto remove = TRY(database.statement("DELETE FROM _feed WHERE id <= ?"));
  TRY(remove.bind(lowest).run());
  // The rows may all go: what they counted must not.
  return save_cursor(database, "feed", staged_head_);
}

/// The oldest rows that are whole, as many as make up a part of the room, become one.
Result<void> Feed::fold(Database& database) {
  std::int64_t gained = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Timestamp oldest = Timestamp::max();
  Timestamp newest = Timestamp::min();
  auto row = TRY(database.statement(
      "SELECT id, oldest, newest, length(data) FROM _feed WHERE length(data) > 0 AND id < ? "
      "ORDER BY id"));
  row.bind(staged_head_);
  while (gained < max_bytes_ / folds_in_room) {
    const bool more = TRY(row.step());
    if (!more) break;
    last = static_cast<std::uint64_t>(row.integer(0));
    if (first == 0) first = last;
    oldest = std::min(oldest, row.time(1));
    newest = std::max(newest, row.time(2));
    gained += row.integer(3);
  }
  row.reset();
  if (first == 0) return {};
  auto remove = TRY(database.statement("DELETE FROM _feed WHERE id >= ? AND id < ?"));
  TRY(remove.bind(first, last).run());
  auto keep =
      TRY(database.statement("UPDATE _feed SET oldest = ?, newest = ?, data = x'' WHERE id = ?"));
  TRY(keep.bind(oldest, newest, last).run());
  staged_bytes_ -= gained;
  if (!has_folded_) {
    log::warning("store",
                 "a sink is more than {} MB behind: what is older it will read from the history",
                 max_bytes_ / 1'000'000);
  }
  has_folded_ = true;
  return {};
}

Result<void> Feed::write(Database& database) {
  staged_head_ = head_;
  staged_bytes_ = bytes_;
  staged_removed_ = removed_;
  if (readers_.empty()) return {};
  TRY(remove_read(database));
  if (taken_.empty()) return {};
  TRY(add_row(database));
  return staged_bytes_ > max_bytes_ ? fold(database) : Result<void>();
}

void Feed::committed() {
  head_.store(staged_head_, std::memory_order_release);
  bytes_ = staged_bytes_;
  removed_ = staged_removed_;
  failed();
}

void Feed::failed() {
  taken_.clear();
}

void Feed::moved(std::string_view name, std::uint64_t number) {
  const auto found = cursors_.find(name);
  if (found != cursors_.end()) found->second = number;
}

Result<FeedPart> find_feed(Database& database, std::uint64_t after, std::uint64_t until,
                           std::size_t enough) {
  FeedPart part;
  part.end = after;
  WalCodec codec;
  auto row = TRY(database.statement(
      "SELECT id, oldest, newest, data FROM _feed WHERE id > ? AND id <= ? ORDER BY id"));
  row.bind(after, until);
  while (part.readings.size() < enough) {
    const bool more = TRY(row.step());
    if (!more) break;
    const auto data = row.bytes(3);
    if (data.empty() && !part.readings.empty()) break;
    part.end = static_cast<std::uint64_t>(row.integer(0));
    if (data.empty()) {
      part.folded = FeedPart::Span{row.time(1), row.time(2) + Duration(1)};
      break;
    }
    const auto readings = TRY(codec.decode(data));
    part.readings.insert(part.readings.end(), readings.begin(), readings.end());
  }
  return part;
}

Result<std::optional<Timestamp>> find_feed_newest(Database& database, std::uint64_t after,
                                                  std::uint64_t until) {
  auto row = TRY(database.statement("SELECT max(newest) FROM _feed WHERE id > ? AND id <= ?"));
  TRY(row.bind(after, until).step());
  return row.maybe_time(0);
}

}  // namespace sosie
