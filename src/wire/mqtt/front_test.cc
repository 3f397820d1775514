#include "wire/mqtt/front.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie::mqtt {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// "topic=payload qos/id", or what it is instead and how large.
std::string seen(std::string_view bytes, Version version = Version::v3_1_1) {
  const auto front = look_at_front(bytes, version);
  if (front.kind == Front::Kind::publish) {
    return fmt::format("{}={} {}/{}{} of {}", front.topic, front.payload, front.qos, front.id,
                       front.retained ? " retained" : "", front.size);
  }
  return fmt::format("{} of {}", front.kind == Front::Kind::other ? "other" : "incomplete",
                     front.size);
}

TEST_CASE("mqtt front: what a connection's bytes begin with") {
  CHECK(seen("\x30\x05\x00\x01x42"sv) == "x=42 0/0 of 7");
  CHECK(seen("\x30\x05\x00\x01x42\x30\x05"sv) == "x=42 0/0 of 7");  // and what follows
  CHECK(seen("\x31\x03\x00\x01x"sv) == "x= 0/0 retained of 5");
  CHECK(seen("\x32\x06\x00\x01x\x01\x02y"sv) == "x=y 1/258 of 8");
  CHECK(seen("\x3A\x06\x00\x01x\x01\x02y"sv) == "x=y 1/258 of 8");  // comes again
  CHECK(seen("\x32\x07\x00\x01x\x01\x02\x00y"sv, Version::v5) == "x=y 1/258 of 9");
  CHECK(seen("\x30\x09\x00\x01x\x03\x01\x01\x01yz"sv, Version::v5) == "x=yz 0/0 of 11");
  const std::string large = "\x30\xE8\x07"s + "\0\x01x"s + std::string(997, 'p');
  CHECK(seen(large) == "x=" + std::string(997, 'p') + " 0/0 of 1003");

  CHECK(seen("") == "incomplete of 2");
  CHECK(seen("\x30") == "incomplete of 2");
  CHECK(seen("\x30\xFF"sv) == "incomplete of 3");
  CHECK(seen("\x30\x05\x00\x01x4"sv) == "incomplete of 7");
  CHECK(seen(std::string_view(large).substr(0, 1002)) == "incomplete of 1003");

  CHECK(seen("\xD0\x00"sv) == "other of 2");
  CHECK(seen("\x90\x03\x00\x01\x00"sv) == "other of 5");
  CHECK(seen("\x34\x06\x00\x01x\x01\x02y"sv) == "other of 8");  // QoS 2
  CHECK(seen("\x30\x02\x00\x00"sv) == "other of 4");            // no topic
  CHECK(seen("\x30\x03\x00\x02x"sv) == "other of 5");           // longer than the packet
  CHECK(seen("\x30\x01\x00"sv) == "other of 3");
  CHECK(seen("\x30\x03\x00\x01#"sv) == "other of 5");
  CHECK(seen("\x30\x03\x00\x01\xFF"sv) == "other of 5");       // no UTF-8
  CHECK(seen("\x32\x05\x00\x01x\x00\x00"sv) == "other of 7");  // packet 0
  CHECK(seen("\x32\x04\x00\x01x\x00"sv) == "other of 6");
  CHECK(seen("\x30\x05\x00\x01x\x09y"sv, Version::v5) == "other of 7");  // properties beyond it
  CHECK(seen("\x30\xFF\xFF\xFF\xFF\x00"sv) == "other of 7");
}

TEST_CASE("mqtt front: messages that are written are those that are read") {
  for (const auto version : {Version::v3_1_1, Version::v5}) {
    for (const std::size_t size : {0U, 1U, 121U, 122U, 123U, 124U, 125U, 16375U, 16380U, 16384U}) {
      CAPTURE(size);
      const std::string payload(size, 'p');
      std::string packets;
      append_publish(packets, "a/b", payload, size % 2 == 1, version);
      const auto front = look_at_front(packets, version);
      REQUIRE(front.kind == Front::Kind::publish);
      CHECK(front.size == packets.size());
      CHECK(front.topic == "a/b");
      CHECK(front.payload == payload);
      CHECK(front.qos == 0);
      CHECK(front.retained == (size % 2 == 1));
    }
  }
}

TEST_CASE("mqtt front: acknowledgements") {
  std::string packets;
  append_puback(packets, 1);
  append_puback(packets, 0xFF02);
  CHECK(packets == "\x40\x02\x00\x01\x40\x02\xFF\x02"sv);
}

}  // namespace
}  // namespace sosie::mqtt
