#include "connectors/kafka/moves.h"

#include <array>
#include <utility>

#include <doctest/doctest.h>

#include "base/time_text.h"
#include "testing/memory_intake.h"

namespace sosie::kafka {
namespace {

using std::chrono::seconds;

const Timestamp t0 = *from_iso8601("2024-10-04T00:00:00Z");

Config nowhere() {
  Config config;
  config.brokers = "127.0.0.1:1";
  return config;
}

/// The moves of one worker, and what it would tell.
class Worker {
 public:
  Moves& moves() { return moves_; }

  std::int64_t comes(std::int64_t next, const std::string& note) {
    return moves_.comes(0, {"fleet", 3}, next, note);
  }
  /// A batch of one message; "" or what is to be committed with it.
  std::string read(std::int64_t offset, const std::string& device, int s) {
    const Reading reading{t0 + seconds(s), 1, intake_.series(device, "temperature").value()};
    moves_.note(0, offset, {&reading, 1});
    tell(moves_.before_past());
    tell(moves_.before_new([&](std::uint32_t) { return offset + 1; }));
    return moves_.end(0, offset + 1).value_or("");
  }
  /// "goes fleet/3 | …" since the last call.
  std::string told() { return std::exchange(told_, {}); }

 private:
  void tell(const std::vector<Handover>& handovers) {
    for (const Handover& handover : handovers) {
      constexpr std::array words{"comes",    "is_here", "holds",  "goes",
                                 "complete", "waits",   "is_read"};
      if (!told_.empty()) told_ += " | ";
      told_ += words.at(static_cast<std::size_t>(handover.what));
      if (!handover.part.empty()) told_ += " " + handover.part;
      for (const SeriesId id : handover.series) told_ += " " + intake_.table[id].name();
    }
  }

  testing::MemoryIntake intake_{t0 + std::chrono::hours(1)};
  EpisodeTopic episodes_{nowhere(), "episodes"};
  Shares shares_;
  Moves moves_{episodes_, shares_, intake_};
  std::string told_;
};

TEST_CASE(
    "kafka moves: the past is read from where the one before said, and ends where it is new") {
  Worker worker;
  CHECK(worker.moves().is_on());
  CHECK(worker.comes(100, Rewind{90, t0}.text()) == 90);
  CHECK(worker.moves().is_past(0, 99));
  CHECK_FALSE(worker.moves().is_past(0, 100));
  CHECK(worker.read(90, "truck-1", 10).empty());  // nothing of the past is committed
  CHECK(worker.told() == "holds fleet/3 truck-1.temperature");
  CHECK(worker.read(99, "truck-1", 19).empty());
  CHECK(worker.told() == "is_here fleet/3");
  const auto note = Rewind::from(worker.read(100, "truck-2", 20));
  CHECK(worker.told() == "holds fleet/3 truck-2.temperature");
  REQUIRE(note);
  CHECK((*note).offset == 100);  // the rules of this intake do not look back
}

TEST_CASE("kafka moves: without a word of another nothing of the past is read") {
  Worker worker;
  CHECK(worker.comes(100, "") == 100);
  CHECK(worker.comes(100, "of another program") == 100);
  CHECK(worker.comes(100, Rewind{200, t0}.text()) == 100);
}

TEST_CASE("kafka moves: what comes back unread stays; what does not come back goes") {
  Worker worker;
  worker.comes(100, "");
  CHECK_FALSE(worker.read(100, "truck-1", 10).empty());
  CHECK(worker.told() == "holds fleet/3 truck-1.temperature | is_here fleet/3");
  worker.moves().goes(0);
  CHECK(worker.comes(101, Rewind{0, t0}.text()) == 101);  // nobody has read on
  worker.read(101, "truck-1", 11);
  CHECK(worker.told().empty());
  worker.moves().goes(0);
  CHECK(worker.comes(150, Rewind{120, t0}.text()) == 120);  // somebody has
}

TEST_CASE("kafka moves: a partition that is another's now is told, once") {
  testing::MemoryIntake intake(t0);
  EpisodeTopic episodes(nowhere(), "episodes");
  Shares shares;
  shares[shares.find({"fleet", 3})].is_held = true;
  Moves moves(episodes, shares, intake);  // a new connection: nothing is ours until it comes
  moves.assigned();
  REQUIRE(moves.begin({}));
  const auto told = moves.before_past();
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == Handover::What::goes);
  CHECK(told[0].part == "fleet/3");
  const auto next = [](std::uint32_t) { return std::int64_t{0}; };
  const auto more = moves.before_new(next);
  REQUIRE(more.size() == 1);
  CHECK(more[0].what == Handover::What::complete);
  CHECK(moves.before_new(next).empty());
  CHECK(moves.publish());  // nothing was found, so nobody is asked
}

TEST_CASE("kafka moves: episodes that cannot be read are an error, and nothing is told") {
  Worker worker;
  worker.comes(100, "");
  worker.moves().assigned();
  const auto begun = worker.moves().begin({});
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == Errc::unavailable);
  CHECK(worker.moves().before_past().empty());
}

}  // namespace
}  // namespace sosie::kafka
