#include "wire/kafka/handle.h"

#include <array>

#include <fmt/format.h>

#include "base/log.h"

namespace sosie::kafka {
namespace {

std::string_view name_of(Sasl sasl) {
  switch (sasl) {
    case Sasl::none:
      return "";
    case Sasl::plain:
      return "PLAIN";
    case Sasl::scram_sha_256:
      return "SCRAM-SHA-256";
    case Sasl::scram_sha_512:
      return "SCRAM-SHA-512";
  }
  return "";
}

/// librdkafka would write to the error stream itself.
void take_log(const rd_kafka_t* /*handle*/, int /*level*/, const char* /*facility*/,
              const char* text) {
  log::debug("kafka", "{}", text);
}

Result<void> set_tls(rd_kafka_conf_t& conf, const Config& config) {
  if (!config.ca_file.empty()) {
    TRY(set(conf, "ssl.ca.location", config.ca_file));
  }
  if (!config.cert_file.empty()) {
    TRY(set(conf, "ssl.certificate.location", config.cert_file));
    TRY(set(conf, "ssl.key.location", config.key_file));
  }
  return set(conf, "ssl.endpoint.identification.algorithm", config.check_host ? "https" : "none");
}

Result<void> set_sasl(rd_kafka_conf_t& conf, const Config& config) {
  TRY(set(conf, "sasl.mechanisms", std::string(name_of(config.sasl))));
  TRY(set(conf, "sasl.username", config.user));
  return set(conf, "sasl.password", config.password);
}

}  // namespace

Result<void> set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  const auto done = rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), why.data(), why.size());
  if (done == RD_KAFKA_CONF_OK) return {};
  return Error{Errc::invalid, why.data()};
}

Result<Conf> make_conf(const Config& config) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), take_log);
  TRY(set(*conf, "client.id", "sosie"));
  TRY(set(*conf, "bootstrap.servers", config.brokers));
  TRY(set(*conf, "reconnect.backoff.max.ms", "2000"));
  const bool has_user = config.sasl != Sasl::none;
  TRY(set(*conf, "security.protocol",
          fmt::format("{}{}", has_user ? "sasl_" : "", config.tls ? "ssl" : "plaintext")));
  if (config.tls) {
    TRY(set_tls(*conf, config));
  }
  if (has_user) {
    TRY(set_sasl(*conf, config));
  }
  return conf;
}

Error to_error(rd_kafka_resp_err_t code) {
  return {Errc::unavailable, rd_kafka_err2str(code)};
}

void note(Complaints& complaints, rd_kafka_resp_err_t code, const char* reason) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    complaints.is_down = true;
    return;  // its words are "1/1 brokers are down"
  }
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT) complaints.is_doubtful = true;
  complaints.last = reason;
}

}  // namespace sosie::kafka
