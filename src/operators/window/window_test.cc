#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/operator.h"
#include "operators/window/fixed.h"
#include "operators/window/rolling.h"
#include "operators/window/sessions.h"

namespace sosie {
void register_operators_window(Catalog& catalog);
}

namespace sosie::window {
namespace {

constexpr Micros second = 1'000'000;
constexpr Micros start = 1'700'000'000LL * second;

/// The last that was told of each (key, aggregate, time).
class Told final : public Results {
 public:
  void put(std::uint32_t key, std::size_t aggregate, Micros at, double value) override {
    last[{key, aggregate, at}] = value;
    ++count;
  }
  std::map<std::tuple<std::uint32_t, std::size_t, Micros>, double> last;
  std::size_t count = 0;
};

std::vector<Aggregate> aggregates_of(std::initializer_list<const char*> texts) {
  std::vector<Aggregate> all;
  for (const char* const text : texts) all.push_back(*Aggregate::of_text(text));
  return all;
}

/// All of one key, in order of time, and measured the slow way.
class Slow {
 public:
  void add(const Point& point) {
    const auto at = std::ranges::find(points_, point.at, &Point::at);
    if (at != points_.end()) {
      at->value = point.value;
      return;
    }
    points_.insert(std::ranges::upper_bound(points_, point.at, {}, &Point::at), point);
  }
  /// Of [from, to).
  std::optional<double> measure(const Aggregate& aggregate, Micros from, Micros to) const {
    std::vector<Point> in;
    View view;
    for (const Point& point : points_) {
      if (point.at < from) view.before = point.value;
      if (point.at >= from && point.at < to) in.push_back(point);
    }
    view.points = in;
    view.from = from;
    view.to = to;
    return Measurer().measure(aggregate, view);
  }
  const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
};

/// Readings of three keys, a tenth of them up to 20 s late.
template <class Take>
void feed(unsigned seed, int many, const Take& take) {
  std::mt19937 chance(seed);
  std::uniform_int_distribution<int> hundred(0, 99);
  std::normal_distribution<double> around(1000, 3);
  Micros now = start;
  for (int i = 0; i < many; ++i) {
    now += hundred(chance) * second / 60;
    const bool is_late = hundred(chance) < 10;
    const Micros at = now - (is_late ? hundred(chance) * second / 5 : 0);
    const Point point{at, around(chance)};
    const auto key = static_cast<std::uint32_t>(hundred(chance) % 3);
    take(key, point);
    if (hundred(chance) < 5) take(key, Point{at, around(chance)});  // said anew
    if (hundred(chance) < 5) take(key, point);                      // and again
  }
}

/// Whether each aggregate has a value wherever another has one; of one reading there is no rate.
bool are_always(const Shape& shape) {
  return std::ranges::none_of(shape.aggregates, &Aggregate::is_of_course);
}

template <class Store>
void check_fixed(Shape shape, unsigned seed) {
  FixedWindows<Store> windows(shape);
  std::vector<Slow> slow(3);
  for (int i = 0; i < 3; ++i) windows.add_key();
  Told told;
  Micros newest = 0;
  int in_batch = 0;
  std::uint64_t amended = 0;
  feed(seed, 4000, [&](std::uint32_t key, const Point& point) {
    const auto taken = windows.take(key, point, told);
    REQUIRE(taken != Taken::too_late);
    if (taken != Taken::copy) slow[key].add(point);
    newest = std::max(newest, point.at);
    if (++in_batch % 7 == 0) amended += windows.settle(told);
  });
  amended += windows.settle(told);
  std::size_t windows_told = 0;
  const Micros last = floor_of(newest - shape.wait, shape.every) * shape.every;
  const Micros first = floor_of(start - (120 * second), shape.every) * shape.every;
  for (Micros end = first; end <= last; end += shape.every) {
    for (std::uint32_t key = 0; key < 3; ++key) {
      for (std::size_t i = 0; i < shape.aggregates.size(); ++i) {
        const auto expected = slow[key].measure(shape.aggregates[i], end - shape.length, end);
        const auto found = told.last.find({key, i, end});
        CAPTURE(shape.aggregates[i].name);
        REQUIRE(expected.has_value() == (found != told.last.end()));
        if (!expected) continue;
        REQUIRE(found->second == doctest::Approx(*expected).epsilon(1e-9));
        ++windows_told;
      }
    }
  }
  CHECK(windows_told == told.last.size());
  if (are_always(shape)) CHECK(told.count == told.last.size() + amended);
  // Where nobody waits, some were amended.
  CHECK((shape.wait > 0 || told.count > told.last.size()));
}

Shape sliding(Micros length, Micros every) {
  Shape shape;
  shape.length = length * second;
  shape.every = every * second;
  shape.lateness = 30 * second;
  return shape;
}

}  // namespace

TEST_CASE("panes: sliding and tumbling windows, as the slow way has them, with late readings") {
  for (const auto& [length, every] : {std::pair{60, 6}, {60, 60}, {30, 10}, {7, 1}}) {
    for (const int wait : {0, 5, 50}) {
      Shape shape = sliding(length, every);
      shape.wait = wait * second;
      shape.aggregates = aggregates_of({"count", "sum", "mean", "min", "max", "stddev", "last"});
      check_fixed<PaneStore>(shape, static_cast<unsigned>(length + every + wait));
    }
  }
}

TEST_CASE("kept readings: every aggregate, as the slow way has it, with late readings") {
  for (const auto& [length, every] : {std::pair{60, 6}, {60, 60}, {30, 10}}) {
    Shape shape = sliding(length, every);
    shape.aggregates = aggregates_of(
        {"count", "mean", "max", "p5", "p50", "p99.9", "rate", "above(1001)", "duration", "last"});
    check_fixed<PointStore>(shape, static_cast<unsigned>(length + every));
  }
}

TEST_CASE("at each reading: exact, as the slow way has it, with late readings") {
  for (const int length : {5, 60, 400}) {
    Shape shape = sliding(length, 0);
    shape.aggregates = length == 60
                           ? aggregates_of({"mean", "p50", "above(1000)"})
                           : aggregates_of({"count", "mean", "min", "max", "stddev", "last"});
    RollingWindows windows(shape);
    std::vector<Slow> slow(3);
    for (int i = 0; i < 3; ++i) windows.add_key();
    Told told;
    feed(static_cast<unsigned>(length), 2500, [&](std::uint32_t key, const Point& point) {
      const auto taken = windows.take(key, point, told);
      REQUIRE(taken != Taken::too_late);
      if (taken != Taken::copy) slow[key].add(point);
    });
    for (std::uint32_t key = 0; key < 3; ++key) {
      for (const Point& point : slow[key].points()) {
        for (std::size_t i = 0; i < shape.aggregates.size(); ++i) {
          if (shape.aggregates[i].is_of_course()) continue;  // its last value holds for no time
          const auto expected =
              slow[key].measure(shape.aggregates[i], point.at - shape.length + 1, point.at + 1);
          CAPTURE(shape.aggregates[i].name);
          REQUIRE(told.last.at({key, i, point.at}) == doctest::Approx(*expected).epsilon(1e-8));
        }
      }
    }
    const auto amended = windows.settle(told);
    CHECK(amended > 100);
    if (are_always(shape)) CHECK(told.count == told.last.size() + amended);
  }
}

TEST_CASE("sessions: as the slow way has them, and never amended") {
  Shape shape;
  shape.kind = Shape::Kind::session;
  shape.gap = 3 * second;
  shape.longest = 3600 * second;
  shape.lateness = 30 * second;
  shape.aggregates = aggregates_of({"count", "mean", "duration"});
  SessionWindows windows(shape);
  std::vector<Slow> slow(3);
  for (int i = 0; i < 3; ++i) windows.add_key();
  Told told;
  feed(11, 3000, [&](std::uint32_t key, const Point& point) {
    REQUIRE(windows.take(key, point, told) != Taken::too_late);
    slow[key].add(point);
  });
  windows.advance(start + (1'000'000 * second), told);
  std::size_t sessions = 0;
  for (std::uint32_t key = 0; key < 3; ++key) {
    const auto& points = slow[key].points();
    std::size_t first = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (i + 1 < points.size() && points[i + 1].at - points[i].at <= shape.gap) continue;
      ++sessions;
      CHECK(told.last.at({key, 0, points[i].at}) == static_cast<double>(i - first + 1));
      CHECK(told.last.at({key, 2, points[i].at}) ==
            static_cast<double>(points[i].at - points[first].at) / 1e6);
      first = i + 1;
    }
  }
  CHECK(sessions > 50);
  CHECK(told.count == sessions * 3);
}

