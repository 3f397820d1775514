#include <array>
#include <filesystem>
#include <fstream>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "core/operator.h"
#include "engine/engine.h"

namespace sosie {
namespace {

/// Adds up what came for it in each ten seconds: the smallest operator there can be.
class TenSeconds final : public Operator {
 public:
  TenSeconds(std::vector<std::string> series, std::string name, std::string zones)
      : series_(std::move(series)), name_(std::move(name)), zones_(std::move(zones)) {}

  Result<void> begin(const std::vector<const Zoning*>& zonings) override {
    for (const Zoning* zoning : zonings) {
      if (zoning->name() == zones_) return {};
    }
    if (zones_.empty()) return {};
    return Error{Errc::invalid, "names no zones"};
  }
  std::vector<std::string> takes() const override { return series_; }
  bool gives(std::string_view attribute) const override { return attribute.ends_with(name_); }
  Duration memory() const override { return std::chrono::seconds(20); }
  bool meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) override {
    for (const auto& pattern : series_) {
      if (!is_meant(pattern, info, ground.is_derived(series))) continue;
      SeriesInfo made = info;
      made.attribute = info.attribute + "_" + name_;
      sums_[series.index].made = ground.declare(made);
      return true;
    }
    return false;
  }
  void take(const Reading& reading, std::vector<Reading>& out) override {
    ++counts_.taken;
    Sum& sum = sums_.at(reading.series.index);
    const auto slot = reading.at.time_since_epoch() / std::chrono::seconds(10);
    if (sum.slot != 0 && slot > sum.slot) {
      out.push_back({Timestamp(std::chrono::seconds(10 * slot)), sum.value, sum.made});
      ++counts_.given;
      sum.value = 0;
    }
    sum.slot = std::max(sum.slot, slot);
    sum.value += reading.value;
  }
  std::string save() const override { return fmt::format("{}", counts_.taken); }
  Result<void> load(std::string_view learned) override {
    loaded = std::string(learned);
    return {};
  }
  OperatorCounts counts() const override { return counts_; }

  static inline std::string loaded;  // NOLINT: of the newest

 private:
  struct Sum {
    SeriesId made{};
    std::int64_t slot = 0;
    double value = 0;
  };
  const std::vector<std::string> series_;
  const std::string name_;
  const std::string zones_;
  std::map<std::uint32_t, Sum> sums_;
  OperatorCounts counts_;
};

/// Says of each noise at which latitude it was; makes, as it says, what has that name.
class WhereItWas final : public Operator {
 public:
  explicit WhereItWas(std::string name) : name_(std::move(name)) {}
  std::vector<std::string> takes() const override { return {"*.noise"}; }
  bool gives(std::string_view attribute) const override { return attribute == "where"; }
  std::vector<Made> makes() const override { return {{"*.noise", name_}}; }
  std::optional<Duration> lateness() const override { return std::chrono::seconds(5); }
  Duration memory() const override { return std::chrono::seconds(20); }
  double reach_of_place(SeriesId series) const override { return series == latitude_ ? 90 : 0; }
  bool meet(SeriesId series, const SeriesInfo& info, OperatorGround& ground) override {
    if (info.attribute == "latitude") latitude_ = series;
    if (info.attribute != "noise") return info.attribute == "latitude";
    SeriesInfo made = info;
    made.attribute = "where";
    made_ = ground.declare(made);
    return true;
  }
  void take(const Reading& reading, std::vector<Reading>& out) override {
    if (reading.quality == Quality::bad) {
      ++counts_.bad;
    } else if (reading.series == latitude_) {
      at_ = reading.value;
    } else {
      out.push_back({reading.at, at_, made_});
    }
  }
  OperatorCounts counts() const override { return counts_; }

 private:
  const std::string name_;
  SeriesId latitude_{0xFFFFFFFF};
  SeriesId made_{};
  double at_ = 0;
  OperatorCounts counts_;
};

const std::string scenario_text = "name = 'city'\nrecorded = true\n[intake]\nunknown = 'declare'\n";
const std::string two_operators =
    "[[operator]]\nkind = 'ten'\nseries = '*.noise'\nname = 'sum'\n"
    "[[operator]]\nkind = 'ten'\nseries = '*.noise_sum'\nname = 'again'\n";

struct City {
  City() { std::filesystem::remove_all(folder); }
  ~City() { std::filesystem::remove_all(folder); }

