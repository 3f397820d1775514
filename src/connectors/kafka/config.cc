#include "connectors/kafka/config.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::kafka {
namespace {

constexpr std::array<std::string_view, 3> mechanisms{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"};
constexpr std::array kinds{Sasl::plain, Sasl::scram_sha_256, Sasl::scram_sha_512};
constexpr std::array<std::string_view, 2> assignors{"range,roundrobin", "cooperative-sticky"};

Result<void> read_tls(Section& section, Config& config) {
  config.tls = TRY(section.flag("tls", false));
  config.ca_file = TRY(section.path("ca", ""));
  config.cert_file = TRY(section.path("cert", ""));
  config.key_file = TRY(section.path("key", ""));
  config.check_host = TRY(section.flag("check_host", true));
  if (config.cert_file.empty() != config.key_file.empty()) {
    return section.wrong(config.key_file.empty() ? "cert" : "key",
                         "stands alone; expected both cert and key");
  }
  if (!config.tls && !(config.ca_file.empty() && config.cert_file.empty())) {
    return section.wrong("tls", "is not true, but certificates are given");
  }
  return {};
}

Result<void> read_user(Section& section, Config& config) {
  config.user = TRY(section.text("user", ""));
  config.password = TRY(section.secret("password"));
  const auto mechanism = TRY(section.choice("sasl", "PLAIN", mechanisms));
  if (config.user.empty()) {
    if (!config.password.empty() && config.password != Section::no_secret) {
      return section.wrong("user", "is missing, but there is a password");
    }
    return {};
  }
  config.sasl = kinds[static_cast<std::size_t>(
      std::find(mechanisms.begin(), mechanisms.end(), mechanism) - mechanisms.begin())];
  if (config.password.empty()) {
    return section.wrong("user", "has no password; expected password_env or password_file");
  }
  if (config.sasl == Sasl::plain && !config.tls && !is_loopback(config.brokers)) {
    return section.wrong("sasl",
                         "is PLAIN without tls: the password would go over the network in clear");
  }
  return {};
}

Result<void> read_options(Section& section, Config& config) {
  config.options = TRY(section.text_map("options"));
  for (const auto& [name, value] : config.options) {
    if (!is_free_option(name)) {
      return section.wrong("options", fmt::format("sets '{}', which is not free to be set", name));
    }
  }
  return {};
}

Result<Start> read_start(Section& section) {
  const auto text = TRY(section.text("start", "latest"));
  if (text == "latest") return Start{Start::At::latest, {}};
  if (text == "earliest") return Start{Start::At::earliest, {}};
  if (const auto time = from_iso8601(text)) return Start{Start::At::time, *time};
  return section.wrong("start", fmt::format("is '{}'; expected earliest, latest or a time as "
                                            "2026-11-20T10:00:00Z",
                                            text));
}

Result<std::vector<std::string>> read_topics(Section& section) {
  auto topics = TRY(section.texts("topics"));
  if (topics.empty()) return section.wrong("topics", "is missing or empty; expected names");
  for (const auto& topic : topics) {
    if (!topic.starts_with('^') && !is_topic(topic)) {
      return section.wrong("topics",
                           fmt::format("has '{}', which is no topic's name; a regular expression "
                                       "begins with ^",
                                       topic));
    }
  }
  return topics;
}

}  // namespace

Result<Config> read_client(Section& section) {
  Config config;
  const auto brokers = TRY(section.texts("brokers"));
  std::string joined;
  for (const auto& one : brokers) joined += (joined.empty() ? "" : ",") + one;
  if (brokers.empty() && (section.has("brokers_env") || section.has("brokers_file"))) {
    joined = TRY(section.secret("brokers"));  // no secret, but read the same way
    if (joined == Section::no_secret) joined = "localhost:9092";  // of a section that is left out
  }
  auto read = read_brokers(joined);
  if (!read) return section.wrong("brokers", read.error().what);
  config.brokers = std::move(read).value();
  TRY(read_tls(section, config));
  TRY(read_user(section, config));
  TRY(read_options(section, config));
  return config;
}

Result<SourceConfig> read_source(Section& section) {
  SourceConfig config;
  auto& consumer = config.consumer;
  consumer.client = TRY(read_client(section));
  consumer.topics = TRY(read_topics(section));
  consumer.group = TRY(section.text("group", "sosie"));
  consumer.start = TRY(read_start(section));
  consumer.assignor = TRY(section.choice("assignor", "range,roundrobin", assignors));
  consumer.session = TRY(section.duration("session", std::chrono::seconds(10)));
  config.dead_letter = TRY(section.text("dead_letter", ""));
  if (consumer.group.empty()) return section.wrong("group", "expected a name");
  if (consumer.session < std::chrono::seconds(1) || consumer.session > std::chrono::hours(1)) {
    return section.wrong("session", "expected 1s to 1h");
  }
  if (!config.dead_letter.empty() && !is_topic(config.dead_letter)) {
    return section.wrong("dead_letter", "expected a topic's name");
  }
  config.episodes = TRY(section.text("episodes", ""));
  if (!config.episodes.empty() && !is_topic(config.episodes)) {
    return section.wrong("episodes", "expected a topic's name");
  }
  const auto& topics = consumer.topics;
  if (!config.episodes.empty() &&
      (config.episodes == config.dead_letter || is_meant(topics, config.episodes))) {
    return section.wrong("episodes",
                         "expected a topic of its own, which none of `topics` means either");
  }
  if (!config.dead_letter.empty() && is_meant(topics, config.dead_letter)) {
    return section.wrong("dead_letter",
                         "is a topic that is read (one of `topics` means it): it would come back "
                         "for ever");
  }
  return config;
}

}  // namespace sosie::kafka
