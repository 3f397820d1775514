#include <string>

#include <benchmark/benchmark.h>

#include "wire/json/readings.h"

namespace sosie::json {
namespace {

class Sum final : public ReadingVisitor {
 public:
  void reading(std::size_t, const ReadingItem& item) override { total += item.value; }
  void refused(std::size_t, std::string_view, std::string_view) override { ++refusals; }
  double total = 0;
  std::size_t refusals = 0;
};

constexpr std::string_view message =
    R"({"entity": "AIT-306-DO", "attribute": "o2_dissous", "value": 2.0437, )"
    R"("time": "2026-11-20T10:00:05.250Z", "quality": "good", "unit": "mg/L", "seq": 1234567})";

void one_message(benchmark::State& state) {
  ReadingDecoder decoder;
  Sum sum;
  for ([[maybe_unused]] auto _ : state) decoder.decode(message, sum);
  if (sum.refusals > 0) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(one_message);

void list_of_127(benchmark::State& state) {
  std::string body = "[";
  for (int i = 0; i < 127; ++i) body += std::string(i > 0 ? "," : "") + std::string(message);
  body += "]";
  ReadingDecoder decoder;
  Sum sum;
  for ([[maybe_unused]] auto _ : state) decoder.decode(body, sum);
  if (sum.refusals > 0) state.SkipWithError("refused");
  state.SetItemsProcessed(state.iterations() * 127);
}
BENCHMARK(list_of_127);

}  // namespace
}  // namespace sosie::json
