#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/shares.h"
#include "core/handover.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// By which partition each device comes, where no topic of episodes says so (else Moves does), and
/// of which partitions more lies unread: what is judged of several devices together goes by the one
/// that is behind.
///
/// Outlives a connection, of which the numbers of partitions are. Threads: the source's.
class Homes {
 public:
  explicit Homes(Shares& shares) : shares_(shares) {}

  /// A new connection, which counts its partitions anew.
  void begin() { index_.clear(); }

  /// What was read of a message.
  void note(std::uint32_t partition, const Partition& name, std::span<const Reading> readings);
  /// Appends who belongs where, as far as it is new.
  void tell_holds(std::vector<Handover>& out);

  /// `unread`: all of which more lies unread.
  void look(std::span<const Partition> unread);
  /// Appends what has changed: of which more lies unread, before the readings that came with it;
  /// and behind them, of which no more does.
  void tell_waits(std::vector<Handover>& out);
  void tell_read(std::vector<Handover>& out);
  bool is_any_unread() const { return !told_.empty(); }

 private:
  Shares& shares_;
  std::vector<std::uint32_t> index_;         ///< of the share, by the consumer's number
  std::vector<std::vector<SeriesId>> news_;  ///< by share
  std::set<std::string> unread_;             ///< as was seen
  std::set<std::string> told_;
};

}  // namespace sosie::kafka
