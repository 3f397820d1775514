#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "base/random.h"
#include "store/chunk.h"
#include "store/store.h"

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::uint32_t sensors = 127;
const Timestamp monday = Timestamp(seconds(1'795'392'000));

/// A folder of its own, removed with what is in it.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "sosie_bench_XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Sensors as a plant has them: a slow course, noise, and a resolution; some counters and switches.
class Plant {
 public:
  Plant() : random_(42), level_(sensors) {
    for (std::uint32_t s = 0; s < sensors; ++s) level_[s] = 5 + 20.0 * s;
  }

  /// One frame: a reading of each at `at`.
  void step(Timestamp at, std::vector<Reading>& out) {
    for (std::uint32_t s = 0; s < sensors; ++s) {
      const double noise = 0.002 * (5 + 20.0 * s);
      level_[s] += 0.2 * noise * random_.normal();
      double value = level_[s] + noise * random_.normal();
      const double resolution = s % 4 == 0 ? 1000 : s % 4 == 1 ? 100 : 10;
      value = std::round(value * resolution) / resolution;
      if (s % 10 == 9) value = std::floor(level_[s]);
      out.push_back({.at = at, .value = value, .series = {s}});
    }
  }

 private:
  Random random_;
  std::vector<double> level_;
};

std::vector<Reading> frames(std::size_t count, Timestamp from = monday) {
  Plant plant;
  std::vector<Reading> readings;
  readings.reserve(count * sensors);
  for (std::size_t i = 0; i < count; ++i) plant.step(from + seconds(5 * i), readings);
  return readings;
}

struct Opened {
  Folder folder;
  SeriesTable table;
  std::unique_ptr<Store> store;

  Opened() {
    StoreOptions options;
    options.path = folder.file("bench.db");
    store = std::move(Store::open(options, table)).value();
    for (std::uint32_t s = 0; s < sensors; ++s) {
      SeriesInfo info;
      info.entity = "S" + std::to_string(s);
      info.attribute = "value";
      table.declare(info);
    }
  }
  bool append(std::span<const Reading> readings) const {
    const Commit commit{.readings = readings};
    return static_cast<bool>(store->append({&commit, 1}));
  }
};

/// A day of the plant, in commits of `range` frames.
void append_a_day(benchmark::State& state) {
  const auto day = frames(17'280);
  const auto commit = static_cast<std::size_t>(state.range(0)) * sensors;
  std::int64_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    const Opened opened;
    state.ResumeTiming();
    for (std::size_t at = 0; at < day.size(); at += commit) {
      const auto some = std::span(day).subspan(at, std::min(commit, day.size() - at));
      if (!opened.append(some)) state.SkipWithError("append");
    }
    state.PauseTiming();
    // Without the free pages and the log that one checkpoint more or less leaves.
    const auto copy = opened.folder.file("copy.db");
    if (!opened.store->backup(copy)) state.SkipWithError("backup");
    SeriesTable table;
    StoreOptions options;
    options.path = copy;
    options.read_only = true;
    bytes = (*Store::open(options, table))->stats()->bytes;
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(day.size()));
  state.counters["bytes_a_reading"] = static_cast<double>(bytes) / static_cast<double>(day.size());
}
BENCHMARK(append_a_day)
    ->Arg(17'280)
    ->Arg(2048)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

/// As the plant lives: a frame each commit. Wall time is the disk's.
void append_frames(benchmark::State& state) {
  const Opened opened;
  const auto some = frames(1024);
  std::size_t i = 0;
  std::vector<Reading> frame(sensors);
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint32_t s = 0; s < sensors; ++s) {
      frame[s] = some[(i % 1024) * sensors + s];
      frame[s].at = monday + seconds(5 * i);
    }
    ++i;
    if (!opened.append(frame)) state.SkipWithError("append");
  }
  state.SetItemsProcessed(state.iterations() * sensors);
}
BENCHMARK(append_frames)->Iterations(300);

void encode(benchmark::State& state) {
  const auto day = frames(512);
  std::vector<std::vector<Reading>> series(sensors);
  for (const auto& r : day) series[r.series.index].push_back(r);
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    bytes = 0;
    for (const auto& s : series) {
      std::string chunk;
      encode_chunk(s, chunk);
      bytes += chunk.size();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(day.size()));
  state.counters["bytes_a_reading"] = static_cast<double>(bytes) / static_cast<double>(day.size());
}
BENCHMARK(encode);

void decode(benchmark::State& state) {
  const auto day = frames(512);
  std::vector<std::vector<Reading>> series(sensors);
  for (const auto& r : day) series[r.series.index].push_back(r);
  std::vector<std::string> chunks(sensors);
  for (std::uint32_t s = 0; s < sensors; ++s) encode_chunk(series[s], chunks[s]);
  std::vector<Reading> out;
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint32_t s = 0; s < sensors; ++s) {
      out.clear();
      if (!decode_chunk(chunks[s], {s}, out)) state.SkipWithError("decode");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(day.size()));
}
BENCHMARK(decode);

