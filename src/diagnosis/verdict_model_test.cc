#include "diagnosis/verdict_model.h"

#include <filesystem>
#include <fstream>
#include <numeric>

#include <doctest/doctest.h>

#include "diagnosis/diagnosis.h"
#include "diagnosis/verdict.h"

namespace sosie::diagnosis {
namespace {

constexpr std::string_view small = R"(format = 1
name = "small"
least = 0.25
clues = ["replay", "stuck"]
start = [0, 0, 0, 0, 0, 0]
[by_hand]
command = [0, 0, 0, 3, 0, 0]
[trees]
sensor_failure = [[1, 0.5, -1, 3]]
cyber_attack = [[0, 0.4, 1, 0.9, 0, 0.7, -1, 0, 2, 5]]
)";

std::string with(std::string_view what, std::string_view instead) {
  std::string text(small);
  text.replace(text.find(what), what.size(), instead);
  return text;
}

Clues clues_with(std::string_view name, double value) {
  Clues clues{};
  const auto found = std::ranges::find(clue_names(), name);
  REQUIRE(found != clue_names().end());
  clues.at(static_cast<std::size_t>(found - clue_names().begin())) = value;
  return clues;
}

TEST_CASE("verdict model: the one in the program reads, and says what is plain") {
  const auto& model = VerdictModel::built_in();
  CHECK(!model.name().empty());
  const auto chances = model.chances({});
  CHECK(std::accumulate(chances.begin(), chances.end(), 0.0) == doctest::Approx(1));
}

TEST_CASE("verdict model: trees are walked, points become chances") {
  const auto model = VerdictModel::read_text(small, "small.toml");
  REQUIRE(model);
  struct Case {
    std::string_view clue;
    double value;
    std::size_t likeliest;
    double points;
  };
  for (const Case& c : {Case{"stuck", 0.6, 0, 3}, Case{"replay", 0.5, 4, 2},
                        Case{"replay", 0.8, 4, 5}, Case{"command", 1, 3, 3}}) {
    CAPTURE(c.clue);
    CAPTURE(c.value);
    const auto chances = model->chances(clues_with(c.clue, c.value));
    const auto best = std::ranges::max_element(chances) - chances.begin();
    CHECK(static_cast<std::size_t>(best) == c.likeliest);
    CHECK(std::log(chances.at(c.likeliest) / chances.at(1)) == doctest::Approx(c.points));
  }
}

TEST_CASE("verdict model: before any evidence kinds are as likely as where it learned") {
  const auto model = VerdictModel::read_text(
      with("start = [0, 0, 0, 0, 0, 0]", "start = [0, 0, 0, 0, 0, 1.6094379]"), "x.toml");
  REQUIRE(model);
  CHECK(model->chances_before().front() == doctest::Approx(0.1));
  CHECK(model->chances_before().back() == doctest::Approx(0.5));
}

TEST_CASE("verdict: names the likeliest kind, and the next; or says that it does not know") {
  const auto model = VerdictModel::read_text(small, "small.toml");
  REQUIRE(model);
  auto both = clues_with("replay", 0.8);
  both.at(0) = 1;  // stuck
  const auto sure = judge(*model, both);
  CHECK(sure.kind == Kind::cyber_attack);
  CHECK(sure.second == Kind::sensor_failure);
  CHECK(sure.confidence > 0.8);
  const auto plain = judge(*model, clues_with("replay", 0.8));
  CHECK(plain.confidence > 0.96);
  CHECK(plain.second);
  const auto steep = VerdictModel::read_text(
      with("start = [0, 0, 0, 0, 0, 0]", "start = [0, 0, 0, 0, 5, 0]"), "steep.toml");
  REQUIRE(steep);
  CHECK_FALSE(judge(*steep, clues_with("replay", 0.8)).second);
  const auto level = VerdictModel::read_text(with("[[1, 0.5, -1, 3]]", "[]"), "level.toml");
  REQUIRE(level);
  const auto unsure = judge(*level, {});
  CHECK(unsure.kind == Kind::unknown);
  CHECK(unsure.second);
  CHECK(unsure.confidence < 0.25);
}

TEST_CASE("verdict model: what cannot be read is refused, and why is said") {
  struct Case {
    std::string_view what;
    std::string_view instead;
    std::string_view says;
  };
  const Case cases[] = {
      {"format = 1", "format = 2", "x.toml:1: 'format' is 2; this program reads 1"},
      {"format = 1", "formt = 1", "did you mean 'format'?"},
      {"least = 0.25", "least = 1", "a chance from 0 to below 1"},
      {"[\"replay\", \"stuck\"]", "[\"replai\", \"stuck\"]", "did you mean replay?"},
      {"start = [0, 0, 0, 0, 0, 0]", "start = [0, 0]", "expected a list of 6 numbers"},
      {"start = [0, 0, 0, 0, 0, 0]", "start = [0, 0, nan, 0, 0, 0]", "a list of 6 numbers"},
      {"command = [0, 0, 0, 3, 0, 0]", "commando = [0, 0, 0, 3, 0, 0]", "did you mean command?"},
      {"[[1, 0.5, -1, 3]]", "[[1, 0.5, -1]]", "tree 1 (line 9)"},
      {"[[1, 0.5, -1, 3]]", "[[2, 0.5, -1, 3]]", "tree 1"},
      {"[[1, 0.5, -1, 3]]", "[[0.5, 0.5, -1, 3]]", "tree 1"},
      {"[[1, 0.5, -1, 3]]", "[[1, 0.5, 0, 0.1, -1, 3, 1]]", "tree 1"},
      {"[[1, 0.5, -1, 3]]", "7", "expected a list of at most"},
      {"sensor_failure", "sensor_failing", "sensor_failing"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.instead);
    const auto model = VerdictModel::read_text(with(c.what, c.instead), "x.toml");
    REQUIRE(!model);
    CAPTURE(model.error().what);
    CHECK(model.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("diagnosis: a scenario may name another model, beside it") {
  const auto folder = std::filesystem::temp_directory_path() / "sosie-verdict-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "small.toml") << small;
  const auto read = [&](std::string_view file) -> Result<Diagnosis::Config> {
    const auto scenario = folder / "scenario.toml";
    std::ofstream(scenario) << "verdict = \"" << file << "\"\n";
    auto section = TRY(Section::read_file(scenario.string()));
    return Diagnosis::read(section, {});
  };
  const auto config = read("small.toml");
  REQUIRE(config);
  REQUIRE(config->verdict);
  CHECK(config->verdict->name() == "small");
  const auto missing = read("none.toml");
  REQUIRE(!missing);
  CHECK(missing.error().what.find("none.toml") != std::string::npos);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sosie::diagnosis
