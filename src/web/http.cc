#include "web/http.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A status, its reason, and the word for it in our errors.
struct Status {
  int code;
  std::string_view reason;
  std::string_view word;
};
constexpr std::array<Status, 29> statuses{{
    {200, "OK", "ok"},
    {201, "Created", "created"},
    {202, "Accepted", "accepted"},
    {204, "No Content", "no_content"},
    {303, "See Other", "see_other"},
    {304, "Not Modified", "not_modified"},
    {400, "Bad Request", "invalid"},
    {401, "Unauthorized", "unauthorized"},
    {403, "Forbidden", "forbidden"},
    {404, "Not Found", "not_found"},
    {405, "Method Not Allowed", "method_not_allowed"},
    {406, "Not Acceptable", "not_acceptable"},
    {408, "Request Timeout", "timeout"},
    {409, "Conflict", "conflict"},
    {411, "Length Required", "length_required"},
    {413, "Payload Too Large", "too_large"},
    {414, "URI Too Long", "too_long"},
    {415, "Unsupported Media Type", "unsupported_media_type"},
    {417, "Expectation Failed", "expectation_failed"},
    {421, "Misdirected Request", "misdirected"},
    {422, "Unprocessable Entity", "unprocessable"},
    {429, "Too Many Requests", "too_many_requests"},
    {431, "Request Header Fields Too Large", "header_too_large"},
    {500, "Internal Server Error", "internal"},
    {501, "Not Implemented", "not_implemented"},
    {502, "Bad Gateway", "bad_gateway"},
    {503, "Service Unavailable", "unavailable"},
    {504, "Gateway Timeout", "gateway_timeout"},
    {507, "Insufficient Storage", "no_room"},
}};

const Status& status_of(int code) {
  static constexpr Status unknown{0, "Unknown", "unknown"};
  const auto* const found = std::ranges::find(statuses, code, &Status::code);
  return found == statuses.end() ? unknown : *found;
}

}  // namespace

std::string percent_decoded(std::string_view text, bool plus_is_blank) {
  if (text.find_first_of(plus_is_blank ? "%+" : "%") == std::string_view::npos) {
    return std::string(text);
  }
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  if (query.empty()) return std::nullopt;
  for (const auto part : split(query, '&')) {
    const auto equals = std::min(part.find('='), part.size());
    if (percent_decoded(part.substr(0, equals), true) != name) continue;
    return percent_decoded(part.substr(std::min(part.size(), equals + 1)), true);
  }
  return std::nullopt;
}

bool EventStream::send(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  if (unread_.size() + text.size() > capacity_) closed_ = true;
  if (!closed_) unread_ += text;
  if (wake_) wake_();
  return !closed_;
}

void EventStream::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  if (wake_) wake_();
}

bool EventStream::is_closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

std::string EventStream::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(unread_, {});
}

void EventStream::on_change(std::function<void()> wake) {
  const std::scoped_lock lock(mutex_);
  wake_ = std::move(wake);
}

Response problem(int status, std::string_view description) {
  json::Writer out;
  out.begin_object();
  out.member("error", status_of(status).word);
  out.member("description", description);
  out.end_object();
  return {.status = status, .body = out.take()};
}

std::string http_date(Timestamp at) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days.at(std::chrono::weekday(day).c_encoding()),
      static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
}

std::string_view reason_of(int status) {
  return status_of(status).reason;
}

}  // namespace sosie::web
