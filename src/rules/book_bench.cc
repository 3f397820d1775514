#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "rules/book.h"

namespace sosie::rules {
namespace {

/// `take` of a reading of each device in turn, one every ten seconds, in batches of a thousand as
/// they come from a source. One in a thousand values is above the limit.
class Fleet {
 public:
  Fleet(std::int64_t devices, const std::string& toml, std::initializer_list<const char*> series)
      : book_(set(toml), table_) {
    for (std::int64_t i = 0; i < devices; ++i) {
      for (const char* const attribute : series) {
        SeriesInfo info;
        info.entity = fmt::format("truck-{:07}", i);
        info.attribute = attribute;
        last_ = table_.declare(info);
      }
    }
    book_.refresh();
  }

  void take_next() {
    reading_.series.index = next_;
    reading_.value = (next_ + round_) % 1000 == 0 ? 81.0 : 70.0 + (next_ & 7U);
    book_.take(reading_, events_);
    if (next_ % 1000 == 0) {
      book_.settle(events_);
      events_.clear();
    }
    if (next_++ < last_.index) return;
    next_ = 0;
    ++round_;
    reading_.at += std::chrono::seconds(10);
  }

  /// Until the rings have as many as the lateness holds.
  void fill() {
    while (round_ < 8) take_next();
  }

  RuleBook& book() { return book_; }
  std::uint32_t series() const { return last_.index + 1; }

 private:
  static RuleSet set(const std::string& toml) {
    auto section = Section::read_text(toml).value();
    return RuleSet::read(section).value();
  }

  SeriesTable table_;
  RuleBook book_;
  RuleBook::Events events_;
  SeriesId last_{};
  Reading reading_{Timestamp(std::chrono::hours(24 * 365 * 50)), 0, {}};
  std::uint32_t next_ = 0;
  std::uint32_t round_ = 0;
};

constexpr const char* one_limit =
    "[[rule]]\nname = 'hot'\nkind = 'limit'\nseries = '*.temperature'\nhigh = 80\ndeadband = 2\n";

void run(benchmark::State& state, Fleet& fleet) {
  fleet.fill();
  for ([[maybe_unused]] auto _ : state) fleet.take_next();
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_a_series"] =
      static_cast<double>(fleet.book().bytes()) / static_cast<double>(fleet.series());
}

void one_limit_of_devices(benchmark::State& state) {
  Fleet fleet(state.range(0), one_limit, {"temperature"});
  run(state, fleet);
}
BENCHMARK(one_limit_of_devices)->Arg(1)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

void one_limit_no_lateness(benchmark::State& state) {
  Fleet fleet(state.range(0), std::string("[rules]\nlateness = '0s'\n") + one_limit,
              {"temperature"});
  run(state, fleet);
}
BENCHMARK(one_limit_no_lateness)->Arg(1)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

/// A fleet's rules on six series: a limit, silence, a geofence.
void fleet_of_devices(benchmark::State& state) {
  Fleet fleet(state.range(0),
              std::string(one_limit) +
                  "[[rule]]\nname = 'quiet'\nkind = 'silence'\nafter = '5m'\n"
                  "[[rule]]\nname = 'home'\nkind = 'geofence'\n"
                  "area = [[0, 0], [90, 0], [90, 90], [0, 90]]\n",
              {"temperature", "humidity", "latitude", "longitude", "speed", "load"});
  run(state, fleet);
}
BENCHMARK(fleet_of_devices)->Arg(1)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace sosie::rules