TEST_CASE("aggregates by name") {
  const auto name = [](const char* text) {
    const auto aggregate = Aggregate::of_text(text);
    return aggregate ? aggregate->name : "-";
  };
  CHECK(name("p95") == "p95");
  CHECK(name("p99.9") == "p99_9");
  CHECK(name("above(-1.5)") == "above_minus_1_5");
  CHECK(name("in(1)") == "in_1");
  CHECK(name("p101") == "-");
  CHECK(name("above()") == "-");
  CHECK(name("median") == "-");
}

namespace {

/// Two districts, one west of longitude 1 and one east of it, of 1 degree each.
class TwoDistricts final : public Zoning {
 public:
  const std::string& name() const override { return name_; }
  std::size_t size() const override { return 2; }
  const Named& operator[](std::size_t zone) const override { return zones_.at(zone); }
  std::optional<std::uint32_t> zone_at(double longitude, double latitude) const override {
    if (latitude < 43 || latitude > 44 || longitude < 0 || longitude > 2) return std::nullopt;
    return longitude <= 1 ? 0U : 1U;
  }

 private:
  std::string name_ = "districts";
  std::array<Named, 2> zones_{{{"w", "West"}, {"e", "East"}}};
};

/// An operator of a scenario, and what it says: "entity.attribute@seconds=value".
class Story final : public OperatorGround {
 public:
  explicit Story(const std::string& toml) {
    Catalog catalog;
    register_operators_window(catalog);
    auto section = Section::read_text("[operator]\nkind = 'window'\n" + toml).value();
    auto table = section.table("operator").value();
    auto made = catalog.make<Operator>(table);
    if (!made) {
      error = made.error().what;
      return;
    }
    operator_ = std::move(made).value();
    if (auto begun = operator_->begin({&districts_}); !begun) error = begun.error().what;
  }

