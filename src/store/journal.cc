#include "store/journal.h"

#include <algorithm>
#include <array>

#include "store/rollup_table.h"

namespace sosie {
namespace {

/// Readings are sorted by series in blocks: the room for it stays small whatever is appended.
constexpr std::size_t block_readings = std::size_t{1} << 16U;

/// Of fewer readings than a fraction of the series, counting by series would mostly count nothing.
constexpr std::size_t few_of = 8;

/// The log is written anew when it is longer than what it has to remember by this much: it is read
/// when the store is opened, and that should take milliseconds.
constexpr std::uint64_t spare_log_readings = 1U << 16U;
constexpr std::uint64_t most_log_rows = 4096;

/// What all tails together may hold: 17 to 25 bytes each. Where that makes chunks small, more of
/// them lie in the file, and they are written more often.
constexpr std::size_t most_in_tails = std::size_t{8} << 20U;
constexpr std::size_t fewest_chunk_points = 16;

/// Room for what a commit touches that is kept for the next one.
constexpr std::size_t most_kept_places = 4096;

std::uint64_t count_of(std::span<const std::span<const Reading>> runs) {
  std::uint64_t count = 0;
  for (const auto run : runs) count += run.size();
  return count;
}

}  // namespace

Result<void> Journal::recover(std::size_t series_count) {
  shores_.resize(series_count);
  for (std::uint32_t i = 0; i < series_count; ++i) {
    const ChunkTable<Reading> chunks(database_, {Resolution::raw, {i}});
    const auto last = TRY(chunks.last());
    if (last) shores_[i].closed = *last;
  }
  TRY(recover_horizons());
  return recover_log();
}

Result<void> Journal::recover_horizons() {
  auto horizon = TRY(database_.statement("SELECT series, until FROM _horizon"));
  while ([[maybe_unused]] const bool row = TRY(horizon.step())) {
    const auto series = static_cast<std::size_t>(horizon.integer(0));
    if (series < shores_.size()) shores_[series].horizon = horizon.time(1);
  }
  return {};
}

Result<void> Journal::recover_log() {
  auto log = TRY(database_.statement("SELECT data, id FROM _wal ORDER BY id"));
  while ([[maybe_unused]] const bool row = TRY(log.step())) {
    const auto readings = TRY(wal_.decode(log.bytes(0)));
    TRY(replay(readings));
    tails_.publish(static_cast<std::uint64_t>(log.integer(1)), [](auto&) {});
    log_.readings += readings.size();
    ++log_.rows;
  }
  log_.version = tails_.version();
  log_.limit = log_.readings + spare_log_readings;
  return {};
}

/// What has become part of a chunk since it was logged is known there, and perhaps better.
Result<void> Journal::replay(std::span<const Reading> readings) {
  std::vector<Reading> run;
  std::vector<Reading> news;
  for (std::size_t i = 0; i < readings.size();) {
    const SeriesId series = readings[i].series;
    if (series.index >= shores_.size()) {
      return Error{Errc::corrupt, "a batch in the log names a series that is not in the file"};
    }
    const Shore& shore = shores_[series.index];
    run.clear();
    news.clear();
    for (; i < readings.size() && readings[i].series == series; ++i) {
      if (readings[i].at > shore.closed && readings[i].at >= shore.horizon) {
        run.push_back(readings[i]);
      }
    }
    sort_readings(run);
    tails_.publish(tails_.version(), [&](auto& tails) {
      if (tails.size() <= series.index) tails.resize(series.index + 1);
      auto& tail = tails[series.index];
      if (run.empty()) return;
      if (tail.empty() || tail.newest() < run.front().at) return tail.append(run);
      std::vector<Reading> all;
      tail.copy_to(series, all);
      merge_readings(all, run, news);
      tail.assign(all);
    });
  }
  return {};
}

std::size_t Journal::chunk_points() const {
  const std::size_t share = most_in_tails / std::max<std::size_t>(1, shores_.size());
  return std::min(most_chunk_points_, std::max(share, fewest_chunk_points));
}

Result<void> Journal::take(std::span<const Reading> readings, std::size_t series_count) {
  if (shores_.size() < series_count) shores_.resize(series_count);
  if (places_.size() < series_count) places_.resize(series_count);
  while (!readings.empty()) {
    const auto block = readings.first(std::min(block_readings, readings.size()));
    readings = readings.subspan(block.size());
    for (const auto& reading : block) {
      if (reading.series.index < series_count) continue;
      return Error{Errc::invalid,
                   fmt::format("series {} is not in the table of series", reading.series.index)};
    }
    group(block, series_count);
    for (std::size_t i = 0; i < grouped_.size();) {
      const SeriesId series = grouped_[i].series;
      std::size_t end = i + 1;
      while (end < grouped_.size() && grouped_[end].series == series) ++end;
      TRY(take_run(stage(series), std::span(grouped_).subspan(i, end - i)));
      i = end;
    }
  }
  return {};
}

/// Into grouped_, by series and then as they came.
void Journal::group(std::span<const Reading> readings, std::size_t series_count) {
  if (readings.size() < series_count / few_of) {
    grouped_.assign(readings.begin(), readings.end());
    std::ranges::stable_sort(grouped_, {}, [](const Reading& r) { return r.series.index; });
    return;
  }
  starts_.assign(series_count + 1, 0);
  for (const auto& reading : readings) ++starts_[reading.series.index + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  grouped_.resize(readings.size());
  for (const auto& reading : readings) grouped_[starts_[reading.series.index]++] = reading;
}

/// Valid until the next one is staged.
Journal::Staged& Journal::stage(SeriesId series) {
  std::uint32_t& place = places_[series.index];
  if (place == 0) {
    Staged& staged = staged_.emplace_back();
    staged.series = series;
    staged.shore = shores_[series.index];
    place = static_cast<std::uint32_t>(staged_.size());
  }
  return staged_[place - 1];
}

const Journal::Staged* Journal::staged_of(SeriesId series) const {
  const auto place = series.index < places_.size() ? places_[series.index] : 0;
  return place == 0 ? nullptr : &staged_[place - 1];
}

/// Of what is in no chunk. REQUIRES: it is not `whole`.
std::optional<Timestamp> Journal::newest_of(const Staged& staged) const {
  if (!staged.points.empty()) return staged.points.back().at;
  const auto& tail = tails_.of(staged.series);
  return tail.empty() ? std::nullopt : std::optional(tail.newest());
}

Result<void> Journal::take_run(Staged& staged, std::span<const Reading> run) {
  fresh_.clear();
  for (const auto& reading : run) {
    if (reading.at < staged.shore.horizon || reading.at > latest) {
      ++staged_expired_;
    } else if (reading.at <= staged.shore.closed) {
      staged.late.push_back(reading);
    } else {
      fresh_.push_back(reading);
    }
  }
  if (fresh_.empty()) return {};
  sort_readings(fresh_);
  if (!staged.whole) {
    const auto& tail = tails_.of(staged.series);
    const auto newest = newest_of(staged);
    const bool in_order = !newest || *newest < fresh_.front().at;
    if (in_order && tail.size() + staged.points.size() + fresh_.size() < chunk_points()) {
      staged.points.insert(staged.points.end(), fresh_.begin(), fresh_.end());
      return {};
    }
    make_whole(staged);
  }
  merge_readings(staged.points, fresh_, staged.log);
  return close_full(staged);
}

void Journal::make_whole(Staged& staged) {
  std::vector<Reading> all;
  all.reserve(tails_.of(staged.series).size() + staged.points.size());
  tails_.of(staged.series).copy_to(staged.series, all);
  all.insert(all.end(), staged.points.begin(), staged.points.end());
  staged.log = std::move(staged.points);
  staged.points = std::move(all);
  staged.whole = true;
}

Result<void> Journal::close_full(Staged& staged) {
  std::span<const Reading> rest(staged.points);
  const std::size_t points = chunk_points();
  if (rest.size() < points) return {};
  ChunkTable<Reading> chunks(database_, {Resolution::raw, staged.series});
  while (rest.size() >= points) {
    const auto full = rest.first(points);
    TRY(chunks.append(full));
    staged.dirty.push_back({full.front().at, full.back().at + Duration(1)});
    staged.shore.closed = full.back().at;
    rest = rest.subspan(points);
  }
  staged.points.erase(staged.points.begin(),
                      staged.points.end() - static_cast<std::ptrdiff_t>(rest.size()));
  std::erase_if(staged.log, [&](const Reading& r) { return r.at <= staged.shore.closed; });
  return {};
}

Result<void> Journal::write() {
  for (Staged& staged : staged_) {
    TRY(write_late(staged));
    if (!staged.dirty.empty()) {
      TRY(amend_rollups(database_, staged.series, std::move(staged.dirty)));
    }
  }
  return write_log();
}

Result<void> Journal::write_late(Staged& staged) {
  sort_readings(staged.late);
  ChunkTable<Reading> chunks(database_, {Resolution::raw, staged.series});
  std::span<const Reading> rest(staged.late);
  std::vector<Reading> news;
  while (!rest.empty()) {
    auto territory = TRY(chunks.territory(rest.front().at));
    const auto end =
        std::ranges::partition_point(rest, [&](const Reading& r) { return r.at < territory.end; });
    const auto some = rest.first(static_cast<std::size_t>(end - rest.begin()));
    news.clear();
    merge_readings(territory.points, some, news);
    if (!news.empty()) {
      TRY(chunks.put_back(territory, chunk_points()));
    }
    for (const auto& reading : news) {
      staged.dirty.push_back({reading.at, reading.at + Duration(1)});
    }
    staged_late_ += news.size();
    rest = rest.subspan(some.size());
  }
  return {};
}

/// What this transaction brought and put into no chunk.
std::vector<std::span<const Reading>> Journal::new_runs() const {
  std::vector<std::span<const Reading>> runs;
  for (const Staged& staged : staged_) {
    const auto& news = staged.whole ? staged.log : staged.points;
    if (!news.empty()) runs.emplace_back(news);
  }
  return runs;
}

/// A tail as it will be.
void Journal::copy_new_tail(SeriesId series, std::vector<Reading>& out) const {
  const Staged* staged = staged_of(series);
  if (staged == nullptr || !staged->whole) tails_.of(series).copy_to(series, out);
  if (staged != nullptr) out.insert(out.end(), staged->points.begin(), staged->points.end());
}

Result<void> Journal::write_log() {
  staged_log_ = log_;
  if (staged_.empty()) return {};
  const auto runs = new_runs();
  if (log_.readings + count_of(runs) > log_.limit || log_.rows >= most_log_rows) {
    return write_log_anew();
  }
  // Also when there is nothing to log: the row's id tells which tails belong to this file.
  return add_to_log(runs);
}

/// All tails as they will be, in rows of which none takes much memory to write and to read.
Result<void> Journal::write_log_anew() {
  staged_log_ = {log_.version, 0, 0, 0};
  TRY(database_.execute("DELETE FROM _wal"));
  std::vector<Reading> readings;
  std::vector<std::size_t> ends;
  const auto write_row = [&]() -> Result<void> {
    std::vector<std::span<const Reading>> runs;
    std::size_t begin = 0;
    for (const auto end : ends) {
      runs.emplace_back(std::span(readings).subspan(begin, end - begin));
      begin = end;
    }
    TRY(add_to_log(runs));
    readings.clear();
    ends.clear();
    return {};
  };
  for (std::uint32_t i = 0; i < shores_.size(); ++i) {
    const auto before = readings.size();
    copy_new_tail({i}, readings);
    if (readings.size() > before) ends.push_back(readings.size());
    if (readings.size() >= block_readings) {
      TRY(write_row());
    }
  }
  TRY(write_row());
  staged_log_.limit = 2 * staged_log_.readings + spare_log_readings;
  return {};
}

Result<void> Journal::add_to_log(std::span<const std::span<const Reading>> runs) {
  const auto count = count_of(runs);
  const auto bytes = TRY(wal_.encode(runs));
  auto add = TRY(database_.statement("INSERT OR REPLACE INTO _wal VALUES (?, ?, ?)"));
  TRY(add.bind(staged_log_.version + 1, count, Blob{bytes}).run());
  ++staged_log_.version;
  staged_log_.readings += count;
  ++staged_log_.rows;
  return {};
}

void Journal::committed() {
  tails_.publish(staged_log_.version, [&](auto& tails) {
    if (tails.size() < shores_.size()) tails.resize(shores_.size());
    for (const Staged& staged : staged_) {
      auto& tail = tails[staged.series.index];
      if (staged.whole) {
        tail.assign(staged.points);
      } else {
        tail.append(staged.points);
      }
    }
  });
  for (const Staged& staged : staged_) shores_[staged.series.index] = staged.shore;
  log_ = staged_log_;
  late_.fetch_add(staged_late_, std::memory_order_relaxed);
  expired_.fetch_add(staged_expired_, std::memory_order_relaxed);
  failed();
}

/// Forgets the transaction under way.
void Journal::failed() {
  for (const Staged& staged : staged_) places_[staged.series.index] = 0;
  staged_.clear();
  if (staged_.capacity() > most_kept_places) staged_.shrink_to_fit();
  staged_log_ = log_;
  staged_late_ = 0;
  staged_expired_ = 0;
}

Result<void> Journal::raise_horizon(SeriesId series, Timestamp cut) {
  if (cut <= shores_[series.index].horizon) return {};
  stage(series).shore.horizon = cut;
  auto keep = TRY(database_.statement("INSERT OR REPLACE INTO _horizon VALUES (?, ?)"));
  return keep.bind(series.index, cut).run();
}

Result<void> Journal::retain(SeriesId series, const Retention& rule, Timestamp now,
                             std::size_t& budget) {
  if (shores_.size() <= series.index) return {};
  if (places_.size() < shores_.size()) places_.resize(shores_.size());
  const std::array<std::optional<Duration>, resolution_count> ages{rule.raw, rule.minute, rule.hour,
                                                                   rule.day};
  const Timestamp closed = shores_[series.index].closed;
  if (closed == Timestamp::min()) return {};
  for (std::size_t level = 0; level < resolution_count && budget > 0; ++level) {
    const auto& age = ages.at(level);
    if (!age) continue;
    // Whole days: no bucket is ever left with a part of its readings, so each can be computed anew.
    const Timestamp cut = floor_to(std::min(now - *age, closed), width_of(Resolution::day));
    if (level == 0) {
      TRY(raise_horizon(series, cut));
    }
    auto remove = TRY(database_.statement(
        "DELETE FROM _chunk WHERE id IN (SELECT id FROM _chunk WHERE level = ? AND series = ? AND "
        "first < ? AND last < ? LIMIT ?)"));
    TRY(remove.bind(level, series.index, cut, cut, budget).run());
    budget -= static_cast<std::size_t>(sqlite3_changes64(database_.handle()));
  }
  return {};
}

}  // namespace sosie
