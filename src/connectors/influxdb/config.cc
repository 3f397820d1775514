#include "connectors/influxdb/config.h"

#include <array>

#include <fmt/format.h>

#include "core/in_clear.h"

namespace sosie::influxdb {
namespace {

using http::percent_encoded;

constexpr std::array<std::string_view, 4> precisions{"us", "ns", "ms", "s"};
constexpr std::int64_t most_points = 5000;
constexpr std::int64_t most_bytes = 25'000'000;  ///< InfluxDB 1.x takes no larger body

/// The address of the server, without what a scenario may not hold.
Result<std::string> read_server(Section& section) {
  auto url = TRY(section.text("url"));
  const auto parts = http::parse_url(url);
  if (!parts) return section.wrong("url", parts.error().what);
  if (!(*parts).user.empty()) {
    return section.wrong("url", "holds a user: give user and password_env, or token_env");
  }
  if ((*parts).target.find('?') != std::string::npos) {
    return section.wrong("url", "has a query; expected the server's address alone");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// InfluxDB 1.x wants them as Basic credentials, which the HTTP client makes of the address.
std::string with_credentials(const std::string& url, std::string_view user,
                             std::string_view password) {
  const auto host = url.find("://") + 3;
  return fmt::format("{}{}:{}@{}", url.substr(0, host), percent_encoded(user),
                     percent_encoded(password), url.substr(host));
}

/// REQUIRES: an address.
void warn_without_tls(const Section& section, const std::string& url, const std::string& secret) {
  const auto address = http::parse_url(url);
  if (!(*address).is_tls) warn_of_clear(section, "url", secret, (*address).host, "https://");
}

Result<std::string> read_login(Section& section, const std::string& url, Config& config) {
  const auto user = TRY(section.text("user", ""));
  const auto password = TRY(section.secret("password"));
  config.identity = "nobody";
  if (user.empty() && password.empty()) return url;
  if (user.empty()) return section.wrong("user", "is missing, and there is a password");
  if (password.empty()) {
    return section.wrong("user", "has no password: give password_env = \"NAME\" or password_file");
  }
  config.identity = fmt::format("the user '{}'", user);
  warn_without_tls(section, url, password);
  return with_credentials(url, user, password);
}

Result<void> read_v1(Section& section, const std::string& url, Config& config) {
  const auto database = TRY(section.text("database"));
  const auto policy = TRY(section.text("retention_policy", ""));
  const auto creates = TRY(section.flag("create", true));
  const auto server = TRY(read_login(section, url, config));
  if (database.empty()) return section.wrong("database", "is empty");
  config.place = fmt::format("the database '{}'", database);
  config.write.url = fmt::format("{}/write?db={}", server, percent_encoded(database));
  if (!policy.empty()) config.write.url += "&rp=" + percent_encoded(policy);
  if (!creates) return {};
  std::string quoted;
  for (const char c : database) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  config.create.url = fmt::format("{}/query?q={}", server,
                                  percent_encoded(fmt::format("CREATE DATABASE \"{}\"", quoted)));
  return {};
}

Result<void> read_v2(Section& section, const std::string& url, Config& config) {
  const auto bucket = TRY(section.text("bucket"));
  const auto organization = TRY(section.text("organization", ""));
  const auto token = TRY(section.secret("token"));
  if (bucket.empty()) return section.wrong("bucket", "is empty");
  if (section.has("database")) {
    return section.wrong("database", "is of InfluxDB 1.x, bucket of 2.x; expected one of the two");
  }
  config.place = organization.empty()
                     ? fmt::format("the bucket '{}'", bucket)
                     : fmt::format("the bucket '{}' of '{}'", bucket, organization);
  config.write.url = fmt::format("{}/api/v2/write?bucket={}", url, percent_encoded(bucket));
  if (!organization.empty()) config.write.url += "&org=" + percent_encoded(organization);
  config.identity = token.empty() ? "nobody" : "the token";
  warn_without_tls(section, url, token);
  if (!token.empty()) config.write.headers.push_back({"Authorization", "Token " + token});
  return {};
}

Result<void> read_precision(Section& section, bool is_v2, Config& config) {
  const auto text = TRY(section.choice("precision", "us", precisions));
  config.precision = *line::precision_from_text(text);
  const bool is_us = config.precision == line::Precision::us;
  config.write.url += fmt::format("&precision={}", is_us && !is_v2 ? "u" : text);
  return {};
}

Result<void> read_exchange(Section& section, Config& config) {
  const auto timeout = TRY(section.duration("timeout", std::chrono::seconds(5)));
  if (timeout < std::chrono::milliseconds(100) || timeout > std::chrono::seconds(8)) {
    return section.wrong("timeout", "is expected to be between 100ms and 8s");
  }
  config.write.timeout = std::chrono::floor<std::chrono::milliseconds>(timeout);
  config.write.trust.ca_file = TRY(section.path("ca_file", ""));
  config.write.trust.verify = TRY(section.flag("verify", true));
  config.packs = TRY(section.flag("gzip", true));
  config.write.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  if (config.packs) config.write.headers.push_back({"Content-Encoding", "gzip"});
  config.write.method = "POST";
  config.create.method = "POST";
  config.create.timeout = config.write.timeout;
  config.create.trust = config.write.trust;
  return {};
}

Result<std::size_t> read_most(Section& section, std::string_view key, std::int64_t usual,
                              std::int64_t most) {
  const auto count = TRY(section.integer(key, usual));
  if (count >= 1 && count <= most) return static_cast<std::size_t>(count);
  return section.wrong(key, fmt::format("is {}, expected 1 to {}", count, most));
}

Result<std::optional<LineTemplate>> read_lines(Section& section, std::string_view key,
                                               Holds holds) {
  auto table = TRY(section.table(key));
  const auto sends = TRY(table.flag("send", true));
  auto lines = TRY(LineTemplate::read(table, holds));
  TRY(table.finish());
  return sends ? std::optional(std::move(lines)) : std::nullopt;
}

}  // namespace

Result<Config> Config::read(Section& section) {
  Config config;
  config.host = TRY(read_server(section));
  const bool is_v2 = section.has("bucket");
  TRY(is_v2 ? read_v2(section, config.host, config) : read_v1(section, config.host, config));
  TRY(read_precision(section, is_v2, config));
  TRY(read_exchange(section, config));
  config.max_points = TRY(read_most(section, "max_points", 1000, most_points));
  config.max_bytes = TRY(read_most(section, "max_bytes", 1'000'000, most_bytes));
  config.series = TRY(section.texts("series"));
  config.readings = TRY(read_lines(section, "readings", Holds::readings));
  config.alarms = TRY(read_lines(section, "alarms", Holds::alarms));
  if (config.readings || config.alarms) return config;
  return section.wrong("readings", "and alarms are both not sent; expected one of them");
}

}  // namespace sosie::influxdb
