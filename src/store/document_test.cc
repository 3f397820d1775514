#include <array>
#include <csignal>
#include <filesystem>
#include <map>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store/fixture_test.h"

namespace sosie {
namespace {

using Documents = std::vector<std::pair<std::string, std::string>>;  // key, body

Documents documents(const Store& store, std::string_view kind) {
  Documents all;
  const auto read = store.documents(kind, [&](std::string_view key, std::string_view body) {
    all.emplace_back(key, body);
    return true;
  });
  REQUIRE(read);
  return all;
}

/// "+A:1" writes A with body "1", "-A" deletes it; "|" begins the next commit.
std::vector<std::vector<DocumentChange>> parse(std::string_view text) {
  std::vector<std::vector<DocumentChange>> commits(1);
  for (std::size_t at = 0; at < text.size();) {
    const auto word = text.substr(at, text.find(' ', at) - at);
    at += word.size() + 1;
    if (word == "|") {
      commits.emplace_back();
      continue;
    }
    DocumentChange change{"e", std::string(word.substr(1, 1)), {}};
    if (word[0] == '+') change.body = word.substr(3);
    commits.back().push_back(change);
  }
  return commits;
}

std::string told(const Documents& documents) {
  std::string text;
  for (const auto& [key, body] : documents) {
    text += (text.empty() ? "" : " ") + key + ":" + body;
  }
  return text;
}

struct Changes {
  const char* name;
  const char* changes;
  const char* expected;
};

}  // namespace

TEST_CASE("documents: the last word counts, the order is that of making") {
  const Changes cases[] = {
      {"nothing", "", ""},
      {"in order", "+A:1 +B:2", "A:1 B:2"},
      {"a change keeps its place", "+A:1 +B:2 +A:3", "A:3 B:2"},
      {"deleted", "+A:1 +B:2 -A", "B:2"},
      {"deleted and made anew: behind", "+A:1 +B:2 -A +A:3", "B:2 A:3"},
      {"anew twice", "+A:1 +B:2 -A +A:3 -A +A:4", "B:2 A:4"},
      {"anew and away", "+A:1 +B:2 -A +A:3 -A", "B:2"},
      {"deleted before it was", "-A +A:1 -B", "A:1"},
      {"an empty body is a body", "+A:", "A:"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    // In one transaction as well as in one for each change: the same.
    for (const bool together : {true, false}) {
      CAPTURE(together);
      const testing::TempDir folder;
      StoreOptions options;
      options.path = folder.file("a.db");
      SeriesTable table;
      auto store = open_store(options, table);
      const auto changes = parse(c.changes).front();
      const Commit all{.documents = changes};
      if (together) REQUIRE(store->append({&all, 1}));
      for (std::size_t i = 0; !together && i < changes.size(); ++i) {
        const Commit one{.documents = std::span(changes).subspan(i, 1)};
        REQUIRE(store->append({&one, 1}));
      }
      CHECK(told(documents(*store, "e")) == c.expected);
      CHECK(documents(*store, "other").empty());
      store.reset();
      SeriesTable again;
      CHECK(told(documents(*open_store(options, again), "e")) == c.expected);
    }
  }
}

TEST_CASE("documents: of several commits in one transaction") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_store(options, table);
  const auto changes = parse("+A:1 +B:1 | -A +B:2 | +A:3 +C:1");
  std::vector<Commit> commits;
  for (const auto& some : changes) commits.push_back({.documents = some});
  REQUIRE(store->append(commits));
  CHECK(told(documents(*store, "e")) == "B:2 A:3 C:1");
  int seen = 0;
  REQUIRE(store->documents("e", [&](auto, auto) { return ++seen < 2; }));
  CHECK(seen == 2);
}

TEST_CASE("outbox: what has arrived leaves it, also before it was in it") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_store(options, table);
  const std::vector<Outgoing> out{{1, "s", "one"}, {2, "t", "two"}, {5, "s", "five"}};
  const std::array<std::uint64_t, 1> quick{2};
  const Commit first{.outgoing = out, .arrived = quick};
  REQUIRE(store->append({&first, 1}));
  CHECK(*store->outbox(0, 10) == std::vector<Outgoing>{out[0], out[2]});
  CHECK(*store->outbox(0, 1) == std::vector<Outgoing>{out[0]});
  CHECK(*store->outbox(1, 10) == std::vector<Outgoing>{out[2]});
  const std::array<std::uint64_t, 2> later{1, 99};
  const Commit second{.arrived = later};
  REQUIRE(store->append({&second, 1}));
  CHECK(*store->outbox(0, 10) == std::vector<Outgoing>{out[2]});
  const auto seen = store->query("SELECT number, queue, bytes FROM outbox", 10);
  REQUIRE(seen);
  CHECK(seen->rows.size() == 1);
}