  void feed(const std::string& entity, const std::string& attribute, int at, double value) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.unit = "dB";
    const SeriesId id = table_.declare(info);
    if (met_.size() <= id.index) met_.resize(id.index + 1);
    if (!std::exchange(met_[id.index], 1)) operator_->meet(id, table_[id], *this);
    operator_->take({Timestamp(Duration(at * second)), value, id}, out_);
  }
  void place(const std::string& entity, int at, double longitude, double latitude) {
    feed(entity, "latitude", at, latitude);
    feed(entity, "longitude", at, longitude);
  }
  void advance(int at) { operator_->advance(Timestamp(Duration(at * second)), out_); }
  std::string text() {
    operator_->settle(out_);
    std::string all;
    for (const Reading& reading : std::exchange(out_, {})) {
      all += fmt::format("{}@{}={:g} ", table_[reading.series].name(),
                         reading.at.time_since_epoch().count() / second, reading.value);
    }
    return all;
  }
  const Operator& made() const { return *operator_; }
  const SeriesInfo& info(const std::string& name) const { return table_[*table_.find_name(name)]; }

  SeriesId declare(const SeriesInfo& info) override {
    const auto id = table_.declare(info);
    if (met_.size() <= id.index) met_.resize(id.index + 1);
    met_[id.index] = 1;
    return id;
  }
  bool is_derived(SeriesId /*series*/) const override { return false; }
  std::optional<Reading> last_known(SeriesId /*series*/) override { return std::nullopt; }

  std::string error;

 private:
  TwoDistricts districts_;
  SeriesTable table_;
  std::vector<char> met_;
  std::unique_ptr<Operator> operator_;
  std::vector<Reading> out_;
};

}  // namespace

