// The real recordings that ship, played through their scenarios' own [[source]].
#include <doctest/doctest.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/source.h"
#include "simulation/label.h"

namespace sosie {
void register_connectors_file(Catalog& catalog);

namespace {

/// Counts what comes.
class Counter final : public Intake, public LabelSink {
 public:
  Result<SeriesId> series(std::string_view /*entity*/, std::string_view /*attribute*/) override {
    return Error{Errc::not_found, "no series"};
  }
  SeriesId declare(const SeriesInfo& info) override { return table.declare(info); }
  Admission put(std::span<const Reading> batch, std::string_view /*source*/) override {
    for (const auto& r : batch) sum += r.value;
    readings += batch.size();
    return {.ticket = {}, .taken = batch.size(), .refused = 0, .reason = {}};
  }
  Result<Admission> try_put(std::span<const Reading> batch, std::string_view source) override {
    return put(batch, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override { return true; }
  void refuse(Refusal /*refusal*/) override { ++refused; }
  void remember(std::string_view /*key*/, std::string /*bytes*/) override {}
  std::optional<std::string> recall(std::string_view /*key*/) override { return std::nullopt; }
  Clock& clock() override { return time; }
  void label(const Label& label) override {
    if (!label.over) return;
    ++labels;
    labelled += label.end - label.start;
  }

  ScaledClock time{Timestamp{}, 0};
  SeriesTable table;
  std::size_t readings = 0;
  std::size_t refused = 0;
  std::size_t labels = 0;
  Duration labelled{};
  double sum = 0;
};

struct Recording {
  std::string scenario;
  std::size_t series;
  std::size_t readings;
  std::size_t labels;
  std::chrono::minutes labelled;
  std::string end;  ///< what the clock shows then
};

// Counted by other means (awk, Python) from the files.
TEST_CASE("file: the recordings that ship are read to the last value") {
  using std::chrono::minutes;
  const Recording cases[] = {
      {"gecco2018/gecco2018", 9, 556'379, 15, minutes(685), "2016-09-16T02:32:00Z"},
      {"machine_temperature/machine_temperature", 1, 22'695, 4, minutes(11'320),
       "2014-02-19T15:25:00Z"},
      {"nab/ambient_temperature", 1, 7'267, 2, minutes(53'820), "2014-05-28T15:00:00Z"},
      {"nab/art_daily_flatmiddle", 1, 4'032, 1, minutes(2'010), "2014-04-14T23:55:00Z"},
      {"nab/art_daily_jumpsup", 1, 4'032, 1, minutes(2'010), "2014-04-14T23:55:00Z"},
      {"nab/art_daily_small_noise", 1, 4'032, 0, minutes(0), "2014-04-14T23:55:00Z"},
      {"nab/speed_7578", 1, 1'127, 4, minutes(564), "2015-09-17T14:05:00Z"},
      {"lari_energy/lari_energy", 3, 75, 0, minutes(0), "2025-12-15T17:52:55.875Z"},
  };
  Catalog catalog;
  register_connectors_file(catalog);
  for (const auto& c : cases) {
    CAPTURE(c.scenario);
    auto scenario = Section::read_file(SOSIE_ROOT "/scenarios/" + c.scenario + ".toml");
    REQUIRE(scenario);
    auto sections = (*scenario).tables("source");
    REQUIRE(sections);
    REQUIRE((*sections).size() == 1);
    auto source = catalog.make<Source>((*sections)[0]);
    if (!source) FAIL(source.error().what);
    Counter counter;
    dynamic_cast<Labelled&>(**source).labels_to(counter);
    const auto ran = (*source)->run(counter, {});
    if (!ran) FAIL(ran.error().what);
    CHECK(counter.table.size() == c.series);
    CHECK(counter.readings == c.readings);
    CHECK(counter.refused == 0);
    CHECK(counter.labels == c.labels);
    CHECK(counter.labelled == c.labelled);
    CHECK(to_iso8601(counter.time.now()).substr(0, 19) == c.end.substr(0, 19));
  }
}

}  // namespace
}  // namespace sosie
