#include "wire/http/client.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/clock.h"

namespace sosie::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
using TlsSocket = asio::ssl::stream<Socket>;
using Message = beast::http::request<beast::http::string_body>;
using Answer = beast::http::response_parser<beast::http::string_body>;
using Instant = std::chrono::steady_clock::time_point;

constexpr std::uint32_t max_header = 64U << 10U;

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a zero byte
  const auto written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

bool is_header_safe(const Header& header) {
  const auto printable = [](unsigned char c) { return c >= 0x20 && c != 0x7F; };
  const bool name_ok =
      !header.name.empty() && std::ranges::all_of(header.name, [](unsigned char c) {
        return c > 0x20 && c < 0x7F && c != ':';
      });
  return name_ok && std::ranges::all_of(header.value, printable);
}

Result<Message> compose(const Request& request, const Url& url) {
  Message message;
  message.method_string(request.method);
  message.target(url.target);
  message.version(11);
  message.set(beast::http::field::host, url.authority());
  message.set(beast::http::field::user_agent, "sosie");
  if (!url.user.empty()) {
    message.set(beast::http::field::authorization,
                "Basic " + base64(fmt::format("{}:{}", url.user, url.password)));
  }
  for (const auto& header : request.headers) {
    if (!is_header_safe(header)) {
      return Error{
          Errc::invalid,
          fmt::format("header '{}' holds a character that may not be in one", header.name)};
    }
    message.set(header.name, header.value);
  }
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

Errc code_of(const error_code& failed) {
  const bool is_http = failed.category() ==
                       beast::http::make_error_code(beast::http::error::end_of_stream).category();
  return is_http && failed != beast::http::error::end_of_stream ? Errc::corrupt : Errc::unavailable;
}

/// The server had closed a connection that we thought was open; nothing of an answer had come.
bool was_closed(const error_code& failed) {
  return failed == beast::http::error::end_of_stream || failed == asio::error::eof ||
         failed == asio::error::connection_reset || failed == asio::error::broken_pipe ||
         failed == asio::ssl::error::stream_truncated;
}

Response to_response(Answer& answer) {
  auto& message = answer.get();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

/// A connection to one server. Every step is begun asynchronously and waited for until the
/// deadline, which is the one way to have time-outs with blocking calls.
class Client::Connection {
 public:
  Connection(Url url, Trust trust) : url_(std::move(url)), trust_(std::move(trust)) {}

  bool is_to(const Url& url, const Trust& trust) const {
    return url.is_tls == url_.is_tls && url.host == url_.host && url.port == url_.port &&
           trust.ca_file == trust_.ca_file && trust.verify == trust_.verify;
  }

  /// For the next exchange.
  void set_limits(Instant deadline, std::uint64_t max_answer) {
    deadline_ = deadline;
    max_answer_ = max_answer;
  }

  /// Resolves, connects, and shakes hands.
  Result<void> open() {
    Resolver resolver(context_);
    Resolver::results_type addresses;
    TRY(step("name", [&](auto done) {
      resolver.async_resolve(url_.host, url_.port, [&, done](error_code failed, auto found) {
        addresses = std::move(found);
        done(failed);
      });
    }));
    socket_.emplace<Socket>(context_);
    TRY(step("connect", [&](auto done) {
      asio::async_connect(*std::get_if<Socket>(&socket_), addresses,
                          [done](error_code failed, const auto&) { done(failed); });
    }));
    error_code ignored;
    ignored = std::get_if<Socket>(&socket_)->set_option(asio::ip::tcp::no_delay(true), ignored);
    if (url_.is_tls) return shake_hands();
    return {};
  }

  /// One request and its answer. `stale` becomes true if the server had closed before it.
  Result<Response> exchange(const Message& message, bool& stale) {
    if (auto* plain = std::get_if<Socket>(&socket_)) return exchange_over(*plain, message, stale);
    return exchange_over(*std::get_if<TlsSocket>(&socket_), message, stale);
  }

  bool stays_open() const { return stays_open_; }

 private:
  Result<void> shake_hands() {
    asio::ssl::context tls(asio::ssl::context::tls_client);
    error_code failed;
    if (trust_.ca_file.empty()) {
      failed = tls.set_default_verify_paths(failed);
    } else {
      failed = tls.load_verify_file(trust_.ca_file, failed);
    }
    if (failed)
      return Error{Errc::invalid, fmt::format("{}: {}", trust_.ca_file, failed.message())};
    Socket plain = std::move(*std::get_if<Socket>(&socket_));
    auto& secure = socket_.emplace<TlsSocket>(std::move(plain), tls);
    SSL_set_tlsext_host_name(secure.native_handle(), url_.host.c_str());
    failed = secure.set_verify_mode(trust_.verify ? asio::ssl::verify_peer : asio::ssl::verify_none,
                                    failed);
    if (trust_.verify) {
      failed = secure.set_verify_callback(asio::ssl::host_name_verification(url_.host), failed);
    }
    return step("TLS",
                [&](auto done) { secure.async_handshake(asio::ssl::stream_base::client, done); });
  }

  template <class Stream>
  Result<Response> exchange_over(Stream& stream, const Message& message, bool& stale) {
    stays_open_ = false;
    Answer answer;
    answer.header_limit(max_header);
    answer.body_limit(max_answer_);
    answer.skip(message.method() == beast::http::verb::head);
    auto done = step("send", [&](auto then) { beast::http::async_write(stream, message, then); });
    if (done) {
      done = step("answer",
                  [&](auto then) { beast::http::async_read(stream, buffer_, answer, then); });
    }
    if (!done) {
      stale = was_closed(last_) && !answer.got_some();
      return std::move(done).error();
    }
    stays_open_ = answer.get().keep_alive();
    return to_response(answer);
  }

  /// Begins an operation and waits until it is done or the deadline is over.
  template <class Begin>
  Result<void> step(std::string_view what, Begin begin) {
    std::optional<error_code> result;
    begin([&result](error_code failed, std::size_t = 0) { result = failed; });
    context_.restart();
    context_.run_until(deadline_);
    if (!result) {
      close();
      context_.restart();
      context_.run();  // the operation ends now, and lets go of what it points to
      return Error{Errc::timeout, fmt::format("{}: {}: no answer in time", url_.authority(), what)};
    }
    last_ = *result;
    if (last_) {
      return Error{code_of(last_),
                   fmt::format("{}: {}: {}", url_.authority(), what, last_.message())};
    }
    return {};
  }

  void close() {
    error_code ignored;
    if (auto* plain = std::get_if<Socket>(&socket_)) ignored = plain->close(ignored);
    if (auto* secure = std::get_if<TlsSocket>(&socket_))
      ignored = secure->next_layer().close(ignored);
  }

  const Url url_;
  const Trust trust_;
  asio::io_context context_{1};
  std::variant<std::monostate, Socket, TlsSocket> socket_;
  beast::flat_buffer buffer_;
  Instant deadline_;
  std::uint64_t max_answer_ = 0;
  error_code last_;
  bool stays_open_ = false;
};

Client::Client() = default;
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::send(const Request& request) {
  const auto url = TRY(parse_url(request.url));
  const auto message = TRY(compose(request, url));
  const auto deadline = stopwatch() + request.timeout;
  auto connection = std::move(connection_);
  bool stale = false;
  if (connection && connection->is_to(url, request.trust)) {
    connection->set_limits(deadline, request.max_answer);
    auto response = connection->exchange(message, stale);
    if (response && connection->stays_open()) connection_ = std::move(connection);
    if (!stale) return response;
  }
  connection = std::make_unique<Connection>(url, request.trust);
  connection->set_limits(deadline, request.max_answer);
  TRY(connection->open());
  auto response = connection->exchange(message, stale);
  if (response && connection->stays_open()) connection_ = std::move(connection);
  return response;
}

Result<Response> fetch(const Request& request) {
  auto once = request;
  once.headers.push_back({"Connection", "close"});
  return Client().send(once);
}

}  // namespace sosie::http
