#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "web/delivery/http_sender.h"

namespace sosie::delivery {
namespace {

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7F;
}

void append_line(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  out += text;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
}

std::string basic_credentials(const http::Url& url) {
  const auto text = url.user + ":" + url.password;
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero byte
  const auto written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(written));
  return "Basic " + out;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > 0x20 && c < 0x7F && c != ':';
  });
}

/// Ours alone to say.
bool is_of_the_connection(std::string_view name) {
  constexpr std::array<std::string_view, 3> ours{"content-length", "transfer-encoding",
                                                 "connection"};
  return std::ranges::any_of(ours,
                             [&](std::string_view word) { return ngsi::is_same_name(name, word); });
}

}  // namespace

std::string escaped_url(std::string_view url) {
  std::string out;
  out.reserve(url.size());
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F) {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string request_text(const ngsi::Notification& notification, const http::Url& url) {
  const auto& body = notification.body;
  std::string text;
  text.reserve(512 + body.size());
  append_line(notification.method.empty() ? "POST" : notification.method, text);
  text.append(1, ' ').append(url.target).append(" HTTP/1.1\r\n");
  if (!ngsi::has_header(notification.headers, "Host")) text += "Host: " + url.authority() + "\r\n";
  for (const auto& header : notification.headers) {
    if (!is_name(header.name) || is_of_the_connection(header.name)) continue;
    text += header.name;
    text += ": ";
    append_line(header.value, text);
    text += "\r\n";
  }
  if (!url.user.empty() && !ngsi::has_header(notification.headers, "Authorization")) {
    text += "Authorization: " + basic_credentials(url) + "\r\n";
  }
  const bool expects_length = notification.method != "GET" && notification.method != "DELETE";
  if (!body.empty() || expects_length) text += fmt::format("Content-Length: {}\r\n", body.size());
  text += "\r\n";
  text += body;
  return text;
}

}  // namespace sosie::delivery
