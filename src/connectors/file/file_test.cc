#include <cmath>
#include <map>
#include <semaphore>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/source.h"
#include "simulation/label.h"
#include "testing/server.h"

namespace sosie {
void register_connectors_file(Catalog& catalog);

namespace {

using testing::TempDir;

/// Keeps what a source brings.
class Books final : public Intake, public LabelSink {
 public:
  explicit Books(Clock& clock) : clock_(clock) {}

  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    return table.declare(info);
  }
  SeriesId declare(const SeriesInfo& info) override { return table.declare(info); }
  Admission put(std::span<const Reading> batch, std::string_view /*source*/) override {
    readings.insert(readings.end(), batch.begin(), batch.end());
    ++batches;
    has_batch.release();
    if (readings.size() >= stop_after) stop.request_stop();
    return {.ticket = {}, .taken = batch.size(), .refused = 0, .reason = {}};
  }
  Result<Admission> try_put(std::span<const Reading> batch, std::string_view source) override {
    return put(batch, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override { return true; }
  void refuse(Refusal refusal) override { refusals.push_back(std::move(refusal)); }
  void remember(std::string_view key, std::string bytes) override {
    kept[std::string(key)] = std::move(bytes);
  }
  std::optional<std::string> recall(std::string_view key) override {
    const auto found = kept.find(std::string(key));
    if (found == kept.end()) return std::nullopt;
    return found->second;
  }
  Clock& clock() override { return clock_; }
  void label(const Label& label) override { labels.push_back(label); }

  /// "2016-08-03T11:49:00Z gecco.tp=6.5 …", a line each.
  std::string told() const {
    std::string all;
    for (const auto& r : readings) {
      all += fmt::format("{} {}={}{}\n", to_iso8601(r.at), table[r.series].name(), r.value,
                         r.quality == Quality::good ? "" : " " + std::string(to_text(r.quality)));
    }
    return all;
  }
  std::string refused() const {
    std::string all;
    for (const auto& r : refusals) {
      const auto slash = r.where.rfind('/');
      all += fmt::format("{}: {} [{}]\n", r.where.substr(slash + 1), r.reason, r.sample);
    }
    return all;
  }
  std::string labelled() const {
    std::string all;
    for (const auto& l : labels) {
      all += fmt::format("{} {}..{} {}\n", to_text(l.kind), to_iso8601(l.start), to_iso8601(l.end),
                         l.over ? "over" : "runs");
    }
    return all;
  }

  SeriesTable table;
  std::vector<Reading> readings;
  std::vector<Refusal> refusals;
  std::vector<Label> labels;
  std::map<std::string, std::string> kept;
  std::size_t batches = 0;
  std::size_t stop_after = SIZE_MAX;
  std::stop_source stop;
  std::counting_semaphore<> has_batch{0};

 private:
  Clock& clock_;
};

Result<std::unique_ptr<Source>> made(const std::string& toml) {
  Catalog catalog;
  register_connectors_file(catalog);
  auto section = TRY(Section::read_text("kind = \"file\"\n" + toml));
  return catalog.make<Source>(section);
}

/// Runs a source of these keys over a file of this text; "no error" or the error, folder removed.
std::string play(Books& books, const std::string& text, const std::string& toml = "",
                 const std::string& name = "data.csv") {
  const TempDir dir;
  const auto path = dir.write(name, text);
  auto source = made(fmt::format("path = \"{}\"\n{}", path, toml));
  if (!source) return source.error().what;
  if (auto* labelled = dynamic_cast<Labelled*>(source->get())) labelled->labels_to(books);
  const auto ran = (*source)->run(books, books.stop.get_token());
  if (ran) return "no error";
  auto what = ran.error().what;
  for (auto at = what.find(dir.path()); at != what.npos; at = what.find(dir.path())) {
    what.erase(at, dir.path().size() + 1);
  }
  return what;
}

struct Played {
  std::string error;
  std::string readings;
  std::string refusals;
  std::string labels;
};

Played play(const std::string& text, const std::string& toml = "",
            const std::string& name = "data.csv") {
  ManualClock clock;
  Books books(clock);
  auto error = play(books, text, toml, name);
  return {error, books.told(), books.refused(), books.labelled()};
}

struct Case {
  const char* name;
  std::string toml;
  std::string text;
  std::string readings;
  std::string refusals;
};

TEST_CASE("file: what is read") {
  const std::string nab = "timestamp,value\n2013-12-02 21:15:00,73.9\n2013-12-02 21:20:00,74\n";
  const Case cases[] = {
      {"every column of numbers, by default", "", nab,
       "2013-12-02T21:15:00Z data=73.9\n2013-12-02T21:20:00Z data=74\n", ""},
      {"a zone", "zone = \"Europe/Paris\"", nab,
       "2013-12-02T20:15:00Z data=73.9\n2013-12-02T20:20:00Z data=74\n", ""},
      {"a series with a name",
       "entity = \"machine\"\n[[series]]\ncolumn = \"value\"\nattribute = \"temperature\"", nab,
       "2013-12-02T21:15:00Z machine.temperature=73.9\n2013-12-02T21:20:00Z "
       "machine.temperature=74\n",
       ""},
      {"names from the columns, numbers only", "",
       "\"\",Time,Débit (m3),note,b\n1,2020-01-01 00:00,5,x,7\n",
       "2020-01-01T00:00:00Z data.debit_m3=5\n2020-01-01T00:00:00Z data.b=7\n", ""},
      {"missing marks, by default and by choice", "",
       "t,a,b\n2020-01-01,NA,\n2020-01-02,1,NaN\n2020-01-03,-,2\n",
       "2020-01-02T00:00:00Z data.a=1\n2020-01-03T00:00:00Z data.b=2\n", ""},
      {"a chosen missing mark replaces the usual ones",
       "missing = [\"-999\"]\n[[series]]\ncolumn=\"a\"",
       "t,a\n2020-01-01,-999\n2020-01-02,\n2020-01-03,NA\n", "",
       "data.csv:4: column 'a': read 'NA', expected a number [2020-01-03,NA]\n"},
      {"semicolons, decimal commas, another way to write times",
       "decimal = \",\"\ntime_format = \"%d/%m/%Y %H:%M\"\ntime = \"Quand\"",
       "Quand;a\n20/11/2026 13:14;1,5\n", "2026-11-20T13:14:00Z data.a=1.5\n", ""},
      {"a wrong value costs itself, a wrong row itself", "",
       "t,a,b\n2020-01-01,1,2\n2020-01-02,x,3\n2020-01-03,4\nyesterday,5,6\n2020-01-05,inf,7\n",
       "2020-01-01T00:00:00Z data.a=1\n2020-01-01T00:00:00Z data.b=2\n"
       "2020-01-02T00:00:00Z data.b=3\n2020-01-05T00:00:00Z data.b=7\n",
       "data.csv:3: column 'a': read 'x', expected a number [2020-01-02,x,3]\n"
       "data.csv:4: read 2 fields, expected 3 as in the header [2020-01-03,4]\n"
       "data.csv:5: column 't': read 'yesterday', expected a time as iso [yesterday,5,6]\n"
       "data.csv:6: column 'a': read 'inf', expected a number [2020-01-05,inf,7]\n"},
      {"a quote that stays open", "", "t,a\n\"2020-01-01,1\n2020-01-02,2\n",
       "2020-01-02T00:00:00Z data.a=2\n",
       "data.csv:2: a quote is opened and never closed [\"2020-01-01,1]\n"},
      {"out of order and twice: handed on as they are", "",
       "t,a\n2020-01-02,1\n2020-01-01,2\n2020-01-01,2\n",
       "2020-01-02T00:00:00Z data.a=1\n2020-01-01T00:00:00Z data.a=2\n2020-01-01T00:00:00Z "
       "data.a=2\n",
       ""},
      {"only a span", "begin = \"2020-01-02T00:00:00Z\"\nend = \"2020-01-03T00:00:00Z\"",
       "t,a\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n", "2020-01-02T00:00:00Z data.a=2\n", ""},
      {"the long form",
       "time = \"timestamp\"\ntime_format = \"unix\"\n[long]\nentity = \"sensor_id\"\nvalue = "
       "\"kwh\"\n"
       "attribute_name = \"energy\"",
       "sensor_id,kwh,timestamp\nS1,18.5,123456789\nS2,1.15,1765821041.75\n,3,5\n",
       "1973-11-29T21:33:09Z S1.energy=18.5\n2025-12-15T17:50:41.750Z S2.energy=1.15\n",
       "data.csv:4: the row names no entity or no attribute [,3,5]\n"},
      {"a verdict of the recording is a series beside",
       "time = \"t\"\n[long]\nentity = \"id\"\nvalue = \"kwh\"\nflag = \"Is Odd\"",
       "id,kwh,t,Is Odd\nS1,18.5,2020-01-01,\nS1,1,2020-01-02,true\nS1,2,2020-01-03,false\n"
       "S1,3,2020-01-04,perhaps\n",
       "2020-01-01T00:00:00Z S1.kwh=18.5\n2020-01-02T00:00:00Z S1.kwh=1\n"
       "2020-01-02T00:00:00Z S1.is_odd=1\n2020-01-03T00:00:00Z S1.kwh=2\n"
       "2020-01-03T00:00:00Z S1.is_odd=0\n2020-01-04T00:00:00Z S1.kwh=3\n",
       "data.csv:5: column 'Is Odd': read 'perhaps', expected true or false "
       "[S1,3,2020-01-04,perhaps]\n"},
      {"what sosie itself writes", "",
       "time,entity,attribute,value,quality\r\n2020-01-01T00:00:00.500Z,P-1,flow,2.5,good\r\n"
       "2020-01-01T00:00:01Z,P-1,power,3,bad\r\n2020-01-01T00:00:02Z,P-1,power,3,fine\r\n",
       "2020-01-01T00:00:00.500Z P-1.flow=2.5\n2020-01-01T00:00:01Z P-1.power=3 bad\n",
       "data.csv:4: column 'quality': read 'fine', expected good, uncertain or bad "
       "[2020-01-01T00:00:02Z,P-1,power,3,fine]\n"},
      {"a header and nothing else", "[[series]]\ncolumn = \"a\"", "t,a\n", "", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.name));
    const auto played = play(c.text, c.toml);
    CHECK(played.error == "no error");
    CHECK(played.readings == c.readings);
    CHECK(played.refusals == c.refusals);
  }
}

TEST_CASE("file: JSON lines") {
  const std::string lines =
      "{\"ts\": 1577836800000, \"in\": {\"temp\": 20.5, \"state\": \"on\"}, \"list\": [1]}\n"
      "{\"ts\": 1577836801000, \"in\": {\"temp\": null}, \"late\": 3}\n"
      "{\"ts\": 15778368\n"
      "[1]\n"
      "{\"ts\": 1577836802000, \"in\": {\"temp\": {\"c\": 1}}, \"late\": 4}\n"
      "{\"in\": {\"temp\": 1}}\n";
  const auto played = play(lines,
                           "time_format = \"unix_ms\"\n[[series]]\ncolumn = \"in.temp\"\n"
                           "[[series]]\ncolumn = \"late\"\nentity = \"x\"",
                           "data.jsonl");
  CHECK(played.error == "no error");
  CHECK(played.readings ==
        "2020-01-01T00:00:00Z data.in_temp=20.5\n2020-01-01T00:00:01Z x.late=3\n"
        "2020-01-01T00:00:02Z x.late=4\n");
  CHECK(played.refusals.find("data.jsonl:3: ") == 0);
  CHECK(played.refusals.find("data.jsonl:4: read a list, expected an object [[1]]\n") !=
        std::string::npos);
  CHECK(
      played.refusals.find("data.jsonl:5: column 'in.temp': read 'an object', expected a number") !=
      std::string::npos);
  CHECK(played.refusals.find("data.jsonl:6: column 'ts': read '', expected a time as unix_ms") !=
        std::string::npos);

  const auto by_default = play(lines, "time_format = \"unix_ms\"", "data.ndjson");
  CHECK(by_default.readings == "2020-01-01T00:00:00Z data.in_temp=20.5\n");

  const auto own = play(
      "{\"entity\":\"P-1\",\"attribute\":\"flow\",\"value\":0.1,\"time\":\"2020-01-01T00:00:00Z\"}"
      "\n",
      "", "data.jsonl");
  CHECK(own.readings == "2020-01-01T00:00:00Z P-1.flow=0.1\n");
}

TEST_CASE("file: a file that is not what was expected says what it is") {
  struct BadCase {
    const char* name;
    std::string toml;
    std::string text;
    std::string expected;
  };
  const BadCase cases[] = {
      {"the wrong delimiter", "delimiter = \",\"", "a;b;c\n1;2;3\n",
       "data.csv: line 1: read 1 column 'a;b;c' with the delimiter ','; expected a time and "
       "values; "
       "did you mean delimiter ';'?"},
      {"no header", "", "2013-12-02 21:15:00,73.9\n2013-12-02 21:20:00,74\n",
       "data.csv: line 1: read values (2013-12-02 21:15:00,73.9) where the header was expected; "
       "give "
       "the file a first line with the columns' names"},
      {"empty", "", "", "data.csv: the file is empty; expected a header and rows"},
      {"no such column", "time = \"Tine\"", "Time,a\n2020-01-01,1\n",
       "data.csv: there is no column 'Tine'; the file has Time, a; did you mean 'Time'?"},
      {"nothing named like a time", "", "when,a\n2020-01-01,1\n",
       "data.csv: none of the columns when, a is named like a time; expected 'time', or the key "
       "time "
       "= \"its name\""},
      {"no numbers", "", "t,a\n2020-01-01,x\n",
       "data.csv: none of the columns t, a holds numbers in the first 100 rows"},
      {"UTF-16", "", "\xFF\xFEt\n", "data.csv: the text is in UTF-16; expected UTF-8"},
      {"no JSON at all", "format = \"jsonl\"", "t,a\n",
       "data.csv: the file holds no JSON object; expected one a line"},
  };
  for (const auto& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(play(c.text, c.toml).error == c.expected);
  }
  ManualClock clock;
  Books books(clock);
  auto source = made("path = \"/nowhere/x.csv\"");
  REQUIRE(source);
  const auto ran = (*source)->run(books, {});
  REQUIRE_FALSE(ran);
  CHECK(ran.error().what == "/nowhere/x.csv: No such file or directory");
}

TEST_CASE("file: keys") {
  struct KeyCase {
    std::string toml;
    std::string expected;  ///< the error's end
  };
  const KeyCase cases[] = {
      {"", "'path' is missing in the file"},
      {"path = \"a\"\npaths = [\"b\"]", "'paths' stands beside 'path'; expected one of the two"},
      {"paths = []", "'paths' is empty, expected file names"},
      {"path = \"a\"\ndelimiter = \"ab\"",
       "'delimiter' is 'ab', expected auto, tab or one character, as ;"},
      {"path = \"a\"\nspeed = -1",
       "'speed' is -1; expected times real time, as 1 or 60, or \"max\""},
      {"path = \"a\"\nbegin = \"soon\"",
       "'begin' is 'soon', expected a time, as 2016-08-03T11:49:00Z"},
      {"path = \"a\"\n[[series]]\ncolumn = \"a\"\nlow = 5\nhigh = 5",
       "'high' is 5, expected more than low = 5"},
      {"path = \"a\"\n[labels]\ncolumn = \"a\"\nwindows = \"b\"",
       "'windows' stands beside 'column'; expected one of the two"},
      {"path = \"a\"\n[labels]\nkind = \"odd\"", "'kind' 'odd' is no kind of cause"},
      {"path = \"a\"\n[long]\nentity = \"a\"\nvalue=\"b\"\n[[series]]\ncolumn = \"a\"",
       "'long' stands beside [[source.series]]; expected one of the two"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto source = made(c.toml);
    REQUIRE_FALSE(source);
    CAPTURE(source.error().what);
    CHECK(source.error().what.ends_with(c.expected));
  }
  for (const auto* toml :
       {"path = \"a\"\nzone = \"Mars/Base\"", "path = \"a\"\ntime_format = \"odd\"",
        "path = \"a\"\nformat = \"xml\"", "path = \"a\"\nfrom = \"end\"",
        "path = \"a\"\nspeed = \"fast\"", "path = \"a\"\ndelimeter = \";\"",
        "path = \"a\"\n[[series]]\ncolum = \"x\"", "path = \"a\"\n[labels]\ncolunm = \"x\"",
        "path = \"a\"\n[long]\nentity = \"x\""}) {
    CAPTURE(std::string(toml));
    CHECK_FALSE(made(toml));
  }
}

TEST_CASE("file: the sample is a scenario's part that works") {
  Catalog catalog;
  register_connectors_file(catalog);
  auto section = Section::read_file(SOSIE_ROOT "/src/connectors/file/sample.toml");
  REQUIRE(section);
  const auto source = catalog.make<Source>(*section);
  if (!source) FAIL(source.error().what);
}

TEST_CASE("file: labels from a column") {
  const std::string text =
      "t,a,EVENT\n2020-01-01 00:00,1,FALSE\n2020-01-01 00:01,1,TRUE\n2020-01-01 00:02,1,TRUE\n"
      "2020-01-01 00:03,1,FALSE\n2020-01-01 00:05,1,1\n2020-01-01 00:06,1,NA\n2020-01-01 "
      "00:07,1,maybe\n"
      "2020-01-01 00:20,1,true\n";
  const auto played = play(text, "[labels]\ncolumn = \"EVENT\"\nkind = \"pollution_peak\"");
  CHECK(played.error == "no error");
  CHECK(played.labels ==
        "pollution_peak 2020-01-01T00:01:00Z..2020-01-01T00:01:00Z runs\n"
        "pollution_peak 2020-01-01T00:01:00Z..2020-01-01T00:02:00Z over\n"
        "pollution_peak 2020-01-01T00:05:00Z..2020-01-01T00:05:00Z runs\n"
        "pollution_peak 2020-01-01T00:05:00Z..2020-01-01T00:20:00Z over\n");
  CHECK(played.refusals ==
        "data.csv:8: column 'EVENT': read 'maybe', expected true or false "
        "[2020-01-01 00:07,1,maybe]\n");
  // The label is no series: no detector can read it.
  CHECK(played.readings.find("event") == std::string::npos);
  const auto joined = play(text, "[labels]\ncolumn = \"EVENT\"\njoin = \"5m\"");
  CHECK(joined.labels ==
        "unknown 2020-01-01T00:01:00Z..2020-01-01T00:01:00Z runs\n"
        "unknown 2020-01-01T00:01:00Z..2020-01-01T00:20:00Z over\n");
}

TEST_CASE("file: labels from a windows file") {
  const TempDir dir;
  const auto windows =
      dir.write("windows.json",
                "{\"other.csv\": [], \"data.csv\": [[\"2020-01-01 03:00:00.000000\", "
                "\"2020-01-01 04:00:00\"], [\"2020-01-01 01:00:00\", \"2020-01-01 "
                "01:30:00\"], [\"2020-01-09 00:00:00\", \"2020-01-10 00:00:00\"]]}");
  const std::string text = "t,a\n2020-01-01 00:00,1\n2020-01-01 02:00,1\n2020-01-01 03:30,1\n";
  const auto key = fmt::format("[labels]\nwindows = \"{}\"\n", windows);
  CHECK(play(text, key).labels ==
        "unknown 2020-01-01T01:00:00Z..2020-01-01T01:30:00Z runs\n"
        "unknown 2020-01-01T01:00:00Z..2020-01-01T01:30:00Z over\n"
        "unknown 2020-01-01T03:00:00Z..2020-01-01T04:00:00Z runs\n"
        "unknown 2020-01-01T03:00:00Z..2020-01-01T04:00:00Z over\n");
  CHECK(play(text, key + "windows_key = \"other.csv\"").labels.empty());
  CHECK(play(text, key + "windows_key = \"data.cvs\"").error ==
        windows + ": it has no windows of 'data.cvs'; did you mean 'data.csv'?");
  dir.write("windows.json", "{\"data.csv\": [[\"2020-01-01\", \"soon\"]]}");
  CHECK(play(text, key).error ==
        windows + ": window 0 of 'data.csv': expected [\"start\", \"end\"], two times");
}

TEST_CASE("file: the same file gives the same labels again") {
  const std::string text = "t,a,e\n2020-01-01,1,1\n2020-01-02,1,0\n2020-01-03,1,1\n";
  ManualClock clock;
  Books once(clock);
  Books twice(clock);
  play(once, text, "[labels]\ncolumn = \"e\"");
  play(twice, text, "[labels]\ncolumn = \"e\"");
  REQUIRE(once.labels.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(once.labels[i].id == twice.labels[i].id);
  CHECK(once.labels[0].id == once.labels[1].id);
  CHECK(once.labels[1].id != once.labels[2].id);
  CHECK(once.labels[0].id < (1ULL << 53U));
}

TEST_CASE("file: what a series is told of") {
  ManualClock clock;
  Books books(clock);
  CHECK(
      play(
          books, "t,a\n2020-01-01,1\n",
          "asset = \"works\"\nentity = \"line\"\n[[series]]\ncolumn = \"a\"\nattribute = \"flow\"\n"
          "unit = \"m3/h\"\nlow = 0\nhigh = 10\nstage = \"out\"\nstage_name = {en = \"Outlet\", fr "
          "= \"Sortie\"}\n"
          "quantity = {en = \"flow\"}\nlocation = {en = \"pipe 2\", fr = \"conduite 2\"}\nclass = "
          "\"A\"") == "no error");
  const auto& info = books.table[SeriesId{0}];
  CHECK(info == SeriesInfo{.entity = "line",
                           .attribute = "flow",
                           .asset = "works",
                           .stage = "out",
                           .stage_name = {"Outlet", "Sortie"},
                           .quantity = {"flow", "flow"},
                           .location = "pipe 2",
                           .location_fr = "conduite 2",
                           .unit = "m3/h",
                           .low = 0,
                           .high = 10,
                           .sensor_class = "A"});
}

std::string minutes_of_rows(int count) {
  std::string text = "t,a\n";
  for (int i = 0; i < count; ++i) text += fmt::format("{},{}\n", 1'600'000'000 + 60 * i, i);
  return text;
}

TEST_CASE("file: batches") {
  ManualClock clock;
  Books books(clock);
  CHECK(play(books, minutes_of_rows(10'000), "time_format = \"unix\"") == "no error");
  CHECK(books.readings.size() == 10'000);
  CHECK(books.batches == 3);
}

TEST_CASE("file: going on from the cursor") {
  const TempDir dir;
  const auto path = dir.write("data.csv", minutes_of_rows(10'000));
  const auto toml = fmt::format("path = \"{}\"\ntime_format = \"unix\"\nfrom = \"cursor\"", path);
  ManualClock clock;
  Books first(clock);
  first.stop_after = 4'000;
  auto source = made(toml);
  REQUIRE(source);
  REQUIRE((*source)->run(first, first.stop.get_token()));
  REQUIRE(first.readings.size() < 10'000);

  // Put, but stopped before its cursor was kept: that batch comes again, nothing is missing.
  Books second(clock);
  second.kept = first.kept;
  REQUIRE((*source)->run(second, {}));
  CHECK(first.readings.size() + second.readings.size() >= 10'000);
  CHECK(second.readings.back().value == 9'999);
  CHECK(second.readings.front().value <= static_cast<double>(first.readings.size()));

  Books third(clock);  // everything was read
  third.kept = second.kept;
  REQUIRE((*source)->run(third, {}));
  CHECK(third.readings.empty());

  dir.write("data.csv", minutes_of_rows(10'005));  // it has grown
  Books fourth(clock);
  fourth.kept = second.kept;
  REQUIRE((*source)->run(fourth, {}));
  CHECK(fourth.readings.size() == 5);

  dir.write("data.csv", "t,b\n1600000000,1\n");  // another file
  Books fifth(clock);
  fifth.kept = second.kept;
  REQUIRE((*source)->run(fifth, {}));
  CHECK(fifth.readings.size() == 1);
}

TEST_CASE("file: a label that was cut by a stop is one label") {
  const TempDir dir;
  const auto path = dir.write("data.csv", "t,a,e\n2020-01-01,1,0\n2020-01-02,1,1\n");
  const auto toml = fmt::format(
      "path = \"{}\"\nfrom = \"cursor\"\n[labels]\ncolumn = \"e\"\n[[series]]\ncolumn = \"a\"",
      path);
  ScaledClock clock(*from_iso8601("2020-01-01"), 0);
  Books books(clock);
  auto source = made(toml);
  REQUIRE(source);
  dynamic_cast<Labelled&>(**source).labels_to(books);
  // As a stop in the midst of the label would have left it.
  books.kept["file:" + path] = "file/1\n36\n3\n1577923200000000 1577923200000000\nt\na\ne";
  dir.write("data.csv", "t,a,e\n2020-01-01,1,0\n2020-01-02,1,1\n2020-01-03,1,1\n2020-01-04,1,0\n");
  REQUIRE((*source)->run(books, {}));
  CHECK(books.readings.size() == 2);
  CHECK(books.labelled() == "unknown 2020-01-02T00:00:00Z..2020-01-03T00:00:00Z over\n");
}

TEST_CASE("file: as fast as possible, the scenario's clock is the recording's") {
  ScaledClock clock(Timestamp{}, 0);
  Books books(clock);
  play(books, "t,a\n2020-01-01,1\n2020-01-01 12:00,2\n");
  CHECK(to_iso8601(clock.now()) == "2020-01-01T12:00:00Z");
}

TEST_CASE("file: played once more, the clock stays where the recording ended") {
  for (const char* speed : {"0", "60"}) {
    CAPTURE(speed);
    ScaledClock clock(*from_iso8601("2020-01-01T12:00:00Z"), 0);
    Books books(clock);
    play(books, "t,a\n2020-01-01,1\n2020-01-01 12:00,2\n", fmt::format("speed = {}", speed));
    CHECK(books.readings.size() == 2);
    clock.set_speed(0);
    CHECK(clock.now() - *from_iso8601("2020-01-01T12:00:00Z") < std::chrono::minutes(30));
  }
}

TEST_CASE("file: a single wrong time moves no clock") {
  const std::string text =
      "t,a\n1970-01-01 00:00,0\n2020-01-01 00:00,1\n2099-01-01 00:00,2\n2020-01-01 00:01,3\n"
      "2020-01-09 00:00,4\n2020-01-09 00:01,5\n2099-01-01 00:00,6\n";
  ScaledClock clock(Timestamp{}, 0);
  Books books(clock);
  play(books, text);
  CHECK(books.readings.size() == 7);  // the readings all go on: intake judges them
  CHECK(to_iso8601(clock.now()) == "2020-01-09T00:01:00Z");
}

TEST_CASE("file: at a pace, readings come when their time has come") {
  ManualClock clock;
  clock.set(*from_iso8601("2026-01-01"));
  Books books(clock);
  const TempDir dir;
  const auto path = dir.write("data.csv", "t,a\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n");
  auto source = made(fmt::format("path = \"{}\"\nspeed = 60", path));
  REQUIRE(source);
  std::jthread running([&](const std::stop_token& stop) { CHECK((*source)->run(books, stop)); });
  books.has_batch.acquire();  // the first row is due at once, and is not kept waiting
  clock.set(*from_iso8601("2026-01-01T00:01:00Z"));  // an hour of the recording is a minute
  running.join();
  CHECK(books.readings.size() == 2);
  CHECK(books.batches == 2);
  CHECK(clock.now() == *from_iso8601("2026-01-01T00:01:00Z"));
}

TEST_CASE("file: a stop ends the wait for a row's time, and that row is not lost") {
  ManualClock clock;
  clock.set(*from_iso8601("2026-01-01"));
  Books books(clock);
  books.stop_after = 1;  // the first reading is put while the second is waited for
  const TempDir dir;
  const auto path = dir.write("data.csv", "t,a\n2020-01-01 00:00,1\n2020-01-01 01:00,2\n");
  auto source = made(fmt::format("path = \"{}\"\nspeed = 1\nfrom = \"cursor\"", path));
  REQUIRE(source);
  REQUIRE((*source)->run(books, books.stop.get_token()));
  CHECK(books.readings.size() == 1);
  Books later(clock);
  later.kept = books.kept;
  auto hurried = made(fmt::format("path = \"{}\"\nfrom = \"cursor\"", path));
  REQUIRE((*hurried)->run(later, {}));
  CHECK(later.readings.back().value == 2);
}

}  // namespace
}  // namespace sosie