TEST_CASE("window: a late reading amends, and a copy changes nothing") {
  Story story("series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['mean']");
  REQUIRE(story.error.empty());
  story.feed("N1", "noise", 1, 50);
  story.feed("N1", "noise", 5, 60);
  story.feed("N1", "noise", 5, 60);
  story.feed("N1", "speed", 6, 60);  // not asked for
  CHECK(story.text().empty());
  story.feed("N1", "noise", 11, 70);
  CHECK(story.text() == "N1.noise_10s_mean@10=55 ");
  story.feed("N1", "noise", 8, 70);
  CHECK(story.text() == "N1.noise_10s_mean@10=60 ");
  story.feed("N1", "noise", 100, 70);
  CHECK(story.text() == "N1.noise_10s_mean@20=70 ");
  story.feed("N1", "noise", 12, 70);
  CHECK(story.text().empty());
  const auto counts = story.made().counts();
  CHECK(counts.too_late == 1);
  CHECK(counts.amended == 1);
  CHECK(counts.given == 3);
  CHECK(story.info("N1.noise_10s_mean").unit == "dB");
  CHECK(story.info("N1.noise_10s_mean").quantity.fr == "noise, moyenne sur 10 s");
}

TEST_CASE(
    "window: what one that lies behind fills is told of, and amended where it was told before") {
  Shape shape;
  shape.kind = Shape::Kind::tumbling;
  shape.length = shape.every = 10 * second;
  shape.lateness = 60 * second;
  shape.aggregates = aggregates_of({"count"});
  FixedWindows<PaneStore> windows(shape);
  windows.add_key();
  windows.add_key();
  Told told;
  const auto say = [&](std::uint32_t key, int at) {
    windows.take(key, Point{start + (at * second), 1}, told);
  };
  say(0, 0);
  say(0, 100);
  CHECK(windows.settle(told) == 0);
  CHECK(std::exchange(told.count, 0) == 1);
  say(1, 1);  // of another partition, read later
  say(1, 5);
  say(1, 12);
  CHECK(std::exchange(told.count, 0) == 1);
  say(1, 8);  // out of order, in the same batch
  say(1, 25);
  CHECK(told.last[{1, 0, start + (10 * second)}] == 3);
  CHECK(windows.settle(told) == 1);
  say(1, 3);
  say(1, 4);
  CHECK(windows.settle(told) == 1);
  CHECK(told.last[{1, 0, start + (10 * second)}] == 5);
  say(0, 55);  // where nothing had been
  CHECK(windows.settle(told) == 0);
  CHECK(told.last[{0, 0, start + (60 * second)}] == 1);
}

TEST_CASE("window: the energetic mean of levels, by hand") {
  // 10 log10 of the mean of 10^(level / 10): of 50 and 60 dB it is that of 1e5 and 1e6, 5.5e5.
  struct Case {
    const char* name;
    std::vector<double> levels;
    double expected;
  };
  const Case cases[] = {
      {"one level is its own", {61.5}, 61.5},
      {"equal ones too", {70, 70, 70}, 70},
      {"two sources double the power: 3.0103 dB above the half", {60, 60, -300}, 58.2390874094},
      {"50 and 60", {50, 60}, 57.4036268949},
      {"the loudest says nearly all", {50, 50, 50, 90}, 83.9807027748},
      {"below nothing", {-10, -20}, -12.5963731051},
      {"no power is too large", {4000, 4000}, 4000},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    std::vector<Point> points;
    for (const double level : c.levels) points.push_back({0, level});
    const Aggregate aggregate{Aggregate::What::energy_mean, 0, "mean"};
    CHECK(*Measurer().measure(aggregate, {.points = points}) == doctest::Approx(c.expected));
  }
}

