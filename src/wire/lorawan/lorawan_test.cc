#include <doctest/doctest.h>

#include "base/time_text.h"
#include "wire/lorawan/codec.h"
#include "wire/lorawan/uplink.h"

namespace sosie::lorawan {
namespace {

// As each server's documentation shows its messages, shortened.
constexpr std::string_view from_chirpstack = R"({
  "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
  "time": "2022-07-18T09:34:15.775023242+00:00",
  "deviceInfo": {"tenantName": "ChirpStack", "applicationName": "Soil",
    "deviceProfileName": "soil-v2", "deviceName": "field-7", "devEui": "0101010101010101",
    "tags": {"key": "value"}},
  "devAddr": "00189440", "dr": 1, "fPort": 2, "data": "AQhmAA==",
  "object": {"moisture": 21.5},
  "rxInfo": [{"gatewayId": "a", "rssi": -90, "snr": 2.5}, {"gatewayId": "b", "rssi": -48, "snr": 9}]
})";

constexpr std::string_view from_the_things = R"({
  "end_device_ids": {"device_id": "dev1", "application_ids": {"application_id": "app1"},
    "dev_eui": "0004A30B001C0530"},
  "received_at": "2020-02-12T15:15:46.000000000Z",
  "uplink_message": {"f_port": 1, "frm_payload": "gkHe", "decoded_payload": {"temperature": 1.5},
    "version_ids": {"brand_id": "the-things-products", "model_id": "the-things-uno"},
    "rx_metadata": [{"gateway_ids": {"gateway_id": "gtw1"}, "rssi": -35, "snr": 5}],
    "received_at": "2020-02-12T15:15:45.787Z"}
})";

std::string bytes(std::initializer_list<int> list) {
  std::string made;
  for (const int byte : list) made.push_back(static_cast<char>(byte));
  return made;
}

Uplink uplink_of(Server server, const json::Value& message) {
  auto read = read_uplink(server, message);
  REQUIRE_MESSAGE(read, (read ? "" : read.error().what));
  return *read;
}

std::string refusal(Server server, std::string_view text) {
  const auto message = json::parse(text);
  REQUIRE(message);
  const auto read = read_uplink(server, *message);
  return read ? "" : read.error().what;
}

TEST_CASE("lorawan: ChirpStack's uplink") {
  const auto message = json::parse(from_chirpstack);
  REQUIRE(message);
  const auto uplink = uplink_of(Server::chirpstack, *message);
  CHECK(uplink.device == "field-7");
  CHECK(uplink.eui == "0101010101010101");
  CHECK(uplink.profile == "soil-v2");
  CHECK(uplink.application == "Soil");
  CHECK(uplink.port == 2);
  CHECK(uplink.payload == bytes({1, 8, 0x66, 0}));
  REQUIRE(uplink.at);
  CHECK(to_iso8601(*uplink.at) == "2022-07-18T09:34:15.775023Z");
  CHECK(uplink.rssi_dbm == -48);  // of the better gateway
  CHECK(uplink.snr_db == 9);
  REQUIRE(uplink.decoded != nullptr);
  CHECK(uplink.decoded->find("moisture")->number() == 21.5);
}

TEST_CASE("lorawan: The Things Stack's uplink") {
  const auto message = json::parse(from_the_things);
  REQUIRE(message);
  const auto uplink = uplink_of(Server::the_things, *message);
  CHECK(uplink.device == "dev1");
  CHECK(uplink.eui == "0004a30b001c0530");
  CHECK(uplink.profile == "the-things-uno");
  CHECK(uplink.application == "app1");
  CHECK(uplink.payload == bytes({0x82, 0x41, 0xDE}));
  REQUIRE(uplink.at);
  CHECK(to_iso8601(*uplink.at) == "2020-02-12T15:15:45.787Z");
}

TEST_CASE("lorawan: what is no uplink says why") {
  CHECK(refusal(Server::chirpstack, "{}") ==
        "there is no 'deviceInfo.deviceName' nor 'deviceInfo.devEui': no uplink");
  CHECK(refusal(Server::chirpstack, R"({"deviceInfo":{"deviceName":7}})") ==
        "'deviceInfo.deviceName': read a number, expected a text");
  CHECK(refusal(Server::chirpstack, R"({"deviceInfo":{"deviceName":"a"},"data":"AQh"})") ==
        "'data': read 'AQh', expected base64");
  CHECK(refusal(Server::chirpstack, R"({"deviceInfo":{"deviceName":"a"},"data":"A*hm"})") ==
        "'data': read 'A*hm', expected base64");
  CHECK(refusal(Server::chirpstack, R"({"deviceInfo":{"deviceName":"a"},"fPort":300})") ==
        "'fPort': expected a number up to 255");
  CHECK(refusal(Server::chirpstack, R"({"deviceInfo":{"deviceName":"a"},"time":"noon"})") ==
        "'time': read 'noon', expected a time");
}

