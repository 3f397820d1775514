#include "notifiers/email/message.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace sosie::email {
namespace {

constexpr std::size_t bytes_a_line = 57;  ///< 76 characters, RFC 2045's most
constexpr std::size_t bytes_a_word = 42;  ///< an encoded word has 75 characters at most

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto part = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8U) | (k < part.size() ? static_cast<unsigned char>(part[k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= part.size() ? digits[(bits >> (18U - 6U * k)) & 63U] : '=';
    }
  }
  return out;
}

/// As much of `text` as `bytes` hold, not ending within a character.
std::string_view piece_of(std::string_view text, std::size_t bytes) {
  auto end = std::min(bytes, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end == 0 ? std::min(bytes, text.size()) : end);
}

/// RFC 2047: words of base64, each whole characters, folded over lines.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto piece = piece_of(text, bytes_a_word);
    text.remove_prefix(piece.size());
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", base64(piece));
  }
  return out;
}

/// RFC 5322, 3.3: "Fri, 20 Nov 2026 10:00:00 +0000".
std::string date_of(Timestamp at) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days.at(std::chrono::weekday(day).c_encoding()),
      static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
}

}  // namespace

std::string to_internet_message(const Message& message) {
  std::string out;
  out += fmt::format("Date: {}\r\n", date_of(message.at));
  out += fmt::format("From: {}\r\n", message.from);
  out += fmt::format("To: {}\r\n", fmt::join(message.to, ",\r\n "));
  out += fmt::format("Subject: {}\r\n", encoded_words(message.subject));
  out += fmt::format("Message-ID: <{}>\r\n", message.id);
  if (!message.in_reply_to.empty()) {
    out += fmt::format("In-Reply-To: <{0}>\r\nReferences: <{0}>\r\n", message.in_reply_to);
  }
  // No holiday notes, please (RFC 3834).
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
  out += "Content-Transfer-Encoding: base64\r\n\r\n";
  for (std::size_t i = 0; i < message.text.size(); i += bytes_a_line) {
    out += base64(std::string_view(message.text).substr(i, bytes_a_line)) + "\r\n";
  }
  return out;
}

std::string mailbox_of(std::string_view address) {
  const auto is_plain = [](unsigned char c) { return c >= ' ' && c < 0x7f; };
  if (!std::ranges::all_of(address, is_plain)) return {};
  auto mailbox = trim(address);
  if (mailbox.ends_with('>')) {
    const auto open = mailbox.rfind('<');
    if (open == std::string_view::npos) return {};
    mailbox = mailbox.substr(open + 1, mailbox.size() - open - 2);
  }
  const auto at = mailbox.find('@');
  const bool is_mailbox = at != std::string_view::npos && at > 0 && at + 1 < mailbox.size() &&
                          mailbox.find_first_of(" <>,;:\"()[]\\") == std::string_view::npos &&
                          mailbox.find('@', at + 1) == std::string_view::npos;
  return is_mailbox ? std::string(mailbox) : std::string();
}

}  // namespace sosie::email
