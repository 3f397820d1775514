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

TEST_CASE("a folder of models gives the newest") {
  const auto folder = std::filesystem::temp_directory_path() / "sosie_model_test";
  std::filesystem::remove_all(folder);
  const ModelFolder models(folder.string());
  CHECK_FALSE(models.newest()->has_value());
  auto first = sample();
  auto second = sample();
  second.frames = 8;
  REQUIRE(models.add(first));
  REQUIRE(models.add(second));
  CHECK(second.version == 2);
  CHECK((*models.newest())->frames == 8);
  std::ofstream(folder / "model-2.sosie", std::ios::app) << "x";
  CHECK_FALSE(models.newest());
  std::filesystem::remove_all(folder);
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
