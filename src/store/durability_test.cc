#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store/chunk.h"
#include "store/database.h"
#include "store/fixture_test.h"
#include "store/wal.h"

namespace sosie {
namespace {

using std::chrono::seconds;

constexpr std::uint32_t series_count = 3;
constexpr int readings_a_batch = 30;

/// With the series of batch().
std::unique_ptr<Store> open_batches(const StoreOptions& options, SeriesTable& table) {
  auto store = open_store(options, table);
  declare_series(table, series_count);
  return store;
}

/// Batch n as it always is: in order, but that every fifth begins with a correction of the one
/// before.
std::vector<Reading> batch(int n) {
  std::vector<Reading> readings;
  for (int i = 0; i < readings_a_batch; ++i) {
    const int k = n * readings_a_batch + i - (n % 5 == 4 && i == 0 ? readings_a_batch : 0);
    readings.push_back({.at = monday + seconds(k),
                        .value = static_cast<double>(n),
                        .series = {static_cast<std::uint32_t>(k) % series_count}});
  }
  return readings;
}

Result<void> append(Store& store, int n) {
  const auto readings = batch(n);
  const std::array<std::pair<std::string, std::string>, 1> remembered{
      {{"batch", std::to_string(n)}}};
  FindingEvent event;
  event.finding.id = static_cast<std::uint64_t>(n) + 1;
  event.finding.suspects.resize(2);
  const Commit commit{.readings = readings, .findings = {&event, 1}, .remembered = remembered};
  return store.append({&commit, 1});
}

/// Everything of batches 0..last is there, and nothing of any other.
void check_holds(const Store& store, int last) {
  std::map<std::pair<std::uint32_t, Timestamp>, double> expected;
  for (int n = 0; n <= last; ++n) {
    for (const auto& r : batch(n)) expected[{r.series.index, r.at}] = r.value;
  }
  std::map<std::pair<std::uint32_t, Timestamp>, double> stored;
  std::uint64_t rolled_up = 0;
  for (std::uint32_t s = 0; s < series_count; ++s) {
    const auto readings = store.readings({s}, Timestamp::min(), Timestamp::max(), SIZE_MAX);
    REQUIRE(readings);
    for (const auto& r : *readings) stored[{s, r.at}] = r.value;
    const auto days = store.rollups({s}, Resolution::day, Timestamp::min(), Timestamp::max());
    REQUIRE(days);
    for (const auto& day : *days) rolled_up += day.count;
  }
  CHECK(stored == expected);
  CHECK(rolled_up == expected.size());
  const auto next = store.next_finding_id();
  REQUIRE(next);
  CHECK(*next == static_cast<std::uint64_t>(last) + 2);
}

int last_batch(const Store& store) {
  const auto remembered = store.recall("batch");
  REQUIRE(remembered);
  return *remembered ? std::stoi(**remembered) : -1;
}

/// Appends for ever, and tells of each batch once it is acknowledged.
[[noreturn]] void append_and_tell(const StoreOptions& options, int tell) {
  SeriesTable table;
  const auto store = open_batches(options, table);
  for (int n = last_batch(*store) + 1;; ++n) {
    if (!append(*store, n) || write(tell, &n, sizeof n) != sizeof n) _exit(1);
  }
}

void spoil(const std::string& path, std::streamoff at, std::string_view bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string opening_error(const std::string& path) {
  SeriesTable table;
  StoreOptions options;
  options.path = path;
  const auto opened = Store::open(options, table);
  return opened ? "opened" : opened.error().what;
}

void execute(const std::string& path, const std::string& sql) {
  auto database = Database::open(path, Database::Mode::create);
  REQUIRE(database);
  const auto done = (*database)->execute(sql);
  CAPTURE((done ? std::string() : done.error().what));
  REQUIRE(done);
}

}  // namespace

TEST_CASE("kill -9: nothing acknowledged is missing, nothing is there by half") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  options.chunk_points = 16;
  Random random(13);
  int acknowledged = -1;
  for (int life = 0; life < 10; ++life) {
    CAPTURE(life);
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe(pipe_ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) append_and_tell(options, pipe_ends[1]);
    close(pipe_ends[1]);
    for (std::uint64_t wanted = random.below(8); wanted > 0; --wanted) {
      REQUIRE(read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    }
    // Somewhere inside the next append.
    pollfd nothing{.fd = -1, .events = 0, .revents = 0};
    poll(&nothing, 1, static_cast<int>(random.below(20)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    }
    close(pipe_ends[0]);
    SeriesTable table;
    const auto store = open_batches(options, table);
    const int last = last_batch(*store);
    CHECK(last >= acknowledged);
    CHECK(last <= acknowledged + 1);
    check_holds(*store, last);
    acknowledged = last;  // one more than was told, when the kill came before the telling
  }
  CHECK(acknowledged > 5);
}

TEST_CASE(
    "disk full: an error that says so, nothing half-written, and it goes on when there is room") {
  const testing::TempDir folder;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // In a process of its own: the limit is for all its files.
    StoreOptions options;
    options.path = folder.file("a.db");
    SeriesTable table;
    const auto store = open_batches(options, table);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tight{.rlim_cur = 400'000, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    int n = 0;
    Result<void> appended;
    while (n < 1000 && (appended = append(*store, n))) ++n;
    if (n == 0 || n == 1000) _exit(2);
    if (appended.error().code != Errc::full) _exit(3);
    if (append(*store, n)) _exit(4);
    if (last_batch(*store) != n - 1) _exit(5);
    setrlimit(RLIMIT_FSIZE, &old);
    for (int more = 0; more < 20; ++more) {
      if (!append(*store, n++)) _exit(6);
    }
    _exit(last_batch(*store) == n - 1 ? 0 : 7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_batches(options, table);
  check_holds(*store, last_batch(*store));
}

TEST_CASE("max_bytes: the file grows no further, and what is in it stays") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  options.max_bytes = 300'000;
  options.chunk_points = 16;
  int n = 0;
  {
    SeriesTable table;
    const auto store = open_batches(options, table);
    const std::string big(100'000, 'x');
    const std::array<std::pair<std::string, std::string>, 1> much{{{"state", big}}};
    const Commit commit{.remembered = much};
    REQUIRE(store->append({&commit, 1}));
    Result<void> appended;
    while (n < 2000 && (appended = append(*store, n))) n += 1;
    REQUIRE_FALSE(appended);
    CHECK(appended.error().what.find("full") != std::string::npos);
    check_holds(*store, n - 1);
  }
  options.max_bytes = 0;
  SeriesTable table;
  const auto store = open_batches(options, table);
  REQUIRE(append(*store, n));
  check_holds(*store, n);
}

TEST_CASE("lock: a second store on the same file is refused, and told by whom") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  {
    SeriesTable table;
    const auto store = open_batches(options, table);
    const auto error = opening_error(options.path);
    CHECK(error.find(std::to_string(getpid())) != std::string::npos);
    CHECK(error.find("another Sosie") != std::string::npos);
  }
  CHECK(opening_error(options.path) == "opened");
}

TEST_CASE("lock: a transaction of another program is waited for, then told of") {
  const testing::TempDir folder;
  execute(folder.file("a.db"), "CREATE TABLE t (x)");
  auto mine = Database::open(folder.file("a.db"), Database::Mode::create);
  auto other = Database::open(folder.file("a.db"), Database::Mode::create);
  REQUIRE(mine);
  REQUIRE(other);
  REQUIRE((*other)->execute("BEGIN EXCLUSIVE"));
  sqlite3_busy_timeout((*mine)->handle(), 1);
  const auto begun = Transaction::begin(**mine, Transaction::Kind::write);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == Errc::unavailable);
  CHECK(begun.error().what.find("locked by another program") != std::string::npos);
}

TEST_CASE("damage: found at opening or at reading, never answered with an empty store") {
  const testing::TempDir folder;
  const auto path = folder.file("a.db");
  {
    StoreOptions options;
    options.path = path;
    options.chunk_points = 16;
    SeriesTable table;
    const auto store = open_batches(options, table);
    for (int n = 0; n < 30; ++n) REQUIRE(append(*store, n));
  }
  const auto copy = [&](const std::string& name) {
    const auto to = folder.file(name);
    std::filesystem::copy_file(path, to);
    return to;
  };
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));

