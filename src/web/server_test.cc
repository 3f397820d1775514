#include "web/server.h"

#include <latch>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "testing/server.h"
#include "web/gzip.h"

namespace sosie::web {
namespace {

using std::chrono::milliseconds;

/// What the server under test answers.
Response play(Request& request) {
  if (request.path == "/echo") {
    return {.content_type = "text/plain",
            .body = fmt::format("{} {} {}", request.method, request.query, request.body)};
  }
  if (request.path == "/long")
    return {.content_type = "text/plain", .body = std::string(5000, 'x')};
  if (request.path == "/nothing") return {.status = 204};
  if (request.path == "/events") {
    auto events = std::make_shared<EventStream>();
    events->send("data: one\n\n");
    events->send("data: two\n\n");
    events->close();
    return {.events = events};
  }
  return problem(404, "nothing");
}

class Running {
 public:
  explicit Running(Listener listener = {}, Server::Limits limits = {}, Handler handler = play)
      : server_({std::move(handler), [](const Request& r) { return r.query == "quick"; }}, limits) {
    listener.port = 0;
    const auto port = server_.listen(listener, 1);
    REQUIRE(port);
    port_ = *port;
    url_ = listener.url(port_);
    server_.start();
  }
  std::string url(std::string_view path) const { return url_ + std::string(path); }
  int port() const { return port_; }
  Server& server() { return server_; }
  std::size_t connections() const { return server_.connections(); }

  http::Response get(std::string_view path, http::Headers headers = {}) const {
    auto answer = http::fetch({.url = url(path), .headers = std::move(headers)});
    REQUIRE(answer);
    return *answer;
  }

