#include "connectors/kafka/sink.h"

#include <algorithm>
#include <array>

#include "connectors/kafka/config.h"

namespace sosie::kafka {

using messages::finding_text;
using messages::moved_text;
using messages::reading_text;
using messages::step_text;

namespace {

constexpr std::array<std::string_view, 3> keys{"entity", "asset", "series"};
constexpr auto delivery_patience = std::chrono::seconds(8);  ///< a sink may take ten seconds

Result<std::string> read_topic(Section& section, std::string_view key) {
  auto topic = TRY(section.text(key, ""));
  if (!topic.empty() && !is_topic(topic)) return section.wrong(key, "expected a topic's name");
  return topic;
}

}  // namespace

Result<SinkConfig> read_sink(Section& section) {
  SinkConfig config;
  config.client = TRY(read_client(section));
  config.readings = TRY(read_topic(section, "readings"));
  config.alarms = TRY(read_topic(section, "alarms"));
  config.findings = TRY(read_topic(section, "findings"));
  if (config.readings.empty() && config.alarms.empty() && config.findings.empty()) {
    return section.wrong("readings",
                         "alarms and findings are missing; expected a topic for one of them");
  }
  const auto key = TRY(section.choice("keyed_by", "entity", keys));
  config.key = static_cast<KeyOf>(std::find(keys.begin(), keys.end(), key) - keys.begin());
  config.series = TRY(section.texts("series"));
  config.alarms_of = TRY(section.texts("alarms_of"));
  return config;
}

Result<void> KafkaSink::send(const std::string& topic, const SeriesInfo* info,
                             const std::string& asset, std::string text, Timestamp at) {
  if (!producer_) producer_ = TRY(Producer::create(config_.client, delivery_patience));
  std::string key = asset;
  if (info != nullptr && config_.key == KeyOf::entity) key = info->entity;
  if (info != nullptr && config_.key == KeyOf::series) key = info->name();
  texts_.push_back(std::move(text));
  return producer_->send(
      {.topic = topic, .key = key, .payload = texts_.back(), .at = at, .mark = texts_.size() - 1},
      {});
}

/// Waits for the brokers. What failed in passing makes all of the batch come again.
Result<std::vector<SinkRefusal>> KafkaSink::finish(const std::string& topic, std::size_t left_out) {
  std::vector<SinkRefusal> refused;
  if (texts_.empty()) {
    left_out_ += left_out;
    return refused;
  }
  auto failures = producer_->flush({});
  if (!failures) {
    producer_.reset();
    return std::move(failures).error();
  }
  for (const auto& failure : *failures) {
    if (!failure.is_for_good) return Error{Errc::unavailable, failure.reason}.in(topic);
    refused.push_back({failure.reason, texts_[failure.mark].substr(0, sample_bytes), topic});
  }
  left_out_ += left_out;
  return refused;
}

Result<std::vector<SinkRefusal>> KafkaSink::take(std::span<const SinkReading> readings,
                                                 const SeriesTable& series) {
  texts_.clear();
  for (const auto& one : readings) {
    if (config_.readings.empty() || !series_.has(one.reading.series, series)) continue;
    const SeriesInfo& info = series[one.reading.series];
    TRY(send(config_.readings, &info, info.asset, reading_text(one, info), one.reading.at));
  }
  return finish(config_.readings, readings.size() - texts_.size());
}

Result<std::vector<SinkRefusal>> KafkaSink::take(std::span<const AlarmEvent> steps,
                                                 const SeriesTable& series) {
  texts_.clear();
  std::size_t left_out = 0;
  told_alarms_.begin();
  for (const auto& step : steps) {
    if (config_.alarms.empty() || !alarms_of_.has(step.alarm.series, series)) {
      ++left_out;
      continue;
    }
    const SeriesInfo* const info = step.alarm.series ? &series[*step.alarm.series] : nullptr;
    if (const auto move = told_alarms_.tell(step)) {
      TRY(send(config_.alarms, info, step.alarm.asset, moved_text(*move, step, info), step.at));
    }
    TRY(send(config_.alarms, info, step.alarm.asset, step_text(step, info), step.at));
  }
  auto refused = TRY(finish(config_.alarms, left_out));
  told_alarms_.sent();
  return refused;
}

Result<std::vector<SinkRefusal>> KafkaSink::take_findings(std::span<const FindingEvent> findings,
                                                          const SeriesTable& series) {
  texts_.clear();
  std::size_t left_out = 0;
  told_findings_.begin();
  for (const auto& event : findings) {
    const Finding& finding = event.finding;
    const auto suspect = messages::first_suspect(finding);
    if (!alarms_of_.has(suspect, series)) {
      ++left_out;
      continue;
    }
    const SeriesInfo* const info = suspect ? &series[*suspect] : nullptr;
    const Timestamp at = finding.closed.value_or(finding.detected);
    if (const auto move = told_findings_.tell(event)) {
      TRY(send(config_.findings, info, finding.asset, moved_text(*move, event, info), at));
    }
    TRY(send(config_.findings, info, finding.asset, finding_text(event, info), at));
  }
  auto refused = TRY(finish(config_.findings, left_out));
  told_findings_.sent();
  return refused;
}

}  // namespace sosie::kafka
