#include "web/guest.h"

#include <atomic>
#include <latch>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/server.h"

namespace sosie::web {
namespace {

/// Owns what begins with /guest, or all of a listener of its own; says what it was asked.
class Echo final : public Guest {
 public:
  bool owns(const Listener& listener, const Request& request) const override {
    return listener.only_broker || request.raw_path.starts_with("/guest");
  }
  std::size_t body_limit() const override { return 100; }
  bool is_quick(const Request& request) const override { return request.query == "quick"; }
  Response answer(Request& request) override {
    Response response{.is_bare = true};
    if (request.announced_bytes > 0) {
      response.status = 413;
      response.body = fmt::format("long: {}", request.announced_bytes);
    } else if (request.raw_path == "/guest/nothing") {
      response.status = 204;
    } else {
      response.body = fmt::format("{} {} {} [{}]", request.method, request.raw_path,
                                  request.header("X-Odd"), request.body);
    }
    response.headers = {{"X-Echo", "yes"}};
    if (request.raw_path == "/guest/later") response.after = ++last;
    return response;
  }
  Response not_kept(const Request& request) override {
    return {.status = 500, .body = "not kept " + request.path, .is_bare = true};
  }

  std::atomic<std::uint64_t> last{0};
};

class RunningGuest {
 public:
  explicit RunningGuest(Server::Limits limits = {}, bool only_broker = false)
      : server_({[](Request&) { return Response{.body = "ours"}; },
                 [](const Request&) { return true; }, &guest},
                limits) {
    Listener listener;
    listener.port = 0;
    listener.only_broker = only_broker;
    const auto port = server_.listen(listener, 1);
    REQUIRE(port);
    port_ = *port;
    server_.start();
  }

  /// Sends bytes as they are, and reads until the server closes.
  std::string ask(std::string_view text) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0);
    std::string all;
    std::array<char, 4096> piece{};
    for (ssize_t size = 1; size > 0;) {
      size = ::recv(socket, piece.data(), piece.size(), 0);
      if (size > 0) all.append(piece.data(), static_cast<std::size_t>(size));
    }
    ::close(socket);
    return all;
  }
  std::string ask_once(std::string_view first_line, std::string_view rest = "") const {
    return ask(fmt::format("{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}{}",
                           first_line, rest, rest.find("\r\n\r\n") == rest.npos ? "\r\n" : ""));
  }

  Echo guest;
  Server& server() { return server_; }

 private:
  Server server_;
  int port_ = 0;
};

std::string body_of(std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  return std::string(answer.substr(std::min(answer.size(), end + 4)));
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("guest: gets requests as they came, and its answers go out as they are") {
  const RunningGuest running;
  struct Case {
    const char* first_line;
    const char* rest;
    const char* body;
  };
  const Case cases[] = {
      {"GET /guest/a%20b?quick", "X-Odd: %7B\r\n", "GET /guest/a%20b %7B []"},
      {"GET /guest/a%20b?slow", "X-Odd: %7B\r\n", "GET /guest/a%20b %7B []"},
      {"PATCH /guest/x", "Content-Length: 3\r\n\r\nabc", "PATCH /guest/x  [abc]"},
      {"PUT /guest/x", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
       "PUT /guest/x  [abc]"},
      {"DELETE /guest/x", "", "DELETE /guest/x  []"},
      {"OPTIONS /guest/x", "", "OPTIONS /guest/x  []"},
      {"OTHER /guest/x", "", "OTHER /guest/x  []"},
      {"POST /guest/x", "Content-Length: 101\r\n\r\n", "long: 101"},
      {"POST /guest/x", "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nz",
       "POST /guest/x  [z]"},
      {"POST /guest/x", "Origin: http://elsewhere\r\nContent-Length: 0\r\n\r\n",
       "POST /guest/x  []"},
      {"GET /other", "", "ours"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.first_line);
    CAPTURE(c.rest);
    CHECK(body_of(running.ask_once(c.first_line, c.rest)) == c.body);
  }
}

TEST_CASE("guest: HEAD is HEAD, and Content-Length and Date are all that is added") {
  const RunningGuest running;
  const auto head = running.ask_once("HEAD /guest/x");
  CHECK(body_of(head).empty());
  CHECK(has(head, "Content-Length: 17\r\n"));  // HEAD /guest/x  []
  CHECK(has(head, "Date: "));
  CHECK(has(head, " GMT\r\n"));
  CHECK(has(head, "X-Echo: yes\r\n"));
  CHECK_FALSE(has(head, "Content-Type"));
  CHECK_FALSE(has(head, "Content-Security-Policy"));
  const auto nothing = running.ask_once("GET /guest/nothing");
  CHECK(nothing.starts_with("HTTP/1.1 204 No Content\r\n"));
  CHECK_FALSE(has(nothing, "Content-Length"));
}

TEST_CASE("guest: a body in chunks is no way around the limit") {
  const RunningGuest running;
  const auto chunk = fmt::format("C8\r\n{}\r\n0\r\n\r\n", std::string(200, 'x'));
  const auto answer =
      running.ask_once("POST /guest/x", "Transfer-Encoding: chunked\r\n\r\n" + chunk);
  CHECK(answer.starts_with("HTTP/1.1 413 "));
}

TEST_CASE("guest: a listener of its own has every path") {
  const RunningGuest running({}, true);
  CHECK(body_of(running.ask_once("GET /other")) == "GET /other  []");
}

TEST_CASE("guest: an answer waits for its number, and others do not wait for it") {
  RunningGuest running;
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back([&] {
      const auto answer = running.ask_once("POST /guest/later?quick", "Content-Length: 0\r\n\r\n");
      if (body_of(answer) == "POST /guest/later  []") ++answered;
    });
  }
  while (running.guest.last < 5) std::this_thread::yield();
  CHECK(body_of(running.ask_once("GET /guest/x?quick")) == "GET /guest/x  []");
  CHECK(answered == 0);
  running.server().release(3);
  while (answered < 3) std::this_thread::yield();
  CHECK(body_of(running.ask_once("GET /guest/x?quick")) == "GET /guest/x  []");
  CHECK(answered == 3);
  running.server().release(5);
  clients.clear();
  CHECK(answered == 5);
}

TEST_CASE("guest: what is not released in time is not kept") {
  Server::Limits limits;
  limits.release = std::chrono::milliseconds(50);
  RunningGuest running(limits);
  const auto answer = running.ask_once("POST /guest/later", "Content-Length: 0\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK(body_of(answer) == "not kept /guest/later");
}

TEST_CASE("guest: a stop does not wait for what will never be released") {
  Server::Limits limits;
  limits.farewell = std::chrono::milliseconds(50);
  std::jthread client;
  {
    RunningGuest running(limits);
    client = std::jthread(
        [&running] { running.ask_once("POST /guest/later", "Content-Length: 0\r\n\r\n"); });
    while (running.guest.last < 1) std::this_thread::yield();
    running.server().stop();
    client.join();
  }
}

}  // namespace sosie::web
