#include "connectors/mqtt/config.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "core/in_clear.h"

namespace sosie::mqtt {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 2> versions{"5", "3.1.1"};

/// What the environment says where the scenario does not; "": nothing.
std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
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
  will.qos = TRY(read_qos(section));
  will.retain = TRY(section.flag("retain", true));
  TRY(section.finish());
  return will;
}

/// How long the connection may be silent.
Result<void> read_keepalive(Section& section, Config& config) {
  const auto keepalive = TRY(section.duration("keepalive", seconds(60)));
  config.keepalive_s = static_cast<int>(keepalive / seconds(1));
  if (config.keepalive_s < 5 || config.keepalive_s > 65'535) {
    return section.wrong("keepalive", "expected 5s to 18h");
  }
  return {};
}

Result<void> read_url(Section& section, Config& config) {
  std::string url;
  if (!section.has("url") && (section.has("url_env") || section.has("url_file"))) {
    url = TRY(section.secret("url"));                         // no secret, but read the same way
    if (url == Section::no_secret) url = "mqtt://localhost";  // of a section that is left out
  } else {
    url = TRY(section.text("url"));
  }
  const auto address = read_address(url, config);
  if (!address) return section.wrong("url", address.error().what);
  return {};
}

/// Who we are, and how that is kept secret.
Result<void> read_identity(Section& section, Config& config) {
  config.client_id = TRY(section.text("client_id", ""));
  config.user = TRY(section.text("user", config.user));
  config.password = TRY(section.secret("password"));
  if (!config.user.empty() && config.password.empty()) {
    config.password = from_environment("SOSIE_MQTT_PASSWORD");
  }
  auto tls = TRY(section.table("tls"));
  TRY(read_tls(std::move(tls), config.tls));
  if (!config.tls.on && !config.tls.ca_file.empty()) {
    return section.wrong("url", "begins with mqtt://, but [tls] has keys; expected mqtts://");
  }
  if (!config.tls.on) {
    warn_of_clear(section, section.has("url") ? "url" : "url_env", config.password, config.host,
                  "mqtts://");
  }
  if (config.tls.on && config.tls.ca_file.empty()) {
    config.tls.ca_file = from_environment("SOSIE_CA_FILE");
  }
  return {};
}

}  // namespace

Result<int> read_qos(Section& section) {
  const auto qos = TRY(section.integer("qos", 1));
  if (qos != 0 && qos != 1) return section.wrong("qos", fmt::format("is {}, expected 0 or 1", qos));
  return static_cast<int>(qos);
}

Result<Config> read_client(Section& section) {
  Config config;
  TRY(read_url(section, config));
  const auto version = TRY(section.choice("protocol", "5", versions));
  config.version = version == "5" ? Version::v5 : Version::v3_1_1;
  TRY(read_identity(section, config));
  TRY(read_keepalive(section, config));
  auto will = TRY(section.table("will"));
  config.will = TRY(read_will(std::move(will)));
  return config;
}

}  // namespace sosie::mqtt
