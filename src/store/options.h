#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/section.h"
#include "core/series.h"

namespace sosie {

/// How long the series whose name matches are kept. None: for ever. Whole UTC days go, so what is
/// kept is at most a day and a chunk older. A reading older than what has gone is not taken back.
struct Retention {
  std::string series = "*";  ///< of SeriesInfo::name(); '*' stands for any text, '?' for a letter
  std::optional<Duration> raw{};
  std::optional<Duration> minute{};  ///< at least as long as raw, and so on
  std::optional<Duration> hour{};
  std::optional<Duration> day{};
};

struct StoreOptions {
  std::string path;  ///< of the file; beside it stand path-wal, path-shm and path.lock

  /// Points to a chunk of one series: 16..4096. Fewer: less memory and less disk cache, more bytes.
  std::size_t chunk_points = 512;

  /// False: readings leave no trace, here or in the feed; what was said of them is kept.
  bool keep_readings = true;

  /// The first rule that matches a series is its rule; none: for ever.
  std::vector<Retention> retention{};

  /// How long it is known what documents were before they changed. None: for ever.
  std::optional<Duration> earlier{};

  /// The file grows no further; what is appended then is an Error, as on a full disk. 0: no limit.
  std::int64_t max_bytes = 0;

  /// Who follows the readings in the order of their commits, by name; none: no such log is kept.
  std::vector<std::string> feed_readers{};
  /// False: none of them takes readings, only what is said.
  bool feed_readings = true;
  /// What that log may take. Beyond it a reader that is far behind reads from the history.
  std::int64_t feed_max_bytes = 512'000'000;

  /// For programs that only look (query, export), also beside the program that writes: takes no
  /// lock, migrates nothing, sees what was committed when it was opened or later.
  bool read_only = false;

  /// The series as the scenario describes them today: wins over what the file says of them.
  std::vector<SeriesInfo> described{};

  /// The scenario's [store]. Keys: file, readings, chunk_points, max_size_mb, feed_max_mb, earlier
  /// ("30d"; "" is for ever), and [[store.retention]] with
  /// series, raw, minute, hour, day ("30d"). `otherwise`: where the file is if [store] is silent.
  static Result<StoreOptions> read(Section& section, const std::string& otherwise);
};

}  // namespace sosie
