// What scenarios say of LoRaWAN and Sparkplug, and what cannot be.

#include <doctest/doctest.h>

#include "connectors/mqtt/lorawan.h"
#include "connectors/mqtt/sparkplug.h"

namespace sosie::mqtt {
namespace {

std::string wrong(std::string_view toml) {
  auto section = Section::read_text(toml, "test");
  REQUIRE(section);
  auto read = read_lorawan(lorawan::Server::chirpstack, *section);
  if (!read) return read.error().what;
  const auto finished = section->finish();
  return finished ? "" : finished.error().what;
}

TEST_CASE("mqtt: codecs of LoRaWAN devices, as a scenario says them") {
  CHECK(wrong("").empty());
  CHECK(wrong("[[codec]]\nkind = 'cayenne'").empty());
  CHECK(
      wrong("[[codec]]\nkind = 'fields'\n[[codec.field]]\nattribute = 't'\ntype = 'i16'").empty());
  CHECK(wrong("[[codec]]\nkind = 'fields'").find("is missing") != std::string::npos);
  CHECK(wrong("[[codec]]\n[[codec.field]]\nattribute = 't'\ntype = 'i16'").find("only for kind") !=
        std::string::npos);
  CHECK(wrong("[[codec]]\nkind = 'fields'\n[[codec.field]]\nattribute = 't'\ntype = 'word'")
            .find("read 'word', expected u, i or f and bits") != std::string::npos);
  CHECK(
      wrong("[[codec]]\nkind = 'fields'\n[[codec.field]]\nattribute = 't'\ntype = 'u8'\nshift = 8")
          .find("expected 0 to 7") != std::string::npos);
  CHECK(wrong("[[codec]]\nkind = 'fields'\n[[codec.field]]\nattribute = 't'\ntype = 'u8'\nbyte = 8")
            .find("byte") != std::string::npos);
  CHECK(wrong("entity = '{devise}'").find("devise") != std::string::npos);
}

TEST_CASE("mqtt: topics of the network servers and of Sparkplug") {
  auto section = Section::read_text("", "test");
  REQUIRE(section);
  const auto things = read_lorawan(lorawan::Server::the_things, *section);
  REQUIRE(things);
  CHECK(things->topics == std::vector<std::string>{"v3/+/devices/+/up"});
  const auto sparkplug = read_sparkplug(*section);
  REQUIRE(sparkplug);
  CHECK(sparkplug->topics.size() == 6);
  auto named = Section::read_text("host_id = 'a/b'", "test");
  REQUIRE(named);
  CHECK_FALSE(read_sparkplug(*named));
}

TEST_CASE("mqtt: a primary host's will and greeting tell of the same time") {
  auto section = Section::read_text("host_id = 'sosie'", "test");
  REQUIRE(section);
  const auto read = read_sparkplug(*section);
  REQUIRE(read);
  Config client;
  const Timestamp now(std::chrono::milliseconds(1'700'000'000'123));
  read->interpreter->connecting(client, now);
  CHECK(client.will.topic == "spBv1.0/STATE/sosie");
  CHECK(client.will.payload == R"({"online":false,"timestamp":1700000000123})");
  CHECK(client.will.retain);
  const auto replies = read->interpreter->take_replies();
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].payload == R"({"online":true,"timestamp":1700000000123})");
  CHECK(read->interpreter->take_replies().empty());
  const auto last = read->interpreter->last_word(now);
  REQUIRE(last);
  CHECK(last->topic == "spBv1.0/STATE/sosie");
  CHECK(last->payload == R"({"online":false,"timestamp":1700000000123})");
  CHECK(last->retain);
}

}  // namespace
}  // namespace sosie::mqtt
