#pragma once

#include <optional>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/queue.h"
#include "engine/commit_listener.h"
#include "engine/durable_mark.h"
#include "engine/parcel.h"
#include "engine/statistics.h"
#include "simulation/label.h"
#include "store/store.h"

namespace sosie {

/// Writes what leaves the lane to the store: group commit, one transaction for all that has come
/// since the last. What cannot be written (a full disk) is kept and tried again; meanwhile the
/// queue before it fills, the sources wait, and `durable` says why.
///
/// Threads: its own; the label sink and (un)listen from any.
class Committer final : public LabelSink {
 public:
  /// A commit every `rhythm` when nobody waits for one.
  Committer(Store& store, BoundedQueue<Parcel>& queue, DurableMark& durable, const Clock& clock,
            Statistics& statistics, Duration rhythm)
      : store_(store),
        queue_(queue),
        durable_(durable),
        clock_(clock),
        statistics_(statistics),
        rhythm_(rhythm) {}

  void start();
  /// Writes what is left in the queue, which its owner has closed, and ends.
  void join();

  /// From now on (until `unlisten`, which returns when none of its calls is under way).
  void listen(CommitListener& listener);
  void unlisten(CommitListener& listener);

  /// Labels go straight here: no detector lies on their road.
  void label(const Label& label) override;

 private:
  void run(const std::stop_token& give_up);
  std::size_t gather(std::vector<Parcel>& group);
  bool commit(const std::vector<Parcel>& group);
  void publish(const std::vector<Parcel>& group);
  bool is_behind() const;
  void let_parcels_gather(const std::stop_token& give_up);
  void keep_house();

  Store& store_;
  BoundedQueue<Parcel>& queue_;
  DurableMark& durable_;
  const Clock& clock_;
  Statistics& statistics_;
  const Duration rhythm_;
  Guarded<std::vector<CommitListener*>> listeners_;
  Guarded<std::vector<Label>> labels_;
  std::jthread thread_;
};

}  // namespace sosie
