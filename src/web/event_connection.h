#pragma once

// Only server.cc includes this, as connection.h. What becomes of a connection whose answer is an
// EventStream.

#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "web/access.h"
#include "web/connection.h"

namespace sosie::web {

constexpr auto drain_span = std::chrono::milliseconds(1000);
constexpr std::size_t most_said_by_watchers = 4096;  ///< bytes of a message

/// What a stream must know of its server.
struct Streaming {
  asio::io_context& io;
  std::chrono::milliseconds transfer;  ///< for a piece of events
  const bool& stops;
};

/// A timer that never ends but is cancelled whenever there is something to do. Shared: a ring that
/// is on its way may arrive when this connection is gone.
inline std::shared_ptr<Timer> ring_on_change(asio::io_context& io, EventStream& events) {
  auto made = std::make_shared<Timer>(io, Instant::max());
  events.on_change([&io, bell = std::weak_ptr(made)] {
    asio::post(io, [bell] {
      if (const auto timer = bell.lock()) timer->cancel();
    });
  });
  return made;
}

/// Server-sent events, until the stream is closed or the page is gone.
template <class Stream>
Task<void> stream_events(Stream& stream, Link& link, Streaming how, Response response) {
  link.answers = false;
  std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n";
  for (const auto& header : response.is_bare ? response.headers : security_headers()) {
    text += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  text += "\r\n";
  auto& events = *response.events;
  link.bell = ring_on_change(how.io, events);
  while (!how.stops) {
    text += events.take();
    if (!text.empty()) {
      link.expect_within(how.transfer);
      const auto [failed, size] = co_await asio::async_write(stream, asio::buffer(text), as_result);
      if (failed) break;
      text.clear();
    } else if (events.is_closed()) {
      break;
    } else {
      link.expect_nothing();
      co_await link.bell->async_wait(as_result);
    }
  }
  events.on_change({});
  events.close();
}

/// A watcher has nothing to say, but its pings and its farewell must be read.
template <class Socket>
Task<void> read_to_the_end(Socket& socket, Timer& ended, std::weak_ptr<Timer> bell) {
  beast::flat_buffer waste;
  for (error_code failed; !failed; waste.clear()) {
    const auto [wrong, size] = co_await socket.async_read(waste, as_result);
    failed = wrong;
  }
  if (const auto timer = bell.lock()) timer->cancel();
  ended.expires_at(Instant::min());  // which also ends a wait for it
}

/// As stream_events, but each line is a message of a WebSocket (RFC 6455).
template <class Stream>
Task<void> stream_messages(Stream& stream, Link& link, Streaming how,
                           const RequestParser::value_type& asked, Response response) {
  namespace websocket = beast::websocket;
  websocket::stream<Stream&> socket(stream);
  socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  socket.read_message_max(most_said_by_watchers);
  link.answers = false;
  link.expect_within(how.transfer);
  const auto [refused] = co_await socket.async_accept(asked, as_result);
  auto& events = *response.events;
  if (refused) {
    events.close();
    co_return;
  }
  link.bell = ring_on_change(how.io, events);
  Timer ended(how.io, Instant::max());
  asio::co_spawn(how.io, read_to_the_end(socket, ended, link.bell), asio::detached);
  std::string lines;
  error_code failed;
  while (!how.stops && !failed && socket.is_open()) {
    lines += events.take();
    const auto end = lines.find('\n');
    if (end != std::string::npos) {
      link.expect_within(how.transfer);
      if (end > 0) {  // an empty line only keeps the stream alive
        const auto line = asio::buffer(lines.data(), end);
        const auto [wrong, size] = co_await socket.async_write(line, as_result);
        failed = wrong;
      }
      lines.erase(0, end + 1);
    } else if (events.is_closed()) {
      break;
    } else {
      link.expect_nothing();
      co_await link.bell->async_wait(as_result);
    }
  }
  events.on_change({});
  events.close();
  link.expect_within(drain_span);
  if (socket.is_open()) co_await socket.async_close(websocket::close_code::going_away, as_result);
  link.end();
  if (ended.expiry() == Instant::max()) co_await ended.async_wait(as_result);  // it uses our socket
}

}  // namespace sosie::web
