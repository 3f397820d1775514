#include "wire/http/client.h"

#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sosie::http {
namespace {

/// A server of bytes: for each connection the answers it gives, one a request; then it closes.
class ScriptedServer {
 public:
  using Answers = std::vector<std::string>;

  explicit ScriptedServer(std::vector<Answers> connections) : script_(std::move(connections)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    REQUIRE(::listen(listener_, 8) == 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
  }
  /// REQUIRES: the client has got its answers.
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  void serve() {
    for (const auto& answers : script_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      for (const auto& answer : answers) {
        requests_.push_back(read_request(connection));
        if (answer == "hang") {
          char byte = 0;
          while (::recv(connection, &byte, 1, 0) > 0) continue;  // until the client gives up
        } else {
          ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
      }
      ::close(connection);
    }
  }

  static std::string read_request(int connection) {
    std::string text;
    char byte = 0;
    while (text.find("\r\n\r\n") == std::string::npos && ::recv(connection, &byte, 1, 0) == 1) {
      text += byte;
    }
    std::size_t length = 0;
    if (const auto at = text.find("Content-Length: "); at != std::string::npos) {
      length = std::stoul(text.substr(at + 16));
    }
    for (; length > 0 && ::recv(connection, &byte, 1, 0) == 1; --length) text += byte;
    return text;
  }

  std::vector<Answers> script_;
  std::vector<std::string> requests_;
  int listener_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Mark: a\r\n\r\nhello";

TEST_CASE("an address falls into its parts") {
  const auto url = *parse_url("https://an%40a:s%3Acret@Host.example:8443/path/x?q=1#part");
  CHECK(url == Url{true, "Host.example", "8443", "/path/x?q=1", "an@a", "s:cret"});
  CHECK(*parse_url("http://[::1]") == Url{false, "::1", "80", "/", "", ""});
  CHECK(*parse_url("HTTP://h?x=1") == Url{false, "h", "80", "/?x=1", "", ""});
  CHECK(parse_url("http://[::1]:81/")->authority() == "[::1]:81");
  CHECK(parse_url("https://h:443")->authority() == "h");
  struct Case {
    std::string_view text;
    std::string_view what;
  };
  const Case cases[] = {
      {"host/path", "'host/path' is no address: expected http:// or https://"},
      {"ftp://h/", "'ftp://h/' is no address: expected http:// or https://"},
      {"http://", "'http://' is no address: the host is missing"},
      {"http://h:0/", "'http://h:0/' is no address: port '0'; expected 1 to 65535"},
      {"http://h:x/", "'http://h:x/' is no address: port 'x'; expected 1 to 65535"},
      {"http://[::1/", "'http://[::1/' is no address: ']' is missing"},
      {"http://h/a b", "'http://h/a b' is no address: it holds a blank or a control character"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    REQUIRE_FALSE(parse_url(c.text));
    CHECK(parse_url(c.text).error().what == c.what);
  }
}

TEST_CASE("a request goes out whole and its answer comes back") {
  const ScriptedServer server(
      {{"HTTP/1.1 202 Accepted\r\nX-Mark: a\r\nContent-Length: 2\r\n\r\nok"}});
  const auto answer = fetch({.method = "POST",
                             .url = server.url("/hook?x=1"),
                             .headers = {{"Content-Type", "application/json"}},
                             .body = "{\"a\": 1}"});
  REQUIRE(answer);
  CHECK(answer->status == 202);
  CHECK(answer->body == "ok");
  CHECK(find_header(answer->headers, "x-mark") == "a");
  CHECK(find_header(answer->headers, "x-none").empty());
  const auto& request = server.requests().at(0);
  CHECK(request.starts_with("POST /hook?x=1 HTTP/1.1\r\n"));
  CHECK(request.find("Host: 127.0.0.1:") != std::string::npos);
  CHECK(request.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(request.ends_with("\r\n\r\n{\"a\": 1}"));
}

TEST_CASE("credentials in the address become a header, and no header can smuggle another") {
  const ScriptedServer server({{hello}});
  auto url = server.url();
  url.insert(7, "ana:open%20sesame@");
  REQUIRE(fetch({.url = url}));
  CHECK(server.requests().at(0).find("Authorization: Basic YW5hOm9wZW4gc2VzYW1l\r\n") !=
        std::string::npos);
  const auto refused = fetch({.url = url, .headers = {{"X-A", "1\r\nX-B: 2"}}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid);
}

TEST_CASE("a client keeps its connection, and opens another when the server closed it") {
  const ScriptedServer server({{hello, hello}, {hello}});
  Client client;
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.send({.url = server.url()});
    REQUIRE(answer);
    CHECK(answer->body == "hello");
  }
  CHECK(server.requests().size() == 3);
}

TEST_CASE("what goes wrong has its code") {
  struct Case {
    std::string_view name;
    std::string answer;
    Errc code;
  };
  const Case cases[] = {
      {"hangs", "hang", Errc::timeout},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", Errc::corrupt},
      {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel", Errc::corrupt},
      {"closes", "", Errc::unavailable},
      {"too much", "HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n", Errc::corrupt},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const ScriptedServer server({{c.answer}});
    const auto answer = fetch({.url = server.url(), .timeout = std::chrono::milliseconds(500)});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == c.code);
  }
  const auto refused = fetch({.url = "http://127.0.0.1:1/"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unavailable);
  CHECK(refused.error().what == "127.0.0.1:1: connect: Connection refused");
  CHECK(fetch({.url = "nonsense"}).error().code == Errc::invalid);
}

TEST_CASE("an answer without a length ends with its connection") {
  const ScriptedServer server({{"HTTP/1.1 200 OK\r\n\r\nall of it"}});
  const auto answer = fetch({.url = server.url()});
  REQUIRE(answer);
  CHECK(answer->body == "all of it");
}

}  // namespace
}  // namespace sosie::http
