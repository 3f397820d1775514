#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/process.h"
#include "twin/model/parse.h"
#include "twin/model/render.h"

namespace sosie::ngsi {
namespace {

std::string body_of(int number) {
  return fmt::format(
      R"({{"id":"urn:ngsi-ld:Room:{:07}","type":"Room",)"
      R"("temperature":{{"type":"Number","value":{}.5,"metadata":{{}}}},)"
      R"("relativeHumidity":{{"type":"Number","value":40.25}},)"
      R"("pressure":{{"type":"Number","value":1013}},"occupied":{{"type":"Boolean","value":true}},)"
      R"("description":{{"type":"Text","value":"a room of the house"}}}})",
      number, number % 40);
}

Entity made(const std::string& body) {
  const auto parsed = parse_json(body);
  const auto patch = read_entity(*parsed, Form::normalized);
  Entity entity{.id = patch->id, .type = patch->type, .service_path = intern("/")};
  entity.attributes.reserve(patch->attributes.size());
  for (const auto& one : patch->attributes) entity.attributes.push_back(to_attribute(one, {}));
  return entity;
}

void parse_entity(benchmark::State& state) {
  const std::string body = body_of(7);
  for ([[maybe_unused]] auto _ : state) {
    const auto parsed = parse_json(body);
    benchmark::DoNotOptimize(read_entity(*parsed, Form::normalized));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(parse_entity);

void render_normalized(benchmark::State& state) {
  const Entity entity = made(body_of(7));
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    render_entity(entity, {}, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(render_normalized);

/// A million entities of five attributes, made as the broker makes them: bytes in RAM for each.
void memory_of_a_million(benchmark::State& state) {
  constexpr int count = 1000000;
  for ([[maybe_unused]] auto _ : state) {
    const auto before = resident_bytes();
    std::vector<Entity> entities;
    entities.reserve(count);
    for (int i = 0; i < count; ++i) entities.push_back(made(body_of(i)));
    state.counters["bytes_an_entity"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(count);
  }
}
BENCHMARK(memory_of_a_million)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sosie::ngsi
