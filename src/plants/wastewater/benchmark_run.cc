#include "plants/wastewater/benchmark_run.h"

#include <algorithm>

namespace sosie::bsm1 {
namespace {

constexpr double same_d = 1e-6;  // times of files have nine digits

/// One run on its way.
class Runner {
 public:
  Runner(Bsm1& plant, const Influent& influent, const Run& options)
      : plant_(plant), influent_(influent), options_(options) {}

  Result<Summary> run() {
    while (now_d_ < options_.days - same_d) {
      const std::size_t row = influent_.at(now_d_ - round_d_);
      TRY(feed(row));
      note();
      TRY(live_until(next_stop(row)));
      if (now_d_ - round_d_ >= influent_.days - same_d) round_d_ += influent_.days;
    }
    return evaluation_.summary(plant_);
  }

 private:
  Result<void> feed(std::size_t row) {
    if (row == fed_) return {};
    fed_ = row;
    Inflow inflow = influent_.rows[row].inflow;
    if (options_.celsius) inflow.celsius = *options_.celsius;
    return told(plant_.feed(inflow));
  }

  void note() {
    if (!evaluates_ && now_d_ >= options_.evaluated_from_d - same_d) {
      evaluates_ = true;
      evaluation_.begin(plant_);
    }
    if (now_d_ < next_sample_d() - same_d) return;
    ++samples_;
    if (evaluates_) evaluation_.sample(plant_);
    if (options_.at_sample) options_.at_sample(plant_);
  }

  double next_sample_d() const { return samples_ * sample_d; }

  double next_stop(std::size_t row) const {
    double stop = std::min({options_.days, next_sample_d(), round_d_ + influent_.end_d(row)});
    if (!evaluates_) stop = std::min(stop, options_.evaluated_from_d);
    return stop;
  }

  Result<void> live_until(double stop_d) {
    const double days = stop_d - now_d_;
    now_d_ = stop_d;
    if (days <= 0) return {};
    return told(evaluates_ ? plant_.live(days, evaluation_) : plant_.live(days));
  }

  Result<void> told(Result<void> result) const {
    if (result) return result;
    return std::move(result).error().in(
        fmt::format("{}:{}", influent_.name, influent_.rows[fed_].line));
  }

  Bsm1& plant_;
  const Influent& influent_;
  const Run& options_;
  Evaluation evaluation_;
  double now_d_ = 0;
  double round_d_ = 0;  ///< when the influent last began
  std::size_t fed_ = SIZE_MAX;
  int samples_ = 0;
  bool evaluates_ = false;
};

}  // namespace

Result<Summary> run(Bsm1& plant, const Influent& influent, const Run& options) {
  return Runner(plant, influent, options).run();
}

Result<void> begin_as_benchmark(Bsm1& plant) {
  TRY(plant.feed(constant_inflow()));
  TRY(plant.settle());
  TRY(run(plant, benchmark_influent(BenchmarkWeather::dry), {.evaluated_from_d = 14}));
  plant.set_time(0);
  return {};
}

}  // namespace sosie::bsm1
