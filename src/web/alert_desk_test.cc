#include "web/alert_desk.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/log.h"
#include "testing/server.h"

namespace sosie::web {
namespace {

/// What the notifiers of all lives were told, and whether they may be reached.
struct Town {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> told;
  bool is_reached = true;

  void set_reached(bool to) {
    const std::scoped_lock lock(mutex);
    is_reached = to;
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return told.size() >= count; });
    return told;
  }
};

class Crier final : public Notifier {
 public:
  Crier(Town& town, bool only_high) : town_(town), only_high_(only_high) {}
  bool wants(const AlarmEvent& event) const override {
    return !only_high_ || event.alarm.priority <= Priority::high;
  }
  Result<void> tell(const AlarmEvent& event, const SeriesTable& /*series*/) override {
    const std::scoped_lock lock(town_.mutex);
    if (!town_.is_reached) return Error{Errc::unavailable, "nobody is at home"};
    town_.told.push_back(fmt::format("{} {}", to_text(event.what), event.alarm.message.en));
    town_.changed.notify_all();
    return {};
  }

 private:
  Town& town_;
  const bool only_high_;
};

/// An engine with a desk in a folder, from its start to its stop.
class Life {
 public:
  Life(Town& town, const std::string& folder, const std::string& toml) {
    log::set_level(log::Level::off);
    Catalog catalog;
    catalog.add<Notifier>("crier", [&town](Section& section) -> Result<std::unique_ptr<Notifier>> {
      const auto only_high = TRY(section.flag("only_high", false));
      return std::make_unique<Crier>(town, only_high);
    });
    auto scenario = *Section::read_text("name = 'alerts'\n" + toml);
    auto options = read_alert_options(scenario, catalog);
    REQUIRE(options);
    options_ = std::move(*options);
    Engine::Options engine_options;
    engine_options.data_folder = folder;
    auto engine = Engine::create(scenario, catalog, engine_options);
    REQUIRE(engine);
    engine_ = std::move(*engine);
    REQUIRE(engine_->start());
    desk_ = std::make_unique<AlertDesk>(options_, *engine_, AlertListener());
    REQUIRE(desk_->restore());
    desk_->start();
  }
  ~Life() {
    desk_->stop();
    engine_->stop();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  AlertDesk& desk() { return *desk_; }
  Engine& engine() { return *engine_; }
  /// Waits until it is on disk.
  void receive(const std::string& body) {
    const auto receipt = desk_->receive(body, "/alert");
    REQUIRE(receipt);
    while (engine_->documents().durable() < (*receipt).ticket) std::this_thread::yield();
  }

 private:
  AlertOptions options_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AlertDesk> desk_;
};

constexpr const char* one_crier = "[alerts]\n[[alerts.notifier]]\nkind = 'crier'\nname = 'town'\n";

TEST_CASE("alert desk: what is received is kept, and told once") {
  Town town;
  const sosie::testing::TempDir folder;
  {
    Life life(town, folder.path(), one_crier);
    life.receive(R"({"message":"a"})");
    life.receive(R"({"message":"a"})");
    life.receive(R"({"message":"a","severity":"high"})");
    life.receive(R"({"message":"b"})");
    CHECK(town.wait_for(3) == std::vector<std::string>{"raised a", "changed a", "raised b"});
    CHECK(life.desk().figures().received == 4);
  }
  Life again(town, folder.path(), one_crier);
  const auto alerts = again.desk().newest(10);
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[1].count == 3);
  REQUIRE(alerts[1].passed_on.size() == 1);
  CHECK(alerts[1].passed_on[0].told);
  again.receive(R"({"message":"c"})");
  CHECK(town.wait_for(4).back() == "raised c");
  CHECK(again.desk().find(3).has_value());
}

