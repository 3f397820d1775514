#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/section.h"
#include "core/sink.h"
#include "messages/outgoing.h"
#include "wire/kafka/producer.h"

namespace sosie::kafka {

/// What names a message's key, which decides its partition.
enum class KeyOf { entity, asset, series };

struct SinkConfig {
  Config client;
  std::string readings;  ///< a topic; empty: none go out
  std::string alarms;    ///< the same for the steps of alarms
  std::string findings;  ///< the same for findings
  KeyOf key = KeyOf::entity;
  std::vector<std::string> series;     ///< whose readings: wildcards, as messages::ChosenSeries has
  std::vector<std::string> alarms_of;  ///< the same: whose alarms and findings
};
Result<SinkConfig> read_sink(Section& section);

/// Writes readings, the steps of alarms and findings to topics, with an idempotent producer: a
/// batch is taken once the brokers have all of it.
class KafkaSink final : public Sink {
 public:
  explicit KafkaSink(SinkConfig config)
      : config_(std::move(config)), series_(config_.series), alarms_of_(config_.alarms_of) {}

  bool wants_readings() const override { return !config_.readings.empty(); }
  Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                        const SeriesTable& series) override;
  Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                        const SeriesTable& series) override;
  bool wants_findings() const override { return !config_.findings.empty(); }
  std::uint64_t left_out() const override { return left_out_; }
  Result<std::vector<SinkRefusal>> take_findings(std::span<const FindingEvent> findings,
                                                 const SeriesTable& series) override;

 private:
  Result<void> send(const std::string& topic, const SeriesInfo* info, const std::string& asset,
                    std::string text, Timestamp at);
  Result<std::vector<SinkRefusal>> finish(const std::string& topic, std::size_t left_out);

  const SinkConfig config_;
  messages::ChosenSeries series_;
  messages::ChosenSeries alarms_of_;
  messages::ToldEpisodes told_alarms_;
  messages::ToldEpisodes told_findings_;
  std::uint64_t left_out_ = 0;
  std::unique_ptr<Producer> producer_;
  std::vector<std::string> texts_;  ///< of the batch, by mark
};

}  // namespace sosie::kafka
