#include <array>
#include <atomic>

#include <openssl/ssl.h>

#include "testing/server.h"
#include "web/delivery/forwarder.h"
#include "web/delivery/receiver_rig.h"

namespace sosie::delivery {
namespace {

using rig::Office;

/// A test authority, and certificates it has signed.
class Authority {
 public:
  Authority() {
    REQUIRE(testing::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                          "-keyout", folder_.file("ca.key"), "-out", ca()}) == 0);
  }
  std::string ca() const { return folder_.file("ca.pem"); }
  std::string certificate(const std::string& name) const { return folder_.file(name + ".pem"); }
  std::string key(const std::string& name) const { return folder_.file(name + ".key"); }

  /// `who`: "IP:127.0.0.1" or "DNS:…".
  void sign(const std::string& name, const std::string& who) const {
    REQUIRE(testing::run({"openssl",
                          "req",
                          "-x509",
                          "-newkey",
                          "ec",
                          "-pkeyopt",
                          "ec_paramgen_curve:P-256",
                          "-nodes",
                          "-days",
                          "2",
                          "-subj",
                          "/CN=x",
                          "-addext",
                          "subjectAltName=" + who,
                          "-CA",
                          ca(),
                          "-CAkey",
                          folder_.file("ca.key"),
                          "-keyout",
                          key(name),
                          "-out",
                          certificate(name)}) == 0);
  }

 private:
  const testing::TempDir folder_;
};

/// An https receiver on loopback that answers each request 200 with "hello".
class SecureReceiver {
 public:
  SecureReceiver(const std::string& certificate, const std::string& key)
      : context_(SSL_CTX_new(TLS_server_method())), port_(testing::free_port()) {
    REQUIRE(SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) == 1);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~SecureReceiver() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }
  SecureReceiver(const SecureReceiver&) = delete;
  SecureReceiver& operator=(const SecureReceiver&) = delete;

  std::string url() const { return fmt::format("https://127.0.0.1:{}/x", port_); }
  int handshakes() const { return handshakes_; }
  int requests() const { return requests_; }

 private:
  void serve() {
    for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      SSL* const tls = SSL_new(context_);
      SSL_set_fd(tls, socket);
      if (SSL_accept(tls) == 1) {
        ++handshakes_;
        while (read_request(tls)) {
          ++requests_;
          static constexpr std::string_view hello =
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
          SSL_write(tls, hello.data(), static_cast<int>(hello.size()));
        }
      }
      SSL_free(tls);
      ::close(socket);
    }
  }

  /// Until its body, "one", is there.
  static bool read_request(SSL* tls) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (!text.ends_with("one")) {
      const int size = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
      if (size <= 0) return false;
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return true;
  }

  SSL_CTX* const context_;
  const int port_;
  int listener_ = -1;
  std::atomic<int> handshakes_{0};
  std::atomic<int> requests_{0};
  std::jthread thread_;
};