 private:
  Server server_;
  int port_ = 0;
  std::string url_;
};

/// Sends bytes as they are, and reads until the server closes.
class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  std::string read(std::size_t size) const {
    std::string some(size, '\0');
    const auto got = ::recv(socket_, some.data(), size, MSG_WAITALL);
    some.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return some;
  }
  std::string read_all() const {
    std::string all;
    char piece[4096];
    for (;;) {
      const auto size = ::recv(socket_, piece, sizeof piece, 0);
      if (size <= 0) return all;
      all.append(piece, static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
};

std::string raw(const Running& running, std::string_view text) {
  const RawClient client(running.port());
  client.send(text);
  return client.read_all();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST_CASE("requests are answered on the server's thread and on workers") {
  const Running running;
  for (const std::string_view query : {"quick", "slow"}) {
    CAPTURE(query);
    const auto answer = running.get(fmt::format("/echo?{}", query));
    CHECK(answer.status == 200);
    CHECK(answer.body == fmt::format("GET {} ", query));
    CHECK(http::find_header(answer.headers, "X-Content-Type-Options") == "nosniff");
    CHECK(http::find_header(answer.headers, "Content-Security-Policy")
              .starts_with("default-src 'self'"));
  }
  CHECK(running.get("/none").status == 404);
  const auto nothing = running.get("/nothing");
  CHECK(nothing.status == 204);
  CHECK(http::find_header(nothing.headers, "Content-Length").empty());
}

TEST_CASE("a connection is kept, and requests may follow each other unanswered") {
  const Running running;
  http::Client client;
  for (int i = 0; i < 3; ++i) CHECK(client.send({.url = running.url("/echo")})->status == 200);
  CHECK(running.connections() == 1);
  const auto both = raw(running,
                        "GET /echo?quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
                        "GET /echo?end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(count(both, "HTTP/1.1 200 OK") == 3);
  CHECK(both.find("POST  abc") < both.find("GET end"));
  const auto old = raw(running, "GET /echo HTTP/1.0\r\nHost: localhost\r\n\r\n");
  CHECK(old.starts_with("HTTP/1.0 200 OK"));
}

TEST_CASE("a HEAD has the header of a GET and no body") {
  const Running running;
  const auto answer =
      raw(running, "HEAD /long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("Content-Length: 5000\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("gzip, both ways") {
  const Running running;
  const auto packed = running.get("/long", {{"Accept-Encoding", "gzip"}});
  CHECK(http::find_header(packed.headers, "Content-Encoding") == "gzip");
  CHECK(packed.body.size() < 200);
  CHECK(*gunzip(packed.body, 10'000) == std::string(5000, 'x'));
  const auto post = [&](std::string body, std::string encoding) {
    return *http::fetch({.method = "POST",
                         .url = running.url("/echo"),
                         .headers = {{"Content-Encoding", std::move(encoding)}},
                         .body = std::move(body)});
  };
  CHECK(post(gzip("hello"), "gzip").body == "POST  hello");
  CHECK(post("hello", "identity").body == "POST  hello");
  CHECK(post("hello", "gzip").status == 400);
  CHECK(post(gzip("hello").substr(0, 15), "gzip").status == 400);
  CHECK(post("hello", "br").status == 415);
  CHECK(post(gzip(std::string(20U << 20U, 'x')), "gzip").status == 413);
}

TEST_CASE("what is too large or no HTTP is refused with a reason") {
  const Running running;
  struct Case {
    std::string_view name;
    std::string text;
    std::string_view status;
  };
  const std::string host = "Host: localhost\r\n";
  const Case cases[] = {
      {"no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 "},
      {"a body of 17 MB, announced",
       "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 17000000\r\n\r\n", "HTTP/1.1 413 "},
      {"a body of 17 MB, in chunks",
       "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1036640\r\n" +
           std::string(17'000'000, 'x') + "\r\n0\r\n\r\n",
       "HTTP/1.1 413 "},
      {"a header of 20 kB",
       "GET /echo HTTP/1.1\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
      {"a target that is no path", "GET nonsense HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 400 "},
      {"a length that is none", "POST / HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n",
       "HTTP/1.1 400 "},
      {"another name", "GET /echo HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 421 "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto answer = raw(running, c.text);
    CHECK(answer.substr(0, c.status.size()) == c.status);
    CHECK(answer.find("\"description\":") != std::string::npos);
  }
  CHECK(running.get("/echo").status == 200);
}

TEST_CASE("who expects 100-continue is told to go on") {
  const Running running;
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
      "Connection: close\r\nContent-Length: 2\r\n\r\n";
  const std::string_view told = "HTTP/1.1 100 Continue\r\n\r\n";
  const RawClient client(running.port());
  client.send(head);
  CHECK(client.read(told.size()) == told);
  client.send("hi");
  CHECK(client.read_all().starts_with("HTTP/1.1 200 OK"));
  // Who has sent it all need not be told (RFC 9110, 10.1.1).
  CHECK(raw(running, head + "hi").starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("a client that says nothing is let go, and so is one too many") {
  const Running running({}, {.connections = 1, .idle = milliseconds(100)});
  const RawClient silent(running.port());
  silent.send("GET /ec");
  std::string second;
  while (!second.starts_with("HTTP/1.1 503")) second = RawClient(running.port()).read_all();
  CHECK(silent.read_all().empty());
}

TEST_CASE("events reach the page, and the connection ends with them") {
  const Running running;
  const auto answer = raw(running, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(answer.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\ndata: one\n\ndata: two\n\n"));
}

TEST_CASE("an event stream that goes on ends when the server stops, or its reader leaves") {
  auto events = std::make_shared<EventStream>();
  Running running({}, {}, [&](Request&) { return Response{.events = events}; });
  {
    const RawClient page(running.port());
    page.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE_FALSE(page.read(1).empty());  // it is answered, by these events and not by the next
  }
  while (!events->is_closed()) events->send("data: x\n\n");  // until the server finds it gone

  events = std::make_shared<EventStream>();
  const RawClient page(running.port());
  page.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  events->send("data: hello\n\n");
  std::string all;
  while (all.find("hello") == std::string::npos) all += page.read(1);  // the stream has begun
  running.server().stop();
  page.read_all();
  CHECK_FALSE(events->send("data: late\n\n"));
}

TEST_CASE("a page that does not read is dropped") {
  EventStream events(100);
  CHECK(events.send(std::string(60, 'x')));
  CHECK_FALSE(events.send(std::string(60, 'x')));
  CHECK(events.is_closed());
  CHECK(events.take().size() == 60);
}

TEST_CASE("a running answer is finished when the server stops") {
  std::latch began(1);
  std::latch ends(1);
  Running running({}, {}, [&](Request&) {
    began.count_down();
    ends.wait();
    return Response{.content_type = "text/plain", .body = "done"};
  });
  std::string body;
  std::jthread client([&] { body = running.get("/").body; });
  began.wait();
  std::jthread stopper([&] { running.server().stop(); });
  ends.count_down();
  client.join();
  stopper.join();
  CHECK(body == "done");
}

TEST_CASE("a port that is taken is said so, or the next is taken") {
  const Running first;
  Server second({play, [](const Request&) { return true; }}, {});
  Listener listener;
  listener.port = first.port();
  const auto refused = second.listen(listener, 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unavailable);
  CHECK(refused.error().what ==
        fmt::format("127.0.0.1:{}: the port is taken by another program", first.port()));
  const auto next = second.listen(listener, 20);
  REQUIRE(next);
  CHECK(*next > first.port());
}

TEST_CASE("a server stops, also at the moment at which it looks for what took too long") {
  const auto rhythm = std::chrono::milliseconds(250);
  std::vector<std::jthread> lives;
  lives.reserve(64);
  for (int i = 0; i < 64; ++i) {
    lives.emplace_back([=] {
      Server server({play, [](const Request&) { return true; }}, {});
      const auto moment = stopwatch() + rhythm + std::chrono::microseconds(5 * i - 100);
      server.start();
      while (stopwatch() < moment) std::this_thread::yield();
      server.stop();
    });
  }
}

TEST_CASE("TLS and credentials") {
  const testing::TempDir folder;
  const auto certificate = folder.file("cert.pem");
  const auto key = folder.file("key.pem");
  REQUIRE(testing::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                        certificate}) == 0);
  Listener listener;
  listener.certificate = certificate;
  listener.key = key;
  listener.token = "open sesame";
  const Running running(listener);
  const http::Trust trust{.ca_file = certificate};
  const auto get = [&](http::Headers headers, const http::Trust& trusts) {
    return http::fetch(
        {.url = running.url("/echo"), .headers = std::move(headers), .trust = trusts});
  };
  CHECK(get({{"Authorization", "Bearer open sesame"}}, trust)->status == 200);
  CHECK(get({{"Authorization", "Bearer open"}}, trust)->status == 401);
  CHECK(get({}, trust)->status == 401);
  CHECK(get({}, {.verify = false})->status == 401);
  const auto distrusted = get({}, {});
  REQUIRE_FALSE(distrusted);
  CHECK(distrusted.error().code == Errc::unavailable);

  http::Client client;
  for (int i = 0; i < 3; ++i) {
    CHECK(client
              .send({.url = running.url("/echo"),
                     .headers = {{"Authorization", "Bearer open sesame"}},
                     .trust = trust})
              ->status == 200);
  }

  Server server({play, [](const Request&) { return true; }}, {});
  listener.key = folder.write("wrong.pem", "no key");
  const auto refused = server.listen(listener, 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.starts_with("key "));
}

}  // namespace
}  // namespace sosie::web
