#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/kafka/episodes.h"
#include "connectors/kafka/shares.h"
#include "core/handover.h"
#include "core/source.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// Makes handovers of what a consumer says of its partitions: what comes is read from before the
/// place where it is new, and told as the past.
///
/// One connection's; what is held outlives it in the Shares. Threads: the source's.
class Moves {
 public:
  Moves(EpisodeTopic& episodes, Shares& shares, Intake& intake);

  /// False: nothing moves, and nothing below is to be asked.
  bool is_on() const { return episodes_.is_on(); }

  // As Keeper has them, with the partition's name.
  Keeper::Entry comes(std::uint32_t partition, const Partition& name, std::int64_t next,
                      const std::string& note);
  void goes(std::uint32_t partition);
  void assigned() { has_moved_ = true; }

  /// Before a batch's messages: what the assignments before it have changed. Errors: the episodes
  /// cannot be read.
  Result<void> begin(const std::stop_token& stop);

  bool is_past(std::uint32_t partition, std::int64_t offset) {
    return offset < share(partition).live;
  }
  /// What was read of a message.
  void note(std::uint32_t partition, std::int64_t offset, std::span<const Reading> readings);

  /// To be told before the batch's readings of the past, and before those that are new. `next`:
  /// how far a partition was received (Consumer::next).
  std::vector<Handover> before_past();
  using Next = std::function<std::int64_t(std::uint32_t partition)>;
  std::vector<Handover> before_new(const Next& next);

  /// The handovers that will have been told once all that comes is here.
  std::uint64_t under_way() const;

  /// The batch has been handed over, up to `next`: what is to be committed with that place; none:
  /// it lies in the past.
  std::optional<std::string> end(std::uint32_t partition, std::int64_t next);

  /// Writes what was found so far (EpisodeTopic::publish).
  Result<void> publish();

 private:
  /// Of one batch and one share.
  struct Part {
    std::optional<std::int64_t> first;  ///< offset
    Timestamp newest;
    std::vector<SeriesId> series;  ///< that were not known to be its
  };

  std::uint32_t index(std::uint32_t partition) const { return index_.at(partition); }
  Share& share(std::uint32_t partition) { return shares_[index(partition)]; }
  Part& part(std::uint32_t share);
  std::vector<Handover> tell();
  void let_go();
  using Records = std::map<std::string, std::vector<EpisodeRecord>>;  ///< by part
  void take_arrivals(Records known);
  std::vector<Finding> findings_of(const std::vector<EpisodeRecord>& records, Timestamp since);

  EpisodeTopic& episodes_;
  Shares& shares_;
  Intake& intake_;
  const Duration looks_back_;
  std::vector<std::uint32_t> index_;  ///< of the share, by the consumer's number of the partition
  std::vector<std::uint32_t> arrivals_;  ///< shares that have come with the last assignment
  std::vector<Handover> handovers_;      ///< to be told
  std::vector<Part> batch_;              ///< by share
  bool has_moved_ = false;
  bool was_assigned_ = false;
};

}  // namespace sosie::kafka
