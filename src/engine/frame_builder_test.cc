#include "engine/frame_builder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace sosie {
namespace {

using std::chrono::seconds;

/// An asset of two series, a frame every 5 s; frames as text: "10: 1 -" is second, values, NaN '-'.
class FrameRig {
 public:
  FrameRig() : frames_("plant", seconds(5), table_) {
    for (const char* name : {"A", "B"}) {
      SeriesInfo info;
      info.entity = name;
      info.attribute = "value";
      info.asset = "plant";
      table_.declare(info);
    }
    frames_.refresh();
  }

  void put(std::uint32_t series, int second, double value) {
    frames_.add({Timestamp(seconds(second)), value, SeriesId{series}}, note());
  }
  void put_under_maintenance(std::uint32_t series, int second, double value) {
    frames_.add({Timestamp(seconds(second)), value, SeriesId{series}, Quality::uncertain,
                 QualityReason::maintenance},
                note());
  }
  void advance(int second) { frames_.advance(Timestamp(seconds(second)), note()); }
  std::string seen() { return std::exchange(seen_, {}); }

 private:
  FrameBuilder::Closed note() {
    return [this](const Frame& frame) {
      seen_ += std::to_string(frame.at.time_since_epoch() / seconds(1)) + ":";
      for (std::size_t i = 0; i < frame.values.size(); ++i) {
        seen_ += ' ';
        if (std::isnan(frame.values[i])) {
          seen_ += '-';
        } else {
          seen_ += std::to_string(static_cast<int>(frame.values[i]));
        }
        if (frame.fresh[i] != 0) seen_ += '*';
      }
      seen_ += '\n';
    };
  }

  SeriesTable table_;
  FrameBuilder frames_;
  std::string seen_;
};

TEST_CASE("a frame goes out as soon as every column has its value") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  CHECK(rig.seen().empty());
  rig.put(1, 1000, 2);
  CHECK(rig.seen() == "1000: 1* 2*\n");
  rig.put(0, 1005, 3);
  CHECK(rig.seen().empty());
}

TEST_CASE("a later reading closes a frame that lacks some, which hold their last value") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.put(0, 1005, 3);
  rig.put(0, 1010, 4);
  CHECK(rig.seen() == "1000: 1* 2*\n1005: 3* 2\n");
}

TEST_CASE("a sensor under maintenance is there, and not judged by what it says") {
  FrameRig rig;
  rig.put(0, 5, 1);
  rig.put(1, 5, 2);
  rig.put_under_maintenance(0, 10, 1);
  rig.put(1, 10, 3);
  rig.put(1, 15, 4);
  rig.put(0, 15, 5);
  CHECK(rig.seen() == "5: 1* 2*\n10: -* 3*\n15: 5* 4*\n");
}

TEST_CASE("time passing closes frames too, and silence makes values stale") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.seen();
  rig.advance(1040);
  CHECK(rig.seen() ==
        "1005: 1 2\n1010: 1 2\n1015: 1 2\n1020: 1 2\n1025: 1 2\n1030: - -\n1035: - -\n");
}

TEST_CASE("a long gap gives a bounded number of empty frames") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(1, 1000, 2);
  rig.seen();
  rig.put(0, 100'000'000, 3);
  rig.put(1, 100'000'000, 3);
  const auto seen = rig.seen();
  CHECK(std::count(seen.begin(), seen.end(), '\n') == FrameBuilder::longest_gap_frames + 1);
}

TEST_CASE("a reading of a frame that is out changes no frame") {
  FrameRig rig;
  rig.put(0, 1000, 1);
  rig.put(0, 1010, 2);
  rig.seen();
  rig.put(1, 1004, 9);
  rig.put(0, 1015, 3);
  CHECK(rig.seen() == "1010: 2* -\n");
}

void declare(SeriesTable& table, std::size_t sensors) {
  for (std::size_t i = 0; i < sensors; ++i) {
    SeriesInfo info;
    info.entity = "S" + std::to_string(i);
    info.attribute = "value";
    info.asset = "plant";
    table.declare(info);
  }
}

/// An asset of several sensors, each sending every so many seconds, beginning at a second of its
/// own; of each frame how many columns are fresh, and by how far the first is ahead.
struct Crowd {
  struct Sender {
    int every = 5;
    int first = 0;
    int ahead = 0;  ///< its clock, in seconds, from `ahead_from` on
  };
  struct Seen {
    std::size_t frames = 0;
    std::size_t least_fresh = 1000;
    std::size_t fresh = 0;
    std::size_t again = 0;
    Duration most_ahead{};  ///< of any column
    std::uint32_t who = 0;  ///< is that
  };
  static constexpr int ahead_from = 600;

