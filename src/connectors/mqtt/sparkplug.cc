#include "connectors/mqtt/sparkplug.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sosie::mqtt {
namespace {

constexpr std::string_view names_of_metrics = "{group}/{node}/{device}/{metric}";
constexpr std::array<std::string_view, 6> told_at{"spBv1.0/+/NBIRTH/+",   "spBv1.0/+/NDEATH/+",
                                                  "spBv1.0/+/NDATA/+",    "spBv1.0/+/DBIRTH/+/+",
                                                  "spBv1.0/+/DDEATH/+/+", "spBv1.0/+/DDATA/+/+"};

/// A metric's name as an attribute's, which has no slash, blank and so on: "Pump 1/Flow" becomes
/// "Pump_1_Flow".
std::string plain(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    const bool stays = std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c >= 0x80;
    return stays ? static_cast<char>(c) : '_';
  });
  return text;
}

Reply state(const std::string& host_id, bool is_online, Timestamp now) {
  return {.topic = fmt::format("spBv1.0/STATE/{}", host_id),
          .payload = fmt::format(R"({{"online":{},"timestamp":{}}})", is_online,
                                 now.time_since_epoch() / std::chrono::milliseconds(1)),
          .qos = 1,
          .retain = true};
}

Result<Template> read_metric_template(Section& section, std::string_view key,
                                      std::string_view otherwise) {
  const auto names = TRY(TopicPattern::create(names_of_metrics));
  const auto text = TRY(section.text(key, otherwise));
  auto made = Template::create(text, names);
  if (!made) return section.wrong(key, made.error().what);
  return std::move(*made);
}

}  // namespace

SparkplugInterpreter::SparkplugInterpreter(Template entity, Template attribute, std::string host_id)
    : entity_(std::move(entity)), attribute_(std::move(attribute)), host_id_(std::move(host_id)) {}

/// The will and the greeting have the same time (Sparkplug 3.0, tck-id-host-topic-phid-death).
void SparkplugInterpreter::connecting(Config& client, Timestamp now) {
  if (host_id_.empty()) return;
  auto will = state(host_id_, false, now);
  client.will = {std::move(will.topic), std::move(will.payload), will.qos, will.retain};
  replies_.push_back(state(host_id_, true, now));
}

/// Who leaves in order says so itself (tck-id-operational-behavior-host-application-termination).
std::optional<Reply> SparkplugInterpreter::last_word(Timestamp now) const {
  if (host_id_.empty()) return std::nullopt;
  return state(host_id_, false, now);
}

Result<SeriesId> SparkplugInterpreter::series_of(std::size_t channel, Intake& intake) {
  if (channel >= series_.size()) series_.resize(channel + 1);
  if (series_[channel]) return *series_[channel];
  const auto& known = host_.channel(channel);
  const auto metric = plain(known.metric);
  const Named named{{"group", known.group},
                    {"node", known.node},
                    {"device", known.device.empty() ? known.node : known.device},
                    {"metric", metric}};
  const auto series = TRY(intake.series(entity_.fill(named), attribute_.fill(named)));
  series_[channel] = series;
  return series;
}

/// Errors: of the last that has no series; the others count.
Result<void> SparkplugInterpreter::put(const std::vector<sparkplug::Changes::Value>& values,
                                       Reading like, Intake& intake, std::vector<Reading>& out) {
  Result<void> put;
  for (const auto& value : values) {
    const auto series = series_of(value.channel, intake);
    if (!series) {
      put = series.error();
      continue;
    }
    like.at = value.at;
    like.value = value.value;
    like.series = *series;
    out.push_back(like);
  }
  return put;
}

Result<void> SparkplugInterpreter::read(const Message& message, Intake& intake,
                                        std::vector<Reading>& out) {
  const auto topic = sparkplug::read_topic(message.topic);
  if (!topic) return Error{Errc::invalid, "the topic is none of Sparkplug B"};
  const Timestamp now = intake.clock().now();
  changes_ = {};
  auto taken = host_.take(*topic, message.payload, now, changes_);
  for (const auto& node : changes_.wanted) {
    replies_.push_back({.topic = sparkplug::command_topic(node.group, node.node),
                        .payload = sparkplug::rebirth_command(now)});
  }
  const auto gone = put(
      changes_.gone, {.at = now, .quality = Quality::bad, .reason = QualityReason::not_connected},
      intake, out);
  const auto told = put(changes_.values, {.at = now}, intake, out);
  if (!taken) return taken;
  return told ? gone : told;
}

Result<Interpretation> read_sparkplug(Section& section) {
  auto entity = TRY(read_metric_template(section, "entity", "{device}"));
  auto attribute = TRY(read_metric_template(section, "attribute", "{metric}"));
  auto host_id = TRY(section.text("host_id", ""));
  if (host_id.find_first_of("/+#") != std::string::npos) {
    return section.wrong("host_id", "has a character that no level of a topic may have");
  }
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) topics.assign(told_at.begin(), told_at.end());
  return Interpretation{std::make_unique<SparkplugInterpreter>(
                            std::move(entity), std::move(attribute), std::move(host_id)),
                        std::move(topics)};
}

}  // namespace sosie::mqtt