  const auto garbage = folder.write("garbage.db", std::string(8192, 'x'));
  CHECK(opening_error(garbage).find("damaged") != std::string::npos);

  const auto cut = copy("cut.db");
  std::filesystem::resize_file(cut, static_cast<std::uintmax_t>(size / 2 / 4096 * 4096));
  CHECK(opening_error(cut).find("cut") != std::string::npos);

  const auto holed = copy("holed.db");
  for (std::int64_t at = 2 * 4096; at < size; at += 4096) spoil(holed, at, std::string(40, '\xAA'));
  CHECK(opening_error(holed).find("damaged") != std::string::npos);
  CHECK(std::filesystem::file_size(holed) == static_cast<std::uintmax_t>(size));

  const auto chunk = copy("chunk.db");
  execute(chunk,
          "UPDATE _chunk SET data = zeroblob(length(data)) WHERE level = 0 AND series = 1 "
          "AND first = (SELECT min(first) FROM _chunk WHERE level = 0 AND series = 1)");
  StoreOptions options;
  options.path = chunk;
  SeriesTable table;
  const auto store = open_batches(options, table);
  const auto bad = store->readings({1}, Timestamp::min(), Timestamp::max(), SIZE_MAX);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == Errc::corrupt);
  CHECK(bad.error().what.find("series 1") != std::string::npos);
  CHECK(store->readings({0}, Timestamp::min(), Timestamp::max(), SIZE_MAX));