TEST_CASE("postman: over TLS, and what a certificate must show") {
  const Authority authority;
  authority.sign("here", "IP:127.0.0.1");
  authority.sign("elsewhere", "DNS:example.org");
  struct Case {
    const char* name;
    const char* certificate;
    http::Trust trust;
    const char* reason;  ///< of a failure; empty: it arrives
  };
  const std::string untrusted = "SSL peer certificate or SSH remote key was not OK";
  const Case cases[] = {
      {"an authority that is known", "here", {.ca_file = authority.ca()}, ""},
      {"one that is not", "here", {}, untrusted.c_str()},
      {"another's name", "elsewhere", {.ca_file = authority.ca()}, untrusted.c_str()},
      {"whoever it may be", "elsewhere", {.verify = false}, ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const SecureReceiver receiver(authority.certificate(c.certificate),
                                  authority.key(c.certificate));
    Office office;
    auto options = rig::quick_options();
    options.timeout = rig::patience;
    options.trust = c.trust;
    Postman postman(options, office);
    postman.start();
    postman.send(1, rig::notification("s", receiver.url(), "one"));
    postman.send(2, rig::notification("s", receiver.url(), "one"));
    const auto report = office.reports(1).at(0);
    CHECK(report.reason == c.reason);
    CHECK(report.is_success == report.reason.empty());
    if (report.is_success) {
      CHECK(office.all_settled(2).size() == 2);
      CHECK(receiver.requests() == 2);
      CHECK(receiver.handshakes() == 1);  // the connection was kept
    } else {
      CHECK(postman.figures().failed_attempts > 0);
      CHECK(postman.figures().waiting == 2);
      CHECK(receiver.requests() == 0);
    }
  }
}

TEST_CASE("postman: https where nobody speaks TLS") {
  rig::Receiver plain([](const auto&) { return "close"; });
  Office office;
  Postman postman(rig::quick_options(), office);
  postman.start();
  postman.send(1,
               rig::notification("s", fmt::format("https://127.0.0.1:{}/", plain.port()), "one"));
  const auto reason = office.reports(1).at(0).reason;
  const bool is_said = reason == "SSL connect error" || reason == "Timeout was reached";
  CHECK(is_said);
}

TEST_CASE("forwarder: what a provider may do") {
  struct Case {
    const char* name;
    const char* answer;
    int status;  ///< 0: an Error
    Errc code;
  };
  const Case cases[] = {
      {"it answers", "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\n[]", 200, {}},
      {"it refuses", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, {}},
      {"a redirect is not followed",
       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
       302,
       {}},
      {"garbage", "220 mail.example.org ESMTP\r\n\r\n", 0, Errc::corrupt},
      {"it closes", "close", 0, Errc::unavailable},
      {"it hangs", "hang", 0, Errc::timeout},
      {"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nx", 0,
       Errc::corrupt},
  };
  HttpForwarder forwarder({});
  for (const auto& c : cases) {
    CAPTURE(c.name);
    rig::Receiver provider([&](const auto&) { return c.answer; });
    const auto answer = forwarder.ask({.method = "POST",
                                       .url = provider.url("/v2/op/query"),
                                       .headers = {{"Fiware-Service", "t"}},
                                       .body = "{}",
                                       .timeout = std::chrono::milliseconds(400)});
    CHECK(provider.requests(1).at(0).starts_with("POST /v2/op/query HTTP/1.1\r\n"));
    CHECK(provider.requests(1).at(0).find("Fiware-Service: t\r\n") != std::string::npos);
    REQUIRE(static_cast<bool>(answer) == (c.status != 0));
    if (answer) {
      CHECK(answer->status == c.status);
    } else {
      CHECK(answer.error().code == c.code);
    }
  }
}

TEST_CASE("forwarder: a provider that is not there, and one whose address is none") {
  HttpForwarder forwarder({});
  const auto ask = [&](std::string url) {
    return forwarder.ask({.method = "GET",
                          .url = std::move(url),
                          .headers = {},
                          .body = {},
                          .timeout = std::chrono::milliseconds(2000)});
  };
  const auto nowhere = ask(fmt::format("http://127.0.0.1:{}/", testing::free_port()));
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == Errc::unavailable);
  const auto none = ask("mailto:someone");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::invalid);
  CHECK(forwarder.figures().asked == 2);
  CHECK(forwarder.figures().failed == 2);
}

TEST_CASE("forwarder: a slow provider keeps nobody waiting but who asked it") {
  rig::Receiver slow([](const auto&) { return "hang"; });
  rig::Receiver quick;
  HttpForwarder forwarder({});
  std::atomic<bool> is_over = false;
  std::jthread waiting([&] {
    const auto answer = forwarder.ask({.method = "POST",
                                       .url = slow.url(),
                                       .headers = {},
                                       .body = "{}",
                                       .timeout = std::chrono::milliseconds(3000)});
    CHECK_FALSE(answer);
    is_over = true;
  });
  slow.requests(1);
  for (int i = 0; i < 20; ++i) {
    const auto answer = forwarder.ask({.method = "POST",
                                       .url = quick.url(),
                                       .headers = {},
                                       .body = "{}",
                                       .timeout = rig::patience});
    REQUIRE(answer);
  }
  CHECK_FALSE(is_over);
}

}  // namespace
}  // namespace sosie::delivery
