#include "rules/book.h"

#include <algorithm>
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "base/time_text.h"

namespace sosie::rules {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using What = EpisodeEvent::What;

const Timestamp t0 = *from_iso8601("2026-11-20T00:00:00Z");

RuleSet rules(const std::string& toml) {
  auto section = Section::read_text(toml, "rules.toml");
  REQUIRE(section);
  auto set = RuleSet::read(*section);
  if (!set) FAIL(set.error().what);
  return std::move(set).value();
}

std::string error_of(const std::string& toml) {
  auto section = Section::read_text(toml, "rules.toml");
  REQUIRE(section);
  const auto set = RuleSet::read(*section);
  return set ? "" : set.error().what;
}

SeriesInfo info(const std::string& entity, const std::string& attribute) {
  SeriesInfo made;
  made.entity = entity;
  made.attribute = attribute;
  made.unit = attribute == "temperature" ? "°C" : "";
  return made;
}

/// Keeps what events say, as a consumer would.
class Kept {
 public:
  void take(const std::vector<EpisodeEvent>& events) {
    for (const auto& event : events) {
      if (event.former != 0) {
        CHECK(episodes_.erase(event.former) == 1);
      }
      if (event.what == What::withdrawn) {
        CHECK(episodes_.erase(event.episode.id) == 1);
      } else {
        CHECK(episodes_.contains(event.episode.id) ==
              (event.what != What::opened && event.former == 0));
        episodes_.insert_or_assign(event.episode.id, event.episode);
      }
    }
  }

  /// "S.temperature 10..25@12" in seconds after t0, in order of time.
  std::string text() const {
    std::vector<Episode> sorted;
    for (const auto& [id, episode] : episodes_) sorted.push_back(episode);
    std::ranges::sort(sorted, [](const Episode& a, const Episode& b) {
      return std::tie(a.subject, a.onset, a.rule) < std::tie(b.subject, b.onset, b.rule);
    });
    std::string text;
    const auto s = [](Timestamp at) { return std::chrono::duration<double>(at - t0).count(); };
    for (const auto& e : sorted) {
      text += fmt::format("{} {:g}..{}@{:g} ", e.subject, s(e.onset),
                          e.closed ? fmt::format("{:g}", s(*e.closed)) : "", s(e.detected));
    }
    return text;
  }

 private:
  std::map<std::uint64_t, Episode> episodes_;
};

/// A book of rules, fed by names and seconds.
class Story {
 public:
  explicit Story(const std::string& toml)
      : book_(rules(toml), series_,
              [this](SeriesId id) { return series_[id].name().ends_with("_mean"); }) {}

  void feed(const std::string& entity, const std::string& attribute, double s, double value) {
    const SeriesId id = series_.declare(info(entity, attribute));
    book_.refresh();
    feed({t0 + std::chrono::round<Duration>(std::chrono::duration<double>(s)), value, id});
  }
  void feed(const Reading& reading) {
    std::vector<EpisodeEvent> events;
    book_.take(reading, events);
    note(events);
  }
  void settle() {
    std::vector<EpisodeEvent> events;
    book_.settle(events);
    note(events);
  }
  void advance(double s) {
    std::vector<EpisodeEvent> events;
    book_.advance(t0 + std::chrono::round<Duration>(std::chrono::duration<double>(s)), events);
    note(events);
  }
  void move(double since_s, double high, double low = -Rule::none) {
    std::vector<EpisodeEvent> events;
    book_.move_limits(0, t0 + std::chrono::round<Duration>(std::chrono::duration<double>(since_s)),
                      high, low, events);
    note(events);
  }
  /// A value each second from 0, of S.temperature.
  void each_second(const std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      feed("S", "temperature", static_cast<double>(i), values[i]);
    }
  }

  void be_whole(bool is_whole) {
    std::vector<EpisodeEvent> events;
    book_.be_whole(is_whole, events);
    note(events);
  }

  std::string text() const { return kept_.text(); }
  RuleBook& book() { return book_; }
  SeriesTable& series() { return series_; }
  const std::vector<EpisodeEvent>& events() const { return events_; }

 private:
  void note(const std::vector<EpisodeEvent>& events) {
    kept_.take(events);
    events_.insert(events_.end(), events.begin(), events.end());
  }
  SeriesTable series_;
  RuleBook book_;
  Kept kept_;
  std::vector<EpisodeEvent> events_;
};

std::string limit(const std::string& more) {
  return "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n" + more +
         "\n";
}

}  // namespace

