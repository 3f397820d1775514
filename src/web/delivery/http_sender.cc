#include "web/delivery/http_sender.h"

#include <optional>
#include <variant>

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/clock.h"

namespace sosie::delivery {
namespace {

namespace bhttp = boost::beast::http;
using TlsSocket = asio::ssl::stream<Socket>;

constexpr std::uint32_t max_head = 64U << 10U;
constexpr std::uint64_t max_body = 64U << 10U;  ///< a longer one is not worth reading
constexpr auto kept_idle = std::chrono::seconds(5);
constexpr std::size_t most_idle = 512;

constexpr std::string_view no_connection = "Couldn't connect to server";
constexpr std::string_view no_host = "Couldn't resolve host name";
constexpr std::string_view no_time = "Timeout was reached";
constexpr std::string_view nothing = "Server returned nothing (no headers, no data)";
constexpr std::string_view garbage = "Weird server reply";
constexpr std::string_view broken = "Failure when receiving data from the peer";
constexpr std::string_view unsent = "Failed sending data to the peer";
constexpr std::string_view not_trusted = "SSL peer certificate or SSH remote key was not OK";
constexpr std::string_view no_tls = "SSL connect error";
constexpr std::string_view bad_url = "URL using bad/illegal format or missing URL";

std::string_view reason_of(const error_code& failed, bool has_begun) {
  const bool is_end = failed == asio::error::eof || failed == bhttp::error::end_of_stream ||
                      failed == asio::ssl::error::stream_truncated;
  if (is_end && !has_begun) return nothing;
  const bool is_http =
      failed.category() == bhttp::make_error_code(bhttp::error::end_of_stream).category();
  return is_http && failed != bhttp::error::partial_message && !is_end ? garbage : broken;
}

using Answer = bhttp::response_parser<bhttp::string_body>;

/// What the socket takes at once, which is all of a usual message: no turn in the io_context.
std::size_t write_at_once(Socket& socket, const std::string& text) {
  error_code failed;  // said again to who writes the rest
  return socket.write_some(asio::buffer(text), failed);
}
std::size_t write_at_once(TlsSocket& /*stream*/, const std::string& /*text*/) {
  return 0;
}

template <class Stream>
Task<error_code> write_text(Stream& stream, const std::string& text) {
  const std::size_t written = write_at_once(stream, text);
  if (written == text.size()) co_return error_code();
  const auto [failed, size] =
      co_await asio::async_write(stream, asio::buffer(text) + written, as_result);
  co_return failed;
}

/// Reads until the answer is whole. After an error its head may be there all the same.
template <class Stream>
Task<error_code> read_answer(Stream& stream, boost::beast::flat_buffer& buffer, Answer& answer) {
  constexpr std::size_t room = 2048;
  for (;;) {
    error_code failed;
    while (!failed && !answer.is_done() && buffer.size() > 0) {
      buffer.consume(answer.put(buffer.data(), failed));
    }
    if (answer.is_done() || (failed && failed != bhttp::error::need_more)) co_return failed;
    const auto [wrong, size] = co_await stream.async_read_some(buffer.prepare(room), as_result);
    buffer.commit(size);
    if (wrong == asio::error::eof && answer.got_some()) {
      error_code cut;  // none where the end of the connection is that of the answer
      answer.put_eof(cut);
      co_return cut;
    }
    if (wrong) co_return wrong;
  }
}

}  // namespace

/// To one server; plain or TLS.
class HttpSender::Connection {
 public:
  Connection(asio::io_context& io, http::Url url, std::string origin)
      : url_(std::move(url)), origin_(std::move(origin)), stream_(Socket(io)), deadline_(io) {}

  const http::Url& url() const { return url_; }
  const std::string& origin() const { return origin_; }

  Socket& socket() {
    if (auto* secure = std::get_if<TlsSocket>(&stream_)) return secure->next_layer();
    return *std::get_if<Socket>(&stream_);
  }
  TlsSocket& secure(asio::ssl::context& tls) {
    Socket plain = std::move(*std::get_if<Socket>(&stream_));
    return stream_.emplace<TlsSocket>(std::move(plain), tls);
  }
  template <class F>
  auto with_stream(F&& use) {
    return std::visit(std::forward<F>(use), stream_);
  }

  /// From now on it has so long. A timer that is set is left where it is unless it rings too late:
  /// one set and taken back for each message would cost two calls of the kernel.
  static void expect_within(const Held& connection, std::chrono::milliseconds span) {
    connection->is_late_ = false;
    connection->due_ = stopwatch() + span;
    if (!connection->is_watched_ || connection->due_ < connection->deadline_.expiry()) {
      watch(connection);
    }
  }
  void expect_nothing() { due_ = never; }
  bool is_late() const { return is_late_; }

  void close() {
    error_code ignored;
    ignored = socket().close(ignored);
  }

  boost::beast::flat_buffer buffer;
  bool has_answered = false;  ///< some byte of an answer has come
  bool stays_open = false;
  std::chrono::steady_clock::time_point idle_since;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr Instant never = Instant::max();

  static void watch(const Held& connection) {
    connection->is_watched_ = true;
    connection->deadline_.expires_at(connection->due_);  // who waited for another time is cancelled
    connection->deadline_.async_wait([weak = std::weak_ptr(connection)](error_code cancelled) {
      const auto held = weak.lock();
      if (cancelled || !held) return;
      held->is_watched_ = false;
      if (held->due_ == never) return;
      if (stopwatch() < held->due_) return watch(held);
      held->is_late_ = true;
      held->close();
    });
  }

