// What one request costs in the broker itself; HTTP and the journal come on top (web, store). Run:
// bench_twin_broker --benchmark_min_time=0.5

#include <fstream>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "twin/broker/broker.h"

namespace sosie::ngsi {
namespace {

/// Forgets what it is given: the store has benchmarks of its own.
class NoKeeper final : public Keeper {
 public:
  Ticket keep(Change change) override {
    benchmark::DoNotOptimize(change);
    notifications += change.notifications.size();
    return ++tickets_;
  }
  std::size_t notifications = 0;

 private:
  Ticket tickets_ = 0;
};

class NoForwarder final : public Forwarder {
 public:
  Result<ForwardAnswer> ask(const ForwardRequest& /*request*/) override {
    return Error{Errc::unavailable, "nobody"};
  }
};

Request request(std::string method, std::string path, std::string body = {},
                std::string query = {}) {
  Request request{.method = std::move(method),
                  .path = std::move(path),
                  .query = std::move(query),
                  .headers = {{"Host", "localhost:1026"}, {"Accept", "application/json"}},
                  .body = std::move(body)};
  if (!request.body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Content-Length", std::to_string(request.body.size())});
  }
  return request;
}

std::string entity(std::int64_t number, std::int64_t value) {
  return fmt::format(
      R"({{"id":"Room{0}","type":"Room","a":{{"type":"Number","value":{1}}},"b":{{"type":"Number","value":{1}.5}},)"
      R"("c":{{"type":"Text","value":"text{1}"}},"d":{{"type":"Number","value":1}},"e":{{"type":"Boolean","value":true}}}})",
      number, value);
}

struct Rig {
  explicit Rig(std::int64_t entities) : broker({}, clock, keeper, forwarder) {
    broker.start();
    for (std::int64_t i = 0; i < entities; ++i) {
      broker.handle(request("POST", "/v2/entities", entity(i, i % 100)));
    }
  }
  ManualClock clock{Timestamp(std::chrono::hours(490000))};
  NoKeeper keeper;
  NoForwarder forwarder;
  Broker broker;
};

void patch_two_attributes(benchmark::State& state) {
  Rig rig(1000);
  std::int64_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++i;
    benchmark::DoNotOptimize(rig.broker.handle(request(
        "PATCH", fmt::format("/v2/entities/Room{}/attrs", i % 1000),
        fmt::format(R"({{"a":{{"type":"Number","value":{}}},"b":{{"type":"Number","value":2}}}})",
                    i))));
  }
}
BENCHMARK(patch_two_attributes);

void get_entity(benchmark::State& state) {
  Rig rig(1000);
  std::int64_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++i;
    benchmark::DoNotOptimize(
        rig.broker.handle(request("GET", fmt::format("/v2/entities/Room{}", i % 1000))));
  }
}
BENCHMARK(get_entity);

void batch_of_100(benchmark::State& state) {
  Rig rig(100);
  std::int64_t i = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++i;
    std::string body = R"({"actionType":"update","entities":[)";
    for (std::int64_t n = 0; n < 100; ++n) body += (n > 0 ? "," : "") + entity(n, i % 1000);
    benchmark::DoNotOptimize(rig.broker.handle(request("POST", "/v2/op/update", body + "]}")));
  }
}
BENCHMARK(batch_of_100);

/// Each subscription watches an entity of its own, or (range 1) an attribute of its own.
void update_triggers_one_of(benchmark::State& state) {
  Rig rig(1000);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const auto subject =
        state.range(1) == 0
            ? fmt::format(R"("entities":[{{"id":"Room{}","type":"Room"}}])", i)
            : fmt::format(
                  R"("entities":[{{"idPattern":".*","type":"Room"}}],"condition":{{"attrs":["{}"]}})",
                  i == 0 ? "a" : fmt::format("a{}", i));
    rig.broker.handle(
        request("POST", "/v2/subscriptions",
                R"({"subject":{)" + subject +
                    R"(},"notification":{"http":{"url":"http://localhost:1028/n"}}})"));
  }
  std::int64_t i = 0;
  const auto before = rig.keeper.notifications;
  for ([[maybe_unused]] auto _ : state) {
    ++i;
    benchmark::DoNotOptimize(rig.broker.handle(
        request("PATCH", fmt::format("/v2/entities/Room{}/attrs", i % 1000),
                fmt::format(R"({{"a":{{"type":"Number","value":{}}}}})", i + 100))));
  }
  state.counters["notifications"] = benchmark::Counter(
      static_cast<double>(rig.keeper.notifications - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(update_triggers_one_of)->Args({1, 1})->Args({10000, 0})->Args({10000, 1});

/// A million entities of 5 attributes: what they take, and `q` on their type with limit 20.
double resident_mb() {
  double pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;  // the second figure: resident
  return pages * 4096 / 1e6;
}

void query_of_a_million(benchmark::State& state) {
  const double before = resident_mb();
  Rig rig(1'000'000);
  state.counters["resident_MB"] = resident_mb() - before;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(
        rig.broker.handle(request("GET", "/v2/entities", {}, "type=Room&q=a==99;d==1&limit=20")));
  }
}
BENCHMARK(query_of_a_million)->Iterations(20)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sosie::ngsi
