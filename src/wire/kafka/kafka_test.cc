#include <doctest/doctest.h>

#include "wire/kafka/config.h"
#include "wire/kafka/placing.h"
#include "wire/kafka/producer.h"

namespace sosie::kafka {
namespace {

TEST_CASE("kafka: addresses") {
  struct Case {
    std::string_view url;
    std::string_view brokers;  ///< empty: it is refused
    std::string_view topic;
    bool tls;
  };
  const Case cases[] = {
      {"kafka://localhost/fleet", "localhost:9092", "fleet", false},
      {"kafkas://a:9093,b/x.y_z-1", "a:9093,b:9092", "x.y_z-1", true},
      {"kafka://[::1]:9092/t", "[::1]:9092", "t", false},
      {"kafka://localhost:9092", "", "", false},
      {"kafka://localhost:9092/", "", "", false},
      {"kafka://localhost:9092/a/b", "", "", false},
      {"kafka://user:secret@host:9092/t", "", "", false},
      {"kafka://:9092/t", "", "", false},
      {"kafka://host:0/t", "", "", false},
      {"kafka://host:99999/t", "", "", false},
      {"kafka:///t", "", "", false},
      {"mqtt://host/t", "", "", false},
  };
  for (const auto& one : cases) {
    CAPTURE(one.url);
    const auto read = read_address(one.url);
    CHECK(static_cast<bool>(read) == !one.brokers.empty());
    if (!read) continue;
    CHECK((*read).config.brokers == one.brokers);
    CHECK((*read).topic == one.topic);
    CHECK((*read).config.tls == one.tls);
  }
}

TEST_CASE("kafka: what is on this machine, and what may be set") {
  CHECK(is_loopback("localhost:9092,127.0.0.1:9093,[::1]:1"));
  CHECK_FALSE(is_loopback("localhost:9092,kafka:9092"));
  CHECK_FALSE(is_loopback("localhost.example.org:9092"));
  CHECK_FALSE(is_loopback("127.example.org:9092"));
  CHECK(is_free_option("max.poll.interval.ms"));
  for (const std::string_view name :
       {"sasl.password", "ssl.key.pem", "enable.auto.commit", "group.id", "security.protocol",
        "plugin.library.paths", "ssl.keystore.password", "enable.idempotence"}) {
    CAPTURE(name);
    CHECK_FALSE(is_free_option(name));
  }
}

TEST_CASE("kafka: where a partition is read on") {
  struct Case {
    std::string_view name;
    std::int64_t committed;
    std::optional<Stretch> kept;
    Stretch there;
    std::optional<std::int64_t> expected;
  };
  const Case cases[] = {
      {"nothing is known", -1, {}, {0, 100}, {}},
      {"the group knows", 40, {}, {0, 100}, 40},
      {"died before the commit", 40, Stretch{40, 60}, {0, 100}, 60},
      {"died before the commits of several batches", 40, Stretch{30, 60}, {0, 100}, 60},
      {"another member read on", 80, Stretch{40, 60}, {0, 100}, 80},
      {"somebody moved the group back", 10, Stretch{40, 60}, {0, 100}, 10},
      {"the group's offsets are forgotten", -1, Stretch{40, 60}, {0, 100}, 60},
      {"the topic was made anew", -1, Stretch{40, 60}, {0, 3}, {}},
      {"the topic was made anew, the group was not", 50, Stretch{40, 60}, {0, 3}, 0},
      {"at its end", 100, Stretch{100, 100}, {0, 100}, 100},
  };
  for (const auto& one : cases) {
    CAPTURE(one.name);
    CHECK(choose(one.committed, one.kept, one.there) == one.expected);
  }
}

TEST_CASE("kafka: a setting that librdkafka refuses is an Error") {
  Config config;
  config.brokers = "127.0.0.1:1";
  config.options = {{"no.such.thing", "1"}};
  const auto made = Producer::create(config, std::chrono::seconds(1));
  REQUIRE_FALSE(made);
  CHECK(made.error().what.find("no.such.thing") != std::string::npos);
}

TEST_CASE("kafka: with no broker there, connecting says why, and a message is not lost silently") {
  Config config;
  config.brokers = "127.0.0.1:1";
  struct Nobody final : Keeper {
    std::optional<Stretch> kept(const Partition& /*partition*/) override { return std::nullopt; }
    void leaving(bool /*is_lost*/) override {}
  } nobody;
  ConsumerConfig consumer;
  consumer.client = config;
  consumer.topics = {"t"};
  consumer.group = "g";
  auto member = Consumer::create(consumer, nobody);
  REQUIRE(member);
  const auto connected = (*member)->connect({});
  REQUIRE_FALSE(connected);
  CHECK(connected.error().what.find("refused") != std::string::npos);

  auto producer = Producer::create(config, std::chrono::milliseconds(300));
  REQUIRE(producer);
  Producer::Outgoing message;
  message.topic = "t";
  message.payload = "x";
  message.mark = 7;
  REQUIRE((*producer)->send(message, {}));
  const auto failed = (*producer)->flush({});
  REQUIRE(failed);
  REQUIRE((*failed).size() == 1);
  CHECK((*failed)[0].mark == 7);
  CHECK_FALSE((*failed)[0].is_for_good);
}

}  // namespace
}  // namespace sosie::kafka
