#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "app/feed.h"
#include "app/plant_of.h"
#include "base/random.h"

namespace sosie::app {
namespace {

using std::chrono::minutes;

class LivingPlant final : public Feed, private LabelSink {
 public:
  LivingPlant(std::unique_ptr<Plant> plant, const PlantFeed& options)
      : plant_(std::move(plant)),
        options_(options),
        series_(sensors_of(*plant_)),
        values_(plant_->sensor_count()),
        random_(options.seed * 977) {
    constexpr Timestamp start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 1);
    begin_ = start;
    plant_->set_fault_rate(options_.fault_rate);
    plant_->start(start, options_.seed);
  }

  const std::vector<SeriesInfo>& series() const override { return series_; }
  Duration period() const override { return plant_->period(); }
  std::vector<std::string> notes() const override {
    return {"simulated: a real plant's faults differ"};
  }
  std::vector<Label> labels() const override {
    std::vector<Label> all;
    all.reserve(labels_.size());
    for (const auto& [id, label] : labels_) all.push_back(label);
    return all;
  }

  Result<bool> next(FeedRow& row) override {
    if (now_ >= begin_ + options_.learn + options_.look) return false;
    if (options_.ordered) {
      TRY(order());
    }
    now_ = plant_->step(values_, *this);
    row.at = now_;
    row.values.assign(values_.size(), std::numeric_limits<double>::quiet_NaN());
    row.is_maintained.assign(values_.size(), 0);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].sent) continue;
      row.values[i] = values_[i].value;
      row.is_maintained[i] = values_[i].reason == QualityReason::maintenance ? 1 : 0;
    }
    return true;
  }

 private:
  void label(const Label& label) override { labels_[label.id] = label; }

  /// Each fault in turn, in an order drawn anew each round. What chance began is over half a day
  /// before, so that nothing found is an echo of it.
  Result<void> order() {
    const auto looks_from = begin_ + options_.learn;
    if (!is_quiet_ && now_ >= looks_from - options_.learn / 14) {
      is_quiet_ = true;
      plant_->set_fault_rate(0);
      for (const auto& label : plant_->running()) {
        TRY(plant_->cancel(label.id));
      }
    }
    if (now_ < std::max(next_, looks_from + minutes(30))) return {};
    const auto types = plant_->fault_types();
    if (turn_.empty()) {
      for (std::size_t i = 0; i < types.size(); ++i) turn_.push_back(i);
      for (std::size_t i = turn_.size(); i > 1; --i) {
        std::swap(turn_[i - 1], turn_[random_.below(i)]);
      }
    }
    const auto& type = types[turn_.back()];
    turn_.pop_back();
    const bool is_slow = type.kind == Kind::sensor_drift;
    const auto lasts = minutes(is_slow ? 480 + random_.below(480) : 45 + random_.below(120));
    TRY(plant_->inject({.fault = type.name, .target = "", .size = std::nullopt, .lasts = lasts}));
    next_ = now_ + (is_slow ? minutes(120) : lasts + minutes(120));
    return {};
  }

  std::unique_ptr<Plant> plant_;
  PlantFeed options_;
  std::vector<SeriesInfo> series_;
  std::vector<PlantValue> values_;
  Random random_;
  std::map<std::uint64_t, Label> labels_;
  std::vector<std::size_t> turn_;
  Timestamp begin_;
  Timestamp now_;
  Timestamp next_;
  bool is_quiet_ = false;
};

}  // namespace

Result<std::unique_ptr<Feed>> live_plant(const PlantFeed& options, const Catalog& catalog) {
  auto plant = TRY(make_plant(options.scenario, catalog));
  return std::unique_ptr<Feed>(std::make_unique<LivingPlant>(std::move(plant), options));
}

}  // namespace sosie::app