TEST_CASE("window: an energetic mean keeps its name, and is amended") {
  for (const std::string window : {"window = 'tumbling'\nlength = '10s'",
                                   "window = 'sliding'\nlength = '10s'\nevery = '10s'"}) {
    Story story("series = '*.noise'\naggregates = ['mean', 'max']\nmean = 'energetic'\n" + window);
    REQUIRE(story.error.empty());
    story.feed("N1", "noise", 1, 50);
    story.feed("N1", "noise", 5, 60);
    story.feed("N1", "noise", 11, 70);
    CHECK(story.text() == "N1.noise_10s_mean@10=57.4036 N1.noise_10s_max@10=60 ");
    story.feed("N1", "noise", 8, 90);  // late: 10 log10((1e5 + 1e6 + 1e9) / 3)
    CHECK(story.text() == "N1.noise_10s_mean@10=85.2336 N1.noise_10s_max@10=90 ");
    story.feed("N1", "noise", 8, 50);  // and corrected: (1e5 + 1e6 + 1e5) / 3
    CHECK(story.text() == "N1.noise_10s_mean@10=56.0206 N1.noise_10s_max@10=60 ");
    CHECK(story.info("N1.noise_10s_mean").quantity.en == "noise, energetic mean over 10 s");
    CHECK(story.info("N1.noise_10s_mean").unit == "dB");
  }
  Story rolling(
      "series = '*.noise'\nlength = '10s'\nevery = '0s'\naggregates = ['mean']\n"
      "mean = 'energetic'");
  rolling.feed("N1", "noise", 1, 50);
  rolling.feed("N1", "noise", 5, 60);
  CHECK(rolling.text() == "N1.noise_10s_mean@1=50 N1.noise_10s_mean@5=57.4036 ");
  rolling.feed("N1", "noise", 3, 90);
  CHECK(rolling.text() == "N1.noise_10s_mean@3=86.9901 N1.noise_10s_mean@5=85.2336 ");
  Story session(
      "series = '*.noise'\nwindow = 'session'\ngap = '5s'\nlateness = '0s'\n"
      "aggregates = ['mean']\nmean = 'energetic'");
  session.feed("N1", "noise", 1, 50);
  session.feed("N1", "noise", 5, 60);
  session.feed("N1", "noise", 30, 60);
  CHECK(session.text() == "N1.noise_session_5s_mean@5=57.4036 ");
}

TEST_CASE("window: the energetic mean of a district's objects") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['mean']\n"
      "mean = 'energetic'\ngroup_by = 'zone'\nzones = 'districts'");
  REQUIRE(story.error.empty());
  story.place("N1", 1, 0.5, 43.5);
  story.place("N2", 1, 0.6, 43.5);
  story.feed("N1", "noise", 1, 50);
  story.feed("N2", "noise", 2, 60);
  story.place("N1", 11, 0.5, 43.5);
  story.feed("N1", "noise", 11, 50);
  CHECK(story.text() == "districts:w.noise_10s_mean@10=57.4036 ");
}

TEST_CASE("window: by district, and objects that move") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['max', 'count']\n"
      "group_by = 'zone'\nzones = 'districts'\npositions = {F = [1.5, 43.5]}");
  REQUIRE(story.error.empty());
  story.feed("A", "noise", 1, 50);  // waits for the first place
  story.place("A", 1, 0.5, 43.5);
  story.feed("F", "noise", 1, 50);  // two objects say the same at the same time
  story.place("B", 2, 1, 43.5);     // on the border: the first
  story.feed("B", "noise", 2, 80);
  story.place("C", 2, 43.5, 1.5);  // exchanged
  story.feed("C", "noise", 3, 99);
  story.place("D", 2, 0, 0);
  story.feed("D", "noise", 3, 99);
  story.place("E", 2, 5, 5);
  story.feed("E", "noise", 3, 99);
  story.place("A", 5, 1.5, 43.5);  // moves on
  story.feed("A", "noise", 5, 70);
  story.feed("A", "noise", 12, 1);
  CHECK(story.text() ==
        "districts:w.noise_10s_max@10=80 districts:w.noise_10s_count@10=2 "
        "districts:e.noise_10s_max@10=70 districts:e.noise_10s_count@10=2 ");
  const auto counts = story.made().counts();
  CHECK(counts.outside == 2);
  CHECK(counts.swapped == 1);
  CHECK(counts.nowhere == 1);
  CHECK(story.info("districts:w.noise_10s_max").location == "West");
}

