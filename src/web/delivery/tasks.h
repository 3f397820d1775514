#pragma once

// Only this room's .cc files include it: Asio costs many seconds to compile.

#include <chrono>
#include <string>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sosie::delivery {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;

/// co_await gives a tuple with the error in it, and throws nothing.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

/// What became of one attempt.
struct Outcome {
  bool has_arrived = false;
  int status = 0;        ///< HTTP's
  std::string reason{};  ///< of a failure, in libcurl's words, which Orion's users know
};

inline Outcome failure(std::string_view reason) {
  return {false, 0, std::string(reason)};
}

}  // namespace sosie::delivery
