#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "connectors/kafka/config.h"
#include "connectors/kafka/dead_letters.h"
#include "core/source.h"
#include "messages/mapping.h"
#include "wire/kafka/consumer.h"

namespace sosie::kafka {

/// Reads topics as a member of a consumer group.
///
/// A batch's readings, its refusals and how far it is go to the journal in one piece; the group is
/// told only once that is committed. So what is read again after a crash is known by the place in
/// the journal, and nothing is counted twice; and what was not committed is read again.
class KafkaSource final : public Source {
 public:
  KafkaSource(SourceConfig config, std::unique_ptr<messages::Mapping> mapping)
      : config_(std::move(config)), mapping_(std::move(mapping)) {}

  Result<void> run(Intake& intake, std::stop_token stop) override;
  SourceState state() const override;

 private:
  class Life;
  SourceConfig config_;
  std::unique_ptr<messages::Mapping> mapping_;
  std::string member_;  ///< our name in the group; of the source's thread
  std::atomic<std::uint64_t> lag_{0};
  std::atomic<std::uint64_t> dead_letters_{0};
  mutable Guarded<std::string> trouble_;
};

}  // namespace sosie::kafka
