#include <fmt/format.h>

#include "base/text.h"
#include "wire/mqtt/client.h"

namespace sosie::mqtt {
namespace {

constexpr int plain_port = 1883;
constexpr int tls_port = 8883;

Error not_an_address(std::string_view url) {
  return {
      Errc::invalid,
      fmt::format("'{}' is not a broker's address; expected mqtt://host:port or mqtts://host:port",
                  url)};
}

/// "[::1]:1883" into "::1" and "1883"; the port may be missing.
struct HostPort {
  std::string_view host;
  std::string_view port;
};

HostPort split_host(std::string_view text) {
  std::size_t from = 0;
  if (text.starts_with('[')) from = text.find(']');
  const std::size_t colon = from == text.npos ? text.npos : text.find(':', from);
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, colon == text.npos ? std::string_view() : text.substr(colon + 1)};
}

}  // namespace

Result<void> read_address(std::string_view url, Config& config) {
  auto rest = url;
  if (rest.starts_with("mqtts://")) {
    config.tls.on = true;
  } else if (!rest.starts_with("mqtt://")) {
    return not_an_address(url);
  }
  rest.remove_prefix(rest.find("://") + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const auto user = rest.substr(0, at);
    if (user.find(':') != user.npos) {
      return Error{
          Errc::invalid,
          "a broker's address holds a password; expected it in password_env or password_file"};
    }
    config.user = user;
    rest.remove_prefix(at + 1);
  }
  const auto [host, port] = split_host(rest);
  const bool has_port = rest.size() > host.size() && rest.find(':', host.size()) != rest.npos;
  const auto number = to_integer(port);
  if (host.empty() || host.find_first_of("/[]") != host.npos) return not_an_address(url);
  if (has_port && (!number || *number < 1 || *number > 65'535)) return not_an_address(url);
  config.host = host;
  config.port = number ? static_cast<int>(*number) : config.tls.on ? tls_port : plain_port;
  return {};
}

}  // namespace sosie::mqtt
