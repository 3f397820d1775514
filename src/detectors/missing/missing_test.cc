#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"
#include "statistics/columns.h"
#include "statistics/model_rows.h"
#include "testing/rig.h"

namespace sosie {
void register_detectors_missing(Catalog& catalog);

namespace {

using testing::make_detector;
using testing::Recorder;
using testing::Rig;

TEST_CASE("missing: the sample is valid, a typo is an Error") {
  const auto made =
      make_detector(register_detectors_missing,
                    Section::read_file(SOSIE_ROOT "/src/detectors/missing/sample.toml"));
  CHECK(made.error == "");
  CHECK(made.detector);
  CHECK(make_detector(register_detectors_missing, "kind = 'missing'\nmargn = 2")
            .error.find("margn") != std::string::npos);
}

using Values = std::vector<std::optional<double>>;

/// A sensor that sends every `every` frames; then what `sends(i)` says.
template <class F>
Recorder told(int every, int looked, F sends) {
  auto made = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(1));
  made.detector->begin(rig.columns());
  const auto frame = [&](bool is_sent) {
    return rig.sparse_frame(Values{is_sent ? std::optional(1.0) : std::nullopt});
  };
  for (int i = 0; i < 5000; ++i) made.detector->learn(frame(i % every == 0));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < looked; ++i) made.detector->look(frame(sends(i)), recorder);
  return recorder;
}

TEST_CASE("missing: a table of cadences and silences") {
  struct Case {
    const char* name;
    int every;
    bool (*sends)(int);
    const char* expected;
  };
  const Case cases[] = {
      {"as usual", 1, [](int) { return true; }, ""},
      {"one lost value is nothing", 1, [](int i) { return i != 50; }, ""},
      {"silent from 100 to 200", 1, [](int i) { return i < 100 || i >= 200; },
       "missing 0, missing 0"},
      {"a third is lost", 1, [](int i) { return i % 3 != 0; }, "missing 0"},
      {"every tenth frame is its cadence", 10, [](int i) { return i % 10 == 0; }, ""},
      {"silent for three times its cadence", 10, [](int i) { return i < 100 && i % 10 == 0; },
       "missing 0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(told(c.every, 400, c.sends).text().starts_with(c.expected));
    CHECK(told(c.every, 400, c.sends).symptoms.empty() == (*c.expected == 0));
  }
}

TEST_CASE("missing: the silence is told in seconds, from the last value on") {
  const auto heard = told(1, 100, [](int i) { return i < 50; });
  REQUIRE(!heard.symptoms.empty());
  const auto& s = heard.symptoms.front();
  CHECK(s.at - s.since == std::chrono::seconds(20));
  CHECK(s.value == 20);
  CHECK(s.expected == doctest::Approx(5).epsilon(0.02));
}

TEST_CASE("missing: nothing is missed before the first value") {
  auto made = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(1));
  made.detector->begin(rig.columns());
  Recorder recorder;
  for (int i = 0; i < 100; ++i)
    made.detector->look(rig.sparse_frame(Values{std::nullopt}), recorder);
  CHECK(recorder.text() == "");
}

TEST_CASE("missing: late values, and what was learned survives") {
  auto first = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(1));
  first.detector->begin(rig.columns());
  for (int i = 0; i < 1000; ++i) first.detector->learn(rig.frame({1.0}));
  REQUIRE(first.detector->settle());
  auto second = make_detector(register_detectors_missing, "kind = 'missing'");
  second.detector->begin(rig.columns());
  REQUIRE(second.detector->load(first.detector->save()));
  CHECK(second.detector->save() == first.detector->save());
  Recorder recorder;
  Frame frame = rig.frame({1.0});
  second.detector->look(frame, recorder);
  for (int i = 0; i < 5; ++i) {
    frame = rig.frame({1.0});
    const std::vector<Timestamp> old{frame.at - std::chrono::minutes(1)};
    frame.measured_at = old;
    second.detector->look(frame, recorder);
  }
  CHECK(recorder.text().starts_with("missing 0"));
}