  Result<std::unique_ptr<Engine>> build(const std::string& more) const {
    Catalog catalog;
    catalog.add<Operator>("ten", [](Section& section) -> Result<std::unique_ptr<Operator>> {
      auto series = TRY(section.texts("series"));
      auto name = TRY(section.text("name"));
      auto zones = TRY(section.text("zones", ""));
      return std::make_unique<TenSeconds>(std::move(series), std::move(name), std::move(zones));
    });
    catalog.add<Operator>("where", [](Section& section) -> Result<std::unique_ptr<Operator>> {
      auto name = TRY(section.text("makes", "*.where"));
      return std::make_unique<WhereItWas>(std::move(name));
    });
    auto section = TRY(Section::read_text(scenario_text + more));
    return Engine::create(section, catalog, {folder.string(), std::nullopt});
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("sosie-operators-{}", getpid());
};

constexpr auto one_second = std::chrono::seconds(1);
const Timestamp the_day = Timestamp(std::chrono::sys_days{std::chrono::year{2026} / 5 / 4});

void put(Engine& engine, int from, int to) {
  const auto series = engine.intake().series("N1", "noise");
  REQUIRE(series);
  std::vector<Reading> readings;
  for (int i = from; i < to; ++i) readings.push_back({the_day + i * one_second, 1, *series});
  const auto said = engine.intake().put(readings, "test");
  CHECK(said.taken == readings.size());
  CHECK(engine.intake().wait_durable(said.ticket, std::chrono::seconds(20)));
}

std::string stored(Engine& engine, const std::string& attribute) {
  std::string all;
  const auto series = engine.series().find("N1", attribute);
  if (!series) return "none";
  const auto readings =
      engine.store().readings(*series, the_day, the_day + std::chrono::hours(1), 100);
  REQUIRE(readings);
  for (const Reading& reading : *readings) {
    all += fmt::format("{}={:g} ", (reading.at - the_day) / one_second, reading.value);
  }
  return all;
}

}  // namespace

TEST_CASE("operators: what they give is a series like any other, after a kill too") {
  const City city;
  {
    auto engine = city.build(two_operators);
    REQUIRE(engine);
    REQUIRE((*engine)->start());
    put(**engine, 0, 25);
    CHECK(stored(**engine, "noise_sum") == "10=10 20=10 ");
    CHECK(stored(**engine, "noise_sum_again") == "20=10 ");
    const auto status = (*engine)->operators();
    REQUIRE(status.size() == 2);
    CHECK(status[0].name == "1/ten");
    CHECK(status[0].counts.taken == 25);
    CHECK(status[0].counts.given == 2);
    CHECK((*engine)->statistics().readings_taken == 25);  // what is derived came from nowhere
    const auto made = (*engine)->series().find("N1", "noise_sum");
    REQUIRE(made);
    CHECK((*engine)->latest().read(*made)->value == 10);
    (*engine)->stop();
  }
  auto engine = city.build(two_operators);
  REQUIRE(engine);
  CHECK(TenSeconds::loaded == "2");  // of the second, when it stopped
  REQUIRE((*engine)->start());
  put(**engine, 25, 41);
  CHECK(stored(**engine, "noise_sum") == "10=10 20=10 30=10 40=10 ");
  CHECK(stored(**engine, "noise_sum_again") == "20=10 30=10 40=10 ");
  CHECK((*engine)->operators()[0].counts.given == 2);  // of this life
  (*engine)->stop();
}

TEST_CASE("operators: what is younger than a part of which more lies unread is held back") {
  const City city;
  auto engine = city.build(two_operators);
  REQUIRE(engine);
  REQUIRE((*engine)->start());
  auto& intake = (*engine)->intake();
  const auto tell = [&](Handover::What what, const char* part, std::vector<SeriesId> series) {
    Delivery delivery;
    delivery.handovers.push_back({what, part, std::move(series), {}});
    const auto said = intake.deliver(std::move(delivery), "test");
    REQUIRE(intake.wait_durable(said.ticket, std::chrono::seconds(20)));
  };
  const auto own = intake.series("N1", "noise").value();
  const auto other = intake.series("N2", "noise").value();
  tell(Handover::What::waits, "t/0", {});
  tell(Handover::What::waits, "t/1", {});
  tell(Handover::What::holds, "t/0", {own});
  tell(Handover::What::holds, "t/1", {other});
  put(**engine, 0, 40);
  CHECK(stored(**engine, "noise").find("39=1") != std::string::npos);
  CHECK((*engine)->operators()[0].counts.taken == 0);
  const Reading behind{the_day + 15 * one_second, 1, other};
  const auto said = intake.put({&behind, 1}, "test");
  REQUIRE(intake.wait_durable(said.ticket, std::chrono::seconds(20)));
  CHECK((*engine)->operators()[0].counts.taken == 17);  // 0 to 15, and the other's
  CHECK(stored(**engine, "noise_sum") == "10=10 ");
  tell(Handover::What::is_read, "t/1", {});
  tell(Handover::What::is_read, "t/0", {});
  CHECK((*engine)->operators()[0].counts.taken == 41);
  CHECK(stored(**engine, "noise_sum") == "10=10 20=10 30=10 ");
  (*engine)->stop();
}

TEST_CASE("operators: what they give is no word of its device, after a restart too") {
  const City city;
  const std::string scenario =
      two_operators + "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '60s'\n";
  for (int life = 0; life < 2; ++life) {
    auto engine = city.build(scenario);
    REQUIRE(engine);
    REQUIRE((*engine)->start());
    auto& intake = (*engine)->intake();
    if (life == 0) put(**engine, 0, 25);
    const auto other = intake.series("N2", "noise").value();
    const auto made = (*engine)->series().find("N1", "noise_sum").value();
    for (int s = 25 + 100 * life; s < 125 + 100 * life; s += 5) {
      // As if an operator that takes both gave it.
      const std::array<Reading, 2> readings{Reading{the_day + s * one_second, 1, other},
                                            Reading{the_day + s * one_second, 1, made}};
      const auto said = intake.put(readings, "test");
      REQUIRE(intake.wait_durable(said.ticket, std::chrono::seconds(20)));
    }
    const auto findings = (*engine)->store().findings({}).value().findings;
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].onset == the_day + 24 * one_second);
    CHECK_FALSE(findings[0].closed);
    CHECK((*engine)->series()[findings[0].suspects.at(0).series].name() == "N1.noise");
    (*engine)->stop();
  }
}

