#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "connectors/kafka/config.h"
#include "connectors/kafka/dead_letters.h"
#include "connectors/kafka/homes.h"
#include "connectors/kafka/moves.h"
#include "core/episode_keeper.h"
#include "core/source.h"
#include "messages/mapping.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// Reads topics as a member of a consumer group.
///
/// A batch's readings, its refusals and how far it is go to the journal in one piece; the group is
/// told only once that is committed. So what is read again after a crash is known by the place in
/// the journal, and nothing is counted twice; and what was not committed is read again.
///
/// With a topic of episodes the devices of a partition go with it to another worker (Handover): the
/// group is told of what was read only once the episodes that came of it stand there; and whoever
/// the partition comes to takes these, and reads so much of its past again as the rules look back.
class KafkaSource final : public Source, public EpisodeKeeper {
 public:
  KafkaSource(SourceConfig config, std::unique_ptr<messages::Mapping> mapping)
      : config_(std::move(config)),
        mapping_(std::move(mapping)),
        episodes_(config_.consumer.client, config_.episodes) {}

  Result<void> run(Intake& intake, std::stop_token stop) override;
  SourceState state() const override;
  bool keeps_episodes() const override { return episodes_.is_on(); }
  void committed(std::span<const Handover> handovers, std::span<const FindingEvent> events,
                 const SeriesTable& series) override {
    episodes_.found(handovers, events, series);
  }
  bool may_tell() const override;

 private:
  class Life;
  static constexpr std::int64_t unknown = -1;
  SourceConfig config_;
  std::unique_ptr<messages::Mapping> mapping_;
  std::string member_;  ///< our name in the group; of the source's thread
  EpisodeTopic episodes_;
  Shares shares_;  ///< of the source's thread; outlives a connection
  Homes homes_{shares_};
  /// Consumer::sure_until, and what is to have come and gone before anything may be told.
  std::atomic<std::chrono::steady_clock::time_point> sure_until_{};
  std::atomic<std::uint64_t> moves_{0};
  std::atomic<std::int64_t> lag_{unknown};
  std::atomic<std::uint64_t> dead_letters_{0};
  std::atomic<std::uint64_t> troubles_{0};
  mutable Guarded<std::string> trouble_;
};

}  // namespace sosie::kafka
