#include "web/delivery/notification_bytes.h"

#include <doctest/doctest.h>

namespace sosie::delivery {
namespace {

ngsi::Notification full() {
  ngsi::Notification made;
  made.subscription = "tenant 6543";
  made.number = 1'000'000'000'007;
  made.at = Timestamp(std::chrono::seconds(1'795'392'000));
  made.transport = ngsi::Notification::Transport::mqtt;
  made.body = std::string("\0\xFFnot text", 10);
  made.timeout = std::chrono::milliseconds(1500);
  made.method = "PATCH";
  made.url = "http://x/y?z";
  made.headers = {{"A", "1"}, {"B", ""}};
  made.host = "broker";
  made.port = 65535;
  made.topic = "a/b";
  made.qos = 2;
  made.retain = true;
  made.user = "me";
  made.password = "secret";
  return made;
}

TEST_CASE("notification bytes: there and back, all of it") {
  for (const auto& one : {full(), ngsi::Notification()}) {
    const auto bytes = to_bytes(one);
    const auto back = from_bytes(bytes);
    REQUIRE(back);
    CHECK(to_bytes(*back) == bytes);
    CHECK(back->subscription == one.subscription);
    CHECK(back->number == one.number);
    CHECK(back->at == one.at);
    CHECK(back->transport == one.transport);
    CHECK(back->body == one.body);
    CHECK(back->timeout == one.timeout);
    CHECK(back->method == one.method);
    CHECK(back->url == one.url);
    CHECK(back->headers == one.headers);
    CHECK(back->host == one.host);
    CHECK(back->port == one.port);
    CHECK(back->topic == one.topic);
    CHECK(back->qos == one.qos);
    CHECK(back->retain == one.retain);
    CHECK(back->user == one.user);
    CHECK(back->password.empty());
    CHECK(bytes.find("secret") == std::string::npos);
  }
}

TEST_CASE("notification bytes: what is cut, longer or of another format is an error") {
  const auto bytes = to_bytes(full());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(from_bytes(std::string_view(bytes).substr(0, size)));
  }
  CHECK(from_bytes(bytes + "x").error().code == Errc::corrupt);
  CHECK(from_bytes("\x03" + bytes.substr(1)).error().code == Errc::unsupported);
}

TEST_CASE("notification bytes: the format of before had the password at its end") {
  const auto bytes = "\x01" + to_bytes(full()).substr(1) + std::string("\6\0\0\0secret", 10);
  const auto back = from_bytes(bytes);
  REQUIRE(back);
  CHECK(back->password == "secret");
  CHECK(back->user == "me");
}

}  // namespace
}  // namespace sosie::delivery