TEST_CASE("missing: what the line loses of all is no sensor's, what one loses beyond it is") {
  constexpr std::size_t n = 20;
  auto made = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(n));
  Random random(4);
  made.detector->begin(rig.columns());
  std::vector<std::optional<double>> values(n);
  const auto frame = [&](double lost, double lost_by_first) {
    for (std::size_t k = 0; k < n; ++k) {
      const bool is_lost = random.uniform() < (k == 0 ? lost_by_first : lost);
      values[k] = is_lost ? std::nullopt : std::optional(random.normal());
    }
    return rig.sparse_frame(values);
  };
  for (int i = 0; i < 4000; ++i) made.detector->learn(frame(0, 0));
  REQUIRE(made.detector->settle());
  Recorder line;
  for (int i = 0; i < 8000; ++i) made.detector->look(frame(0.05, 0.05), line);
  CHECK(line.text() == "");
  Recorder one;
  for (int i = 0; i < 400; ++i) made.detector->look(frame(0.05, 0.6), one);
  REQUIRE(!one.symptoms.empty());
  CHECK(one.symptoms.front().column == 0);
}

/// Learns from ordinary frames of three sensors; then what `change` makes of each frame.
template <class F>
Recorder told_of_three(int looked, F change) {
  auto made = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(3));
  made.detector->begin(rig.columns());
  for (int i = 0; i < 1000; ++i) made.detector->learn(rig.frame({1.0, 2.0, 3.0}));
  REQUIRE(made.detector->settle());
  Recorder recorder;
  for (int i = 0; i < looked; ++i) {
    Frame frame = rig.frame({1.0, 2.0, 3.0});
    std::vector<Timestamp> at(frame.measured_at.begin(), frame.measured_at.end());
    std::vector<std::uint8_t> fresh(frame.fresh.begin(), frame.fresh.end());
    change(i, at, fresh);
    frame.measured_at = at;
    frame.fresh = fresh;
    made.detector->look(frame, recorder);
  }
  return recorder;
}

TEST_CASE("missing: whose clock is ahead of the others is named, and says by how much") {
  const auto heard = told_of_three(100, [](int i, auto& at, auto&) {
    if (i >= 20) at[1] += std::chrono::seconds(37);
  });
  REQUIRE(!heard.symptoms.empty());
  CHECK(heard.symptoms.front().column == 1);
  CHECK(heard.symptoms.front().rule == "ahead");
  CHECK(heard.symptoms.front().value == doctest::Approx(37));
  const auto little =
      told_of_three(100, [](int, auto& at, auto&) { at[1] += std::chrono::seconds(10); });
  CHECK(little.text() == "");
}

TEST_CASE("missing: values that come again are told, and a few of them are not") {
  const auto all = told_of_three(100, [](int i, auto&, auto& fresh) {
    if (i >= 20) fresh[2] = 2;
  });
  REQUIRE(!all.symptoms.empty());
  CHECK(all.symptoms.front().column == 2);
  CHECK(all.symptoms.front().rule == "again");
  const auto third = told_of_three(400, [](int i, auto&, auto& fresh) {
    if (i % 3 == 0) fresh[2] = 2;
  });
  CHECK(!third.symptoms.empty());
  // What was not acknowledged is sent again after a line came back: ten frames' values, now and
  // then.
  const auto few = told_of_three(2000, [](int i, auto&, auto& fresh) {
    if (i % 200 < 10) fresh[2] = 2;
  });
  CHECK(few.text() == "");
}

TEST_CASE("missing: a silence is over when values come again, and not when that was sure") {
  const auto heard = told(1, 1200, [](int i) { return i < 100 || i >= 820; });
  REQUIRE(heard.symptoms.size() >= 2);
  const auto& last = heard.symptoms.back();
  CHECK_FALSE(last.active);
  CHECK(last.at - last.since >= std::chrono::minutes(59));
  CHECK(last.at - last.since <= std::chrono::minutes(61));
}

TEST_CASE("missing: a model without a word of repeated values is of use as it is") {
  auto made = make_detector(register_detectors_missing, "kind = 'missing'");
  Rig rig(Rig::plain(1));
  made.detector->begin(rig.columns());
  ColumnNames names;
  names.begin(rig.columns());
  const auto before =
      save_rows("missing", 1, names, [](auto) { return std::vector{5.0, 15.0, 15.0, 0.1}; });
  REQUIRE(made.detector->load(before));
  Recorder recorder;
  for (int i = 0; i < 100; ++i) {
    Frame frame = rig.frame({1.0});
    const std::vector<std::uint8_t> again{2};
    frame.fresh = again;
    made.detector->look(frame, recorder);
  }
  CHECK(recorder.text() == "");
  CHECK_FALSE(made.detector->load(
      save_rows("missing", 1, names, [](auto) { return std::vector{5.0, 15.0, 15.0}; })));
}

}  // namespace
}  // namespace sosie
