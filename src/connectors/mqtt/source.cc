#include "connectors/mqtt/source.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "connectors/mqtt/config.h"
#include "connectors/mqtt/interpreter.h"
#include "core/time_format.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {
namespace {

using std::chrono::seconds;

constexpr std::size_t batch_messages = 10'000;  ///< as many as the broker sends unacknowledged
constexpr auto round_span =
    std::chrono::milliseconds(2);  ///< rounds that are so close are made one
/// A commit costs what a hundred messages do, so those of a while share one; half of what the
/// broker may send unacknowledged, at most, so that it does not stop.
constexpr auto settle_after = std::chrono::milliseconds(20);
constexpr std::size_t settle_at = batch_messages / 2;
constexpr std::size_t sample_bytes = 500;

struct SourceConfig {
  Config client;
  std::vector<std::string> topics;
  int qos = 1;
  std::vector<TopicMap> maps;
  std::optional<StatusMap> status;
};

/// Listens to a broker. A message of QoS 1 is acknowledged once its reading is committed.
///
/// When the connection cannot be had or is lost, `run` returns the reason: the engine shows it,
/// waits and calls again; the broker keeps our session meanwhile.
class MqttSource final : public Source {
 public:
  explicit MqttSource(SourceConfig config)
      : config_(std::move(config)), interpreter_(config_.maps, config_.status) {}

  Result<void> run(Intake& intake, std::stop_token stop) override {
    auto client = TRY(Client::create(config_.client));
    auto heard = listen(*client, intake, stop);
    if (stop.stop_requested()) return {};
    return heard;
  }

 private:
  Result<void> listen(Client& client, Intake& intake, const std::stop_token& stop) {
    const Duration half_keepalive = seconds(config_.client.keepalive_s) / 2;
    TRY(client.connect(stop));
    owed_.reset();
    // What an earlier life left unacknowledged comes before anything is subscribed to.
    TRY(hear(client, Duration::zero(), intake, stop));
    TRY(settle(client, intake, stop));
    TRY(client.subscribe(config_.topics, config_.qos, stop));
    log::info("mqtt", "{}:{}: listening to {}", config_.client.host, config_.client.port,
              fmt::join(config_.topics, ", "));
    while (!stop.stop_requested()) {
      TRY(hear(client, half_keepalive, intake, stop));
    }
    return {};
  }

  /// One round: receive, put, and now and then settle. Messages that come thick and fast gather for
  /// a moment first: each round wakes two threads up, which costs more than a message does.
  Result<void> hear(Client& client, Duration patience, Intake& intake,
                    const std::stop_token& stop) {
    const bool owes = client.has_unacknowledged();
    const auto began = stopwatch();
    if (!owes) {
      owes_since_ = began;
      unsettled_ = 0;
    }
    if (began - last_round_ < round_span) Client::rest(round_span, stop);
    const auto messages = TRY(client.receive(batch_messages, owes ? round_span : patience, stop));
    batch_.clear();
    for (const auto& message : messages) take(message, intake);
    if (!batch_.empty()) {
      const auto admission = intake.put(batch_, "mqtt");
      if (admission.taken == 0 && stop.stop_requested()) {
        return Error{Errc::unavailable, "asked to stop"};
      }
      if (admission.taken > 0) owed_ = admission.ticket;
    }
    unsettled_ += messages.size();
    if (!messages.empty()) last_round_ = stopwatch();
    // A broker of MQTT 3.1.1 sends no more than a few before it is answered (Mosquitto: 20).
    const bool is_due = config_.client.version == Version::v3_1_1 || messages.empty() ||
                        unsettled_ >= settle_at || stopwatch() - owes_since_ > settle_after;
    if (client.has_unacknowledged() && !is_due) return {};
    return settle(client, intake, stop);
  }

  /// Waits for the commit of what has come, and acknowledges it. An Error when we are asked to
  /// stop: what is not on disk must not be acknowledged, not even by whatever would be sent next.
  Result<void> settle(Client& client, Intake& intake, const std::stop_token& stop) {
    while (client.has_unacknowledged() && owed_) {
      if (intake.wait_durable(*owed_, seconds(1))) break;
      if (stop.stop_requested()) return Error{Errc::unavailable, "asked to stop"};
    }
    owed_.reset();
    return client.acknowledge(stop);
  }

  void take(const Message& message, Intake& intake) {
    auto taken = interpreter_.read(message, intake, batch_);
    if (taken) return;
    intake.refuse({.source = "mqtt",
                   .reason = std::move(taken).error().what,
                   .sample = message.payload.substr(0, sample_bytes),
                   .where = message.topic});
  }

  const SourceConfig config_;
  Interpreter interpreter_;
  std::vector<Reading> batch_;
  std::optional<Ticket> owed_;  ///< the last of what is not settled
  std::size_t unsettled_ = 0;   ///< messages
  std::chrono::steady_clock::time_point owes_since_;
  std::chrono::steady_clock::time_point last_round_;  ///< that brought something
};

/// The same for the same scenario on the same machine, and for no other: the broker keeps a session
/// under this name, and lets only one in.
std::string default_client_id(const std::string& folder, const std::string& url,
                              const std::vector<std::string>& topics) {
  std::array<char, 65> host{};
  gethostname(host.data(), host.size() - 1);
  std::uint32_t hash = 0x811c9dc5U;  // FNV-1a
  for (const char c :
       fmt::format("{}|{}|{}|{}", host.data(), folder, url, fmt::join(topics, "|"))) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  }
  return fmt::format("sosie-{:08x}", hash);
}

