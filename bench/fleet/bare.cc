// What the libraries reach alone: librdkafka's batches, with or without simdjson taking the device,
// the time and the temperature out of each message. Prints JSON.
//
//   bare BROKERS TOPIC MESSAGES parse|count

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <simdjson.h>
#include <sys/resource.h>

namespace {

constexpr int wait_ms = 100;
constexpr std::size_t batch_messages = 10'000;

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

rd_kafka_t* consumer_of(const char* brokers) {
  auto* const conf = rd_kafka_conf_new();
  std::string why(256, '\0');
  const std::vector<std::pair<const char*, const char*>> settings = {
      {"bootstrap.servers", brokers},
      {"group.id", "bare"},
      {"queued.max.messages.kbytes", "32768"},  // as Sosie has it
      {"enable.auto.commit", "false"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, why.data(), why.size()) != RD_KAFKA_CONF_OK) {
      std::fprintf(stderr, "%s\n", why.c_str());
      std::exit(1);
    }
  }
  auto* const made = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size());
  if (made == nullptr) std::exit(1);
  return made;
}

/// All partitions, from their beginning, into one queue.
rd_kafka_queue_t* read_all(rd_kafka_t* kafka, const char* topic_name) {
  auto* const topic = rd_kafka_topic_new(kafka, topic_name, nullptr);
  const rd_kafka_metadata_t* found = nullptr;
  if (rd_kafka_metadata(kafka, 0, topic, &found, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::exit(1);
  }
  auto* const queue = rd_kafka_queue_new(kafka);
  for (int i = 0; i < found->topics[0].partition_cnt; ++i) {
    rd_kafka_consume_start_queue(topic, i, RD_KAFKA_OFFSET_BEGINNING, queue);
  }
  rd_kafka_metadata_destroy(found);
  return queue;
}

/// Whether the message's temperature is above 80.
bool is_hot(simdjson::ondemand::parser& parser, std::vector<char>& room, const void* payload,
            std::size_t size) {
  room.resize(std::max(room.size(), size + simdjson::SIMDJSON_PADDING));
  std::memcpy(room.data(), payload, size);
  auto document = parser.iterate(room.data(), size, room.size());
  std::string_view device;
  std::string_view time;
  double temperature = 0;
  if (document["device"]["id"].get(device) != simdjson::SUCCESS ||
      document["time"].get(time) != simdjson::SUCCESS ||
      document["data"]["temperature"].get(temperature) != simdjson::SUCCESS) {
    std::exit(1);
  }
  return temperature > 80 && !device.empty() && !time.empty();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto wanted = std::strtoull(argv[3], nullptr, 10);
  const bool parses = std::strcmp(argv[4], "parse") == 0;
  auto* const kafka = consumer_of(argv[1]);
  auto* const queue = read_all(kafka, argv[2]);
  simdjson::ondemand::parser parser;
  std::vector<char> room;
  std::vector<rd_kafka_message_t*> batch(batch_messages);
  unsigned long long count = 0;
  unsigned long long hot = 0;
  const double began = cpu_s();
  while (count < wanted) {
    const auto got = rd_kafka_consume_batch_queue(queue, wait_ms, batch.data(), batch.size());
    for (ssize_t i = 0; i < got; ++i) {
      auto* const message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++count;
        if (parses && is_hot(parser, room, message->payload, message->len)) ++hot;
      }
      rd_kafka_message_destroy(message);
    }
  }
  std::printf("{\"messages\": %llu, \"hot\": %llu, \"cpu_s\": %.3f}\n", count, hot,
              cpu_s() - began);
  std::fflush(stdout);
  std::_Exit(0);
}
