#pragma once

// Only server.cc includes this: Beast costs half a minute to compile.

#include <chrono>
#include <memory>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>

#include "base/clock.h"
#include "web/http.h"

namespace sosie::web {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

// Concrete types throughout: with any_io_executor a GET costs 2.5 us more.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using TlsSocket = asio::ssl::stream<Socket>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Instant = std::chrono::steady_clock::time_point;

/// co_await gives a tuple with the error in it, and throws nothing.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

using RequestParser = beast::http::request_parser<beast::http::string_body>;

/// What the server holds of each connection, so that it can end it from outside.
struct Link {
  Socket* socket = nullptr;
  Instant deadline = Instant::max();  ///< what is under way must be done by then
  bool answers = false;               ///< a request was read, its answer is not written yet
  std::shared_ptr<Timer> bell;  ///< what an event stream waits for (shared: see stream_events)

  void expect_within(std::chrono::milliseconds span) { deadline = stopwatch() + span; }
  void expect_nothing() { deadline = Instant::max(); }
  void end() {
    error_code ignored;
    if (socket != nullptr) ignored = socket->close(ignored);
    if (bell) bell->cancel();
  }
};

}  // namespace sosie::web
