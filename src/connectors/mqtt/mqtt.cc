#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/log.h"
#include "connectors/mqtt/pattern.h"
#include "connectors/mqtt/payload.h"
#include "core/catalog.h"
#include "core/source.h"
#include "core/time_format.h"
#include "wire/mqtt/client.h"

namespace sosie {
namespace mqtt {
namespace {

using std::chrono::seconds;

constexpr std::size_t batch_messages = 10'000;  ///< as many as the broker sends unacknowledged
constexpr std::size_t sample_bytes = 500;
constexpr std::array<std::string_view, 2> versions{"5", "3.1.1"};

struct SourceConfig {
  Config client;
  std::vector<std::string> topics;
  int qos = 1;
  TopicPattern pattern;
  Template entity;
  Template attribute;
  PayloadMap payload;
};

/// Listens to a broker. A message of QoS 1 is acknowledged once its reading is committed.
///
/// When the connection cannot be had or is lost, `run` returns the reason: the engine shows it,
/// waits and calls again; the broker keeps our session meanwhile.
class MqttSource final : public Source {
 public:
  explicit MqttSource(SourceConfig config) : config_(std::move(config)), reader_(config_.payload) {}

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
    // What an earlier life left unacknowledged comes before anything is subscribed to.
    TRY(hear(client, Duration::zero(), intake, stop));
    TRY(client.subscribe(config_.topics, config_.qos, stop));
    log::info("mqtt", "{}:{}: listening to {}", config_.client.host, config_.client.port,
              fmt::join(config_.topics, ", "));
    while (!stop.stop_requested()) {
      TRY(hear(client, half_keepalive, intake, stop));
    }
    return {};
  }

  /// One round: receive, put, wait for the commit, acknowledge.
  Result<void> hear(Client& client, Duration patience, Intake& intake,
                    const std::stop_token& stop) {
    const auto messages = TRY(client.receive(batch_messages, patience, stop));
    batch_.clear();
    for (const auto& message : messages) take(message, intake);
    if (!batch_.empty()) {
      const auto admission = intake.put(batch_, "mqtt");
      TRY(wait_for_commit(client, admission, intake, stop));
    }
    return client.acknowledge(stop);
  }

  /// An Error when we are asked to stop: what is not on disk must not be acknowledged, not even by
  /// whatever would be sent next.
  static Result<void> wait_for_commit(const Client& client, const Admission& admission,
                                      Intake& intake, const std::stop_token& stop) {
    const Error stopped{Errc::unavailable, "asked to stop"};
    if (!client.has_unacknowledged()) return {};
    if (admission.taken == 0 && stop.stop_requested()) return stopped;
    while (admission.taken > 0 && !intake.wait_durable(admission.ticket, seconds(1))) {
      if (stop.stop_requested()) return stopped;
    }
    return {};
  }

  void take(const Message& message, Intake& intake) {
    auto taken = read(message, intake);
    if (taken) return;
    intake.refuse({.source = "mqtt",
                   .reason = std::move(taken).error().what,
                   .sample = message.payload.substr(0, sample_bytes),
                   .where = message.topic});
  }

  Result<void> read(const Message& message, Intake& intake) {
    const auto named = config_.pattern.match(message.topic);
    if (!named) {
      return Error{Errc::invalid,
                   fmt::format("the topic does not fit the pattern '{}'", config_.pattern.text())};
    }
    const auto payload = TRY(reader_.read(message.payload));
    if (message.retained && !payload.at) {
      return Error{Errc::invalid,
                   "a retained message without a time: nobody knows when it was measured"};
    }
    const Timestamp at = payload.at.value_or(intake.clock().now());
    for (const auto& measured : payload.values) {
      const auto series = TRY(series_of(*named, measured, intake));
      batch_.push_back({.at = at,
                        .value = measured.value,
                        .series = series,
                        .quality = payload.quality,
                        .reason = payload.quality == Quality::good ? QualityReason::none
                                                                   : QualityReason::sensor_fault});
    }
    return {};
  }

  Result<SeriesId> series_of(const Named& named, const Measured& measured, Intake& intake) const {
    const auto& own = config_.payload.values[measured.which].attribute;
    return intake.series(config_.entity.fill(named),
                         own.empty() ? config_.attribute.fill(named) : own);
  }