TEST_CASE("outbox: of many that have arrived, those between them stay") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_store(options, table);
  std::vector<Outgoing> out;
  for (std::uint64_t number = 1; number <= 9; ++number) out.push_back({number, "s", "body"});
  const Commit all{.outgoing = out};
  REQUIRE(store->append({&all, 1}));
  const std::array<std::uint64_t, 6> arrived{9, 2, 3, 7, 4, 1};
  const Commit later{.arrived = arrived};
  REQUIRE(store->append({&later, 1}));
  CHECK(*store->outbox(0, 10) == std::vector<Outgoing>{out[4], out[5], out[7]});
}

TEST_CASE("outbox: of one queue, page by page") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_store(options, table);
  const std::vector<Outgoing> out{{1, "s", "1"}, {2, "t", "2"}, {3, "s", "3"}, {4, "s", "4"}};
  const Commit all{.outgoing = out};
  REQUIRE(store->append({&all, 1}));
  CHECK(*store->outbox_of("s", 0, 2) == std::vector<Outgoing>{out[0], out[2]});
  CHECK(*store->outbox_of("s", 3, 2) == std::vector<Outgoing>{out[3]});
  CHECK(store->outbox_of("s", 4, 2)->empty());
  CHECK(*store->outbox_size() == 4);
}

