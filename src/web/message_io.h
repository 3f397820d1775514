#pragma once

// Only server.cc includes this, as connection.h. Beast parses what comes; reading and writing whole
// messages by it as well would cost each request several turns in the queue of the io_context.

#include <algorithm>
#include <string>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>

#include "web/connection.h"

namespace sosie::web {

/// How much of a request is asked for.
enum class Part { head, all };

inline bool is_there(const RequestParser& parser, Part part) {
  return part == Part::head ? parser.is_header_done() : parser.is_done();
}

/// Gives the parser what has come. True: `part` of the message is not there yet, so more must come.
inline bool wants_more(beast::flat_buffer& buffer, RequestParser& parser, Part part,
                       error_code& failed) {
  parser.eager(part == Part::all);
  while (!failed && !is_there(parser, part) && buffer.size() > 0) {
    buffer.consume(parser.put(buffer.data(), failed));
    if (failed != beast::http::error::need_more) continue;
    failed = {};
    return true;
  }
  return !failed && !is_there(parser, part);
}

/// After the last byte of a connection: an error, unless the message is whole.
inline error_code after_the_end(RequestParser& parser) {
  if (!parser.got_some()) return beast::http::error::end_of_stream;
  error_code failed;
  parser.put_eof(failed);
  return failed;
}

/// Bytes to make room for.
inline std::size_t room_for(const beast::flat_buffer& buffer, const RequestParser& parser) {
  constexpr std::uint64_t least = 2048;
  constexpr std::uint64_t most = 65536;
  const std::uint64_t free = buffer.capacity() - buffer.size();
  const std::uint64_t rest =
      parser.is_header_done() ? parser.content_length_remaining().value_or(most) : 0;
  return static_cast<std::size_t>(std::clamp(std::max(free, rest), least, most));
}

/// Reads until `part` of a message is there. What comes behind it stays in `buffer`.
template <class Stream>
Task<error_code> read_part(Stream& stream, beast::flat_buffer& buffer, RequestParser& parser,
                           Part part) {
  error_code failed;
  while (wants_more(buffer, parser, part, failed)) {
    const auto room = buffer.prepare(room_for(buffer, parser));
    const auto [wrong, size] = co_await stream.async_read_some(room, as_result);
    buffer.commit(size);
    if (wrong == asio::error::eof) co_return after_the_end(parser);
    if (wrong) co_return wrong;
  }
  co_return failed;
}

/// What the socket takes of `text` at once, which is all of a usual answer: a turn in the queue of
/// the io_context would cost as much as the answer itself. REQUIRES: the socket is non-blocking.
inline std::string_view write_at_once(Socket& socket, std::string_view text) {
  error_code failed;  // said again to who writes the rest
  const auto size = socket.write_some(asio::const_buffer(text.data(), text.size()), failed);
  return text.substr(size);
}
inline std::string_view write_at_once(TlsSocket& /*stream*/, std::string_view text) {
  return text;
}

/// Writes all of `text`.
template <class Stream>
Task<error_code> write_text(Stream& stream, std::string_view text) {
  asio::const_buffer rest(text.data(), text.size());
  while (rest.size() > 0) {
    const auto [failed, size] = co_await stream.async_write_some(rest, as_result);
    if (failed) co_return failed;
    rest += size;
  }
  co_return error_code();
}

inline void append_header(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// "HTTP/1.1 200 OK" and so on; `version`: 10 or 11.
inline void append_status(unsigned version, int status, std::string& out) {
  out.append(version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ").append(std::to_string(status));
  out.append(1, ' ').append(reason_of(status)).append("\r\n");
}

/// Says whether the connection stays, where that goes without saying no more.
inline void append_connection(unsigned version, bool keeps_alive, std::string& out) {
  if (version >= 11 && !keeps_alive) append_header("Connection", "close", out);
  if (version < 11 && keeps_alive) append_header("Connection", "keep-alive", out);
}

}  // namespace sosie::web