FieldAt field(std::string_view attribute, std::size_t first, std::string_view type) {
  FieldAt made;
  made.attribute = attribute;
  made.first = first;
  REQUIRE(set_type(type, made));
  return made;
}

TEST_CASE("lorawan: fields of a data sheet") {
  std::vector<FieldAt> fields{field("a", 0, "i16"), field("b", 2, "u16le"), field("c", 4, "f32"),
                              field("d", 8, "i24le"), field("e", 11, "u8")};
  fields[0].scale = 0.01;
  fields[0].offset = -1;
  fields[4].shift = 2;
  fields[4].bits = 3;
  const auto payload =
      bytes({0xFF, 0x9C, 0x34, 0x12, 0x41, 0x48, 0, 0, 0xFE, 0xFF, 0xFF, 0b11010110});
  Decoded out;
  REQUIRE(decode_fields(fields, payload, 1, out));
  REQUIRE(out.size() == 5);
  CHECK(out[0].second == doctest::Approx(-2));  // -100 * 0.01 - 1
  CHECK(out[1].second == 0x1234);
  CHECK(out[2].second == 12.5);
  CHECK(out[3].second == -2);
  CHECK(out[4].second == 0b101);

  SUBCASE("a signed part of a byte") {
    fields = {field("f", 0, "i8")};
    fields[0].shift = 4;
    out.clear();
    REQUIRE(decode_fields(fields, bytes({0xE0}), 1, out));
    CHECK(out[0].second == -2);
  }
  SUBCASE("too short") {
    const auto cut = decode_fields(fields, std::string_view(payload).substr(0, 11), 1, out);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().what == "'e' ends at byte 12, the payload has 11");
  }
  SUBCASE("of another port") {
    for (auto& one : fields) one.port = 5;
    const auto none = decode_fields(fields, payload, 1, out);
    REQUIRE_FALSE(none);
    CHECK(none.error().what == "no field is of port 1");
  }
  SUBCASE("not a number") {
    const auto nan = decode_fields({field("c", 0, "f32")}, bytes({0x7F, 0xC0, 0, 0}), 1, out);
    REQUIRE_FALSE(nan);
    CHECK(nan.error().what == "'c' is no number");
  }
}

TEST_CASE("lorawan: types that are none") {
  for (const auto* const text : {"", "u", "u7", "u72", "f16", "x8", "le", "u8be"}) {
    FieldAt made;
    CAPTURE(text);
    CHECK_FALSE(set_type(text, made));
  }
}

TEST_CASE("lorawan: Cayenne LPP, the examples of its own documentation") {
  Decoded out;
  REQUIRE(decode_cayenne(bytes({0x03, 0x67, 0x01, 0x10, 0x05, 0x67, 0x00, 0xFF}), out));
  REQUIRE(out.size() == 2);
  CHECK(out[0].first == "temperature_3");
  CHECK(out[0].second == 27.2);
  CHECK(out[1].first == "temperature_5");
  CHECK(out[1].second == 25.5);

  out.clear();
  REQUIRE(decode_cayenne(bytes({0x06, 0x71, 0x04, 0xD2, 0xFB, 0x2E, 0x00, 0x00}), out));
  REQUIRE(out.size() == 3);
  CHECK(out[0].first == "accelerometer_6.x");
  CHECK(out[0].second == doctest::Approx(1.234));
  CHECK(out[1].second == doctest::Approx(-1.234));
  CHECK(out[2].second == 0);

  out.clear();
  REQUIRE(decode_cayenne(bytes({0x01, 0x88, 0x06, 0x76, 0x5F, 0xF2, 0x96, 0x0A, 0x00, 0x03, 0xE8}),
                         out));
  REQUIRE(out.size() == 3);
  CHECK(out[0].first == "gps_1.latitude");
  CHECK(out[0].second == doctest::Approx(42.3519));
  CHECK(out[1].second == doctest::Approx(-87.9094));
  CHECK(out[2].second == doctest::Approx(10));
}

TEST_CASE("lorawan: Cayenne LPP that is none") {
  Decoded out;
  const auto why = [&](std::initializer_list<int> list) {
    const auto done = decode_cayenne(bytes(list), out);
    return done ? "" : done.error().what;
  };
  CHECK(why({}) == "the payload is empty");
  CHECK(why({1}) == "cut short behind a channel");
  CHECK(why({1, 0x67, 0}) == "cut short in temperature of channel 1");
  CHECK(why({1, 99, 0}) == "type 99 of channel 1 is unknown to Cayenne LPP");
}

}  // namespace
}  // namespace sosie::lorawan
