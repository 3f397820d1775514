#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/queue.h"
#include "engine/commit_listener.h"
#include "engine/durable_mark.h"
#include "engine/parcel.h"
#include "engine/statistics.h"

namespace sosie {

/// The way in for those who keep state and not only readings (the broker): documents, messages, and
/// the readings that belong to them go through lane and journal in one parcel, and are committed
/// together.
///
/// One parcel is on its way at a time, and what comes meanwhile makes up the next: so many clients
/// share a commit, and the lane's queue has room for its sources. Nobody ever waits in `put`;
/// `is_behind` tells when to take no more.
///
/// Threads: any.
class DocumentRoad final : public CommitListener {
 public:
  struct Entry {
    std::vector<Reading> readings{};  ///< those that cannot be any go to quarantine
    std::vector<DocumentChange> documents{};
    std::vector<EarlierState> earlier{};
    std::vector<Outgoing> outgoing{};
    std::vector<std::uint64_t> arrived{};  ///< numbers that may leave the outbox
  };
  /// Called on the journal's thread when entries up to this number have become durable.
  using Listener = std::function<void(std::uint64_t)>;

  /// A reading further ahead of `clock` than `future_limit` is none. All must outlive the road.
  DocumentRoad(BoundedQueue<Parcel>& lane, DurableMark& durable, const SeriesTable& series,
               Statistics& statistics, Clock& clock, Duration future_limit)
      : lane_(lane),
        durable_mark_(durable),
        series_(series),
        statistics_(statistics),
        clock_(clock),
        future_limit_(future_limit) {}

  /// The entry's number: 1, 2, 3 … in the order of the calls, in which they are committed, with
  /// the journal's rhythm.
  std::uint64_t put(Entry entry);

  /// Somebody waits for this entry: as soon as possible.
  void hurry(std::uint64_t number);

  /// More than 64 MB wait: the disk is full, or far too slow.
  bool is_behind() const;
  /// What waits and is not on its way yet: for who can wait, too.
  std::size_t waiting_bytes() const;

  std::uint64_t durable() const;

  /// Waits until what was put by now is durable. False: not within `patience`.
  bool settle(std::chrono::milliseconds patience);

  /// None: nobody. Returns when no call of the one before is under way.
  void on_durable(Listener listener);

  // The engine's.

  /// Puts what still waits into the lane, which is about to be closed.
  void finish();
  void committed(std::span<const Parcel> parcels) override;

 private:
  void send();  ///< REQUIRES: the lock
  void add(Entry&& entry);

  BoundedQueue<Parcel>& lane_;
  DurableMark& durable_mark_;
  const SeriesTable& series_;
  Statistics& statistics_;
  Clock& clock_;
  const Duration future_limit_;

  mutable std::mutex mutex_;  ///< all below but the listener
  std::condition_variable moved_;
  Parcel pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t last_ = 0;             ///< entry's number
  std::uint64_t durable_ = 0;          ///< entries up to this one
  std::uint64_t on_its_way_ = 0;       ///< the parcel's number; 0: none is
  std::uint64_t last_on_its_way_ = 0;  ///< entry in it
  std::uint64_t urgent_ = 0;           ///< entries up to this one

  std::mutex listener_mutex_;
  Listener listener_;
};

}  // namespace sosie