TEST_CASE("earlier: key by key the newest first, until retention takes the oldest") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  options.earlier = std::chrono::hours(24);
  SeriesTable table;
  auto store = open_store(options, table);
  const Timestamp start{std::chrono::hours(500'000)};
  const auto at = [&](int hour) { return start + std::chrono::hours(hour); };
  const std::vector<EarlierState> states{{"e", "a 1", at(1), "A"}, {"e", "a 2", at(2), "B"},
                                         {"e", "a 1", at(3), "C"}, {"e", "ab 1", at(4), "D"},
                                         {"f", "a 1", at(5), "E"}, {"e", "a 1", at(30), "F"}};
  for (const auto& state : states) {
    const Commit one{.earlier = {&state, 1}};
    REQUIRE(store->append({&one, 1}));
  }
  const auto told = [&](std::string_view prefix, Timestamp instant) {
    std::string out;
    REQUIRE(store->earlier({"e", prefix, instant}, [&](auto key, auto, auto body) {
      out += std::string(key) + ":" + std::string(body) + " ";
      return true;
    }));
    return out;
  };
  CHECK(told("a ", at(0)) == "a 2:B a 1:F a 1:C a 1:A ");
  CHECK(told("a ", at(2)) == "a 1:F a 1:C ");
  CHECK(told("a 2", at(0)) == "a 2:B ");
  CHECK_FALSE(*store->earlier_horizon());
  CHECK_FALSE(*store->retain(at(20)));
  CHECK_FALSE(*store->earlier_horizon());
  CHECK_FALSE(*store->retain(at(27)));
  CHECK(*store->earlier_horizon() == at(3));
  CHECK(told("a ", at(0)) == "a 1:F a 1:C ");
  store.reset();
  SeriesTable again;
  store = open_store(options, again);
  CHECK(*store->earlier_horizon() == at(3));
  CHECK(store->query("SELECT number, kind, key, until, body FROM earlier", 10)->rows.size() == 4);
}

TEST_CASE("the file is for its owner alone") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  SeriesTable table;
  const auto store = open_store(options, table);
  REQUIRE(store->backup(folder.file("b.db")));
  for (const auto* name : {"a.db", "a.db-wal", "a.db.lock", "b.db"}) {
    CAPTURE(name);
    const auto rights = std::filesystem::status(folder.file(name)).permissions();
    CHECK((rights & std::filesystem::perms::mask) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}

namespace {

constexpr int keys = 7;

/// Change n is always the same: it writes document n mod 7 and a reading, deletes another, and puts
/// message n in the outbox, from which n - 3 has arrived.
Result<void> append_change(Store& store, int n) {
  const std::vector<DocumentChange> changes{
      {"entity", "E" + std::to_string(n % keys), std::to_string(n)},
      {"entity", "E" + std::to_string((n + 3) % keys), std::nullopt}};
  const std::vector<Outgoing> out{{static_cast<std::uint64_t>(n) + 1, "q", std::to_string(n)}};
  const std::array<std::uint64_t, 1> arrived{static_cast<std::uint64_t>(std::max(0, n - 2))};
  const Reading reading{.at = Timestamp(std::chrono::seconds(1'795'392'000 + n)),
                        .value = static_cast<double>(n)};
  const Commit commit{
      .readings = {&reading, 1}, .documents = changes, .outgoing = out, .arrived = arrived};
  return store.append({&commit, 1});
}

int last_change(const Store& store) {
  const auto reading = store.last_reading({0}, Timestamp::max());
  REQUIRE(reading);
  return *reading ? static_cast<int>((*reading)->value) : -1;
}

void check_changes(const Store& store, int last) {
  std::map<std::string, std::string> expected;
  for (int n = 0; n <= last; ++n) {
    expected["E" + std::to_string(n % keys)] = std::to_string(n);
    expected.erase("E" + std::to_string((n + 3) % keys));
  }
  const auto stored = documents(store, "entity");
  CHECK(std::map<std::string, std::string>(stored.begin(), stored.end()) == expected);
  std::vector<Outgoing> waiting;
  for (int n = std::max(0, last - 2); n <= last; ++n) {
    waiting.push_back({static_cast<std::uint64_t>(n) + 1, "q", std::to_string(n)});
  }
  CHECK(*store.outbox(0, 100) == waiting);
}

[[noreturn]] void change_and_tell(const StoreOptions& options, int tell) {
  SeriesTable table;
  auto store = Store::open(options, table);
  if (!store) _exit(2);
  declare_series(table, 1);
  for (int n = last_change(**store) + 1;; ++n) {
    if (!append_change(**store, n) || write(tell, &n, sizeof n) != sizeof n) _exit(1);
  }
}

}  // namespace

TEST_CASE("kill -9: documents, outbox and readings of one commit are there together or not") {
  const testing::TempDir folder;
  StoreOptions options;
  options.path = folder.file("a.db");
  Random random(29);
  int acknowledged = -1;
  for (int life = 0; life < 8; ++life) {
    CAPTURE(life);
    std::array<int, 2> pipe_ends{};
    REQUIRE(pipe(pipe_ends.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) change_and_tell(options, pipe_ends[1]);
    close(pipe_ends[1]);
    for (std::uint64_t wanted = 1 + random.below(9); wanted > 0; --wanted) {
      REQUIRE(read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    }
    pollfd nothing{.fd = -1, .events = 0, .revents = 0};
    poll(&nothing, 1, static_cast<int>(random.below(20)));  // somewhere inside the next append
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    }
    close(pipe_ends[0]);
    SeriesTable table;
    const auto store = open_store(options, table);
    const int last = last_change(*store);
    CHECK(last >= acknowledged);
    CHECK(last <= acknowledged + 1);
    check_changes(*store, last);
    acknowledged = last;
  }
}

}  // namespace sosie