  const auto log = copy("log.db");
  execute(log, "UPDATE _wal SET data = substr(data, 1, 20)");
  CHECK(opening_error(log).find("damaged batch") != std::string::npos);
}

TEST_CASE("foreign files: of another program, of a newer Sosie, in no folder") {
  const testing::TempDir folder;
  execute(folder.file("other.db"), "CREATE TABLE t (x)");
  CHECK(opening_error(folder.file("other.db")).find("another program") != std::string::npos);
  execute(folder.file("newer.db"),
          "PRAGMA application_id = 1397707593; PRAGMA user_version = 99; CREATE TABLE t (x)");
  CHECK(opening_error(folder.file("newer.db")).find("newer Sosie (layout 99") != std::string::npos);
  CHECK(opening_error(folder.file("no/such/folder.db")).find("No such file") != std::string::npos);
  CHECK(opening_error(folder.write("empty.db", "")) == "opened");
}

TEST_CASE("migration: a file of layout 1 is copied, brought up to date, and keeps everything") {
  const testing::TempDir folder;
  const auto path = folder.file("old.db");
  std::ifstream schema(std::string(SOSIE_ROOT) + "/src/store/layout_1.sql");
  REQUIRE(schema);
  execute(path, std::string(std::istreambuf_iterator<char>(schema), {}));
  std::vector<Reading> closed;
  std::vector<Reading> open;
  for (int i = 0; i < 40; ++i) {
    (i < 32 ? closed : open)
        .push_back({.at = monday + seconds(i), .value = static_cast<double>(i)});
  }
  {
    auto database = Database::open(path, Database::Mode::create);
    REQUIRE(database);
    std::string chunk;
    encode_chunk(closed, chunk);
    auto add = (*database)->statement(
        "INSERT INTO _chunk (level, series, first, last, count, data) VALUES (0, 0, ?, ?, 32, ?)");
    REQUIRE(add);
    REQUIRE(add->bind(closed.front().at, closed.back().at, Blob{chunk}).run());
    WalCodec codec;
    const std::array<std::span<const Reading>, 1> runs{open};
    const auto bytes = codec.encode(runs);
    REQUIRE(bytes);
    auto log = (*database)->statement("INSERT INTO _wal (points, data) VALUES (8, ?)");
    REQUIRE(log);
    REQUIRE(log->bind(Blob{*bytes}).run());
  }
  StoreOptions options;
  options.path = path;
  SeriesTable table;
  const auto store = open_batches(options, table);
  CHECK(table[{0}].unit == "mg/L");
  const auto readings = store->readings({0}, Timestamp::min(), Timestamp::max(), SIZE_MAX);
  REQUIRE(readings);
  closed.insert(closed.end(), open.begin(), open.end());
  CHECK(*readings == closed);
  CHECK(store->query("SELECT * FROM findings", 10));
  auto before = Database::open(path + ".bak-v1", Database::Mode::read_only);
  REQUIRE(before);
  CHECK(*(*before)->number("PRAGMA user_version") == 1);
  CHECK(*(*before)->number("SELECT count(*) FROM _chunk") == 1);
  StoreOptions looking;
  looking.path = path + ".bak-v1";
  looking.read_only = true;
  SeriesTable other;
  const auto refused = Store::open(looking, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("older Sosie") != std::string::npos);
}

TEST_CASE("log: damaged batches are errors") {
  WalCodec codec;
  const auto readings = batch(3);
  std::vector<std::span<const Reading>> runs;
  for (const auto& r : readings) runs.emplace_back(&r, 1);
  const auto good = codec.encode(runs);
  REQUIRE(good);
  const auto back = codec.decode(*good);
  REQUIRE(back);
  CHECK(*back == readings);
  for (std::size_t i = 0; i < good->size(); ++i) {
    std::string bad = *good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    const auto decoded = codec.decode(bad);
    CHECK((!decoded || *decoded == readings));
    CHECK_FALSE(codec.decode(std::string_view(*good).substr(0, i)));
  }
}

}  // namespace sosie