  /// From `judged_from` on. `extra` comes behind each second's readings.
  static Seen live(
      const std::vector<Sender>& senders, int until, int judged_from,
      const std::function<void(FrameBuilder&, int, const FrameBuilder::Closed&)>& extra = {}) {
    SeriesTable table;
    declare(table, senders.size());
    FrameBuilder frames("plant", seconds(5), table);
    frames.refresh();
    Seen seen;
    const FrameBuilder::Closed closed = [&](const Frame& frame) {
      if (frame.at < Timestamp(seconds(1'000'000 + judged_from))) return;
      ++seen.frames;
      const auto fresh =
          frame.fresh.size() - static_cast<std::size_t>(std::ranges::count(frame.fresh, 0));
      seen.fresh += fresh;
      seen.least_fresh = std::min(seen.least_fresh, fresh);
      seen.again += static_cast<std::size_t>(std::ranges::count(frame.fresh, 2));
      for (std::uint32_t i = 0; i < frame.fresh.size(); ++i) {
        const Duration ahead = frame.measured_at[i] - frame.at;
        if (ahead > seen.most_ahead) {
          seen.most_ahead = ahead;
          seen.who = i;
        }
      }
    };
    for (int second = 0; second < until; ++second) {
      for (std::uint32_t i = 0; i < senders.size(); ++i) {
        const auto& sender = senders[i];
        if (second % sender.every != sender.first) continue;
        const int off = second >= ahead_from ? sender.ahead : 0;
        frames.add({Timestamp(seconds(1'000'000 + second + off)), 1, SeriesId{i}}, closed);
      }
      if (extra) extra(frames, second, closed);
    }
    return seen;
  }
};

TEST_CASE("one clock that is fast closes no frame for the others, wherever it stands") {
  for (const std::uint32_t fast : {0U, 3U, 7U}) {
    for (const int ahead : {3, 5, 7, 33, 37, 59}) {
      CAPTURE(fast);
      CAPTURE(ahead);
      std::vector<Crowd::Sender> senders(8);
      senders[fast].ahead = ahead;
      const auto seen = Crowd::live(senders, 1800, Crowd::ahead_from - 5);
      CHECK(seen.frames >= 238);
      // What it says counts in the others' time: a value more or less when it begins.
      CHECK(seen.fresh + 3 >= seen.frames * senders.size());
      CHECK(seen.least_fresh >= 7);
      if (ahead > 5) CHECK(seen.who == fast);
      CHECK(seen.most_ahead >= seconds(ahead - 5));
      CHECK(seen.most_ahead <= seconds(ahead + 5));
    }
  }
}

TEST_CASE("several clocks of eight that are fast, and one among sensors that send seldom") {
  std::vector<Crowd::Sender> three(8);
  for (const std::size_t i : {1U, 2U, 6U}) three[i].ahead = 40;
  const auto seen = Crowd::live(three, 1800, Crowd::ahead_from + 10);
  CHECK(seen.frames >= 236);
  CHECK(seen.least_fresh >= 7);
  CHECK(seen.fresh + 6 >= seen.frames * 8);
  // One in ten frames, each with a phase of its own: no frame has more than one or two.
  std::vector<Crowd::Sender> seldom;
  for (int i = 0; i < 8; ++i) seldom.push_back({.every = 50, .first = 6 * i});
  seldom[2].ahead = 37;
  const auto rare = Crowd::live(seldom, 3600, Crowd::ahead_from + 150);
  CHECK(rare.frames >= 560);
  CHECK(rare.fresh + 10 >= (3600 - Crowd::ahead_from - 150) / 50 * 8);
}

TEST_CASE("who goes on alone is believed, and those who come back are heard") {
  std::vector<Crowd::Sender> senders(4);
  for (std::uint32_t i = 1; i < 4; ++i) senders[i].every = 1000;  // once, at the beginning
  const auto seen = Crowd::live(senders, 995, 600);
  CHECK(seen.frames >= 76);
  CHECK(seen.least_fresh == 1);
  CHECK(seen.most_ahead == Duration{});
}