TEST_CASE("operators: an amended value takes the first one's place, in roll-ups too") {
  const City city;
  auto engine = city.build("");
  REQUIRE(engine);
  REQUIRE((*engine)->start());
  const auto series = (*engine)->intake().series("N1", "noise");
  REQUIRE(series);
  for (const double value : {1.0, 5.0}) {
    const std::vector<Reading> readings{{the_day, value, *series},
                                        {the_day + one_second, 2, *series}};
    const auto said = (*engine)->intake().put(readings, "test");
    CHECK((*engine)->intake().wait_durable(said.ticket, std::chrono::seconds(20)));
  }
  CHECK(stored(**engine, "noise") == "0=5 1=2 ");
  const auto minutes =
      (*engine)->store().rollups(*series, Resolution::minute, the_day, the_day + 60 * one_second);
  REQUIRE(minutes);
  REQUIRE(minutes->size() == 1);
  CHECK(minutes->front().count == 2);
  CHECK(minutes->front().max == 5);
  CHECK(minutes->front().min == 2);
  (*engine)->stop();
}

TEST_CASE("operators: where an object is comes before what it says, in whatever order it says it") {
  const City city;
  auto engine = city.build("[[operator]]\nkind = 'where'\n");
  REQUIRE(engine);
  REQUIRE((*engine)->start());
  const auto noise = (*engine)->intake().series("N1", "noise");
  const auto latitude = (*engine)->intake().series("N1", "latitude");
  REQUIRE(noise);
  REQUIRE(latitude);
  for (const double north : {43.0, 44.0, 144.0}) {  // the last is none
    const Timestamp at = the_day + static_cast<int>(north) * one_second;
    const std::vector<Reading> readings{{at, 1, *noise}, {at, north, *latitude}};
    const auto said = (*engine)->intake().put(readings, "test");
    CHECK((*engine)->intake().wait_durable(said.ticket, std::chrono::seconds(20)));
  }
  CHECK(stored(**engine, "where") == "43=43 44=44 144=44 ");
  CHECK((*engine)->operators()[0].counts.bad == 1);
  const auto last = (*engine)->latest().read(*latitude);
  REQUIRE(last);
  CHECK(last->quality == Quality::bad);
  CHECK(last->reason == QualityReason::out_of_range);
  (*engine)->stop();
}

TEST_CASE("operators: two that give the same series are refused, with both names") {
  const City city;
  const auto twice = city.build("[[operator]]\nkind = 'where'\n[[operator]]\nkind = 'where'\n");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().what.find("makes 2/where give \"*.where\", as 1/where does") !=
        std::string::npos);
  const std::string of_zones = "[[operator]]\nkind = 'where'\nmakes = 'districts:*.where'\n";
  CHECK(city.build("[[operator]]\nkind = 'where'\n" + of_zones));
  CHECK_FALSE(city.build(of_zones + of_zones));
}

TEST_CASE("operators: cycles, zones and kinds that are not") {
  const City city;
  const auto error = [&](const std::string& toml) {
    const auto engine = city.build(toml);
    return engine ? "" : engine.error().what;
  };
  CHECK(error("[[operator]]\nkind = 'ten'\nseries = '*.noise_sum'\nname = 'sum'\n")
            .find("which it itself gives") != std::string::npos);
  CHECK(error("[[operator]]\nkind = 'ten'\nseries = '*.noise_sum'\nname = 'again'\n"
              "[[operator]]\nkind = 'ten'\nseries = '*.noise'\nname = 'sum'\n")
            .find("which the later 2/ten gives") != std::string::npos);
  CHECK(error("[[operator]]\nkind = 'ten'\nseries = '*'\nname = 'sum'\nzones = 'd'\n")
            .find("'zones' names no zones") != std::string::npos);
  CHECK(error("[[operator]]\nkind = 'twelve'\n").find("twelve") != std::string::npos);
  CHECK(error("[[operator]]\nkind = 'ten'\nseries = '*'\nname = 'sum'\nx = 1\n").find("'x'") !=
        std::string::npos);
}

}  // namespace sosie
