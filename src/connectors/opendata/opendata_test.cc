#include <atomic>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "core/catalog.h"
#include "core/source.h"
#include "testing/http_receiver.h"
#include "testing/memory_intake.h"
#include "testing/server.h"

namespace sosie {
void register_connectors_opendata(Catalog& catalog);

namespace {

using Server = testing::HttpReceiver;
using Answer = Server::Answer;
using Lines = std::vector<std::string>;

Result<std::unique_ptr<Source>> made_source(const std::string& toml) {
  Catalog catalog;
  register_connectors_opendata(catalog);
  auto section = TRY(Section::read_text("kind = \"opendata\"\n" + toml, "t"));
  return catalog.make<Source>(section);
}

/// A dataset as a portal gives it: records in the order of their times.
class Dataset {
 public:
  void add(std::string_view station, int minute, double no2) {
    records.push_back(
        fmt::format(R"({{"code":"{}","maj":"2026-11-20T{:02}:{:02}:00+00:00","no2":{},)"
                    R"("geo_point_2d":{{"lon":1.44,"lat":43.6}}}})",
                    station, minute / 60, minute % 60, no2));
    minutes.push_back(minute);
  }

  Answer operator()(const std::string& request) {
    ++asked;
    if (fails > 0 && fails-- > 0) return broken;
    const auto target = request.substr(4, request.find(" HTTP") - 4);
    const auto from = first_of(target);
    std::string list;
    std::size_t given = 0;
    const bool is_export = target.find("/exports/json") != std::string::npos;
    const auto limit = is_export ? records.size() : number(target, "limit=");
    const auto offset = is_export ? 0 : number(target, "offset=");
    if (!is_export && limit + offset > 10'000) {
      return {"400 Bad Request",
              R"({"error_code":"InvalidRESTParameterError","message":"too far"})"};
    }
    for (std::size_t i = from + offset; i < records.size() && given < limit; ++i, ++given) {
      list += (list.empty() ? "" : ",") + records[i];
    }
    if (is_export) return {"200 OK", fmt::format("[{}]", list)};
    return {"200 OK",
            fmt::format(R"({{"total_count":{},"results":[{}]}})", records.size() - from, list)};
  }

  std::vector<std::string> records;
  std::vector<int> minutes;
  int asked = 0;
  int fails = 0;
  Answer broken{"500 Oh", ""};

