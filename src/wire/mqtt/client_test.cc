#include "wire/mqtt/client.h"

#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "testing/broker.h"

namespace sosie::mqtt {
namespace {

using std::chrono::seconds;
using testing::Broker;

Config config_for(const Broker& broker) {
  Config config;
  REQUIRE(read_address(broker.url(), config));
  return config;
}

std::unique_ptr<Client> make(const Config& config) {
  auto made = Client::create(config);
  if (!made) FAIL(made.error().what);
  return std::move(made).value();
}

void must(const Result<void>& result) {
  if (!result) FAIL(result.error().what);
}

std::string error_of(const Result<void>& result) {
  return result ? "no error" : result.error().what;
}

std::unique_ptr<Client> connected(const Config& config) {
  auto client = make(config);
  must(client->connect({}));
  return client;
}

/// Receives until `count` messages are there; their payloads, joined.
std::string payloads(Client& client, std::size_t count) {
  std::string all;
  std::size_t got = 0;
  while (got < count) {
    auto messages = client.receive(100, seconds(5), {});
    if (!messages) FAIL(messages.error().what);
    if (messages->empty()) return all + " and no more";
    for (const auto& m : *messages) all.append(all.empty() ? "" : " ").append(m.payload);
    got += messages->size();
  }
  return all;
}

TEST_CASE("mqtt: addresses") {
  struct Case {
    const char* url;
    const char* expected;
  };
  const std::string not_one =
      "' is not a broker's address; expected mqtt://host:port or mqtts://host:port";
  const Case cases[] = {
      {"mqtt://broker", "broker 1883 plain ''"},
      {"mqtt://broker/", "broker 1883 plain ''"},
      {"mqtt://broker:77", "broker 77 plain ''"},
      {"mqtts://broker", "broker 8883 tls ''"},
      {"mqtts://ana@broker:77", "broker 77 tls 'ana'"},
      {"mqtt://10.0.0.1:1", "10.0.0.1 1 plain ''"},
      {"mqtt://[::1]", "::1 1883 plain ''"},
      {"mqtt://[::1]:99", "::1 99 plain ''"},
      {"mqtt://ana:secret@broker",
       "a broker's address holds a password; expected it in password_env or password_file"},
      {"broker", "!"},
      {"http://broker", "!"},
      {"mqtt://", "!"},
      {"mqtt://:1883", "!"},
      {"mqtt://broker:", "!"},
      {"mqtt://broker:0", "!"},
      {"mqtt://broker:65536", "!"},
      {"mqtt://broker:x", "!"},
      {"mqtt://broker/topic", "!"},
      {"mqtt://[::1", "!"},
      {"", "!"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.url);
    Config config;
    const auto read = read_address(c.url, config);
    const std::string told = read ? fmt::format("{} {} {} '{}'", config.host, config.port,
                                                config.tls.on ? "tls" : "plain", config.user)
                                  : read.error().what;
    CHECK(told ==
          (c.expected == std::string("!") ? "'" + std::string(c.url) + not_one : c.expected));
  }
}

TEST_CASE("mqtt: from one client to another, by both protocols and both qualities") {
  Broker broker;
  broker.start();
  for (const auto version : {Version::v3_1_1, Version::v5}) {
    for (const int qos : {0, 1}) {
      CAPTURE(qos);
      auto config = config_for(broker);
      config.version = version;
      auto listener = connected(config);
      must(listener->subscribe({"plant/+/level", "other/#"}, qos, {}));
      auto sender = connected(config);
      must(sender->publish("plant/a/level", "1.5", qos, false, {}));
      must(sender->publish("plant/a/flow", "not subscribed", qos, false, {}));
      must(sender->publish("other/x", "", qos, false, {}));
      must(sender->flush({}));
      std::vector<std::string> got;
      while (got.size() < 2) {
        auto more = listener->receive(10, seconds(5), {});
        REQUIRE(more);
        REQUIRE_FALSE(more->empty());
        for (const auto& m : *more) {
          got.push_back(fmt::format("{} '{}' {}", m.topic, m.payload, m.qos));
        }
      }
      CHECK(got == std::vector{fmt::format("plant/a/level '1.5' {}", qos),
                               fmt::format("other/x '' {}", qos)});
      CHECK(listener->has_unacknowledged() == (qos == 1));
      must(listener->acknowledge({}));
      CHECK_FALSE(listener->has_unacknowledged());
    }
  }
}

TEST_CASE(
    "mqtt: bundled messages arrive in order, the large and those of QoS 1 between them, too") {
  Broker broker;
  broker.start();
  for (const auto version : {Version::v3_1_1, Version::v5}) {
    auto config = config_for(broker);
    config.version = version;
    auto listener = connected(config);
    must(listener->subscribe({"n"}, 1, {}));
    auto sender = connected(config);
    constexpr std::size_t count = 3000;
    const auto payload = [](std::size_t i) {
      return std::to_string(i) + std::string(i % 500 == 7 ? 100'000 : i % 300, 'p');
    };
    std::size_t came = 0;
    const auto take = [&](Duration patience) {
      auto more = listener->receive(1000, patience, {});
      REQUIRE(more);
      for (const auto& message : *more) CHECK(message.payload == payload(came++));
      must(listener->acknowledge({}));
      return !more->empty();
    };
    for (std::size_t i = 0; i < count; ++i) {
      if (i % 700 == 9) {
        must(sender->flush({}));  // of its own accord a message of QoS 1 waits for none of QoS 0
        must(sender->publish("n", payload(i), 1, false, {}));
      } else {
        must(sender->bundle("n", payload(i), false, {}));
      }
      if (i % 100 == 0) take(Duration::zero());
    }
    must(sender->flush({}));
    while (came < count) REQUIRE(take(seconds(5)));
    CHECK(sender->published() == count);
  }
}

TEST_CASE("mqtt: nothing is acknowledged before we say so") {
  Broker broker;
  broker.start();
  for (const auto version : {Version::v3_1_1, Version::v5}) {
    auto config = config_for(broker);
    config.version = version;
    config.client_id = version == Version::v5 ? "five" : "three";
    auto sender = connected(config_for(broker));
    {
      auto listener = connected(config);
      must(listener->subscribe({"x"}, 1, {}));
      for (const char* payload : {"1", "2", "3"}) {
        must(sender->publish("x", payload, 1, false, {}));
      }
      must(sender->flush({}));
      CHECK(payloads(*listener, 3) == "1 2 3");
    }  // dies without having acknowledged
    {
      auto listener = connected(config);
      CHECK(payloads(*listener, 3) == "1 2 3");  // so they come again, before any subscription
      must(listener->acknowledge({}));
      must(sender->publish("x", "4", 1, false, {}));
      CHECK(payloads(*listener, 1) == "4");
      listener->disconnect();  // must not acknowledge the 4 in passing
    }
    auto listener = connected(config);
    CHECK(payloads(*listener, 1) == "4");
    must(listener->acknowledge({}));
  }
}

TEST_CASE("mqtt: an unacknowledged listener is not sent more than it can take") {
  Broker broker;
  broker.start();
  auto config = config_for(broker);
  config.receive_maximum = 5;
  auto listener = connected(config);
  must(listener->subscribe({"x"}, 1, {}));
  auto sender = connected(config_for(broker));
  for (int i = 0; i < 8; ++i) must(sender->publish("x", std::to_string(i), 1, false, {}));
  must(sender->flush({}));
  CHECK(payloads(*listener, 5) == "0 1 2 3 4");
  auto more = listener->receive(10, std::chrono::milliseconds(50), {});
  REQUIRE(more);
  CHECK(more->empty());
  must(listener->acknowledge({}));
  CHECK(payloads(*listener, 3) == "5 6 7");
}

TEST_CASE("mqtt: many messages, in order, none lost") {
  Broker broker(Broker::Security::none, "max_queued_messages 0\n");
  broker.start();
  auto listener = connected(config_for(broker));
  must(listener->subscribe({"n"}, 1, {}));
  constexpr int count = 5'000;
  std::jthread sending([&] {
    auto sender = connected(config_for(broker));
    for (int i = 0; i < count; ++i) must(sender->publish("n", std::to_string(i), 1, false, {}));
    must(sender->flush({}));
  });
  int next = 0;
  while (next < count) {
    auto messages = listener->receive(500, seconds(5), {});
    REQUIRE(messages);
    REQUIRE_FALSE(messages->empty());
    for (const auto& m : *messages) {
      REQUIRE(m.payload == std::to_string(next));
      ++next;
    }
    must(listener->acknowledge({}));
  }
}

TEST_CASE("mqtt: user and password") {
  Broker broker(Broker::Security::password);
  broker.start();
  auto config = config_for(broker);
  const std::string where = fmt::format("localhost:{}: ", broker.port());
  CHECK(error_of(make(config)->connect({})) == where + "the broker refuses: Not authorized");
  config.version = Version::v3_1_1;
  CHECK(error_of(make(config)->connect({})) ==
        where + "the broker refuses: Connection Refused: not authorised.");
  config.user = Broker::user;
  config.password = "wrong";
  CHECK_FALSE(make(config)->connect({}));
  config.password = Broker::password;
  CHECK(error_of(make(config)->connect({})) == "no error");
}

TEST_CASE("mqtt: TLS") {
  Broker broker(Broker::Security::tls);
  broker.start();
  auto config = config_for(broker);
  CHECK(config.tls.on);

  SUBCASE("both sides prove who they are") {
    config.tls.ca_file = broker.ca_file();
    config.tls.cert_file = broker.client_cert();
    config.tls.key_file = broker.client_key();
    auto listener = connected(config);
    must(listener->subscribe({"x"}, 1, {}));
    auto sender = connected(config);
    const std::string big(100'000, 'b');
    must(sender->publish("x", big, 1, false, {}));
    must(sender->publish("x", "small", 1, false, {}));
    CHECK(payloads(*listener, 2) == big + " small");
    must(listener->acknowledge({}));
  }
  SUBCASE("a broker whose authority we do not know is refused") {
    const auto why = error_of(make(config)->connect({}));
    CAPTURE(why);
    CHECK(why.find("certificate verify failed") != std::string::npos);
  }
  SUBCASE("a broker under another name is refused, unless told not to look") {
    config.tls.ca_file = broker.ca_file();
    config.tls.cert_file = broker.client_cert();
    config.tls.key_file = broker.client_key();
    config.host = "127.0.0.1";
    CHECK_FALSE(make(config)->connect({}));
    config.tls.check_host = false;
    CHECK(error_of(make(config)->connect({})) == "no error");
  }
  SUBCASE("a client without a certificate is refused by the broker") {
    config.tls.ca_file = broker.ca_file();
    CHECK_FALSE(make(config)->connect({}));
  }
  SUBCASE("a file that is not there is said when made") {
    config.tls.ca_file = broker.dir().file("none.pem");
    const auto made = Client::create(config);
    REQUIRE_FALSE(made);
    CHECK(made.error().what.starts_with("TLS with ca '" + config.tls.ca_file + "'"));
  }
  SUBCASE("plain text to a TLS port") {
    config.tls.on = false;
    CHECK_FALSE(make(config)->connect({}));
  }
}

TEST_CASE("mqtt: a broker that is down, comes, dies and comes back") {
  Broker broker;
  auto config = config_for(broker);
  config.client_id = "listener";
  auto listener = make(config);
  CHECK(error_of(listener->connect({})) ==
        fmt::format("localhost:{}: Connection refused", broker.port()));
  broker.start();
  must(listener->connect({}));
  must(listener->subscribe({"x"}, 1, {}));
  CHECK(listener->is_connected());
  auto sender = connected(config_for(broker));

  broker.kill();
  CHECK_FALSE(listener->receive(10, seconds(5), {}));
  CHECK_FALSE(listener->is_connected());
  CHECK_FALSE(listener->acknowledge({}));
  CHECK_FALSE(listener->connect({}));
  // A sender notices at the latest when it wants an acknowledgement.
  (void)sender->publish("x", "sent to the dead", 1, false, {});
  CHECK_FALSE(sender->flush({}));
  CHECK_FALSE(sender->publish("x", "not taken", 1, false, {}));

  broker.start();
  must(listener->connect({}));
  must(listener->subscribe({"x"}, 1, {}));
  must(sender->connect({}));
  must(sender->publish("x", "again", 1, false, {}));
  must(sender->flush({}));
  CHECK(payloads(*listener, 2) == "sent to the dead again");
}

TEST_CASE("mqtt: the last will") {
  Broker broker;
  broker.start();
  auto listener = connected(config_for(broker));
  must(listener->subscribe({"state"}, 1, {}));
  auto config = config_for(broker);
  config.client_id = "mortal";
  config.will = {.topic = "state", .payload = "gone", .qos = 1, .retain = false};
  auto mortal = connected(config);
  must(mortal->subscribe({"y"}, 1, {}));
  must(listener->publish("y", "1", 1, false, {}));
  CHECK(payloads(*mortal, 1) == "1");
  mortal.reset();  // something is unacknowledged: no goodbye
  CHECK(payloads(*listener, 1) == "gone");
}

TEST_CASE("mqtt: a retained message says so") {
  Broker broker;
  broker.start();
  auto sender = connected(config_for(broker));
  must(sender->publish("x", "old", 1, true, {}));
  must(sender->flush({}));
  auto listener = connected(config_for(broker));
  must(listener->subscribe({"x"}, 0, {}));
  auto messages = listener->receive(10, seconds(5), {});
  REQUIRE(messages);
  REQUIRE(messages->size() == 1);
  CHECK(messages->front().retained);
}

TEST_CASE("mqtt: a stop request ends every wait at once") {
  Broker broker;
  broker.start();
  auto listener = connected(config_for(broker));
  must(listener->subscribe({"x"}, 1, {}));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  auto messages = listener->receive(10, std::chrono::hours(1), stop.get_token());
  REQUIRE(messages);
  CHECK(messages->empty());
  CHECK(error_of(listener->connect(stop.get_token())) != "no error");
}

TEST_CASE("mqtt: topics that cannot be") {
  Broker broker;
  broker.start();
  auto client = connected(config_for(broker));
  CHECK_FALSE(client->subscribe({"a/#/b"}, 1, {}));
  CHECK_FALSE(client->publish("a/+", "x", 1, false, {}));
  for (const auto* topic : {"", "a/+", "#", "a\xFF"})
    CHECK_FALSE(client->bundle(topic, "x", false, {}));
  CHECK(client->is_connected());
}

}  // namespace
}  // namespace sosie::mqtt
