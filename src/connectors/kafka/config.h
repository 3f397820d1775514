#pragma once

#include <string>
#include <vector>

#include "core/section.h"
#include "wire/kafka/config.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// How much of a message people are shown.
constexpr std::size_t sample_bytes = 500;

/// What the source and the sink have in common: the brokers and who we are there.
Result<Config> read_client(Section& section);

struct SourceConfig {
  ConsumerConfig consumer;
  std::string dead_letter;  ///< a topic; empty: none
  std::string episodes;     ///< a topic; empty: none
};
Result<SourceConfig> read_source(Section& section);

}  // namespace sosie::kafka