  SourceConfig config_;
  PayloadReader reader_;
  std::vector<Reading> batch_;
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

Result<void> read_tls(Section section, Tls& tls) {
  tls.ca_file = TRY(section.path("ca", ""));
  tls.cert_file = TRY(section.path("cert", ""));
  tls.key_file = TRY(section.path("key", ""));
  tls.check_host = TRY(section.flag("check_host", true));
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return section.wrong(tls.key_file.empty() ? "cert" : "key",
                         "stands alone; expected both cert and key");
  }
  if (!tls.cert_file.empty() && tls.ca_file.empty()) {
    return section.wrong("cert",
                         "is given without ca; expected the file of the broker's authority");
  }
  return section.finish();
}

Result<Will> read_will(Section section) {
  Will will;
  will.topic = TRY(section.text("topic", ""));
  will.payload = TRY(section.text("payload", "offline"));
  const auto qos = TRY(section.integer("qos", 1));
  will.retain = TRY(section.flag("retain", true));
  if (qos != 0 && qos != 1) return section.wrong("qos", "expected 0 or 1");
  will.qos = static_cast<int>(qos);
  TRY(section.finish());
  return will;
}

/// How long the connection may be silent, and the session outlive it.
Result<void> read_patience(Section& section, Config& config) {
  const auto keepalive = TRY(section.duration("keepalive", seconds(60)));
  config.keepalive_s = static_cast<int>(keepalive / seconds(1));
  if (config.keepalive_s < 5 || config.keepalive_s > 65'535) {
    return section.wrong("keepalive", "expected 5s to 18h");
  }
  const auto expiry = TRY(section.duration("session_expiry", std::chrono::hours(24)));
  config.session_expiry_s =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(expiry / seconds(1), 0, 0xFFFFFFFE));
  return {};
}

Result<void> read_url(Section& section, Config& config) {
  const auto url = TRY(section.text("url"));
  const auto address = read_address(url, config);
  if (!address) return section.wrong("url", address.error().what);
  return {};
}

/// Who we are, and how that is kept secret.
Result<void> read_identity(Section& section, Config& config) {
  config.client_id = TRY(section.text("client_id", ""));
  config.user = TRY(section.text("user", config.user));
  config.password = TRY(section.secret("password"));
  auto tls = TRY(section.table("tls"));
  TRY(read_tls(std::move(tls), config.tls));
  if (!config.tls.on && !config.tls.ca_file.empty()) {
    return section.wrong("url", "begins with mqtt://, but [tls] has keys; expected mqtts://");
  }
  return {};
}

Result<Config> read_client(Section& section) {
  Config config;
  TRY(read_url(section, config));
  const auto version = TRY(section.choice("protocol", "5", versions));
  config.version = version == "5" ? Version::v5 : Version::v3_1_1;
  TRY(read_identity(section, config));
  TRY(read_patience(section, config));
  auto will = TRY(section.table("will"));
  config.will = TRY(read_will(std::move(will)));
  return config;
}

Result<PayloadMap> read_payload(Section& section) {
  PayloadMap map;
  map.values[0].path = TRY(section.text("value", "value"));
  map.time = TRY(section.text("time", "time"));
  map.quality = TRY(section.text("quality", "quality"));
  map.time_reader = TRY(read_time_format(section));
  const bool one_value = section.has("value");
  const auto several = TRY(section.text_map("values"));
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
  return pattern;
}

Result<std::unique_ptr<Source>> make(Section& section) {
  auto client = TRY(read_client(section));
  auto pattern = TRY(read_pattern(section));
  auto payload = TRY(read_payload(section));
  auto entity = TRY(read_template(section, "entity", "{entity}", pattern));
  auto attribute =
      TRY(read_template(section, "attribute", default_attribute(pattern, payload), pattern));
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) topics.push_back(pattern.filter());
  const auto qos = TRY(section.integer("qos", 1));
  if (qos != 0 && qos != 1) return section.wrong("qos", fmt::format("is {}, expected 0 or 1", qos));
  if (client.client_id.empty()) {
    client.client_id = default_client_id(section.folder(), client.host, topics);
  }
  client.receive_maximum = batch_messages;
  return std::make_unique<MqttSource>(
      SourceConfig{std::move(client), std::move(topics), static_cast<int>(qos), std::move(pattern),
                   std::move(entity), std::move(attribute), std::move(payload)});
}

}  // namespace
}  // namespace mqtt

void register_connectors_mqtt(Catalog& catalog);
void register_connectors_mqtt(Catalog& catalog) {
  catalog.add<Source>("mqtt", mqtt::make);
}

}  // namespace sosie
