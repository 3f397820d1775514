#include "connectors/kafka/moves.h"

#include <array>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>

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
    entry_ = moves_.comes(0, {"fleet", 3}, next, note);
    return entry_.from;
  }
  /// What the group took with the place where it came.
  const std::string& entry() const { return entry_.note; }
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
  Keeper::Entry entry_;
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
  worker.comes(100, Rewind{100, t0, 4, 4}.text());
  CHECK(worker.moves().under_way() == 1);  // it is not here yet
  const auto note = worker.read(100, "truck-1", 10);
  CHECK(worker.told() == "holds fleet/3 truck-1.temperature | is_here fleet/3");
  CHECK(worker.moves().under_way() == 1);
  worker.moves().goes(0);
  CHECK(worker.comes(101, note) == 101);  // nobody has had it
  CHECK(worker.entry() == note);
  worker.read(101, "truck-1", 11);
  CHECK(worker.told().empty());
  worker.moves().goes(0);
  CHECK(worker.comes(150, Rewind{120, t0, 6, 6}.text()) == 120);  // somebody has read on
}

TEST_CASE("kafka moves: each time a partition comes it is a new term, from which its notes are") {
  Worker worker;
  worker.comes(100, Rewind{90, t0, 4, 3}.text());
  // What counts is still what has been told since the third: ours takes its place once all is told.
  CHECK(worker.entry() == Rewind{90, t0, 5, 3}.text());
  CHECK(worker.read(90, "truck-1", 10).empty());
  CHECK(worker.read(100, "truck-1", 20) == Rewind{100, t0 + seconds(20), 5, 5}.text());
  worker.moves().goes(0);
  // It was another's, who died before it had read on.
  CHECK(worker.comes(101, Rewind{90, t0, 6, 5}.text()) == 90);
  CHECK(worker.entry() == Rewind{90, t0, 7, 5}.text());
}

TEST_CASE("kafka moves: where nobody says which term it was, ours is beyond all") {
  Worker worker;
  worker.comes(100, "");
  const auto hour = (t0 + std::chrono::hours(1)).time_since_epoch() / seconds(1);
  CHECK(Rewind::from(worker.entry())->term == static_cast<std::uint64_t>(hour));
  Worker after_one_without_terms;
  after_one_without_terms.comes(100, "sosie/1 90 0");
  CHECK(after_one_without_terms.entry() == "sosie/2 90 0 1 0");
}

TEST_CASE("kafka moves: a partition that goes before it was here does not come") {
  Worker worker;
  worker.comes(100, "");
  worker.moves().goes(0);
  worker.moves().assigned();
  CHECK(worker.moves().begin({}));  // so nobody is asked for its episodes
  const auto told = worker.moves().before_past();
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == Handover::What::goes);
}

TEST_CASE("kafka moves: of an owner that was replaced no episode counts") {
  const auto record = [](std::uint64_t id, std::uint64_t term) {
    EpisodeRecord made;
    made.id = id;
    made.term = term;
    return made;
  };
  const auto keys = [](const std::vector<EpisodeRecord>& records) {
    std::string all;
    for (const auto& one : records) all += fmt::format("{}/{} ", one.id, one.term);
    return all;
  };
  std::vector<EpisodeRecord> stale;
  // 1 was told again in each term; 2 has not been yet; 3 is of one that stood still meanwhile.
  const auto chosen = choose_records(
      {record(3, 4), record(1, 5), record(1, 6), record(2, 5), record(1, 4)}, 5, stale);
  CHECK(keys(chosen) == "1/6 2/5 ");
  CHECK(keys(stale) == "1/5 1/4 3/4 ");
}

TEST_CASE("kafka moves: what was found before a partition came again is not written") {
  testing::MemoryIntake intake(t0);
  EpisodeTopic topic(nowhere(), "episodes");
  FindingEvent event;
  Suspect suspect;
  suspect.series = intake.series("truck-1", "temperature").value();
  event.finding.suspects = {suspect};
  event.finding.episode = RuleEpisode{7, "hot", "truck-1.temperature", 0, false};
  topic.found({}, {&event, 1}, intake.table);
  const std::array handovers{Handover{Handover::What::goes, "fleet/3", {}, {}},
                             Handover{Handover::What::holds, "fleet/3", {}, {}},
                             Handover{Handover::What::comes, "fleet/3", {}, {}}};
  topic.found(handovers, {}, intake.table);
  CHECK(topic.moves() == 2);
  const auto owner_of = [](SeriesId) { return EpisodeTopic::Owner{"fleet/3", 5, 2}; };
  CHECK(topic.publish(owner_of, {}, {}));  // nobody is asked to take it
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
