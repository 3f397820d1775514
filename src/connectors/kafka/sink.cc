#include "connectors/kafka/sink.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time_text.h"
#include "connectors/kafka/config.h"
#include "wire/json/writer.h"

namespace sosie::kafka {
namespace {

constexpr std::array<std::string_view, 3> keys{"entity", "asset", "series"};
constexpr auto delivery_patience = std::chrono::seconds(8);  ///< a sink may take ten seconds

std::optional<std::string> time_text(const std::optional<Timestamp>& at) {
  return at ? std::optional(to_iso8601(*at)) : std::nullopt;
}

Result<std::string> read_topic(Section& section, std::string_view key) {
  auto topic = TRY(section.text(key, ""));
  if (!topic.empty() && !is_topic(topic)) return section.wrong(key, "expected a topic's name");
  return topic;
}

}  // namespace

bool SinkConfig::wants(const SeriesInfo& info) const {
  return std::any_of(series.begin(), series.end(), [&](const std::string& pattern) {
    return matches_wildcards(pattern, info.entity) || matches_wildcards(pattern, info.name());
  });
}

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
  if (config.series.empty()) config.series.emplace_back("*");
  return config;
}

std::string reading_text(const SinkReading& reading, const SeriesInfo& info) {
  json::Writer out;
  out.begin_object();
  out.member("entity", info.entity);
  out.member("attribute", info.attribute);
  out.member("value", reading.reading.value);
  out.member("time", to_iso8601(reading.reading.at));
  out.member("quality", to_text(reading.reading.quality));
  if (!info.unit.empty()) out.member("unit", info.unit);
  out.member("asset", info.asset);
  out.member("anomaly", reading.is_anomalous);
  out.end_object();
  return out.take();
}

std::string step_text(const AlarmEvent& step, const SeriesInfo* info) {
  const Alarm& alarm = step.alarm;
  json::Writer out;
  out.begin_object();
  if (alarm.episode != 0) out.member("id", episode_text(alarm.episode));
  out.member("alarm", alarm.id);
  out.member("what", to_text(step.what));
  out.member("time", to_iso8601(step.at));
  out.member("condition", alarm.condition);
  out.member("priority", to_text(alarm.priority));
  out.member("active", alarm.is_active());
  out.member("message", alarm.message.en);
  out.member("message_fr", alarm.message.fr);
  out.member("asset", alarm.asset);
  if (info != nullptr) {
    out.member("entity", info->entity);
    out.member("attribute", info->attribute);
  }
  out.member("raised", to_iso8601(alarm.raised));
  out.member("cleared", time_text(alarm.cleared));
  out.member("acknowledged", time_text(alarm.acknowledged));
  if (!step.who.empty()) out.member("who", step.who);
  if (!step.comment.empty()) out.member("comment", step.comment);
  out.end_object();
  return out.take();
}

std::string finding_text(const FindingEvent& event, const SeriesInfo* info) {
  const Finding& finding = event.finding;
  json::Writer out;
  out.begin_object();
  out.member("id",
             finding.episode ? episode_text(finding.episode->id) : std::to_string(finding.id));
  out.member("finding", finding.id);
  out.member("what", to_text(event.what));
  out.member("kind", to_text(finding.kind));
  out.member("asset", finding.asset);
  if (finding.episode) {
    out.member("rule", finding.episode->rule);
    out.member("subject", finding.episode->subject);
    out.member("amended", finding.episode->amended);
    out.member("withdrawn", finding.episode->withdrawn);
  }
  if (info != nullptr) {
    out.member("entity", info->entity);
    out.member("attribute", info->attribute);
    out.member("value", finding.suspects.front().value);
  }
  out.member("confidence", finding.confidence);
  out.member("onset", to_iso8601(finding.onset));
  out.member("detected", to_iso8601(finding.detected));
  out.member("closed", time_text(finding.closed));
  out.member("message", finding.sentence.en);
  out.member("message_fr", finding.sentence.fr);
  out.end_object();
  return out.take();
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
Result<std::vector<SinkRefusal>> KafkaSink::finish(const std::string& topic) {
  std::vector<SinkRefusal> refused;
  if (texts_.empty()) return refused;
  auto failures = producer_->flush({});
  if (!failures) producer_.reset();
  const auto failed = TRY(std::move(failures));
  for (const auto& failure : failed) {
    if (!failure.is_for_good) return Error{Errc::unavailable, failure.reason}.in(topic);
    refused.push_back({failure.reason, texts_[failure.mark].substr(0, sample_bytes), topic});
  }
  return refused;
}

Result<std::vector<SinkRefusal>> KafkaSink::take(std::span<const SinkReading> readings,
                                                 const SeriesTable& series) {
  texts_.clear();
  for (const auto& one : readings) {
    const SeriesInfo& info = series[one.reading.series];
    if (config_.readings.empty() || !config_.wants(info)) continue;
    TRY(send(config_.readings, &info, info.asset, reading_text(one, info), one.reading.at));
  }
  return finish(config_.readings);
}

Result<std::vector<SinkRefusal>> KafkaSink::take(std::span<const AlarmEvent> steps,
                                                 const SeriesTable& series) {
  texts_.clear();
  for (const auto& step : steps) {
    const SeriesInfo* const info = step.alarm.series ? &series[*step.alarm.series] : nullptr;
    if (config_.alarms.empty() || (info != nullptr && !config_.wants(*info))) continue;
    TRY(send(config_.alarms, info, step.alarm.asset, step_text(step, info), step.at));
  }
  return finish(config_.alarms);
}

Result<std::vector<SinkRefusal>> KafkaSink::take_findings(std::span<const FindingEvent> findings,
                                                          const SeriesTable& series) {
  texts_.clear();
  for (const auto& event : findings) {
    const Finding& finding = event.finding;
    const SeriesInfo* const info =
        finding.suspects.empty() ? nullptr : &series[finding.suspects.front().series];
    if (info != nullptr && !config_.wants(*info)) continue;
    TRY(send(config_.findings, info, finding.asset, finding_text(event, info),
             finding.closed.value_or(finding.detected)));
  }
  return finish(config_.findings);
}

}  // namespace sosie::kafka
