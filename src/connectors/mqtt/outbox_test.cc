#include "connectors/mqtt/outbox.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "testing/broker.h"

namespace sosie::mqtt {
namespace {

using testing::Broker;

Config quick(const Broker& broker) {
  Config config;
  REQUIRE(read_address(broker.url(), config));
  config.timeout = std::chrono::seconds(2);
  return config;
}

std::vector<Outgoing> numbered(std::size_t count) {
  std::vector<Outgoing> batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back({"out", fmt::to_string(i), false});
  return batch;
}

TEST_CASE("mqtt outbox: of a batch that is given again only the rest is sent") {
  Broker broker;
  broker.start();
  auto listening = Client::create(quick(broker));
  REQUIRE(listening);
  REQUIRE((*listening)->connect({}));
  REQUIRE((*listening)->subscribe({"out"}, 1, {}));
  Outbox outbox(quick(broker), 1);
  Unfinished unfinished;
  unfinished.batch = numbered(4);
  unfinished.batch[2].payload = "changed";  // so it is another message by now
  unfinished.has_arrived = {true, false, true, true};
  REQUIRE(outbox.send(numbered(6), unfinished));
  CHECK(unfinished.batch.empty());
  std::string heard;
  while (heard.find("5") == std::string::npos) {
    const auto messages = (*listening)->receive(100, std::chrono::seconds(5), {});
    REQUIRE(messages);
    REQUIRE_FALSE(messages->empty());
    for (const auto& m : *messages) heard += m.payload;
  }
  CHECK(heard == "1245");
}

TEST_CASE("mqtt outbox: a broker that stops answering leaves a batch unfinished") {
  Broker broker;
  broker.start();
  Outbox outbox(quick(broker), 1);
  Unfinished unfinished;
  REQUIRE(outbox.send(numbered(1), unfinished));
  broker.pause();
  const auto sent = outbox.send(numbered(3), unfinished);
  REQUIRE_FALSE(sent);
  CHECK(unfinished.batch == numbered(3));
  CHECK(unfinished.has_arrived == std::vector<bool>{false, false, false});
  broker.go_on();
  REQUIRE(outbox.send(numbered(3), unfinished));
  CHECK(unfinished.batch.empty());
}

TEST_CASE("mqtt outbox: the connection is kept while there is nothing to send" *
          doctest::test_suite("long")) {
  Broker broker;
  broker.start();
  auto config = quick(broker);
  config.keepalive_s = 5;  // the broker drops who is silent for half as long again
  config.client_id = "keeper";
  config.will = {.topic = "gone", .payload = "gone", .qos = 1, .retain = false};
  auto listening = Client::create(quick(broker));
  REQUIRE(listening);
  REQUIRE((*listening)->connect({}));
  REQUIRE((*listening)->subscribe({"gone"}, 1, {}));
  Outbox outbox(config, 1);
  Unfinished unfinished;
  REQUIRE(outbox.send(numbered(1), unfinished));
  const auto messages = (*listening)->receive(1, std::chrono::seconds(13), {});
  REQUIRE(messages);
  CHECK(messages->empty());
}

}  // namespace
}  // namespace sosie::mqtt
