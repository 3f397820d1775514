#include "models/registry.h"

#include <doctest/doctest.h>

namespace sosie::models {
namespace {

Timestamp day(int number) {
  return Timestamp(std::chrono::hours(24) * number);
}

Version trained(std::uint32_t number, State state, Trigger trigger = Trigger::people) {
  Version version;
  version.number = number;
  version.state = state;
  version.trained_at = day(static_cast<int>(number));
  version.rows = 1000 * number;
  version.trigger = trigger;
  version.why = "because";
  return version;
}

std::string states(const Registry& registry) {
  std::string text;
  for (const auto& version : registry.versions()) text += to_text(version.state).front();
  return text;
}

TEST_CASE("a register of models: at most one judges, at most one is a shadow") {
  Registry registry;
  CHECK(registry.active() == nullptr);
  registry.add(trained(1, State::active, Trigger::first), "");
  registry.add(trained(2, State::shadow), "Ana");
  CHECK(states(registry) == "as");
  registry.add(trained(3, State::shadow), "Ana");
  CHECK(states(registry) == "ars");
  REQUIRE(registry.activate(3, day(4), "", {"foresees better", "prévoit mieux"}));
  CHECK(states(registry) == "rra");
  CHECK(registry.shadow() == nullptr);
  REQUIRE(registry.activate(1, day(5), "Ana", {"too many alarms", ""}));
  CHECK(states(registry) == "arr");
  REQUIRE(registry.steps().size() == 5);
  CHECK(registry.steps()[3].what == Step::What::promoted);
  CHECK(registry.steps()[4] == Step{day(5), Step::What::rolled_back, 1, "Ana", "too many alarms"});
}

TEST_CASE("a register of models: what cannot be done says why, and changes nothing") {
  Registry registry;
  registry.add(trained(1, State::active), "");
  registry.add(trained(2, State::retired), "");
  const auto before = registry.to_json();
  CHECK(registry.activate(7, day(3), "Ana", {}).error().what == "no model 7");
  CHECK(registry.activate(1, day(3), "Ana", {}).error().code == Errc::invalid);
  CHECK(registry.retire(1, day(3), "Ana", {}).error().code == Errc::invalid);
  CHECK(registry.retire(2, day(3), "Ana", {}).error().code == Errc::invalid);
  CHECK(registry.to_json() == before);
}

TEST_CASE("a register of models: there and back") {
  Registry registry;
  registry.add(trained(1, State::active), "");
  registry.add(trained(2, State::shadow, Trigger::drift), "");
  Trial trial;
  trial.from = day(2);
  trial.to = day(3);
  trial.frames = 17280;
  trial.active = {.episodes = 4, .wrong = 2, .confirmed = 1, .sensors = 127};
  trial.shadow = {.episodes = 3, .wrong = 1, .confirmed = 1, .sensors = 126};
  trial.error_ratio = 0.875;
  trial.budget_per_day = 1;
  registry.set_trial(2, trial);
  const auto text = registry.to_json();
  const auto back = Registry::from_json(text);
  REQUIRE(back);
  CHECK(back->versions() == registry.versions());
  CHECK(back->steps() == registry.steps());
  CHECK(back->to_json() == text);
}

TEST_CASE("the log of a register is in order, also where somebody's clock is behind the plant's") {
  Registry registry;
  registry.add(trained(1, State::active), "");
  registry.add(trained(2, State::shadow), "");
  REQUIRE(registry.activate(2, day(40), "Ana", {"", ""}));  // of a plant that is lived faster
  REQUIRE(registry.activate(1, day(30), "Bob", {"", ""}));  // by the command line
  REQUIRE(registry.steps().size() == 4);
  CHECK(registry.steps()[3].what == Step::What::rolled_back);
  CHECK(registry.steps()[3].at == day(40));
}

TEST_CASE("a register of models that is damaged says so") {
  const char* const texts[] = {
      "",
      "[]",
      "{}",
      R"({"format":1})",
      R"({"format":1,"versions":[7],"log":[]})",
      R"({"format":1,"versions":[{"number":1,"state":"asleep"}],"log":[]})"};
  for (const auto* text : texts) {
    CAPTURE(text);
    const auto read = Registry::from_json(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::corrupt);
  }
  CHECK(Registry::from_json(R"({"format":2})").error().code == Errc::unsupported);
}

TEST_CASE("files that no register knows: the newest judges, as it did before there was one") {
  Registry registry;
  registry.adopt({trained(2, State::retired), trained(1, State::retired)});
  CHECK(states(registry) == "ra");
  registry.adopt({trained(3, State::active)});
  CHECK(states(registry) == "rar");
}

TEST_CASE("the log of a register does not grow without end") {
  Registry registry;
  registry.add(trained(1, State::active), "");
  for (int i = 0; i < 1500; ++i) registry.note({day(i), Step::What::trained, 1, "", ""});
  CHECK(registry.steps().size() == Registry::most_steps);
  CHECK(registry.steps().back().at == day(1499));
}

}  // namespace
}  // namespace sosie::models
