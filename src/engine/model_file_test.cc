#include "engine/model_file.h"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "engine/statistics.h"

namespace sosie {
namespace {

ModelFile sample() {
  ModelFile model;
  model.frames = 7;
  model.seed = 42;
  model.parts["1/forest"] = std::string("\0\1\2", 3);
  model.parts["profile"] = "";
  return model;
}

TEST_CASE("a model file: there and back") {
  const auto back = ModelFile::decode(sample().encode());
  REQUIRE(back);
  CHECK(back->frames == 7);
  CHECK(back->seed == 42);
  CHECK(back->parts == sample().parts);
}

TEST_CASE("a model file that is cut, changed or of another format says so") {
  const auto bytes = sample().encode();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(ModelFile::decode(std::string_view(bytes).substr(0, length)));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    CHECK_FALSE(ModelFile::decode(changed));
  }
  auto newer = bytes;
  newer[8] = 9;
  CHECK(ModelFile::decode(newer).error().what ==
        "model file format 9; this program reads format 1: train anew");
}

/// An empty one, and gone again.
struct TestFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "sosie_model_test";
  TestFolder() { std::filesystem::remove_all(path); }
  ~TestFolder() { std::filesystem::remove_all(path); }
};

models::Version as(models::State state) {
  models::Version version;
  version.state = state;
  version.sensors = 3;
  return version;
}

std::uint32_t active_in(const ModelFolder& models) {
  const auto registry = models.registry();
  return registry.active() == nullptr ? 0 : registry.active()->number;
}

TEST_CASE("a folder of models: what is active is what the register says") {
  const TestFolder folder;
  const ModelFolder models(folder.path.string());
  CHECK(active_in(models) == 0);
  CHECK(models.stamp().empty());
  auto first = sample();
  auto second = sample();
  second.frames = 8;
  REQUIRE(models.add(first, as(models::State::active), ""));
  const auto stamp = models.stamp();
  CHECK(!stamp.empty());
  REQUIRE(models.add(second, as(models::State::shadow), "Ana"));
  CHECK(models.stamp() != stamp);
  CHECK(second.version == 2);
  CHECK(active_in(models) == 1);
  CHECK(models.load(2)->frames == 8);
  const auto rights = std::filesystem::status(folder.path / "model-2.sosie").permissions();
  CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);  // it holds a secret
  CHECK(models.registry().find(2)->rows == 8);
  REQUIRE(models.change(
      [](models::Registry& registry) { return registry.activate(2, Timestamp(), "Ana", {}); }));
  CHECK(active_in(models) == 2);
  CHECK(models
            .change([](models::Registry& registry) {
              return registry.activate(9, Timestamp(), "Ana", {});
            })
            .error()
            .code == Errc::not_found);
  CHECK(models.load(9).error().code == Errc::not_found);
  std::ofstream(folder.path / "model-2.sosie", std::ios::app) << "x";
  CHECK(models.load(2).error().code == Errc::corrupt);
}

TEST_CASE("a folder of models: a register that is damaged or gone is made anew") {
  const TestFolder folder;
  const ModelFolder models(folder.path.string());
  auto first = sample();
  auto second = sample();
  REQUIRE(models.add(first, as(models::State::active), ""));
  REQUIRE(models.add(second, as(models::State::shadow), ""));
  std::ofstream(folder.path / "models.json", std::ios::trunc) << "{";
  CHECK(active_in(models) == 2);
  CHECK(std::filesystem::exists(folder.path / "models.json.damaged"));
  std::filesystem::remove(folder.path / "models.json");
  CHECK(active_in(models) == 2);
  CHECK(models.registry().find(1)->rows == 7);
}

TEST_CASE("a number of a model is never given twice") {
  const TestFolder folder;
  const ModelFolder models(folder.path.string());
  auto first = sample();
  auto second = sample();
  REQUIRE(models.add(first, as(models::State::active), ""));
  std::filesystem::remove(folder.path / "model-1.sosie");
  REQUIRE(models.add(second, as(models::State::active), ""));
  CHECK(second.version == 2);
}

TEST_CASE("latencies: quantiles lie in the bucket they were counted in") {
  LatencyHistogram histogram;
  for (int i = 0; i < 95; ++i) histogram.add(1.5e-6);
  for (int i = 0; i < 5; ++i) histogram.add(0.3);
  const auto seen = histogram.snapshot();
  CHECK(seen.count == 100);
  CHECK(seen.quantile(0.5) > 1e-6);
  CHECK(seen.quantile(0.5) <= 2e-6);
  CHECK(seen.quantile(0.99) > 0.1);
  CHECK(seen.sum_s == doctest::Approx(95 * 1.5e-6 + 1.5));
  CHECK(LatencyHistogram().snapshot().quantile(0.5) == 0);
}

}  // namespace
}  // namespace sosie