TEST_CASE("limit: delays and deadband, in event time") {
  struct Case {
    const char* name;
    const char* more;
    std::vector<double> values;
    const char* expected;
  };
  const Case cases[] = {
      {"at the limit nothing", "", {80, 80, 79}, ""},
      {"above it at once", "", {79, 81, 82, 80}, "S.temperature 1..3@1 "},
      {"goes on", "", {79, 81, 82}, "S.temperature 1..@1 "},
      {"only above the limit for on_delay",
       "on_delay = '2s'",
       {81, 81, 79, 81, 81, 81, 79},
       "S.temperature 3..6@5 "},
      {"over below the deadband", "deadband = 5", {81, 76, 81, 75, 76}, "S.temperature 0..3@0 "},
      {"over after off_delay, since it is clear",
       "off_delay = '2s'",
       {81, 79, 81, 79, 79, 79, 79},
       "S.temperature 0..3@0 "},
      {"in the deadband it clears no more",
       "deadband = 5\noff_delay = '2s'",
       {81, 70, 76, 70, 70, 70},
       "S.temperature 0..3@0 "},
      {"low too", "low = 10", {5, 20, 90, 5, 20}, "S.temperature 0..1@0 S.temperature 2..4@2 "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Story story(limit(c.more));
    story.each_second(c.values);
    CHECK(story.text() == c.expected);
  }
}

TEST_CASE("limit: a late reading amends, a duplicate changes nothing, a later one judges nothing") {
  Story story("[rules]\nlateness = '10s'\n" + limit("on_delay = '2s'"));
  story.feed("S", "temperature", 0, 70);
  story.feed("S", "temperature", 4, 90);
  story.feed("S", "temperature", 8, 90);
  CHECK(story.text() == "S.temperature 4..@8 ");
  story.feed("S", "temperature", 2, 90);
  CHECK(story.text() == "S.temperature 2..@4 ");
  CHECK(story.events().back().what == What::amended);
  CHECK(story.events().back().former == episode_id("S.temperature", "hot", t0 + seconds(4)));
  CHECK(story.events().back().is_late);
  story.feed("S", "temperature", 3, 70);
  CHECK(story.text() == "S.temperature 4..@8 ");
  story.feed("S", "temperature", 6, 70);
  CHECK(story.text() == "");
  CHECK(story.events().back().what == What::withdrawn);
  const auto events = story.events().size();
  story.feed("S", "temperature", 6, 70);
  story.feed("S", "temperature", 8, 90);
  CHECK(story.book().counts().duplicate == 2);
  story.feed("S", "temperature", 20, 70);
  story.feed("S", "temperature", 9, 1000);
  CHECK(story.book().counts().too_late == 1);
  CHECK(story.events().size() == events);
}

TEST_CASE("limit: an episode that is added late comes opened and closed") {
  Story story(limit(""));
  story.feed("S", "temperature", 0, 70);
  story.feed("S", "temperature", 4, 70);
  story.feed("S", "temperature", 2, 90);
  CHECK(story.text() == "S.temperature 2..4@2 ");
  REQUIRE(story.events().size() == 2);
  CHECK(story.events()[0].what == What::opened);
  CHECK(story.events()[1].what == What::closed);
}

TEST_CASE("limit: rounding to single precision moves no value over its limit") {
  Story story("[[rule]]\nname = 'r'\nkind = 'limit'\nseries = '*'\nhigh = 1000000000\n");
  story.feed("S", "temperature", 0, 1000000000.0);
  CHECK(story.text() == "");
  story.feed("S", "temperature", 1, 1000000001.0);
  CHECK(story.text() == "S.temperature 1..@1 ");
  story.feed("S", "temperature", 3, 999999999.0);
  story.feed("S", "temperature", 2, 1000000000.5);  // replayed
  CHECK(story.text() == "S.temperature 1..3@1 ");
}

TEST_CASE("limits that are moved judge what is measured from then on") {
  SUBCASE("what was open stays so until it is clear by the new limit, its deadband kept") {
    Story story(limit("deadband = 5"));
    story.each_second({70, 85, 85});
    story.move(2.5, 90);
    story.feed("S", "temperature", 3, 86);  // between 85 and 90
    CHECK(story.text() == "S.temperature 1..@1 ");
    story.feed("S", "temperature", 4, 85);
    CHECK(story.text() == "S.temperature 1..4@1 ");
  }
  SUBCASE("a delay that was running goes on, and so does one that ends it") {
    Story story(limit("on_delay = '3s'\noff_delay = '3s'"));
    story.each_second({70, 85, 85});
    story.move(2.5, 82);
    story.feed("S", "temperature", 3, 85);
    story.feed("S", "temperature", 4, 83);
    CHECK(story.text() == "S.temperature 1..@4 ");
    story.feed("S", "temperature", 5, 81);
    story.move(5.5, 60);
    story.feed("S", "temperature", 9, 81);
    CHECK(story.text() == "S.temperature 1..@4 ");
  }
  SUBCASE("a late reading is judged by the limit of its own time") {
    Story story(limit(""));
    story.each_second({70, 70, 70, 70});
    story.move(3.5, 60);
    story.feed("S", "temperature", 4, 50);
    story.feed("S", "temperature", 2.5, 75);  // below 80
    CHECK(story.text().empty());
    story.feed("S", "temperature", 3.7, 75);  // above 60
    CHECK(story.text() == "S.temperature 3.7..4@3.7 ");
    CHECK(story.book().rule(story.events().back().episode).high == 60);
  }
  SUBCASE("what was judged behind the instant is judged anew, and only that") {
    Story story(limit(""));
    story.each_second({85, 70, 70, 70, 50});
    story.move(2.5, 60);
    CHECK(story.text() == "S.temperature 0..1@0 S.temperature 3..4@3 ");
    CHECK(story.events().back().is_late);
    CHECK(story.book().rule(story.events().front().episode).high == 80);
    story.move(2.5, 75);  // again, from the same instant: the one before never was
    CHECK(story.text() == "S.temperature 0..1@0 ");
  }
  SUBCASE("without a lateness nothing is judged anew") {
    Story story("rules.lateness = '0s'\n" + limit(""));
    story.each_second({70, 70});
    story.move(0.5, 60);
    CHECK(story.text().empty());
    story.feed("S", "temperature", 2, 70);
    CHECK(story.text() == "S.temperature 2..@2 ");
  }
  SUBCASE("of a group, at the instants from then on") {
    Story story("rules.lateness = '0s'\n" + limit("group_by = 'all'\nevery = '10s'"));
    for (int s = 0; s <= 60; s += 5) story.feed("S", "temperature", s, 70);
    story.settle();
    story.move(35, 60);
    for (int s = 65; s <= 100; s += 5) story.feed("S", "temperature", s, 70);
    story.settle();
    CHECK(story.text() == "all 60..@60 ");
  }
  SUBCASE("more moves than are remembered: the oldest that is left stands for all before") {
    Story story(limit(""));
    for (int i = 0; i <= static_cast<int>(Course::most_moves); ++i) story.move(i, 100 + i);
    const auto high_at = [&](double s) {
      Episode episode;
      episode.detected = t0 + std::chrono::round<Duration>(std::chrono::duration<double>(s));
      return story.book().rule(episode).high;
    };
    CHECK(high_at(32.5) == 132);
    CHECK(high_at(31.5) == 131);
    CHECK(high_at(-5) == 101);
  }
}

TEST_CASE("a reading from the future or of a broken device is not judged") {
  Story story(limit(""));
  const SeriesId id = story.series().declare(info("S", "temperature"));
  story.book().refresh();
  story.feed({t0 + minutes(90), 99, id, Quality::uncertain, QualityReason::clock_skew});
  story.feed({t0, 99, id, Quality::bad, QualityReason::sensor_fault});
  CHECK(story.text() == "");
  story.feed({t0 + seconds(1), 99, id, Quality::bad, QualityReason::out_of_range});
  CHECK(story.text() == "S.temperature 1..@1 ");
}

TEST_CASE("silence: by the watermark of the others, not by the newest of one") {
  Story story("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  story.feed("A", "x", 0, 1);
  story.feed("B", "x", 0, 1);
  story.feed("C", "x", 0, 1);
  story.feed("B", "x", 5000, 1);  // its clock runs ahead: alone it moves nothing
  story.settle();
  CHECK(story.text() == "B 0..5000@60 ");
  story.feed("C", "x", 55, 1);
  story.feed("C", "x", 90, 1);
  story.settle();
  CHECK(story.text() == "A 0..@60 B 0..5000@60 ");
  story.feed("A", "x", 50, 1);  // was sent in time and came late
  CHECK(story.text() == "B 0..5000@60 ");
  CHECK(story.events().back().what == What::withdrawn);
  story.feed("A", "y", 200, 1);  // any of its series
  CHECK(story.text() == "A 50..200@110 B 0..5000@60 ");
  story.advance(1000);
  CHECK(story.text() == "A 50..200@110 A 200..@260 B 0..5000@60 C 90..@150 ");
}

TEST_CASE(
    "silence: a device whose clock is far behind is called silent once, not at each message") {
  Story story("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  constexpr double behind = 3000;
  const auto all_send = [&](double from, double to, double clock_of_c) {
    for (double s = from; s < to; s += 10) {
      story.feed("A", "x", s, 1);
      story.feed("B", "x", s, 1);
      story.feed("C", "x", s - clock_of_c, 1);
      story.settle();
    }
  };
  all_send(4000, 5000, behind);
  CHECK(story.text().empty());
  REQUIRE(story.events().size() == 2);  // opened and taken back
  for (double s = 5000; s < 5200; s += 10) {
    story.feed("A", "x", s, 1);
    story.feed("B", "x", s, 1);
    story.settle();
  }
  CHECK(story.text() == "C 1990..@2050 ");  // it has really stopped
  all_send(5200, 5400, behind);
  CHECK(story.text() == "C 1990..2200@2050 ");
  all_send(5400, 5800, 0);  // its clock is put right: what it did meanwhile nobody knows
  CHECK(story.text() == "C 1990..2200@2050 C 2390..5400@2450 ");
  const auto count = story.events().size();
  all_send(5800, 6800, 0);
  CHECK(story.events().size() == count);
  for (double s = 6800; s < 6880; s += 10) {
    story.feed("A", "x", s, 1);
    story.feed("B", "x", s, 1);
    story.settle();
  }
  CHECK(story.text() == "C 1990..2200@2050 C 2390..5400@2450 C 6790..@6850 ");
}

TEST_CASE("silence: a part that is read behind the others goes by its own time") {
  Story story("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  for (const char* name : {"a", "b", "c", "d"}) story.feed(name, "x", 0, 1);
  for (const std::uint32_t i : {2U, 3U}) story.book().move(SeriesId{i}, 1);
  for (int s = 1; s < 300; ++s) {
    story.feed("a", "x", s, 1);
    story.feed("b", "x", s, 1);
  }
  story.settle();
  CHECK(story.text().empty());
  story.feed("c", "x", 30, 1);
  story.feed("c", "x", 80, 1);
  story.settle();
  CHECK(story.text() == "d 0..@60 ");  // its own part has gone on
  story.book().look_for_idle_parts();
  story.feed("a", "x", 301, 1);
  story.settle();
  CHECK(story.text() == "d 0..@60 ");
  story.book().look_for_idle_parts();  // nothing of part 1 since
  story.feed("a", "x", 302, 1);
  story.settle();
  CHECK(story.text().find("c 80..@140") != std::string::npos);
  story.feed("c", "x", 85, 1);  // it was only behind, and is waited for again
  CHECK(story.text() == "d 0..@60 ");
  story.settle();
  CHECK(story.text() == "d 0..@60 ");
}

TEST_CASE(
    "silence: while more of a part lies unread, its devices and those of no part are not due") {
  Story story("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  for (const char* name : {"a", "b", "c", "d"}) story.feed(name, "x", 0, 1);
  story.book().wait_for(1);
  story.book().wait_for(2);
  story.book().move(SeriesId{0}, 1);
  story.book().move(SeriesId{1}, 1);
  const auto read_on = [&](const char* one, const char* other, int from, int to) {
    for (int s = from; s < to; ++s) {
      story.feed(one, "x", s, 1);
      story.feed(other, "x", s, 1);
    }
    story.settle();
  };
  read_on("a", "b", 1, 1000);
  for (int i = 0; i < 2; ++i) story.book().look_for_idle_parts();
  story.advance(2000);
  CHECK(story.text().empty());  // c and d may be in what lies unread
  story.book().move(SeriesId{2}, 2);
  read_on("c", "c", 1, 500);
  CHECK(story.text() == "d 0..@60 ");
  story.book().is_read(1);
  story.book().is_read(2);
  story.advance(2000);
  CHECK(story.text() == "a 999..@1059 b 999..@1059 c 499..@559 d 0..@60 ");
}

TEST_CASE("silence: what is made of a device's readings is no word of it, and does not name it") {
  Story story("[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n");
  story.feed("a", "x", 0, 1);
  story.feed("b", "x", 0, 1);
  story.feed("b", "x_mean", 0, 1);
  for (int s = 10; s <= 100; s += 10) {
    story.feed("a", "x", s, 1);
    story.feed("b", "x_mean", s, 1);
  }
  story.settle();
  CHECK(story.text() == "b 0..@60 ");
  CHECK(story.series()[story.events().back().episode.series].name() == "b.x");
  story.book().forget(*story.series().find("b", "x"));  // all of it
  story.feed("b", "x", 200, 1);
  CHECK(story.text() == "b 0..@60 ");
}

TEST_CASE("watermark: a leap counts when a second device has made it") {
  Watermark mark;
  constexpr Micros hour = Micros{3600} * 1'000'000;
  mark.see(1, 5 * hour);  // the first that is heard of has a wrong clock
  mark.see(2, hour);
  CHECK(mark.agreed() == hour);
  mark.see(3, hour + 1);
  mark.see(1, 5 * hour + 7);
  mark.see(1, 5 * hour + 8);
  CHECK(mark.agreed() == hour + 1);
  mark.see(2, 3 * hour);  // after a night without data
  CHECK(mark.agreed() == 3 * hour);
  mark.see(3, 3 * hour + 9);
  CHECK(mark.agreed() == 3 * hour + 9);
  mark.see(2, 3 * hour + 5);
  CHECK(mark.agreed() == 3 * hour + 9);
}

TEST_CASE("geofence: both halves of a place, in whatever order; a border is inside") {
  const std::string fence =
      "[[rule]]\nname = 'home'\nkind = 'geofence'\narea = [[24, 60], [25, 60], [25, 61], [24, "
      "61]]\n";
  Story story(fence);
  const auto at = [&](double s, double latitude, double longitude) {
    story.feed("T", "latitude", s, latitude);
    story.feed("T", "longitude", s, longitude);
  };
  at(0, 60.5, 24.5);
  at(1, 60, 24.5);  // border
  at(2, 61, 25);    // corner
  at(3, 59.999, 24.5);
  story.feed("T", "longitude", 4, 24.5);  // the other way round
  story.feed("T", "latitude", 4, 59);
  CHECK(story.text() == "T 3..@3 ");
  story.feed("T", "latitude", 5, 60.5);  // halves of two places, mixed
  story.feed("T", "latitude", 6, 60.6);
  story.feed("T", "longitude", 5, 24.5);
  story.feed("T", "longitude", 6, 24.5);
  CHECK(story.text() == "T 3..5@3 ");

  Story inside(fence + "when = 'inside'\non_delay = '2s'\n");
  for (int i = 0; i < 5; ++i) {
    inside.feed("T", "latitude", i, 60.5);
    inside.feed("T", "longitude", i, 24.5);
  }
  CHECK(inside.text() == "T 0..@2 ");
}

TEST_CASE("group: what its devices are together, behind the watermark") {
  Story story(
      "[rules]\nlateness = '5s'\n"
      "[[rule]]\nname = 'line'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
      "group_by = 'prefix'\nevery = '10s'\nmax_age = '30s'\n");
  const auto feed = [&](double s, double a, double b) {
    story.feed("n-1", "temperature", s, a);
    story.feed("n-2", "temperature", s, b);
    story.feed("m-1", "temperature", s, 10);
    story.settle();
  };
  feed(1, 70, 80);
  feed(11, 90, 80);
  feed(21, 90, 60);
  CHECK(story.text() == "");                 // at 20 the mean is 85, but 15.x is as far as is known
  story.feed("n-1", "temperature", 19, 90);  // late
  feed(30, 60, 60);
  CHECK(story.text() == "n 20..@20 ");
  feed(41, 60, 60);
  CHECK(story.text() == "n 20..30@20 ");
  CHECK(story.events().front().episode.value == doctest::Approx(85));
}

TEST_CASE("group: waits for the part that is read behind, and says the same as if none was") {
  const std::string toml =
      "[rules]\nlateness = '5s'\n"
      "[[rule]]\nname = 'line'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
      "group_by = 'prefix'\nevery = '10s'\nmax_age = '30s'\n";
  const auto value = [](int s) { return s >= 100 && s < 200 ? 90 : 60; };
  const auto read = [&](Story& story, const char* device, int from, int to) {
    for (int s = from; s < to; ++s) story.feed(device, "temperature", s, value(s));
    story.settle();
  };
  Story both(toml);
  for (int s = 0; s < 300; ++s) {
    read(both, "n-1", s, s + 1);
    read(both, "n-2", s, s + 1);
  }
  CHECK(both.text() == "n 100..200@100 ");
  Story story(toml);
  story.series().declare(info("n-1", "temperature"));
  story.book().refresh();
  story.book().wait_for(1);
  story.book().wait_for(2);
  story.book().move(SeriesId{0}, 1);
  read(story, "n-1", 0, 300);
  CHECK(story.text().empty());
  const SeriesId other = story.series().declare(info("n-2", "temperature"));
  story.book().refresh();
  story.book().move(other, 2);
  read(story, "n-2", 0, 150);
  CHECK(story.text() == "n 100..@100 ");
  read(story, "n-2", 150, 300);
  story.book().is_read(2);
  story.book().is_read(1);
  story.settle();
  CHECK(story.text() == both.text());
  CHECK(story.book().counts().too_late == 0);
}

TEST_CASE("group: is judged only while all of its devices are here") {
  Story story(
      "[rules]\nlateness = '5s'\n"
      "[[rule]]\nname = 'line'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\n"
      "group_by = 'prefix'\nevery = '10s'\nmax_age = '30s'\n");
  const auto feed = [&](int from, int to, double a, std::optional<double> b) {
    for (int s = from; s < to; ++s) {
      story.feed("n-1", "temperature", s, a);
      if (b) story.feed("n-2", "temperature", s, *b);
      story.settle();
    }
  };
  feed(0, 50, 90, 60);
  CHECK(story.text().empty());
  story.be_whole(false);
  story.be_whole(false);
  feed(50, 100, 90, std::nullopt);  // the other speaks elsewhere
  CHECK(story.text().empty());
  story.feed("n-2", "temperature", 98, 60);  // is back, with its past
  story.be_whole(true);
  feed(100, 150, 90, 60);
  CHECK(story.text().empty());
  feed(150, 200, 90, 90);
  CHECK(story.text() == "n 150..@150 ");
  story.be_whole(false);  // as far as it was judged
  CHECK(story.text() == "n 150..190@150 ");
  feed(200, 250, 60, std::nullopt);
  story.be_whole(true);
  feed(250, 300, 90, 90);
  CHECK(story.text() == "n 150..190@150 n 260..@260 ");
  CHECK(story.book().counts().too_late == 0);
}

TEST_CASE("group: count above, by a list; old values do not count") {
  Story story(
      "[rules]\nlateness = '0s'\n"
      "[[rule]]\nname = 'many'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 1\n"
      "group_by = 'list'\ngroups = {north = ['a*', 'b'], south = ['*']}\n"
      "aggregate = 'count_above'\nabove = 80\nevery = '10s'\nmax_age = '20s'\n");
  for (int s = 0; s <= 60; ++s) {
    story.feed("a1", "temperature", s, 90);
    if (s < 30) story.feed("b", "temperature", s, 90);
    story.feed("c", "temperature", s, 90);
    story.settle();
  }
  CHECK(story.text() == "north 0..50@0 ");
}

TEST_CASE("series join while running, rules of several kinds look at one series") {
  Story story(limit("") + "[[rule]]\nname = 'warm'\nkind = 'limit'\nseries = 'S*'\nhigh = 50\n");
  story.feed("S", "temperature", 0, 60);
  story.feed("S2", "temperature", 0, 90);
  story.feed("other", "pressure", 0, 1000);
  CHECK(story.text() == "S.temperature 0..@0 S2.temperature 0..@0 S2.temperature 0..@0 ");
}

TEST_CASE("episodes: an id is a hash that does not change") {
  CHECK(episode_text(episode_id("truck-7.temperature", "hot", t0)) == "5fd62a7a81347bda");
  CHECK(episode_id("ab", "c", t0) != episode_id("a", "bc", t0));
  CHECK(episode_id("a", "b", t0) != episode_id("a", "b", t0 + Duration(1)));
}

TEST_CASE("episodes: sentences in two languages") {
  Story story(limit("on_delay = '30s'"));
  story.feed("truck-7", "temperature", 0, 81);
  story.feed("truck-7", "temperature", 30, 83.25);
  REQUIRE(story.events().size() == 1);
  const Episode& episode = story.events()[0].episode;
  const auto words = sentence(story.book().rule(episode), episode, info("truck-7", "temperature"));
  CHECK(words.en == "truck-7.temperature: 83.25 °C, above 80 °C for 30 s");
  CHECK(words.fr == "truck-7.temperature : 83,25 °C, au-dessus de 80 °C depuis 30 s");
}

TEST_CASE("state of a device goes to another book and back") {
  const std::string toml = "[rules]\nlateness = '20s'\n" + limit("on_delay = '5s'") +
                           "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";
  Story one(toml);
  Story other(toml);
  for (int s = 0; s < 4; ++s) one.feed("S", "temperature", s, 90);
  other.feed("x", "y", 0, 1);
  other.series().declare(info("S", "temperature"));
  other.book().refresh();
  REQUIRE(other.book().load("S", one.book().save("S")));
  other.feed("S", "temperature", 5, 90);
  CHECK(other.text() == "S.temperature 0..@5 ");
  other.feed("S", "temperature", 2.5, 70);  // the readings it kept have come with it
  CHECK(other.text() == "");
  CHECK_FALSE(other.book().load("S", "nonsense"));
  const auto saved = one.book().save("S");
  for (std::size_t size = 13; size < saved.size(); ++size) {
    CHECK_FALSE(other.book().load("S", std::string_view(saved).substr(0, size)));
  }
  Story third(limit("on_delay = '6s'"));
  third.feed("S", "temperature", 0, 1);
  CHECK(third.book().load("S", saved).error().code == Errc::unsupported);
}

TEST_CASE("forget: a device that went is as if it had never come") {
  const std::string toml = "[rules]\nlateness = '20s'\n" + limit("on_delay = '5s'") +
                           "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";
  Story story(toml);
  for (int s = 0; s < 10; ++s) story.feed("S", "temperature", s, 90);
  const auto told = story.text();
  CHECK(told == "S.temperature 0..@5 ");
  story.book().forget(SeriesId{0});
  for (int s = 0; s < 200; ++s) story.feed("other", "temperature", s, 20);
  story.settle();
  CHECK(story.text() == told);  // not silent, and what was open is another's to close
  for (int s = 200; s < 203; ++s) story.feed("S", "temperature", s, 90);
  story.settle();
  CHECK(story.text() == told);  // its delay begins anew, and there was no gap
  story.feed("S", "temperature", 205, 90);
  story.settle();
  CHECK(story.text().find("200..@205") != std::string::npos);
  for (int s = 203; s < 300; ++s) story.feed("other", "temperature", s, 20);
  story.settle();
  CHECK(story.text().find("S 205") != std::string::npos);  // it is asked for again
}

TEST_CASE("resume: an open episode of an earlier life goes on under its id") {
  Story first(limit(""));
  first.feed("S", "temperature", 0, 90);
  const Episode open = first.events()[0].episode;
  Story second(limit(""));
  second.series().declare(info("S", "temperature"));
  second.book().refresh();
  REQUIRE(second.book().resume("hot", open));
  CHECK_FALSE(second.book().resume("no such rule", open));
  std::vector<EpisodeEvent> events;
  second.book().take({t0, 90, SeriesId{0}}, events);  // the past again
  second.book().take({t0 + seconds(1), 95, SeriesId{0}}, events);
  CHECK(events.empty());
  second.book().take({t0 + seconds(2), 10, SeriesId{0}}, events);
  REQUIRE(events.size() == 1);
  CHECK(events[0].what == What::closed);
  CHECK(events[0].episode.id == open.id);
}

TEST_CASE("resume: with its past read again, a late reading amends what an earlier life found") {
  const std::string toml = "[rules]\nlateness = '60s'\n" + limit("on_delay = '15s'");
  const auto value = [](int s) { return s > 100 ? 90.0 : 20.0; };
  Story first(toml);
  for (int s = 0; s < 160; s += 5) {
    if (s != 100) first.feed("S", "temperature", s, value(s));
  }
  const Episode open = first.events().at(0).episode;
  for (const int since : {30, 110, 140}) {  // before it began, before it was seen, after
    CAPTURE(since);
    Story second(toml);
    second.series().declare(info("S", "temperature"));
    second.book().refresh();
    REQUIRE(second.book().resume("hot", open, t0 + seconds(since)));
    std::vector<EpisodeEvent> events;
    for (int s = since; s < 160; s += 5) {
      if (s != 100) second.book().take({t0 + seconds(s), value(s), SeriesId{0}}, events);
    }
    CHECK(second.book().has_open("hot", open));
    if (since < 105) {
      REQUIRE(events.size() == 1);
      CHECK(events[0].episode.id == open.id);
      second.book().take({t0 + seconds(100), 90, SeriesId{0}}, events);
      REQUIRE(events.size() == 2);
      CHECK(events[1].former == open.id);
      CHECK(events[1].episode.onset == t0 + seconds(100));
    } else {
      CHECK(events.size() == (since < 120 ? 1 : 0));  // told again, or known
    }
    second.book().take({t0 + seconds(152), 10, SeriesId{0}}, events);  // late: it was over
    CHECK(events.back().episode.closed == t0 + seconds(152));
  }
}

TEST_CASE("rules: what is wrong in a scenario is told") {
  CHECK(error_of(limit("highh = 3")).find("highh") != std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='limit'\nseries='x'").find("high") != std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='limit'\nseries='x'") ==
        "rules.toml:1: 'high' and 'low' are missing; expected one of them");
  CHECK(error_of("[[rule]]\nname='a'\nkind='limit'\nseries='x'\nhihg=940") ==
        "rules.toml:5: 'hihg' is not a key of [[rule]]; did you mean 'high'?");
  CHECK(error_of("[[rule]]\nname='a'\nkind='limit'\nseries='x'\nlwo=3") ==
        "rules.toml:5: 'lwo' is not a key of [[rule]]; did you mean 'low'?");
  CHECK(error_of("[[rule]]\nname='a'\nkind='silence'\naftr='1m'") ==
        "rules.toml:4: 'aftr' is not a key of [[rule]]; did you mean 'after'?");
  CHECK(error_of("[[rule]]\nname='a'\nkind='limits'").find("limit") != std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='silence'").find("after") != std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='geofence'").find("area") != std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='geofence'\narea=[[1,2]]").find("three") !=
        std::string::npos);
  CHECK(error_of("[[rule]]\nname='a'\nkind='geofence'\narea_file='none.json'").find("none.json") !=
        std::string::npos);
  CHECK(error_of(limit("") + limit("")).find("another rule") != std::string::npos);
  CHECK(error_of("[rules]\nlateness='2h'").find("1h") != std::string::npos);
  CHECK(error_of(limit("deadband=-1")).find("deadband") != std::string::npos);
  CHECK(error_of(limit("on_delay='-1s'")) != "");
  CHECK(error_of(limit("group_by='list'")).find("groups") != std::string::npos);
}

namespace {

struct Point {
  std::int64_t s;
  double value;
};

/// As slow and as plain as can be: the episodes of readings that are all there, in order.
std::string reference_limit(const std::vector<Point>& points, std::int64_t on, std::int64_t off,
                            double high, double deadband) {
  std::string text;
  std::size_t i = 0;
  while (i < points.size()) {
    std::size_t j = i;
    while (j < points.size() && points[j].value > high && points[j].s - points[i].s < on) ++j;
    if (j == points.size()) break;
    if (points[j].value <= high) {
      i = j + 1;
      continue;
    }
    std::optional<std::int64_t> closed;
    std::size_t k = j + 1;
    while (k < points.size() && !closed) {
      std::size_t m = k;
      while (m < points.size() && points[m].value <= high - deadband &&
             points[m].s - points[k].s < off) {
        ++m;
      }
      if (m == points.size()) break;
      if (points[m].value <= high - deadband) {
        closed = points[k].s;
        k = m;
      }
      k = m + 1;
    }
    text += fmt::format("S.temperature {}..{}@{} ", points[i].s,
                        closed ? std::to_string(*closed) : "", points[j].s);
    if (!closed) break;
    i = k;
  }
  return text;
}

std::string reference_silence(const std::vector<Point>& points, std::int64_t after,
                              std::int64_t now) {
  std::string text;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    if (points[i + 1].s - points[i].s > after) {
      text += fmt::format("S {}..{}@{} ", points[i].s, points[i + 1].s, points[i].s + after);
    }
  }
  if (now - points.back().s > after) {
    text += fmt::format("S {}..@{} ", points.back().s, points.back().s + after);
  }
  return text;
}

struct Arrivals {
  std::vector<Point> ordered;
  std::vector<Point> as_they_come;
};

/// Readings that come at most `lateness` seconds behind younger ones, some of them twice.
Arrivals arrivals(std::mt19937& random, std::int64_t lateness, std::int64_t longest_step) {
  Arrivals made;
  std::vector<std::pair<double, Point>> coming;
  std::int64_t s = 0;
  for (int i = 0; i < 60; ++i) {
    s += 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(longest_step));
    const Point point{s, 70.0 + static_cast<double>(random() % 20)};
    made.ordered.push_back(point);
    for (unsigned copies = random() % 5 == 0 ? 2 : 1; copies > 0; --copies) {
      coming.emplace_back(static_cast<double>(s) + static_cast<double>(random() % 1000) / 1000 *
                                                       static_cast<double>(lateness),
                          point);
    }
  }
  std::ranges::sort(coming, {}, &std::pair<double, Point>::first);
  for (const auto& [when, point] : coming) made.as_they_come.push_back(point);
  return made;
}

}  // namespace

TEST_CASE(
    "property: whatever the order of arrival within the lateness, the episodes are the same") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const auto lateness = static_cast<std::int64_t>(random() % 40);
    const auto on = static_cast<std::int64_t>(random() % 8);
    const auto off = static_cast<std::int64_t>(random() % 8);
    const double deadband = static_cast<double>(random() % 5);
    const auto after = static_cast<std::int64_t>(2 + random() % 6);
    const auto made = arrivals(random, lateness, 9);
    Story hot(fmt::format("[rules]\nlateness = '{}s'\n", lateness) +
              limit(fmt::format("on_delay = '{}s'\noff_delay = '{}s'\ndeadband = {}", on, off,
                                deadband)));
    Story quiet(
        fmt::format("[rules]\nlateness = '{}s'\n[[rule]]\nname = 'q'\nkind = 'silence'\n"
                    "after = '{}s'\n",
                    lateness, after));
    std::int64_t newest = 0;
    for (const Point& point : made.as_they_come) {
      newest = std::max(newest, point.s);
      hot.feed("S", "temperature", static_cast<double>(point.s), point.value);
      quiet.feed("S", "temperature", static_cast<double>(point.s), point.value);
      if (random() % 4 == 0) quiet.advance(static_cast<double>(newest));
    }
    CHECK(hot.text() == reference_limit(made.ordered, on, off, 80, deadband));
    const std::int64_t now = newest + 2 * after;
    quiet.advance(static_cast<double>(now));
    CHECK(quiet.text() == reference_silence(made.ordered, after, now));
    CHECK(hot.book().counts().too_late == 0);
  }
}

}  // namespace sosie::rules
