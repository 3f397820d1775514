#pragma once

#include "wire/kafka/consumer.h"
#include "wire/kafka/handle.h"

namespace sosie::kafka {

/// Where a partition that comes is read on, and what the group had committed of it (-1: nothing).
struct Place {
  std::int64_t next = 0;
  std::int64_t committed = -1;
  std::int64_t first = 0;  ///< that the broker still has
  std::string note;        ///< committed with it
};

/// Decides between what the group has committed (-1: nothing) and what the owner has kept; none:
/// neither says anything. See Consumer. `low` and `high` bound what the broker still has.
std::optional<std::int64_t> choose(std::int64_t committed, const std::optional<Stretch>& kept,
                                   const Stretch& there);

/// The place of each of `partitions`, in their order. Asks the cluster, for five seconds at most
/// each time. Errors: it does not answer.
Result<std::vector<Place>> find_places(rd_kafka_t* handle,
                                       const rd_kafka_topic_partition_list_t& partitions,
                                       const Start& start, Keeper& keeper);

}  // namespace sosie::kafka
