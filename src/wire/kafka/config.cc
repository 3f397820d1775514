#include "wire/kafka/config.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "base/this_machine.h"

namespace sosie::kafka {
namespace {

constexpr std::size_t longest_topic = 249;

Error not_a_broker(std::string_view text) {
  return {Errc::invalid, fmt::format("'{}' is not a broker's address; expected host:port", text)};
}

/// "host:port" of one broker.
Result<std::string> read_broker(std::string_view text) {
  const auto after_host = text.starts_with('[') ? text.find(']') : 0;
  if (after_host == text.npos) return not_a_broker(text);
  const auto colon = text.find(':', after_host);
  const auto host = text.substr(0, colon);
  const bool odd = host.find_first_of("/@ ,") != host.npos;
  if (host.empty() || odd) return not_a_broker(text);
  if (colon == text.npos) return fmt::format("{}:9092", host);
  const auto port = to_integer(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65'535) return not_a_broker(text);
  return std::string(text);
}

}  // namespace

Result<std::string> read_brokers(std::string_view brokers) {
  std::string read;
  for (const auto part : split(brokers, ',')) {
    const auto broker = TRY(read_broker(trim(part)));
    if (!read.empty()) read += ',';
    read += broker;
  }
  return read;
}

Result<Address> read_address(std::string_view url) {
  const Error wrong{
      Errc::invalid,
      fmt::format("'{}' is no place in Kafka; expected kafka://host:port/topic", url)};
  Address address;
  auto rest = url;
  address.config.tls = rest.starts_with("kafkas://");
  if (!address.config.tls && !rest.starts_with("kafka://")) return wrong;
  rest.remove_prefix(rest.find("://") + 3);
  const auto slash = rest.find('/');
  if (slash == rest.npos) return wrong;
  address.topic = rest.substr(slash + 1);
  if (!is_topic(address.topic)) return wrong;
  address.config.brokers = TRY(read_brokers(rest.substr(0, slash)));
  return address;
}

bool is_loopback(std::string_view brokers) {
  const auto all = split(brokers, ',');
  return std::all_of(all.begin(), all.end(),
                     [](std::string_view broker) { return is_this_machine(trim(broker)); });
}

bool is_free_option(std::string_view name) {
  // Secrets, what would run another's code, and what the promises of this program stand on.
  constexpr std::array<std::string_view, 14> kept{"password",
                                                  "secret",
                                                  "sasl.",
                                                  "ssl.",
                                                  "security.",
                                                  "plugin.",
                                                  "bootstrap.servers",
                                                  "metadata.broker.",
                                                  "group.id",
                                                  "enable.auto.",
                                                  "auto.offset.",
                                                  "enable.idempotence",
                                                  "transactional.id",
                                                  "acks"};
  return std::none_of(kept.begin(), kept.end(),
                      [&](std::string_view part) { return name.find(part) != name.npos; });
}

bool is_topic(std::string_view name) {
  const bool is_fit = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  return is_fit && !name.empty() && name.size() <= longest_topic && name != "." && name != "..";
}

}  // namespace sosie::kafka
