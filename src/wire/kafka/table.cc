#include "wire/kafka/table.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/log.h"
#include "wire/kafka/handle.h"

namespace sosie::kafka {
namespace {

constexpr int ask_ms = 5'000;
constexpr int poll_ms = 100;
constexpr auto read_patience = std::chrono::seconds(30);

struct FreeHandle {
  void operator()(rd_kafka_t* handle) const {
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Handle = std::unique_ptr<rd_kafka_t, FreeHandle>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, FreeHandle>;
using Event = std::unique_ptr<rd_kafka_event_t, FreeHandle>;
using Received = std::unique_ptr<rd_kafka_message_t, FreeHandle>;

Result<Handle> open(const Config& config) {
  auto conf = TRY(make_conf(config));
  TRY(set(*conf, "group.id", "sosie-table"));  // assigning asks for one; it is never joined
  TRY(set(*conf, "enable.auto.commit", "false"));
  TRY(set(*conf, "enable.partition.eof", "true"));
  TRY(set(*conf, "auto.offset.reset", "earliest"));
  for (const auto& [name, value] : config.options) {
    TRY(set(*conf, name, value));
  }
  std::array<char, 512> why{};
  auto* const given = conf.release();  // the handle's, unless there is none
  Handle handle(rd_kafka_new(RD_KAFKA_CONSUMER, given, why.data(), why.size()));
  if (!handle) {
    const Conf back(given);
    return Error{Errc::invalid, why.data()};
  }
  rd_kafka_poll_set_consumer(handle.get());
  return handle;
}

/// How many partitions it has; 0: it is not there.
Result<int> count_partitions(rd_kafka_t* handle, const std::string& topic) {
  rd_kafka_topic_t* const asked = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* found = nullptr;
  const auto failed = rd_kafka_metadata(handle, 0, asked, &found, ask_ms);
  const Metadata metadata(found);
  rd_kafka_topic_destroy(asked);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in(topic);
  return metadata->topic_cnt == 0 ? 0 : metadata->topics[0].partition_cnt;
}

Result<void> create(rd_kafka_t* handle, const std::string& topic) {
  std::array<char, 512> why{};
  const NewTopic wanted(rd_kafka_NewTopic_new(topic.c_str(), 1, -1, why.data(), why.size()));
  if (!wanted) return Error{Errc::invalid, why.data()};
  rd_kafka_NewTopic_set_config(wanted.get(), "cleanup.policy", "compact");
  const Queue answers(rd_kafka_queue_new(handle));
  auto* one = wanted.get();
  rd_kafka_CreateTopics(handle, &one, 1, nullptr, answers.get());
  const Event answer(rd_kafka_queue_poll(answers.get(), 2 * ask_ms));
  if (!answer) return Error{Errc::unavailable, "no answer when it was to be made"}.in(topic);
  if (const auto failed = rd_kafka_event_error(answer.get())) return to_error(failed).in(topic);
  std::size_t count = 0;
  const auto* const result = rd_kafka_event_CreateTopics_result(answer.get());
  const auto* const* const topics = rd_kafka_CreateTopics_result_topics(result, &count);
  const auto failed =
      count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_topic_result_error(*topics);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR && failed != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    return Error{Errc::unavailable,
                 fmt::format("cannot be made ({}); expected a topic with cleanup.policy=compact",
                             rd_kafka_err2str(failed))}
        .in(topic);
  }
  log::info("kafka", "{}: made, with cleanup.policy=compact", topic);
  return {};
}

}  // namespace

Result<void> make_table(const Config& config, const std::string& topic) {
  const auto handle = TRY(open(config));
  const int partitions = TRY(count_partitions(handle.get(), topic));
  return partitions > 0 ? Result<void>() : create(handle.get(), topic);
}

Result<void> read_table(
    const Config& config, const std::string& topic, const std::stop_token& stop,
    const std::function<void(std::string_view, std::optional<std::string_view>)>& take) {
  const auto handle = TRY(open(config));
  const int partitions = TRY(count_partitions(handle.get(), topic));
  const PartitionList all(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto failed = rd_kafka_assign(handle.get(), all.get());
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return to_error(failed).in(topic);
  const auto end = stopwatch() + read_patience;
  for (int ended = 0; ended < partitions;) {
    if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
    if (stopwatch() >= end) return Error{Errc::unavailable, "its end was not reached"}.in(topic);
    const Received message(rd_kafka_consumer_poll(handle.get(), poll_ms));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ended;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->key == nullptr) continue;
    std::optional<std::string_view> payload;
    if (message->payload != nullptr) {
      payload = std::string_view(static_cast<const char*>(message->payload), message->len);
    }
    take({static_cast<const char*>(message->key), message->key_len}, payload);
  }
  return {};
}

}  // namespace sosie::kafka
