#include "engine/training.h"

#include "base/time_text.h"
#include "engine/frame_builder.h"
#include "engine/plan.h"
#include "engine/watch.h"

namespace sosie {

Result<ModelCard> train(Section& scenario, const Catalog& catalog, const std::string& folder,
                        const Store& store, const SeriesTable& series, Timestamp from,
                        Timestamp to) {
  auto plan = TRY(Plan::read(scenario, catalog, folder));
  Statistics statistics;
  const std::uint64_t seed = plan.simulator() == nullptr ? 0 : plan.simulator()->status().seed;
  Watch watch({to - from, seed, folder + "/models", plan.false_alarms_per_day}, *plan.zone,
              std::move(plan.detectors), plan.diagnosis, statistics);
  FrameBuilder frames(plan.info.asset, plan.frame_period, series);
  frames.refresh();
  watch.begin(frames.columns());

  const SystemClock clock;
  std::vector<FindingEvent> nobody;
  const FrameBuilder::Closed learn = [&](const Frame& frame) { watch.take(frame, clock, nobody); };
  const auto ids = series.of_asset(plan.info.asset);
  TRY(store.scan(ids, from, to, [&](std::span<const Reading> readings) {
    for (const Reading& reading : readings) frames.add(reading, learn);
    return true;
  }));
  if (statistics.frames == 0) {
    return Error{Errc::not_found, fmt::format("nothing of '{}' is stored from {} to {}",
                                              plan.info.asset, to_iso8601(from), to_iso8601(to))};
  }
  TRY(watch.finish_learning(clock));
  return watch.card();
}

}  // namespace sosie
