#pragma once

#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

#include "wire/kafka/config.h"

namespace sosie::kafka {

// This room's own: what librdkafka hands out, owned.
struct Free {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(const struct rd_kafka_metadata* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, Free>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Free>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Free>;
using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Free>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, Free>;

/// How to reach the cluster, in librdkafka's terms. Errors: a value that it refuses, a file that it
/// cannot read.
Result<Conf> make_conf(const Config& config);

/// One property. Errors: it is not known, or refused.
Result<void> set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value);

/// librdkafka's words for people: "Local: All broker connections are down".
Error to_error(rd_kafka_resp_err_t code);

/// What one tells of a cluster that cannot be reached.
struct Complaints {
  std::string last;          ///< librdkafka's last words: what OpenSSL or the broker did not like
  bool is_down = false;      ///< no broker can be reached
  bool is_doubtful = false;  ///< one could not be; whether another can is to be asked
};

/// Notes what librdkafka complains of (its error callback).
void note(Complaints& complaints, rd_kafka_resp_err_t code, const char* reason);

}  // namespace sosie::kafka