TEST_CASE("who repeats an old value stops nobody's time, nor shifts it for later") {
  // A gateway that has lost its fieldbus sends half of all values again, with their old times.
  for (const std::size_t cached : {1U, 4U, 6U, 7U}) {
    CAPTURE(cached);
    std::vector<Crowd::Sender> senders(8);
    for (std::size_t i = 0; i < cached; ++i)
      senders[i].every = 600;  // new ones come once in ten minutes
    const auto repeat = [&](FrameBuilder& frames, int second, const FrameBuilder::Closed& closed) {
      if (second % 5 != 1) return;
      for (std::uint32_t i = 0; i < cached; ++i) {
        frames.add({Timestamp(seconds(1'000'000 + second / 600 * 600)), 1, SeriesId{i}}, closed);
      }
    };
    const auto seen = Crowd::live(senders, 1800, 605, repeat);
    CHECK(seen.frames >= 236);
    CHECK(seen.least_fresh >= 8 - cached);
    CHECK(seen.most_ahead == Duration{});
  }
}

TEST_CASE("values that take some seconds on their way delay frames by no more than that") {
  for (const std::size_t count : {2U, 4U, 8U}) {
    CAPTURE(count);
    SeriesTable table;
    declare(table, count);
    FrameBuilder frames("plant", seconds(5), table);
    frames.refresh();
    Timestamp out;
    const FrameBuilder::Closed closed = [&](const Frame& frame) { out = frame.at; };
    std::vector<std::vector<int>> sent(count);  // by sensor: times that are on their way
    std::uint64_t chance = 1;
    int worst_s = 0;
    for (int second = 0; second < 6 * 3600; ++second) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (second % 5 == 0) sent[i].push_back(second);
        chance = chance * 6364136223846793005U + 1442695040888963407U;
        const bool comes = (chance >> 33U) % 4 == 0;  // of each sensor in its order
        if (!comes && (sent[i].empty() || second - sent[i].front() < 9)) continue;
        for (const int at : sent[i]) {
          frames.add({Timestamp(seconds(1'000'000 + at)), 1, SeriesId{i}}, closed);
        }
        sent[i].clear();
      }
      const auto lag =
          std::chrono::duration_cast<seconds>(Timestamp(seconds(1'000'000 + second)) - out);
      if (second > 60) worst_s = std::max(worst_s, static_cast<int>(lag.count()));
    }
    CHECK(worst_s <= 30);
  }
}

TEST_CASE("a value of a far time that comes once takes nobody there") {
  std::vector<Crowd::Sender> senders(3);
  senders[0].every = 1'000'000;  // once, at the beginning
  const auto once = [&](FrameBuilder& frames, int second, const FrameBuilder::Closed& closed) {
    if (second == 700) frames.add({Timestamp(seconds(1'005'000)), 1, SeriesId{0}}, closed);
  };
  const auto seen = Crowd::live(senders, 1800, 605, once);
  CHECK(seen.frames >= 230);
  CHECK(seen.frames <= 240);
  CHECK(seen.least_fresh >= 1);
}

TEST_CASE("one that is always late moves nobody's time") {
  std::vector<Crowd::Sender> senders(4);
  senders[2].ahead = -30;
  const auto seen = Crowd::live(senders, 1800, Crowd::ahead_from + 10);
  CHECK(seen.frames >= 236);
  CHECK(seen.least_fresh == 3);
  CHECK(seen.most_ahead == Duration{});
}

TEST_CASE("what comes again is marked, at once or a little later, and what is only late is not") {
  const std::vector<Crowd::Sender> senders(4);
  const auto at = [](int second) { return Timestamp(seconds(1'000'000 + second)); };
  const auto twice = [&](FrameBuilder& frames, int second, const FrameBuilder::Closed& closed) {
    if (second % 5 == 0) frames.add({at(second), 1, SeriesId{1}}, closed);
  };
  const auto both = Crowd::live(senders, 1800, 600, twice);
  CHECK(both.again == both.frames);
  std::size_t found = 0;
  const auto later = [&](FrameBuilder& frames, int second, const FrameBuilder::Closed&) {
    if (second % 5 == 0 && second > 10) found += frames.again({at(second - 5), 1, SeriesId{1}});
  };
  const auto next = Crowd::live(senders, 1800, 600, later);
  CHECK(found >= 356);
  CHECK(next.again + 1 >= next.frames);
  const auto clean = Crowd::live(senders, 1800, 600);
  CHECK(clean.again == 0);
  CHECK(clean.least_fresh == 4);
}

}  // namespace
}  // namespace sosie
