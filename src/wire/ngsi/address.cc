#include "wire/ngsi/address.h"

#include <cctype>

#include <fmt/format.h>

#include "base/text.h"
#include "wire/json/value.h"

namespace sosie::context {
namespace {

constexpr std::string_view scheme = "ngsi+";
constexpr std::size_t most_said = 200;

Result<void> read_parameters(std::string_view query, std::string_view whole, Address& address) {
  for (const auto part : split(query, '&')) {
    const auto equals = part.find('=');
    const auto name = part.substr(0, equals);
    const auto value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    if (name == "tenant" && !value.empty()) {
      address.tenant = value;
    } else if (name == "type" && !value.empty()) {
      address.type = value;
    } else {
      return Error{Errc::invalid,
                   fmt::format("{}: '{}' where tenant=… or type=… was expected", whole, part)};
    }
  }
  return {};
}

}  // namespace

http::Headers Address::headers() const {
  http::Headers headers;
  if (!tenant.empty()) headers.push_back({"Fiware-Service", tenant});
  if (!service_path.empty()) headers.push_back({"Fiware-ServicePath", service_path});
  if (!token.empty()) {  // Sosie's own, and what FIWARE's proxies ask for
    headers.push_back({"Authorization", "Bearer " + token});
    headers.push_back({"X-Auth-Token", token});
  }
  return headers;
}

Result<Address> read_address(std::string_view text) {
  if (!text.starts_with("ngsi+http://") && !text.starts_with("ngsi+https://")) {
    return Error{Errc::invalid,
                 fmt::format("'{}' is no broker; expected ngsi+http://host:1026", text)};
  }
  auto rest = text.substr(scheme.size());
  Address address;
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    TRY(read_parameters(rest.substr(mark + 1), text, address));
    rest = rest.substr(0, mark);
  }
  const auto slash = rest.find('/', rest.find("://") + 3);
  if (slash != std::string_view::npos) {
    auto path = rest.substr(slash);
    while (path.ends_with('/')) path.remove_suffix(1);
    address.service_path = path;
    rest = rest.substr(0, slash);
  }
  address.base = rest;
  TRY(http::parse_url(address.base));
  return address;
}

bool move_port(Address& address, int from, int to) {
  const auto url = http::parse_url(address.base);
  if (!url) return false;
  const bool is_here =
      url->host.starts_with("127.") || url->host == "localhost" || url->host == "::1";
  const auto port = fmt::format(":{}", from);
  if (!is_here || !address.base.ends_with(port)) return false;
  address.base.replace(address.base.size() - port.size(), port.size(), fmt::format(":{}", to));
  return true;
}

std::string said(const http::Response& response) {
  std::string words;
  if (const auto body = json::parse(response.body)) {
    const auto* const error = body->find("error");
    const auto* const why = body->find("description");
    if (error != nullptr && error->text() != nullptr) words = " " + *error->text();
    if (why != nullptr && why->text() != nullptr) words += ": " + *why->text();
  } else if (!response.body.empty()) {
    words = ": " + response.body;
  }
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return fmt::format("the broker answered {}{}", response.status, words.substr(0, most_said));
}

}  // namespace sosie::context
