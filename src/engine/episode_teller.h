#pragma once

#include <algorithm>
#include <atomic>

#include "core/episode_keeper.h"
#include "engine/commit_listener.h"

namespace sosie {

/// Tells a source that keeps episodes what is on disk of them; and others, when it is settled what
/// of an earlier life is still ours: until then nothing of it may be told, another goes on with it.
/// Nor later, while it is not certain.
class EpisodeTeller final : public CommitListener {
 public:
  EpisodeTeller(EpisodeKeeper& keeper, const SeriesTable& series)
      : keeper_(keeper), series_(series) {}

  void committed(std::span<const Parcel> parcels) override {
    for (const Parcel& parcel : parcels) {
      if (!parcel.findings.empty() || !parcel.handovers.empty()) {
        keeper_.committed(parcel.handovers, parcel.findings, series_);
      }
      if (std::ranges::any_of(parcel.handovers, is_complete)) is_settled_ = true;
    }
  }
  bool may_tell() const { return is_settled_ && keeper_.may_tell(); }

 private:
  static bool is_complete(const Handover& handover) {
    return handover.what == Handover::What::complete;
  }

  EpisodeKeeper& keeper_;
  const SeriesTable& series_;
  std::atomic<bool> is_settled_{false};
};

}  // namespace sosie