TEST_CASE("window: values of one that never says where it is are counted, and it is named") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['count']\n"
      "group_by = 'zone'\nzones = 'districts'\nlateness = '2m'\npositions = {F = [1.5, 43.5]}");
  REQUIRE(story.error.empty());
  for (const int at : {1, 5, 70}) story.feed("lost", "noise", at, 50);
  story.feed("slow", "noise", 90, 50);
  story.feed("F", "noise", 120, 50);
  CHECK(story.text().empty());
  CHECK(story.made().counts().nowhere == 0);  // a place could still come in time
  CHECK(story.made().strays().empty());
  story.feed("F", "noise", 125, 50);
  CHECK(story.text().empty());
  CHECK(story.made().counts().nowhere == 1);
  REQUIRE(story.made().strays().size() == 1);
  CHECK(story.made().strays()[0].object == "lost");
  CHECK_FALSE(story.made().strays()[0].has_place);
  story.place("slow", 126, 0.5, 43.5);
  story.advance(200);
  CHECK(story.text() == "districts:e.noise_10s_count@130=2 districts:w.noise_10s_count@100=1 ");
  CHECK(story.made().counts().nowhere == 3);
  CHECK(story.made().counts().strays == 1);  // is named once
}

TEST_CASE("window: what is said twice counts once, and what is said anew takes its place") {
  const std::string base =
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\nlateness = '1m'\n"
      "aggregates = ['mean', 'count', 'max']\n";
  for (const auto* const more :
       {"", "method = 'exact'\n", "group_by = 'all'\n", "group_by = 'all'\nmethod = 'exact'\n"}) {
    CAPTURE(more);
    Story story(base + more);
    const std::string of = std::string(more).find("all") == std::string::npos ? "N1" : "all";
    const auto told = [&](double mean, int count, double max) {
      return fmt::format(
          "{0}.noise_10s_mean@10={1:g} {0}.noise_10s_count@10={2} "
          "{0}.noise_10s_max@10={3:g} ",
          of, mean, count, max);
    };
    story.feed("N1", "noise", 1, 1);
    story.feed("N1", "noise", 3, 2);
    story.feed("N1", "noise", 5, 3);
    story.feed("N1", "noise", 12, 5);
    CHECK(story.text() == told(2, 3, 3));
    story.feed("N1", "noise", 3, 2);
    CHECK(story.text().empty());
    story.feed("N1", "noise", 3, 200);
    CHECK(story.text() == told(68, 3, 200));
    story.feed("N1", "noise", 3, 2);
    CHECK(story.text() == told(2, 3, 3));
    if (of == "N1") continue;
    story.feed("N2", "noise", 3, 2);  // another one that says the same
    CHECK(story.text() == told(2, 4, 3));
  }
}

TEST_CASE("window: of a session in a group, what is said twice counts once") {
  Story story(
      "series = '*.noise'\nwindow = 'session'\ngap = '5s'\nlateness = '10s'\n"
      "aggregates = ['count', 'max']\ngroup_by = 'all'\n");
  story.feed("N1", "noise", 1, 1);
  story.feed("N2", "noise", 1, 1);
  story.feed("N1", "noise", 3, 2);
  story.feed("N1", "noise", 1, 7);
  story.feed("N2", "noise", 1, 1);
  story.feed("N1", "noise", 100, 7);
  CHECK(story.text() == "all.noise_session_5s_count@3=3 all.noise_session_5s_max@3=7 ");
}

TEST_CASE("window: a value holds until the next one, however long ago it came") {
  for (const auto* const more : {"every = '0s'", "every = '10s'", "window = 'tumbling'"}) {
    CAPTURE(more);
    Story story(
        fmt::format("series = '*.door'\nlength = '30s'\nlateness = '0s'\n"
                    "aggregates = ['above(5)']\n{}",
                    more));
    REQUIRE(story.error.empty());
    story.feed("N1", "door", 0, 0);
    story.feed("N1", "door", 10, 10);
    story.text();
    story.feed("N1", "door", 1000, 0);  // ten until then
    story.feed("N1", "door", 1015, 0);
    story.feed("N1", "door", 1100, 0);
    const auto told = story.text();
    CAPTURE(told);
    const std::string most = more == std::string("every = '0s'")
                                 ? "N1.door_30s_above_5@1015=0.5 "        // ]985, 1015]
                                 : "N1.door_30s_above_5@1020=0.333333 ";  // [990, 1020[
    CHECK(told.find(most) != std::string::npos);
  }
}

