#include "web/delivery/mqtt_sender.h"

#include "testing/broker.h"
#include "web/delivery/receiver_rig.h"
#include "wire/mqtt/client.h"

namespace sosie::delivery {
namespace {

using rig::Office;
using rig::quick_options;
using testing::Broker;

ngsi::Notification published(const Broker& broker, const std::string& body, int qos) {
  ngsi::Notification made;
  made.subscription = "s";
  made.transport = ngsi::Notification::Transport::mqtt;
  made.host = "127.0.0.1";
  made.port = static_cast<std::uint16_t>(broker.port());
  made.topic = "twin/a";
  made.qos = qos;
  made.body = body;
  made.timeout = rig::patience;
  return made;
}

std::unique_ptr<mqtt::Client> listener(const Broker& broker) {
  mqtt::Config config;
  config.host = "127.0.0.1";
  config.port = broker.port();
  config.user = Broker::user;
  config.password = Broker::password;
  auto client = mqtt::Client::create(config);
  REQUIRE(client);
  REQUIRE((*client)->connect({}));
  REQUIRE((*client)->subscribe({"twin/#"}, 1, {}));
  return std::move(*client);
}

std::string payloads(mqtt::Client& client, std::size_t count) {
  std::string all;
  std::size_t got = 0;
  while (got < count) {
    const auto messages = client.receive(100, rig::patience, {});
    REQUIRE(messages);
    REQUIRE_FALSE(messages->empty());
    for (const auto& message : *messages) all.append(message.payload).append(" ");
    got += messages->size();
  }
  return all;
}

TEST_CASE("mqtt notifications: arrive in order at every quality of service") {
  Broker broker;
  broker.start();
  const auto client = listener(broker);
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  for (std::uint64_t i = 1; i <= 9; ++i) {
    postman.send(i, published(broker, std::to_string(i), static_cast<int>(i % 3)));
  }
  CHECK(payloads(*client, 9) == "1 2 3 4 5 6 7 8 9 ");
  CHECK(office.all_settled(9).size() == 9);
  CHECK(office.reports(9).at(8).status == 0);
}

TEST_CASE("mqtt notifications: a broker that was away gets them when it is back") {
  Broker broker;
  broker.start();
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  postman.send(1, published(broker, "1", 0));
  office.all_settled(1);
  broker.kill();
  for (std::uint64_t i = 2; i <= 4; ++i) postman.send(i, published(broker, std::to_string(i), 0));
  CHECK_FALSE(office.reports(2).at(1).is_success);
  broker.start();
  CHECK(office.all_settled(4).size() == 4);
}

TEST_CASE("mqtt notifications: who is refused is told so, and others do not wait") {
  Broker closed(Broker::Security::password);
  closed.start();
  Broker open;
  open.start();
  const auto client = listener(open);
  Office office;
  Postman postman(quick_options(), office);
  postman.start();
  auto refused = published(closed, "x", 1);
  refused.subscription = "refused";
  postman.send(1, refused);
  const auto report = office.reports(1).at(0);
  CHECK_FALSE(report.is_success);
  CHECK(report.reason.find("refuses") != std::string::npos);
  postman.send(2, published(open, "y", 1));
  CHECK(payloads(*client, 1) == "y ");
  refused.subscription = "right";
  refused.user = Broker::user;
  refused.password = Broker::password;
  postman.send(3, refused);
  CHECK(office.all_settled(2) == std::set<std::uint64_t>{2, 3});
}

}  // namespace
}  // namespace sosie::delivery
