#include "app/survey.h"

#include <algorithm>
#include <vector>

#include "core/series.h"
#include "core/source.h"

namespace sosie::app {
namespace {

/// Takes everything, keeps only when it was.
class Listener final : public Intake {
 public:
  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute.empty() ? "value" : attribute;
    return declare(info);
  }
  SeriesId declare(const SeriesInfo& info) override { return table_.declare(info); }
  Admission put(std::span<const Reading> readings, std::string_view /*source*/) override {
    seen_.readings += readings.size();
    for (const Reading& reading : readings) {
      if (times_.empty() || times_.back() != reading.at) times_.push_back(reading.at);
    }
    return {{}, readings.size(), 0, {}};
  }
  Result<Admission> try_put(std::span<const Reading> readings, std::string_view source) override {
    return put(readings, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override { return true; }
  void refuse(Refusal refusal) override {
    ++seen_.refused;
    if (seen_.first_refusal.empty()) seen_.first_refusal = refusal.where + ": " + refusal.reason;
  }
  void remember(std::string_view /*key*/, std::string /*bytes*/) override {}
  std::optional<std::string> recall(std::string_view /*key*/) override { return std::nullopt; }
  Clock& clock() override { return clock_; }

  Result<Survey> result() {
    if (times_.empty()) {
      return Error{Errc::invalid,
                   "no reading in it; " + (seen_.first_refusal.empty() ? std::string("it is empty")
                                                                       : seen_.first_refusal)};
    }
    std::sort(times_.begin(), times_.end());
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
    seen_.first = times_.front();
    seen_.last = times_.back();
    seen_.series = table_.size();
    std::vector<Duration> steps;
    for (std::size_t i = 1; i < times_.size(); ++i) steps.push_back(times_[i] - times_[i - 1]);
    if (!steps.empty()) {
      const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
      std::nth_element(steps.begin(), middle, steps.end());
      seen_.period = *middle;
    }
    return seen_;
  }

 private:
  SeriesTable table_;
  ScaledClock clock_{Timestamp{}, 0};
  std::vector<Timestamp> times_;
  Survey seen_;
};

}  // namespace

Result<Survey> survey(Section& scenario, const Catalog& catalog) {
  auto sections = TRY(scenario.tables("source"));
  Listener listener;
  for (auto& section : sections) {
    TRY(section.text("name", ""));
    auto source = TRY(catalog.make<Source>(section));
    TRY(source->run(listener, {}));
  }
  return listener.result();
}

}  // namespace sosie::app