TEST_CASE("window: what comes late counts where its object stood then") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['max']\n"
      "lateness = '5m'\ngroup_by = 'zone'\nzones = 'districts'\n");
  REQUIRE(story.error.empty());
  story.place("A", 0, 0.5, 43.5);
  story.feed("A", "noise", 1, 1);
  story.place("A", 20, 1.5, 43.5);
  story.feed("A", "noise", 21, 2);
  story.place("A", 40, 0.5, 43.5);
  story.feed("A", "noise", 41, 3);
  CHECK(story.text() == "districts:w.noise_10s_max@10=1 districts:e.noise_10s_max@30=2 ");
  story.feed("A", "noise", 15, 50);
  story.feed("A", "noise", 35, 60);
  CHECK(story.text() == "districts:w.noise_10s_max@20=50 districts:e.noise_10s_max@40=60 ");
  // A place that comes late itself.
  story.place("A", 12, 1.5, 43.5);
  story.feed("A", "noise", 12, 70);
  CHECK(story.text() == "districts:e.noise_10s_max@20=70 ");
  story.feed("A", "noise", 3, 80);
  CHECK(story.text() == "districts:w.noise_10s_max@10=80 ");
}

TEST_CASE("window: a batch of the past is put where its object went") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['count']\n"
      "lateness = '0s'\ngroup_by = 'zone'\nzones = 'districts'\n");
  for (int i = 0; i < 100; ++i) story.place("A", 10 * i, i % 2 == 0 ? 0.5 : 1.5, 43.5);
  for (int i = 0; i < 100; ++i) story.feed("A", "noise", 10 * i, 1);
  const auto told = story.text();
  for (int i = 0; i < 99; ++i) {
    const auto expected =
        fmt::format("districts:{}.noise_10s_count@{}=1 ", i % 2 == 0 ? "w" : "e", 10 * (i + 1));
    CHECK(told.find(expected) != std::string::npos);
  }
}

TEST_CASE("window: who stands in no zone is named, once") {
  Story story(
      "series = '*.noise'\nwindow = 'tumbling'\nlength = '10s'\naggregates = ['max']\n"
      "group_by = 'zone'\nzones = 'districts'\n");
  story.place("C", 2, 43.5, 1.5);  // exchanged
  for (int i = 3; i < 9; ++i) story.feed("C", "noise", i, 99);
  story.place("D", 2, 0, 0);
  story.feed("D", "noise", 3, 99);
  story.place("E", 2, 5, 5);
  story.feed("E", "noise", 3, 99);
  CHECK(story.made().counts().strays == 3);
  const auto strays = story.made().strays();
  REQUIRE(strays.size() == 3);
  CHECK(strays[0].object == "C");
  CHECK(strays[0].what == Stray::What::swapped);
  CHECK(strays[0].longitude == 43.5);
  CHECK(strays[1].what == Stray::What::nowhere);
  CHECK(strays[2].what == Stray::What::outside);
  CHECK(strays[2].latitude == 5);
  story.place("E", 20, 0.5, 43.5);
  story.feed("E", "noise", 20, 99);
  story.place("E", 30, 5, 5);
  for (int i = 0; i < 30; ++i) {
    story.place(fmt::format("F{}", i), 30, 5, 6);
    story.feed(fmt::format("F{}", i), "noise", 31, 99);
  }
  story.feed("E", "noise", 31, 99);
  CHECK(story.made().counts().strays == 34);
  CHECK(story.made().strays().size() == 20);
  CHECK(story.made().strays().back().object == "E");
}

