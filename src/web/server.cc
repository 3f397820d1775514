#include "web/server.h"

#include <atomic>
#include <list>
#include <thread>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "base/log.h"
#include "web/access.h"
#include "web/connection.h"
#include "web/event_connection.h"
#include "web/exchange.h"
#include "web/message_io.h"
#include "web/releases.h"
#include "web/tls.h"

namespace sosie::web {
namespace {

namespace bhttp = beast::http;

constexpr auto sweep_period = std::chrono::milliseconds(250);

}  // namespace

/// All of it runs on one thread, but `respond`, which runs on the workers.
class Server::Core {
 public:
  Core(Callbacks callbacks, Limits limits)
      : callbacks_(std::move(callbacks)), limits_(limits), workers_(limits.workers) {}

  ~Core() { stop(); }  // NOLINT(bugprone-exception-escape): post throws without memory only

  Result<int> listen(const Listener& listener, int attempts);

  void start() {
    for (auto& port : ports_) {
      asio::co_spawn(io_, accept(port), asio::detached);
    }
    sweep();
    thread_ = std::jthread([this] { io_.run(); });
  }

  void stop() {
    if (thread_.joinable()) {
      asio::post(io_, [this] { begin_stop(); });
      thread_.join();
    }
    workers_.join();
  }

  void release(std::uint64_t number) {
    asio::post(io_, [this, number] { releases_.let_go(number); });
  }

  std::size_t connections() const { return count_.load(std::memory_order_relaxed); }

 private:
  /// An address we listen at.
  struct Port {
    Listener listener;
    Acceptor acceptor;
    std::unique_ptr<asio::ssl::context> tls;  ///< null: none
  };

  Result<int> bind(Port& port, int attempts);

  Task<void> accept(Port& port);
  Task<void> serve(Socket socket, Port& port);
  template <class Stream>
  Task<void> converse(Stream& stream, Link& link, const Listener& listener);
  template <class Stream>
  Task<bool> exchange_once(Stream& stream, Link& link, const Listener& listener,
                           beast::flat_buffer& buffer);
  template <class Stream>
  Task<void> stream_on(Stream& stream, Link& link, RequestParser& parser, Response response);
  std::optional<Response> answer_unread(Exchange& exchange, error_code failed) const;
  template <class Stream>
  Task<bool> turn_away(Stream& stream, Link& link, Exchange& exchange, Response refusal,
                       bool body_is_read);
  template <class Stream>
  Task<error_code> read_body(Stream& stream, beast::flat_buffer& buffer, RequestParser& parser);
  std::optional<Response> judge_head(Exchange& exchange, const Listener& listener,
                                     RequestParser& parser) const;
  bool is_quick(const Request& request) const;
  Task<Response> on_worker(Exchange& exchange);
  template <class Stream>
  Task<bool> write(Stream& stream, Link& link, const Exchange& exchange, Response response);
  Streaming streaming() { return {io_, limits_.transfer, stops_}; }
  Task<void> drain(Link& link);

  Response respond(Request& request) const;
  Response respond_to_ours(Request& request) const;

  void sweep();
  void begin_stop();
  bool is_done() const { return stops_ && links_.empty(); }
  void end_if_idle();

