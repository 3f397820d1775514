#pragma once

#include "core/episode_keeper.h"
#include "engine/commit_listener.h"

namespace sosie {

/// Tells a source that keeps episodes what is on disk of them.
class EpisodeTeller final : public CommitListener {
 public:
  EpisodeTeller(EpisodeKeeper& keeper, const SeriesTable& series)
      : keeper_(keeper), series_(series) {}

  void committed(std::span<const Parcel> parcels) override {
    for (const Parcel& parcel : parcels) {
      if (!parcel.findings.empty()) keeper_.found(parcel.findings, series_);
    }
  }

 private:
  EpisodeKeeper& keeper_;
  const SeriesTable& series_;
};

}  // namespace sosie
