#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "base/text.h"
#include "wire/http/client.h"

namespace sosie::http {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

Error wrong(std::string_view text, std::string_view what) {
  return {Errc::invalid, fmt::format("'{}' is no address: {}", text, what)};
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (text[i] == '%' && high && low) {
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// "host", "host:8080", "[::1]:8080".
Result<void> read_host(std::string_view text, Url& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return Error{Errc::invalid, "']' is missing"};
    url.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return Error{Errc::invalid, "after ']' comes ':'"};
  } else {
    const auto end = std::min(text.find(':'), text.size());
    url.host = text.substr(0, end);
    port = text.substr(end);
  }
  if (url.host.empty()) return Error{Errc::invalid, "the host is missing"};
  if (port.empty()) return {};
  port.remove_prefix(1);
  const auto number = to_integer(port);
  if (!number || *number < 1 || *number > 65535) {
    return Error{Errc::invalid, fmt::format("port '{}'; expected 1 to 65535", port)};
  }
  url.port = port;
  return {};
}

}  // namespace

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

std::string Url::authority() const {
  const auto name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  return port == (is_tls ? "443" : "80") ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
  const auto whole = text;
  const bool odd =
      std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
  if (odd) return wrong(whole, "it holds a blank or a control character");
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return wrong(whole, "expected http:// or https://");
  Url url;
  url.is_tls = equal_ignoring_case(text.substr(0, scheme_end), "https");
  if (!url.is_tls && !equal_ignoring_case(text.substr(0, scheme_end), "http")) {
    return wrong(whole, "expected http:// or https://");
  }
  url.port = url.is_tls ? "443" : "80";
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, authority_end);
  url.target = text.substr(authority_end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const auto user = authority.substr(0, at);
    const auto colon = std::min(user.find(':'), user.size());
    url.user = percent_decoded(user.substr(0, colon));
    if (colon < user.size()) url.password = percent_decoded(user.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }
  if (const auto read = read_host(authority, url); !read) return wrong(whole, read.error().what);
  return url;
}

}  // namespace sosie::http