TEST_CASE("window: by group, and names as the scenario wants them") {
  Story story(
      "series = 'truck-*'\nlength = '20s'\nevery = '10s'\nname = 'recent'\naggregates = 'mean'\n"
      "group_by = 'list'\ngroups = {north = ['truck-1*'], south = ['truck-2*']}\n"
      "attribute = '{aggregate}_{attribute}_{window}'");
  REQUIRE(story.error.empty());
  story.feed("truck-11", "load", 1, 1);
  story.feed("truck-12", "load", 1, 3);
  story.feed("truck-21", "load", 2, 8);
  story.feed("truck-31", "load", 2, 9);
  story.feed("truck-11", "load", 12, 5);
  CHECK(story.text() == "north.mean_load_recent@10=2 south.mean_load_recent@10=8 ");
  story.feed("truck-11", "load", 20, 5);
  CHECK(story.text() == "north.mean_load_recent@20=3 south.mean_load_recent@20=8 ");
  CHECK(story.made().gives("mean_load_recent"));
  CHECK_FALSE(story.made().gives("load"));
}

TEST_CASE("window: the names of what it gives, as far as the scenario says them") {
  const auto names = [](const std::string& toml) {
    std::string all;
    const Story story(toml + "\nlength = '10s'\naggregates = ['mean']");
    for (const auto& [from, name] : story.made().makes()) all += name + " ";
    return all;
  };
  CHECK(names("series = ['*.laeq', 'van-*', '*']") ==
        "*.laeq_10s_mean van-*.*_10s_mean *.*_10s_mean ");
  CHECK(names("series = 'van-*.laeq'\ngroup_by = 'prefix'") == "van.laeq_10s_mean ");
  CHECK(names("series = '*.laeq'\ngroup_by = 'all'\nname = 'now'") == "all.laeq_now_mean ");
  CHECK(names("series = '*.laeq'\ngroup_by = 'zone'\nzones = 'districts'") ==
        "districts:*.laeq_10s_mean ");
  CHECK(names("series = '*.laeq'\ngroup_by = 'list'\ngroups = {a = ['x'], b = ['y']}") ==
        "a.laeq_10s_mean b.laeq_10s_mean ");
}

TEST_CASE("window: what a scenario may not say") {
  const auto error = [](const std::string& toml) { return Story(toml).error; };
  const std::string base = "series = '*'\nlength = '10s'\n";
  CHECK(error(base).empty());
  CHECK(error("length = '10s'").find("'series' is missing") != std::string::npos);
  CHECK(error("series = '*'").find("'length' is missing") != std::string::npos);
  CHECK(error(base + "every = '3s'").find("a whole part of length") != std::string::npos);
  CHECK(error(base + "aggregates = ['median']").find("has \"median\"; expected count") !=
        std::string::npos);
  CHECK(error(base + "aggregates = ['min', 'min']").find("twice") != std::string::npos);
  CHECK(error(base + "lenght = 1").find("'lenght'") != std::string::npos);
  CHECK(error(base + "method = 'panes'\naggregates = ['p95']").find("\"panes\" is for") !=
        std::string::npos);
  CHECK(error(base + "group_by = 'all'\naggregates = ['rate']").find("asked of one series") !=
        std::string::npos);
  CHECK(error(base + "group_by = 'zone'\nzones = 'quarters'")
            .find("expected the name of a [[zones]]: districts") != std::string::npos);
  CHECK(error(base + "group_by = 'all'\nevery = '0s'").find("more than 0") != std::string::npos);
  CHECK(error("series = '*'\nwindow = 'session'").find("'gap' is missing") != std::string::npos);
  CHECK(error(base + "mean = 'energy'").find("arithmetic") != std::string::npos);
  CHECK(error(base + "mean = 'energetic'\naggregates = ['max']").find("no mean is among") !=
        std::string::npos);
  CHECK(error(base + "mean = 'energetic'\nmethod = 'panes'").find("\"panes\" is for") !=
        std::string::npos);
  CHECK(error(base + "attribute = 'x'").find("{attribute}") != std::string::npos);
}

}  // namespace sosie::window
