#include "wire/kafka/placing.h"

#include "base/log.h"

namespace sosie::kafka {
namespace {

constexpr int patience_ms = 5'000;

std::span<rd_kafka_topic_partition_t> parts_of(const rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

Result<Stretch> ask_bounds(rd_kafka_t* handle, const rd_kafka_topic_partition_t& part) {
  Stretch there;
  const auto failed = rd_kafka_query_watermark_offsets(handle, part.topic, part.partition,
                                                       &there.from, &there.to, patience_ms);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in(part.topic);
  return there;
}

/// The first message at `time` or after it; the end where all are older.
Result<std::int64_t> ask_time(rd_kafka_t* handle, const rd_kafka_topic_partition_t& part,
                              Timestamp time, std::int64_t end) {
  const PartitionList one(rd_kafka_topic_partition_list_new(1));
  auto* const asked = rd_kafka_topic_partition_list_add(one.get(), part.topic, part.partition);
  asked->offset = std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto failed = rd_kafka_offsets_for_times(handle, one.get(), patience_ms);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in(part.topic);
  if (asked->err != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(asked->err).in(part.topic);
  return asked->offset < 0 ? end : asked->offset;
}

Result<std::int64_t> find_begin(rd_kafka_t* handle, const rd_kafka_topic_partition_t& part,
                                const Start& start, const Stretch& there) {
  switch (start.at) {
    case Start::At::earliest:
      return there.from;
    case Start::At::latest:
      return there.to;
    case Start::At::time:
      return ask_time(handle, part, start.time, there.to);
  }
  return there.to;
}

std::string note_of(const rd_kafka_topic_partition_t& part) {
  if (part.metadata == nullptr) return {};
  return {static_cast<const char*>(part.metadata), part.metadata_size};
}

Result<Place> find_place(rd_kafka_t* handle, const rd_kafka_topic_partition_t& part,
                         const Start& start, Keeper& keeper) {
  const std::int64_t committed = part.offset < 0 ? -1 : part.offset;
  const auto there = TRY(ask_bounds(handle, part));
  const auto kept = keeper.kept({part.topic, part.partition});
  const auto chosen = choose(committed, kept, there);
  if (chosen && *chosen < there.from) {
    log::warning("kafka", "{} [{}]: {} messages were deleted by the broker before they were read",
                 part.topic, part.partition, there.from - *chosen);
    return Place{there.from, committed, there.from, note_of(part)};
  }
  if (chosen) return Place{*chosen, committed, there.from, note_of(part)};
  const auto next = TRY(find_begin(handle, part, start, there));
  return Place{next, committed, there.from, {}};
}

}  // namespace

std::optional<std::int64_t> choose(std::int64_t committed, const std::optional<Stretch>& kept,
                                   const Stretch& there) {
  const bool is_there = kept && kept->to >= there.from && kept->to <= there.to;
  if (committed < 0) {  // nothing, or forgotten by the broker: its retention of offsets has an end
    return is_there ? std::optional(kept->to) : std::nullopt;
  }
  // A topic that was made anew under an old name: what the group knew is beyond its end.
  if (committed > there.to) return there.from;
  if (is_there && kept->from <= committed && committed <= kept->to) return kept->to;
  return committed;
}

Result<std::vector<Place>> find_places(rd_kafka_t* handle,
                                       const rd_kafka_topic_partition_list_t& partitions,
                                       const Start& start, Keeper& keeper) {
  std::vector<Place> places;
  if (partitions.cnt == 0) return places;
  const PartitionList committed(rd_kafka_topic_partition_list_copy(&partitions));
  const auto failed = rd_kafka_committed(handle, committed.get(), patience_ms);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in("the group's offsets");
  for (const auto& part : parts_of(*committed)) {
    if (part.err != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(part.err).in(part.topic);
    const auto place = TRY(find_place(handle, part, start, keeper));
    places.push_back(place);
  }
  return places;
}

}  // namespace sosie::kafka
