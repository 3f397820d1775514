#include <doctest/doctest.h>
#include <fmt/format.h>

#include "store/fixture_test.h"

namespace sosie {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Rig {
 public:
  Rig() {
    StoreOptions options;
    options.path = folder_.file("a.db");
    auto opened = Store::open(options, table_);
    REQUIRE(opened);
    store_ = std::move(*opened);
    SeriesInfo info;
    info.entity = "S";
    info.attribute = "value";
    table_.declare(info);
  }

  /// A reading every `step`, by letter: g good, u uncertain (late), b bad (out of range), s bad
  /// (the sensor says so), . none.
  void play(std::string_view letters, Duration step = seconds(5)) {
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      if (letters[i] == '.') continue;
      Reading reading{.at = monday + step * static_cast<int>(i), .value = 1, .series = {0}};
      if (letters[i] == 'u') {
        reading.quality = Quality::uncertain;
        reading.reason = QualityReason::late;
      } else if (letters[i] != 'g') {
        reading.quality = Quality::bad;
        reading.reason =
            letters[i] == 's' ? QualityReason::sensor_fault : QualityReason::out_of_range;
      }
      readings.push_back(reading);
    }
    const Commit commit{.readings = readings};
    REQUIRE(store_->append({&commit, 1}));
  }

  /// "10-20 bad out_of_range", in seconds after the start.
  std::string quality(Duration from, Duration to, std::size_t points = 600) const {
    const auto spans = store_->quality({0}, monday + from, monday + to, points);
    REQUIRE(spans);
    std::string text;
    for (const auto& span : *spans) {
      const auto second = [](Timestamp at) {
        return std::chrono::duration<double>(at - monday).count();
      };
      text += fmt::format("{}{:g}-{:g} {} {}", text.empty() ? "" : ", ", second(span.from),
                          second(span.to), to_text(span.quality), to_text(span.reason));
    }
    return text;
  }

 private:
  testing::TempDir folder_;
  SeriesTable table_;
  std::unique_ptr<Store> store_;
};

TEST_CASE("quality: each stays until the next reading") {
  struct Case {
    const char* letters;
    const char* expected;
  };
  const Case cases[] = {
      {"gggg", ""},
      {"ggbbg", "10-20 bad out_of_range"},
      {"gubg", "5-10 uncertain late, 10-15 bad out_of_range"},
      {"gbsg", "5-10 bad out_of_range, 10-15 bad sensor_fault"},
      {"gb..g", "5-20 bad out_of_range"},
      {"ggb", "10-100 bad out_of_range"},
      {"", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.letters);
    Rig rig;
    rig.play(c.letters);
    CHECK(rig.quality(seconds(0), seconds(100)) == c.expected);
  }
}

TEST_CASE("quality: what no eye can tell apart is one, and the worst of it is told") {
  Rig rig;
  rig.play("gbgugbgggggggggggggggggggggggggggggggggb");
  CHECK(rig.quality(seconds(0), seconds(200), 5) ==
        "5-30 bad out_of_range, 195-200 bad out_of_range");
  CHECK(rig.quality(seconds(100), seconds(150), 5).empty());
}

TEST_CASE("quality: a span of very many readings is told from the roll-ups") {
  Rig rig;
  std::string month(30 * 24 * 720, 'g');
  for (std::size_t i = 100'000; i < 100'720; ++i) month[i] = 'b';  // an hour, 500,000 s after
  rig.play(month);
  CHECK(rig.quality(seconds(499'000), seconds(510'000)) == "500000-503600 bad out_of_range");
  CHECK(rig.quality(hours(0), hours(24 * 30), 20'000) == "499980-503640 bad ");
}

}  // namespace
}  // namespace sosie