/// Sixty days at 5 s of one sensor, one day of all.
const Opened& two_months() {
  static const Opened opened;
  static const bool filled = [] {
    Random random(1);
    std::vector<Reading> readings;
    for (int day = 0; day < 60; ++day) {
      readings.clear();
      for (int i = 0; i < 17'280; ++i) {
        readings.push_back({.at = monday + hours(24 * day) + seconds(5 * i),
                            .value = std::round(100 * random.normal()) / 100,
                            .series = {0}});
      }
      if (!opened.append(readings)) return false;
    }
    return opened.append(frames(17'280, monday + hours(24 * 60)));
  }();
  if (!filled) std::abort();
  return opened;
}

/// A chart of 600 points over `range` hours.
void history(benchmark::State& state) {
  const auto& opened = two_months();
  const Timestamp to = monday + hours(24 * 61);
  std::size_t points = 0;
  for ([[maybe_unused]] auto _ : state) {
    const auto made = opened.store->history({0}, to - hours(state.range(0)), to, 600);
    if (!made) state.SkipWithError("history");
    points = made->t.size();
  }
  state.counters["points"] = static_cast<double>(points);
}
BENCHMARK(history)
    ->Arg(1)
    ->Arg(8)
    ->Arg(24)
    ->Arg(24 * 7)
    ->Arg(24 * 24)
    ->Arg(24 * 61)
    ->Arg(24 * 365)
    ->Unit(benchmark::kMicrosecond);

/// All sensors in the order of time over `range` hours: warming up detectors, export.
void scan(benchmark::State& state) {
  const auto& opened = two_months();
  std::vector<SeriesId> ids;
  for (std::uint32_t s = 0; s < sensors; ++s) ids.push_back({s});
  const Timestamp to = monday + hours(24 * 61);
  std::size_t n = 0;
  for ([[maybe_unused]] auto _ : state) {
    n = 0;
    const auto done = opened.store->scan(ids, to - hours(state.range(0)), to, [&](auto batch) {
      n += batch.size();
      return true;
    });
    if (!done) state.SkipWithError("scan");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n));
}
BENCHMARK(scan)->Arg(1)->Arg(24)->Unit(benchmark::kMillisecond);

void open_again(benchmark::State& state) {
  const Folder folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  const auto all = frames(600);
  {
    SeriesTable table;
    auto store = std::move(Store::open(options, table)).value();
    for (std::uint32_t s = 0; s < sensors; ++s) {
      SeriesInfo info;
      info.entity = "S" + std::to_string(s);
      info.attribute = "value";
      table.declare(info);
    }
    for (std::size_t at = 0; at < all.size(); at += sensors) {
      const Commit commit{.readings = std::span(all).subspan(at, sensors)};
      if (!store->append({&commit, 1})) state.SkipWithError("append");
    }
  }
  for ([[maybe_unused]] auto _ : state) {
    SeriesTable table;
    if (!Store::open(options, table)) state.SkipWithError("open");
  }
}
BENCHMARK(open_again)->Unit(benchmark::kMillisecond)->Iterations(20);

}  // namespace
}  // namespace sosie
