#include "connectors/mqtt/sink.h"

#include <array>

#include "connectors/mqtt/config.h"
#include "connectors/mqtt/outbox.h"
#include "connectors/mqtt/topic.h"
#include "messages/outgoing.h"

namespace sosie::mqtt {
namespace {

constexpr auto sink_patience = std::chrono::seconds(4);  ///< of two waits in ten seconds at most
constexpr std::array reading_names{TopicName::entity, TopicName::attribute, TopicName::name,
                                   TopicName::asset};
constexpr std::array alarm_names{TopicName::entity, TopicName::attribute, TopicName::name,
                                 TopicName::asset,  TopicName::what,      TopicName::priority};
constexpr std::array finding_names{TopicName::entity, TopicName::attribute, TopicName::name,
                                   TopicName::asset,  TopicName::what,      TopicName::kind,
                                   TopicName::rule};

struct SinkConfig {
  Config client;
  int qos = 1;
  bool retain = false;
  TopicTemplate readings;
  TopicTemplate alarms;
  TopicTemplate findings;
  std::vector<std::string> series;     ///< whose readings: wildcards, as messages::ChosenSeries has
  std::vector<std::string> alarms_of;  ///< the same: whose alarms and findings
};

/// `name`: of the series, kept by the caller. What is about no series is its asset's.
TopicTexts texts_of(const SeriesInfo* info, const std::string& name, const std::string& asset) {
  TopicTexts texts;
  texts[TopicName::asset] = asset;
  texts[TopicName::entity] = info != nullptr ? info->entity : asset;
  texts[TopicName::name] = info != nullptr ? name : asset;
  if (info != nullptr) texts[TopicName::attribute] = info->attribute;
  return texts;
}

class MqttSink final : public Sink {
 public:
  explicit MqttSink(SinkConfig config)
      : config_(std::move(config)),
        series_(config_.series),
        alarms_of_(config_.alarms_of),
        outbox_(config_.client, config_.qos) {}

  bool wants_readings() const override { return !config_.readings.is_empty(); }
  bool wants_findings() const override { return !config_.findings.is_empty(); }
  bool minds_newest() const override { return config_.retain; }
  std::uint64_t left_out() const override { return left_out_; }

  Result<std::vector<SinkRefusal>> take(std::span<const SinkReading> readings,
                                        const SeriesTable& series) override {
    std::vector<Outgoing> batch;
    for (const auto& one : readings) {
      if (config_.readings.is_empty() || !series_.has(one.reading.series, series)) continue;
      const SeriesInfo& info = series[one.reading.series];
      const auto name = config_.readings.uses(TopicName::name) ? info.name() : std::string();
      batch.push_back({config_.readings.fill(texts_of(&info, name, info.asset)),
                       messages::reading_text(one, info), config_.retain && one.is_newest});
    }
    const std::size_t left_out = readings.size() - batch.size();
    return send(std::move(batch), left_out, readings_);
  }

  Result<std::vector<SinkRefusal>> take(std::span<const AlarmEvent> steps,
                                        const SeriesTable& series) override {
    std::vector<Outgoing> batch;
    std::size_t left_out = 0;
    told_alarms_.begin();
    for (const auto& step : steps) {
      const Alarm& alarm = step.alarm;
      if (config_.alarms.is_empty() || !alarms_of_.has(alarm.series, series)) {
        ++left_out;
        continue;
      }
      const SeriesInfo* const info = alarm.series ? &series[*alarm.series] : nullptr;
      const auto name = info == nullptr ? std::string() : info->name();
      auto texts = texts_of(info, name, alarm.asset);
      texts[TopicName::priority] = to_text(alarm.priority);
      if (const auto move = told_alarms_.tell(step)) {
        texts[TopicName::what] = "moved";
        batch.push_back(
            {config_.alarms.fill(texts), messages::moved_text(*move, step, info), config_.retain});
      }
      texts[TopicName::what] = to_text(step.what);
      batch.push_back(
          {config_.alarms.fill(texts), messages::step_text(step, info), config_.retain});
    }
    auto refused = TRY(send(std::move(batch), left_out, alarms_));
    told_alarms_.sent();
    return refused;
  }

  Result<std::vector<SinkRefusal>> take_findings(std::span<const FindingEvent> findings,
                                                 const SeriesTable& series) override {
    std::vector<Outgoing> batch;
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
      const auto name = info == nullptr ? std::string() : info->name();
      auto texts = texts_of(info, name, finding.asset);
      texts[TopicName::kind] = to_text(finding.kind);
      if (finding.episode) texts[TopicName::rule] = finding.episode->rule;
      if (const auto move = told_findings_.tell(event)) {
        texts[TopicName::what] = "moved";
        batch.push_back({config_.findings.fill(texts), messages::moved_text(*move, event, info),
                         config_.retain});
      }
      texts[TopicName::what] = to_text(event.what);
      batch.push_back(
          {config_.findings.fill(texts), messages::finding_text(event, info), config_.retain});
    }
    auto refused = TRY(send(std::move(batch), left_out, findings_));
    told_findings_.sent();
    return refused;
  }

 private:
  Result<std::vector<SinkRefusal>> send(std::vector<Outgoing> batch, std::size_t left_out,
                                        Unfinished& unfinished) {
    auto refused = TRY(outbox_.send(std::move(batch), unfinished));
    left_out_ += left_out;
    return refused;
  }

  const SinkConfig config_;
  messages::ChosenSeries series_;
  messages::ChosenSeries alarms_of_;
  messages::ToldEpisodes told_alarms_;
  messages::ToldEpisodes told_findings_;
  std::uint64_t left_out_ = 0;
  Outbox outbox_;
  Unfinished readings_;
  Unfinished alarms_;
  Unfinished findings_;
};

Result<TopicTemplate> read_topic(Section& section, std::string_view key,
                                 std::span<const TopicName> known) {
  const auto text = TRY(section.text(key, ""));
  auto topic = TopicTemplate::create(text, known);
  if (!topic) return section.wrong(key, topic.error().what);
  return std::move(topic).value();
}

Result<void> read_topics(Section& section, SinkConfig& config) {
  config.readings = TRY(read_topic(section, "readings", reading_names));
  config.alarms = TRY(read_topic(section, "alarms", alarm_names));
  config.findings = TRY(read_topic(section, "findings", finding_names));
  if (!config.readings.is_empty() || !config.alarms.is_empty() || !config.findings.is_empty()) {
    return {};
  }
  return section.wrong("readings",
                       "alarms and findings are missing; expected a topic for one of them");
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(Section& section) {
  SinkConfig config;
  config.client = TRY(read_client(section));
  config.client.timeout = sink_patience;
  config.client.session_expiry_s = 0;  // nothing is listened to that a session could keep
  TRY(read_topics(section, config));
  config.qos = TRY(read_qos(section));
  config.retain = TRY(section.flag("retain", false));
  config.series = TRY(section.texts("series"));
  config.alarms_of = TRY(section.texts("alarms_of"));
  return std::make_unique<MqttSink>(std::move(config));
}

}  // namespace sosie::mqtt