  const Callbacks callbacks_;
  const Limits limits_;
  asio::io_context io_{1};
  asio::executor_work_guard<Executor> work_{io_.get_executor()};
  asio::thread_pool workers_;
  std::list<Port> ports_;  ///< a list: connections point to theirs
  std::unordered_set<Link*> links_;
  std::atomic<std::size_t> count_{0};
  Timer sweeper_{io_};
  Releases releases_;
  Instant last_moment_ = Instant::max();  ///< of running answers, once it stops
  std::string date_;  ///< for the Date header: a quarter of a second old at most
  bool stops_ = false;
  std::jthread thread_;
};

Result<int> Server::Core::listen(const Listener& listener, int attempts) {
  TRY(listener.check());
  std::unique_ptr<asio::ssl::context> tls;
  if (listener.has_tls()) tls = TRY(make_tls(listener));
  auto& port = ports_.emplace_back(Port{listener, Acceptor(io_), std::move(tls)});
  auto bound = bind(port, attempts);
  if (!bound) ports_.pop_back();
  return bound;
}

Result<int> Server::Core::bind(Port& port, int attempts) {
  error_code failed;
  const auto name = port.listener.address == "localhost" ? "127.0.0.1" : port.listener.address;
  const auto address = asio::ip::make_address(name, failed);
  if (failed) {
    return Error{Errc::invalid, fmt::format("'{}' is no IP address", port.listener.address)};
  }
  for (int i = 0; i < attempts && port.listener.port + i <= 65535; ++i) {
    const asio::ip::tcp::endpoint place(address,
                                        static_cast<std::uint16_t>(port.listener.port + i));
    auto& acceptor = port.acceptor;
    failed = acceptor.close(failed);
    failed = acceptor.open(place.protocol(), failed);
    failed = acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    failed = acceptor.bind(place, failed);
    if (!failed) failed = acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (!failed) return acceptor.local_endpoint().port();
    if (failed != asio::error::address_in_use) break;
  }
  const bool taken = failed == asio::error::address_in_use;
  return Error{Errc::unavailable,
               fmt::format("{}:{}: {}", port.listener.address, port.listener.port,
                           taken ? "the port is taken by another program" : failed.message())};
}

Task<void> Server::Core::accept(Port& port) {
  Timer pause(io_);
  for (;;) {
    auto [failed, socket] = co_await port.acceptor.async_accept(as_result);
    if (stops_) co_return;
    if (failed) {  // most likely no more file descriptors: some may come back
      pause.expires_after(sweep_period);
      co_await pause.async_wait(as_result);
      continue;
    }
    if (links_.size() >= limits_.connections) {
      static constexpr std::string_view full =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n";
      error_code ignored;
      if (!port.tls) (void)socket.write_some(asio::buffer(full), ignored);
      continue;
    }
    error_code ignored;
    ignored = socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    ignored = socket.non_blocking(true, ignored);  // for write_at_once
    asio::co_spawn(io_, serve(std::move(socket), port), asio::detached);
  }
}

Task<void> Server::Core::serve(Socket socket, Port& port) {
  Link link;
  links_.insert(&link);
  count_.store(links_.size(), std::memory_order_relaxed);
  if (port.tls) {
    TlsSocket secure(std::move(socket), *port.tls);
    link.socket = &secure.next_layer();
    link.expect_within(limits_.transfer);
    const auto [failed] =
        co_await secure.async_handshake(asio::ssl::stream_base::server, as_result);
    if (!failed) co_await converse(secure, link, port.listener);
    link.expect_within(drain_span);
    if (!failed) co_await secure.async_shutdown(as_result);
    link.end();
    link.socket = nullptr;
  } else {
    link.socket = &socket;
    co_await converse(socket, link, port.listener);
    link.end();
  }
  links_.erase(&link);
  count_.store(links_.size(), std::memory_order_relaxed);
  end_if_idle();
}

template <class Stream>
Task<void> Server::Core::converse(Stream& stream, Link& link, const Listener& listener) {
  beast::flat_buffer buffer;
  for (;;) {
    const bool goes_on = co_await exchange_once(stream, link, listener, buffer);
    if (!goes_on || stops_) co_return;
  }
}

/// One request and its answer. False: the connection is to end.
template <class Stream>
Task<bool> Server::Core::exchange_once(Stream& stream, Link& link, const Listener& listener,
                                       beast::flat_buffer& buffer) {
  RequestParser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser.body_limit(boost::none);  // known when we know who is asked
  Exchange exchange;
  link.answers = false;
  link.expect_within(limits_.idle);
  error_code failed = co_await read_part(stream, buffer, parser, Part::head);
  link.answers = true;
  link.expect_within(limits_.transfer);
  std::optional<Response> refusal;
  if (!failed) {
    // Whoever has no right is told so before a byte of the body is read.
    refusal = judge_head(exchange, listener, parser);
    if (!refusal && wants_more(buffer, parser, Part::all, failed)) {
      failed = co_await read_body(stream, buffer, parser);
    }
    if (!refusal && !failed) exchange.request.body = std::move(parser.get().body());
  }
  if (failed) refusal = answer_unread(exchange, failed);
  if (failed && !refusal) co_return false;
  if (refusal) {
    const bool body_is_read = !failed && parser.is_done();
    co_return co_await turn_away(stream, link, exchange, std::move(*refusal), body_is_read);
  }
  link.expect_nothing();
  Response response;
  if (is_quick(exchange.request)) {
    response = respond(exchange.request);
  } else {  // no ?: around a co_await: g++ 12 destroys its temporary twice
    response = co_await on_worker(exchange);
  }
  if (response.after != 0 && !co_await releases_.is_released(response.after, limits_.release)) {
    response = response.is_bare ? callbacks_.guest->not_kept(exchange.request) : not_on_disk();
  }
  if (response.events) {
    co_await stream_on(stream, link, parser, std::move(response));
    co_return false;
  }
  co_return co_await write(stream, link, exchange, std::move(response));
}

/// What goes on until somebody ends it.
template <class Stream>
Task<void> Server::Core::stream_on(Stream& stream, Link& link, RequestParser& parser,
                                   Response response) {
  if (response.is_web_socket) {
    co_await stream_messages(stream, link, streaming(), parser.get(), std::move(response));
  } else {
    co_await stream_events(stream, link, streaming(), std::move(response));
  }
}

/// To what could not be read whole; none: nothing is to be said.
std::optional<Response> Server::Core::answer_unread(Exchange& exchange, error_code failed) const {
  if (failed != bhttp::error::body_limit || !exchange.request.is_guests) return unreadable(failed);
  exchange.request.announced_bytes = callbacks_.guest->body_limit() + 1;  // in chunks: who knows
  return callbacks_.guest->answer(exchange.request);
}

/// Says no. What may still come of a body that was not read is no next request.
template <class Stream>
Task<bool> Server::Core::turn_away(Stream& stream, Link& link, Exchange& exchange, Response refusal,
                                   bool body_is_read) {
  exchange.keep_alive = exchange.keep_alive && body_is_read;
  bool goes_on = co_await write(stream, link, exchange, std::move(refusal));
  if (!body_is_read) {
    co_await drain(link);
    goes_on = false;
  }
  co_return goes_on;
}

template <class Stream>
Task<error_code> Server::Core::read_body(Stream& stream, beast::flat_buffer& buffer,
                                         RequestParser& parser) {
  if (beast::iequals(parser.get()[bhttp::field::expect], "100-continue")) {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const error_code failed = co_await write_text(stream, go_on);
    if (failed) co_return failed;
  }
  co_return co_await read_part(stream, buffer, parser, Part::all);
}

/// Who is asked, and whether he may be; none: read the body.
std::optional<Response> Server::Core::judge_head(Exchange& exchange, const Listener& listener,
                                                 RequestParser& parser) const {
  if (!take_over(parser.get(), exchange)) return problem(400, "the target is no path");
  auto& request = exchange.request;
  auto* const guest = callbacks_.guest;
  request.is_guests = guest != nullptr && guest->owns(listener, request);
  if (auto refusal = refuse(listener, request)) return refusal;
  const bool is_alert =
      listener.takes_alerts && request.method == "POST" && !request.path.starts_with("/api/");
  if (is_alert) request.path = alerts_door;
  const std::size_t limit = request.is_guests ? guest->body_limit() : limits_.body_bytes;
  parser.body_limit(limit);
  if (request.is_guests && exchange.is_head) request.method = "HEAD";
  const auto length = parser.content_length().value_or(0);
  if (length <= limit) return std::nullopt;
  if (!request.is_guests) return problem(413, "the body is too large");
  request.announced_bytes = length;
  return guest->answer(request);
}

bool Server::Core::is_quick(const Request& request) const {
  return request.is_guests ? callbacks_.guest->is_quick(request) : callbacks_.is_quick(request);
}

/// Leaves this thread for a worker's, and comes back to it with the answer.
Task<Response> Server::Core::on_worker(Exchange& exchange) {
  auto begin = [this, &exchange](auto done) {
    asio::post(workers_, [this, &exchange, done = std::move(done)]() mutable {
      asio::post(io_, [done = std::move(done), response = respond(exchange.request)]() mutable {
        done(std::move(response));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Response)>(
      begin, asio::use_awaitable_t<Executor>{});
}

Response Server::Core::respond(Request& request) const {
  return request.is_guests ? callbacks_.guest->answer(request) : respond_to_ours(request);
}

Response Server::Core::respond_to_ours(Request& request) const {
  if (auto refusal = unpack(request, limits_.body_bytes)) return *std::move(refusal);
  auto response = callbacks_.handle(request);
  pack(request, response);
  return response;
}

/// False: the connection is to end.
template <class Stream>
Task<bool> Server::Core::write(Stream& stream, Link& link, const Exchange& exchange,
                               Response response) {
  link.expect_within(limits_.transfer);
  auto text = head_of(response, exchange.version, exchange.keep_alive && !stops_, date_);
  std::string_view rest;
  if (has_body(response) && !exchange.is_head) rest = response.body;
  if (rest.size() <= worth_joining) text += std::exchange(rest, {});
  error_code failed;
  const auto unwritten = write_at_once(stream, text);
  if (!unwritten.empty()) failed = co_await write_text(stream, unwritten);
  if (!failed && !rest.empty()) failed = co_await write_text(stream, rest);
  link.answers = false;
  co_return !failed && exchange.keep_alive;
}

/// Lets a client that is still sending read our answer, instead of having its connection reset.
Task<void> Server::Core::drain(Link& link) {
  link.expect_within(drain_span);
  error_code failed;
  failed = link.socket->shutdown(Socket::shutdown_send, failed);
  std::array<char, 16384> waste;  // NOLINT(cppcoreguidelines-pro-type-member-init): never read
  while (!failed) {
    const auto [wrong, size] =
        co_await link.socket->async_read_some(asio::buffer(waste), as_result);
    failed = wrong;
  }
}

/// Ends what has taken too long. One timer for all costs less than one for each operation.
void Server::Core::sweep() {
  date_ = http_date(SystemClock().now());
  const auto now = stopwatch();
  for (auto* link : links_) {
    if (link->deadline <= now || now >= last_moment_) link->end();
  }
  releases_.sweep(now >= last_moment_ ? Instant::max() : now);
  sweeper_.expires_after(sweep_period);
  sweeper_.async_wait([this](error_code failed) {
    // `cancel` does not reach a wait whose time is over: it would begin anew, and stop never end.
    if (!failed && !is_done()) sweep();
  });
}

void Server::Core::begin_stop() {
  stops_ = true;
  last_moment_ = stopwatch() + limits_.farewell;
  error_code ignored;
  for (auto& port : ports_) ignored = port.acceptor.close(ignored);
  for (auto* link : links_) {
    if (!link->answers) link->end();
  }
  end_if_idle();
}

void Server::Core::end_if_idle() {
  if (!is_done()) return;
  sweeper_.cancel();
  work_.reset();
}

Server::Server(Callbacks callbacks, Limits limits)
    : core_(std::make_unique<Core>(std::move(callbacks), limits)) {}
Server::~Server() = default;
Result<int> Server::listen(const Listener& listener, int attempts) {
  return core_->listen(listener, attempts);
}
void Server::start() {
  core_->start();
}
void Server::stop() {
  core_->stop();
}
std::size_t Server::connections() const {
  return core_->connections();
}
void Server::release(std::uint64_t number) {
  core_->release(number);
}

}  // namespace sosie::web