  const http::Url url_;
  const std::string origin_;
  std::variant<Socket, TlsSocket> stream_;
  Timer deadline_;
  Instant due_ = never;
  bool is_watched_ = false;  ///< the timer is set
  bool is_late_ = false;
};

Result<asio::ssl::context*> HttpSender::tls() {
  if (tls_) return tls_.get();
  auto made = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code failed;
  if (trust_.ca_file.empty()) {
    failed = made->set_default_verify_paths(failed);
  } else {
    failed = made->load_verify_file(trust_.ca_file, failed);
  }
  if (failed) return Error{Errc::invalid, failed.message()};
  tls_ = std::move(made);
  return tls_.get();
}

HttpSender::Held HttpSender::reuse(const std::string& origin) {
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return nullptr;
  auto connection = std::move(found->second);
  idle_.erase(found);
  return connection;
}

void HttpSender::keep(Held connection) {
  connection->expect_nothing();
  if (!connection->stays_open || idle_.size() >= most_idle) return connection->close();
  connection->idle_since = stopwatch();
  auto origin = connection->origin();
  idle_.emplace(std::move(origin), std::move(connection));
}

void HttpSender::tidy_up() {
  std::erase_if(idle_, [now = stopwatch()](const auto& entry) {
    return entry.second->idle_since + kept_idle < now;
  });
}

Task<Outcome> HttpSender::open(Connection& connection) {
  const auto& url = connection.url();
  const auto endpoints = co_await names_.find(url.host, url.port);
  if (endpoints.empty()) co_return failure(no_host);
  if (connection.is_late()) co_return failure(no_time);
  const auto [failed, place] =
      co_await asio::async_connect(connection.socket(), endpoints, as_result);
  if (failed) co_return failure(no_connection);
  error_code ignored;
  ignored = connection.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  ignored = connection.socket().non_blocking(true, ignored);  // for who writes at once
  if (!url.is_tls) co_return Outcome{.has_arrived = true};
  const auto context = tls();
  if (!context) co_return failure(no_tls);
  auto& secure = connection.secure(**context);
  SSL_set_tlsext_host_name(secure.native_handle(), url.host.c_str());
  ignored = secure.set_verify_mode(trust_.verify ? asio::ssl::verify_peer : asio::ssl::verify_none,
                                   ignored);
  if (trust_.verify) {
    ignored = secure.set_verify_callback(asio::ssl::host_name_verification(url.host), ignored);
  }
  const auto [refused] = co_await secure.async_handshake(asio::ssl::stream_base::client, as_result);
  if (!refused) co_return Outcome{.has_arrived = true};
  const bool is_trust = SSL_get_verify_result(secure.native_handle()) != X509_V_OK;
  co_return failure(is_trust ? not_trusted : no_tls);
}

Task<Outcome> HttpSender::exchange(Connection& connection, const std::string& text,
                                   bool wants_no_body) {
  connection.has_answered = false;
  connection.stays_open = false;
  const auto unsaid =
      co_await connection.with_stream([&](auto& stream) { return write_text(stream, text); });
  if (unsaid) co_return failure(unsent);
  Answer answer;
  answer.header_limit(max_head);
  answer.body_limit(max_body);
  answer.skip(wants_no_body);
  answer.eager(true);
  const auto failed = co_await connection.with_stream(
      [&](auto& stream) { return read_answer(stream, connection.buffer, answer); });
  connection.has_answered = answer.got_some() || connection.buffer.size() > 0;
  const bool is_long = failed == bhttp::error::body_limit;  // of which we need not a byte
  if (!answer.is_header_done() && !is_long) {
    co_return failure(reason_of(failed, connection.has_answered));
  }
  const auto status = static_cast<int>(answer.get().result_int());
  if (status < 200) co_return failure(garbage);  // we announced nothing to go on with
  connection.stays_open = !failed && answer.get().keep_alive();
  co_return Outcome{true, status, {}};
}

Task<Outcome> HttpSender::send(const ngsi::Notification& notification,
                               std::chrono::milliseconds timeout) {
  auto url = http::parse_url(escaped_url(notification.url));
  if (!url) co_return failure(bad_url);
  const auto text = request_text(notification, *url);
  const bool is_head = notification.method == "HEAD";
  auto origin = fmt::format("{}://{}:{}", url->is_tls ? "https" : "http", url->host, url->port);
  if (auto connection = reuse(origin)) {
    Connection::expect_within(connection, timeout);
    auto outcome = co_await exchange(*connection, text, is_head);
    const bool was_closed = !outcome.has_arrived && !connection->has_answered;
    if (!was_closed || connection->is_late()) {
      if (connection->is_late() && !outcome.has_arrived) outcome = failure(no_time);
      keep(std::move(connection));
      co_return outcome;
    }
  }
  auto connection = std::make_shared<Connection>(io_, std::move(*url), std::move(origin));
  Connection::expect_within(connection, timeout);
  auto outcome = co_await open(*connection);
  if (outcome.has_arrived) outcome = co_await exchange(*connection, text, is_head);
  if (connection->is_late() && !outcome.has_arrived) outcome = failure(no_time);
  keep(std::move(connection));
  co_return outcome;
}

}  // namespace sosie::delivery