TEST_CASE("alert desk: who was away is told later, in order, also after a restart") {
  Town town;
  town.set_reached(false);
  const sosie::testing::TempDir folder;
  {
    Life life(town, folder.path(), one_crier);
    for (const char* body : {R"({"message":"a"})", R"({"message":"b"})"}) life.receive(body);
    CHECK(life.desk().couriers()[0].waiting == 2);
  }
  town.set_reached(true);
  {
    Life life(town, folder.path(), one_crier);
    CHECK(town.wait_for(2) == std::vector<std::string>{"raised a", "raised b"});
    while (life.desk().couriers()[0].waiting > 0) std::this_thread::yield();
  }
  Life life(town, folder.path(), one_crier);
  CHECK(life.desk().couriers()[0].waiting == 0);
  CHECK(town.wait_for(2).size() == 2);
}

TEST_CASE("alert desk: a notifier that is no more leaves nothing behind") {
  Town town;
  town.set_reached(false);
  const sosie::testing::TempDir folder;
  {
    Life life(town, folder.path(), one_crier);
    life.receive(R"({"message":"a"})");
  }
  town.set_reached(true);
  {
    const Life life(town, folder.path(), "[alerts]\n");
  }
  Life life(town, folder.path(), one_crier);
  CHECK(life.desk().couriers()[0].waiting == 0);
}

TEST_CASE("alert desk: what a notifier does not want does not wait for it") {
  Town town;
  const sosie::testing::TempDir folder;
  Life life(town, folder.path(), std::string(one_crier) + "only_high = true\n");
  life.receive(R"({"message":"a","severity":"low"})");
  life.receive(R"({"message":"b","severity":"high"})");
  CHECK(town.wait_for(1) == std::vector<std::string>{"raised b"});
  const auto alerts = life.desk().newest(10);
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[1].passed_on.empty());
}

TEST_CASE("alert desk: what is not understood is counted") {
  Town town;
  const sosie::testing::TempDir folder;
  Life life(town, folder.path(), "[alerts]\n");
  const auto receipt = life.desk().receive("{", "/alert");
  REQUIRE(!receipt);
  CHECK(receipt.error().code == Errc::invalid);
  CHECK(life.desk().figures().refused == 1);
  CHECK(life.desk().figures().received == 0);
}

TEST_CASE("alert desk: the oldest gives way, on disk too") {
  Town town;
  const sosie::testing::TempDir folder;
  const auto* const toml = "[alerts]\nkeep = 2\n";
  {
    Life life(town, folder.path(), toml);
    for (const char* body : {R"({"message":"a"})", R"({"message":"b"})", R"({"message":"c"})"}) {
      life.receive(body);
    }
  }
  Life life(town, folder.path(), toml);
  CHECK(life.desk().newest(10).size() == 2);
  CHECK(!life.desk().find(1));
}

TEST_CASE("alert desk: what is wrong with [alerts] is said") {
  struct Case {
    const char* toml;
    const char* says;
  };
  const Case cases[] = {
      {"[alerts]\nfold = '-1s'", "fold"},
      {"[alerts]\nkeep = 0", "keep"},
      {"[alerts]\nkep = 5", "keep"},
      {"[alerts]\n[[alerts.notifier]]\nkind = 'pigeon'", "pigeon"},
      {"[alerts]\n[[alerts.notifier]]\nkind = 'crier'\nname = 'x'\n"
       "[[alerts.notifier]]\nkind = 'crier'\nname = 'x'",
       "another"},
  };
  Catalog catalog;
  catalog.add<Notifier>("crier", [](Section&) -> Result<std::unique_ptr<Notifier>> {
    static Town town;
    return std::make_unique<Crier>(town, false);
  });
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    auto scenario = *Section::read_text(c.toml);
    const auto options = read_alert_options(scenario, catalog);
    REQUIRE(!options);
    CAPTURE(options.error().what);
    CHECK(options.error().what.find(c.says) != std::string::npos);
  }
  auto none = *Section::read_text("name = 'x'");
  CHECK(!read_alert_options(none, catalog)->is_wanted);
}

}  // namespace
}  // namespace sosie::web
