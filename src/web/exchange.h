#pragma once

// Only server.cc includes this, as connection.h. What was asked, and an answer in HTTP's own words.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "web/access.h"
#include "web/connection.h"
#include "web/gzip.h"
#include "web/message_io.h"

namespace sosie::web {

inline constexpr std::size_t worth_packing = 1400;  ///< below, an answer fits one packet anyway
inline constexpr std::size_t usual_headers = 12;
inline constexpr std::size_t usual_head = 512;       ///< bytes
inline constexpr std::size_t worth_joining = 16384;  ///< below, head and body are written at once

/// What was asked, and how the answer must be sent.
struct Exchange {
  Request request;
  bool is_head = false;
  bool keep_alive = false;
  unsigned version = 11;
};

/// False if the target is no path.
inline bool take_over(const beast::http::request<beast::http::string_body>& message,
                      Exchange& exchange) {
  exchange.keep_alive = message.keep_alive();
  exchange.version = message.version();
  exchange.is_head = message.method() == beast::http::verb::head;
  auto& request = exchange.request;
  request.method = exchange.is_head ? "GET" : std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const auto query_at = std::min(target.find('?'), target.size());
  request.raw_path = target.substr(0, query_at);
  request.path = percent_decoded(request.raw_path, false);
  request.query = target.substr(std::min(target.size(), query_at + 1));
  request.headers.reserve(usual_headers);
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  return request.path.starts_with('/');
}

inline bool accepts_gzip(const Request& request) {
  return request.header("Accept-Encoding").find("gzip") != std::string_view::npos;
}

inline bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/json");
}

/// In place of an answer of ours that waited in vain.
inline Response not_on_disk() {
  auto answer = problem(503, "it is not on disk in time; it may be later, so it may come twice");
  answer.headers.push_back({"Retry-After", "5"});
  return answer;
}

inline bool has_body(const Response& response) {
  return response.status != 204 && response.status != 304;
}

/// Status line and headers, up to the empty line. `date`: for a guest's answer.
inline std::string head_of(const Response& response, unsigned version, bool keeps_alive,
                           std::string_view date) {
  std::string head;
  head.reserve(usual_head + std::min(response.body.size(), worth_joining));
  append_status(version, response.status, head);
  if (has_body(response)) {
    if (!response.is_bare) append_header("Content-Type", response.content_type, head);
    append_header("Content-Length", std::to_string(response.body.size()), head);
  }
  for (const auto& header : response.headers) append_header(header.name, header.value, head);
  if (response.is_bare) {
    append_header("Date", date, head);
  } else {
    for (const auto& header : security_headers()) {
      const bool is_said = !http::find_header(response.headers, header.name).empty();
      if (!is_said) append_header(header.name, header.value, head);
    }
  }
  append_connection(version, keeps_alive, head);
  return head.append("\r\n");
}

/// Ours is smaller than what the client could take anyway: 413 and so on leave the body unread.
inline std::optional<Response> unreadable(const error_code& failed) {
  if (failed == beast::http::error::body_limit) return problem(413, "the body is too large");
  if (failed == beast::http::error::header_limit) return problem(431, "the header is too large");
  if (failed == beast::http::error::end_of_stream ||
      failed == beast::http::error::partial_message) {
    return std::nullopt;
  }
  static const auto& category = make_error_code(beast::http::error::end_of_stream).category();
  if (failed.category() == category) return problem(400, "not HTTP: " + failed.message());
  return std::nullopt;  // the socket's own: there is nobody to tell
}

/// Unpacks the body of `request`; what stands in the way of it is the answer. `limit`: its bytes.
inline std::optional<Response> unpack(Request& request, std::size_t limit) {
  const auto encoding = request.header("Content-Encoding");
  if (encoding.empty() || encoding == "identity") return std::nullopt;
  if (encoding != "gzip" && encoding != "deflate") {
    return problem(415, fmt::format("Content-Encoding '{}'; expected gzip", encoding));
  }
  auto body = gunzip(request.body, limit);
  if (!body) {
    return problem(body.error().code == Errc::unsupported ? 413 : 400, body.error().what);
  }
  request.body = std::move(*body);
  return std::nullopt;
}

/// Packs an answer where the client takes it and it is worth it.
inline void pack(const Request& request, Response& response) {
  const bool packs = response.body.size() >= worth_packing && accepts_gzip(request) &&
                     is_text(response.content_type) &&
                     http::find_header(response.headers, "Content-Encoding").empty();
  if (!packs) return;
  response.body = gzip(response.body);
  response.headers.push_back({"Content-Encoding", "gzip"});
  response.headers.push_back({"Vary", "Accept-Encoding"});
}

}  // namespace sosie::web