constexpr std::array<std::string_view, 2> formats{"json", "senml"};

/// How long the broker keeps what we miss.
Result<std::uint32_t> read_expiry(Section& section) {
  const auto expiry = TRY(section.duration("session_expiry", std::chrono::hours(24)));
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(expiry / seconds(1), 0, 0xFFFFFFFE));
}

Result<PayloadMap> read_payload(Section& section) {
  PayloadMap map;
  map.values[0].path = TRY(section.text("value", "value"));
  map.time = TRY(section.text("time", "time"));
  map.quality = TRY(section.text("quality", "quality"));
  map.time_reader = TRY(read_time_format(section));
  const auto format = TRY(section.choice("format", "json", formats));
  if (format == "senml") map.format = PayloadMap::Format::senml;
  const auto words = TRY(section.text_map("words"));
  for (const auto& [word, text] : words) {
    const auto number = to_number(text);
    if (!number) return section.wrong("words", fmt::format("'{}' is no number", text));
    map.words.emplace(word, *number);
  }
  const bool one_value = section.has("value");
  const auto several = TRY(section.text_map("values"));
  if (several.empty() && map.format == PayloadMap::Format::senml) {
    return section.wrong("values", "is missing; expected the names of SenML's records");
  }
  if (several.empty()) return map;
  if (one_value) return section.wrong("values", "stands beside 'value'; expected one of the two");
  map.values.clear();
  for (const auto& [path, attribute] : several) map.values.push_back({path, attribute});
  return map;
}

/// Takes the names from the topic, as the templates say.
Result<Template> read_template(Section& section, std::string_view key, std::string_view otherwise,
                               const TopicPattern& pattern) {
  const auto text = TRY(section.text(key, otherwise));
  auto made = Template::create(text, pattern);
  if (!made) return section.wrong(key, made.error().what);
  return std::move(made).value();
}

/// The attribute's template where none is given.
std::string_view default_attribute(const TopicPattern& pattern, const PayloadMap& payload) {
  if (pattern.has("attribute")) return "{attribute}";
  return payload.values[0].attribute.empty() ? "value" : "";
}

Result<TopicPattern> read_pattern(Section& section) {
  const auto text = TRY(section.text("pattern"));
  auto pattern = TopicPattern::create(text);
  if (!pattern) return section.wrong("pattern", pattern.error().what);
  return std::move(pattern).value();
}

Result<TopicMap> read_map(Section& section) {
  auto pattern = TRY(read_pattern(section));
  auto payload = TRY(read_payload(section));
  auto entity = TRY(read_template(section, "entity", "{entity}", pattern));
  auto attribute =
      TRY(read_template(section, "attribute", default_attribute(pattern, payload), pattern));
  return TopicMap{std::move(pattern), std::move(entity), std::move(attribute), std::move(payload)};
}

/// One in the source's own table, or several in [[source.map]].
Result<std::vector<TopicMap>> read_maps(Section& section) {
  std::vector<TopicMap> maps;
  auto tables = TRY(section.tables("map"));
  if (!tables.empty() && section.has("pattern")) {
    return section.wrong("pattern", "stands beside 'map'; expected one of the two");
  }
  if (tables.empty()) {
    auto map = TRY(read_map(section));
    maps.push_back(std::move(map));
  }
  for (auto& table : tables) {
    auto map = TRY(read_map(table));
    maps.push_back(std::move(map));
    TRY(table.finish());
  }
  return maps;
}

Result<std::optional<StatusMap>> read_status(Section& section) {
  if (!section.has("status")) return std::optional<StatusMap>();
  auto table = TRY(section.table("status"));
  auto pattern = TRY(read_pattern(table));
  StatusMap map{.pattern = std::move(pattern)};
  map.online = TRY(table.text("online", map.online));
  map.offline = TRY(table.text("offline", map.offline));
  TRY(table.finish());
  return std::optional(std::move(map));
}

std::vector<std::string> topics_of(const std::vector<TopicMap>& maps) {
  std::vector<std::string> topics;
  for (const auto& map : maps) {
    const auto filter = map.pattern.filter();
    if (std::ranges::find(topics, filter) == topics.end()) topics.push_back(filter);
  }
  return topics;
}

}  // namespace

Result<std::unique_ptr<Source>> make_source(Section& section) {
  auto client = TRY(read_client(section));
  auto maps = TRY(read_maps(section));
  auto status = TRY(read_status(section));
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) topics = topics_of(maps);
  if (status) topics.push_back(status->pattern.filter());
  const int qos = TRY(read_qos(section));
  if (client.client_id.empty()) {
    client.client_id = default_client_id(section.folder(), client.host, topics);
  }
  client.receive_maximum = batch_messages;
  client.session_expiry_s = TRY(read_expiry(section));
  return std::make_unique<MqttSource>(
      SourceConfig{std::move(client), std::move(topics), qos, std::move(maps), std::move(status)});
}

}  // namespace sosie::mqtt