 private:
  static std::size_t number(const std::string& target, std::string_view key) {
    return std::stoul(target.substr(target.find(key) + key.size()));
  }
  /// Of "where=maj >= date'2026-11-20T01:05…'", percent-encoded.
  std::size_t first_of(const std::string& target) const {
    const auto at = target.find("2026-11-20T");
    if (at == std::string::npos) return 0;
    const auto hour = std::stoi(target.substr(at + 11, 2));
    const auto minute = hour * 60 + std::stoi(target.substr(at + 16, 2));  // behind "%3A"
    return static_cast<std::size_t>(std::ranges::lower_bound(minutes, minute) - minutes.begin());
  }
};

constexpr std::string_view keys =
    "portal = \"http://127.0.0.1:{}\"\ndataset = \"qualite-de-l-air\"\ndevice = \"code\"\n"
    "prefix = \"air-\"\ntime = \"maj\"\ninterval = \"1s\"\n{}";

/// Runs a source until `is_enough`; its clock is the machine's.
template <class Enough>
void run_until(Source& source, testing::MemoryIntake& intake, const Enough& is_enough) {
  std::jthread thread([&](const std::stop_token& stop) { CHECK(source.run(intake, stop)); });
  const auto end = stopwatch() + std::chrono::seconds(20);
  while (!is_enough() && stopwatch() < end) std::this_thread::yield();
  CHECK(is_enough());
}

TEST_CASE("opendata: records become readings, page by page, and once") {
  Dataset data;
  for (int i = 0; i < 250; ++i) data.add(fmt::format("S{}", i), i, 0.5 + i);
  std::atomic<int> asked = 0;
  Server server{[&](const std::string& request) {
    auto answer = data(request);
    asked = data.asked;
    return answer;
  }};
  const auto source = made_source(fmt::format(fmt::runtime(keys), server.port(),
                                              "value = \"no2\"\nattribute = \"no2\"\n"
                                              "position = \"geo_point_2d\"\n"));
  if (!source) FAIL(source.error().what);
  testing::MemoryIntake intake;
  run_until(**source, intake, [&] { return asked >= 6; });  // two rounds of three pages
  CHECK(intake.readings.size() == 750);
  CHECK(intake.refusals.empty());
  const auto lines = intake.lines();
  CHECK(lines[0] == "air-S0.no2=0.5 @2026-11-20T00:00:00Z");
  CHECK(std::ranges::find(lines, "air-S249.latitude=43.6 @2026-11-20T04:09:00Z") != lines.end());
  CHECK(std::ranges::find(lines, "air-S249.longitude=1.44 @2026-11-20T04:09:00Z") != lines.end());
}

TEST_CASE("opendata: what is beyond the reach of pages comes by the export") {
  Dataset data;
  for (int i = 0; i < 10'050; ++i) data.add(fmt::format("S{}", i), i % 1440, i);
  std::atomic<int> asked = 0;
  Server server{[&](const std::string& request) {
    auto answer = data(request);
    asked = data.asked;
    return answer;
  }};
  const auto source =
      made_source(fmt::format(fmt::runtime(keys), server.port(), "value = \"no2\"\n"));
  REQUIRE(source);
  testing::MemoryIntake intake;
  run_until(**source, intake, [&] { return asked >= 3; });
  CHECK(intake.readings.size() == 10'050);
}

TEST_CASE("opendata: with a time of change only what is new is asked for, also in another life") {
  Dataset data;
  for (int i = 0; i < 150; ++i) data.add("S", i, i);
  std::atomic<int> asked = 0;
  std::atomic<int> shown = 150;
  Server server{[&](const std::string& request) {
    if (shown > 150 && data.records.size() == 150) data.add("S", 150, 150);
    auto answer = data(request);
    asked = data.asked;
    return answer;
  }};
  const auto toml =
      fmt::format(fmt::runtime(keys), server.port(), "value = \"no2\"\nupdated = \"maj\"\n");
  testing::MemoryIntake intake;
  {
    const auto source = made_source(toml);
    REQUIRE(source);
    run_until(**source, intake, [&] { return asked >= 3; });
  }
  CHECK(intake.readings.size() == 150);
  CHECK(intake.remembered["opendata/opendata"] == "2026-11-20T02:29:00+00:00");
  const auto third = server.requests().at(2);
  CHECK(
      third.find("where=maj%20%3E%3D%20date%272026-11-20T02%3A29%3A00%2B00%3A00%27&order_by=maj") !=
      std::string::npos);
  shown = 151;
  const auto before = asked.load();
  const auto again = made_source(toml);
  REQUIRE(again);
  run_until(**again, intake, [&] { return asked > before + 1; });
  CHECK(intake.readings.size() <= 152);  // the newest of before may come once more
  CHECK(intake.lines().back() == "air-S.value=150 @2026-11-20T02:30:00Z");
}

TEST_CASE("opendata: a portal in trouble is told of, and asked again until it answers") {
  for (const Answer& broken :
       {Answer{"500 Internal Server Error", ""}, Answer{"429 Too Many Requests", ""},
        Answer{"200 OK", R"({"total_count":1,"results":[{"code":"S","no2")"},
        Answer{"200 OK", R"({"records":[]})"}}) {
    CAPTURE(broken.body);
    Dataset data;
    data.add("S", 0, 7);
    data.fails = 1;
    data.broken = broken;
    Server server{[&](const std::string& request) { return data(request); }};
    const auto source =
        made_source(fmt::format(fmt::runtime(keys), server.port(), "value = \"no2\"\n"));
    REQUIRE(source);
    testing::MemoryIntake intake;
    bool was_told = false;
    run_until(**source, intake, [&] {
      was_told = was_told || !(*source)->state().trouble.empty();
      return was_told && (*source)->state().trouble.empty();
    });
    CHECK(intake.readings.size() == 1);
    CHECK((*source)->state().troubles == 1);
  }
}

TEST_CASE("opendata: a portal that is away is stood in for by the copy") {
  const testing::TempDir folder;
  const auto more =
      fmt::format("value = \"no2\"\ncache = \"{}\"\ntimeout = \"1s\"\n", folder.file("c"));
  int port = 0;
  {
    Dataset data;
    data.add("S", 0, 7);
    Server server{[&](const std::string& request) { return data(request); }};
    port = server.port();
    const auto source = made_source(fmt::format(fmt::runtime(keys), port, more));
    REQUIRE(source);
    testing::MemoryIntake intake;
    run_until(**source, intake, [&] { return server.requests().size() >= 2; });
    CHECK(intake.readings.size() == 1);
  }
  const auto source = made_source(fmt::format(fmt::runtime(keys), port, more));
  REQUIRE(source);
  testing::MemoryIntake intake;
  run_until(**source, intake, [&] { return !(*source)->state().trouble.empty(); });
  CHECK(intake.readings.size() == 1);
  CHECK((*source)->state().trouble.find("a copy stands in") != std::string::npos);
}

TEST_CASE("opendata: a record that is no good is refused once, and the others are taken") {
  Dataset data;
  data.add("A", 0, 1);
  data.records.push_back(R"({"code":"B","maj":"2026-11-20T00:00:00+00:00","no2":"much"})");
  data.records.push_back(R"({"maj":"2026-11-20T00:00:00+00:00","no2":1})");
  data.records.push_back(
      R"({"code":"C","maj":"2026-11-20T00:00:00+00:00","no2":3,"geo_point_2d":null})");
  data.minutes.assign(4, 0);
  std::atomic<int> asked = 0;
  Server server{[&](const std::string& request) {
    auto answer = data(request);
    asked = data.asked;
    return answer;
  }};
  const auto source = made_source(fmt::format(fmt::runtime(keys), server.port(),
                                              "value = \"no2\"\nposition = \"geo_point_2d\"\n"));
  REQUIRE(source);
  testing::MemoryIntake intake;
  run_until(**source, intake, [&] { return asked >= 3; });
  CHECK(intake.lines() ==
        Lines{"air-A.value=1 @2026-11-20T00:00:00Z", "air-A.latitude=43.6 @2026-11-20T00:00:00Z",
              "air-A.longitude=1.44 @2026-11-20T00:00:00Z", "air-C.value=3 @2026-11-20T00:00:00Z"});
  REQUIRE(intake.refusals.size() == 2);
  CHECK(intake.refusals[0].where == "qualite-de-l-air");
  CHECK(intake.refusals[0].reason.find("'no2': read 'much', expected a number") !=
        std::string::npos);
}

TEST_CASE("opendata: a scenario's mistakes are said") {
  const auto said = [](const std::string& toml) {
    const auto source = made_source("portal = \"https://h\"\ndataset = \"d\"\n" + toml);
    return source ? std::string() : source.error().what;
  };
  CHECK(said("device = \"id\"\nvalue = \"v\"").empty());
  CHECK(said("device = \"id\"\nposition = \"geo_point_2d\"").empty());
  struct Mistake {
    std::string toml;
    std::string_view part;
  };
  const Mistake cases[] = {
      {"value = \"v\"", "'device'"},
      {"device = \"id\"", "'values' is missing"},
      {"device = \"id\"\nvalue = \"v\"\ninterval = \"1ms\"", "'interval'"},
      {"device = \"id\"\nvalue = \"v\"\npage = 101", "'page' is 101, expected 1 to 100"},
      {"device = \"id\"\nvalue = \"v\"\nkey = \"secret\"", "key"},
      {"device = \"id\"\nvalue = \"v\"\nkey_env = \"SOSIE_NOT_SET\"", "SOSIE_NOT_SET"},
      {"device = \"id\"\nvalue = \"v\"\nmax_mb = 0", "'max_mb'"},
      {"device = \"id\"\nvalue = \"v\"\npositions = \"p\"", "positions"},
      {"device = \"id\"\nvalue = \"v\"\ntimeout = \"1h\"", "'timeout'"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto what = said(c.toml);
    CAPTURE(what);
    CHECK(what.find(c.part) != std::string::npos);
  }
  CHECK_FALSE(made_source("portal = \"h\"\ndataset = \"d\"\ndevice = \"i\"\nvalue = \"v\""));
}

TEST_CASE("opendata: the sample has its keys") {
  Catalog catalog;
  register_connectors_opendata(catalog);
  auto sample = Section::read_file(SOSIE_ROOT "/src/connectors/opendata/sample.toml");
  REQUIRE(sample);
  auto sources = sample->tables("source");
  REQUIRE(sources);
  const auto source = catalog.make<Source>(sources->front());
  if (!source) FAIL(source.error().what);
}

}  // namespace
}  // namespace sosie
