#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wire/http/client.h"

namespace sosie::web {

/// A request as routes see it. Sockets, TLS, chunks and compression are the server's affair.
struct Request {
  std::string method{};  ///< "GET"; a HEAD is given as GET, and its answer's body is not sent
  std::string path{};    ///< percent-decoded, without the query
  std::string query{};   ///< what follows '?', still encoded
  http::Headers headers{};
  std::string body{};                   ///< decompressed
  std::vector<std::string> captured{};  ///< what stood where the route says {…}, in order
  std::string raw_path{};               ///< as it came, for a guest
  bool is_guests = false;               ///< then `method` is as sent, and `body` still compressed
  std::uint64_t announced_bytes = 0;    ///< of a body too long to be read; else 0

  std::string_view header(std::string_view name) const { return http::find_header(headers, name); }

  /// The value of `name` in the query, decoded; none if it is not there.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Text that goes to a page bit by bit (server-sent events), never waiting for a slow one: who has
/// more than `capacity` bytes unread is dropped.
///
/// Threads: any.
class EventStream {
 public:
  explicit EventStream(std::size_t capacity = 1U << 20U) : capacity_(capacity) {}

  /// False: the page is gone, or too slow and now dropped.
  bool send(std::string_view text);

  /// After what was sent, the connection ends.
  void close();
  bool is_closed() const;

  // The server's side.

  /// Everything unread.
  std::string take();
  /// `wake` is called, from any thread and under the stream's lock, when there is something to do.
  void on_change(std::function<void()> wake);

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::string unread_;
  std::function<void()> wake_;
  bool closed_ = false;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  http::Headers headers{};
  std::shared_ptr<EventStream> events{};  ///< if set, the body is what it is sent, until it closes
                                          ///< (shared: its sender and its socket live on their own)
  bool is_web_socket = false;             ///< `events` are lines, and each becomes a message
  bool is_bare = false;                   ///< a guest's: `headers` say all, Content-Type included
  std::uint64_t after = 0;                ///< not before this number was released
};

/// {"error": "<word of the status>", "description": …}
Response problem(int status, std::string_view description);

/// Answers a request. May be called from many threads at once, and may block.
using Handler = std::function<Response(Request&)>;

std::string_view reason_of(int status);

/// As headers say it (RFC 9110, 5.6.7): "Fri, 20 Nov 2026 16:30:00 GMT".
std::string http_date(Timestamp at);

/// "%C3%A9+x" is "é x" ('+' is a blank in queries only).
std::string percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace sosie::web
