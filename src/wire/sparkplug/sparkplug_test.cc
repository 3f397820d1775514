#include <vector>

#include <doctest/doctest.h>
#include <protozero/pbf_writer.hpp>

#include "wire/sparkplug/host.h"
#include "wire/sparkplug/payload.h"

namespace sosie::sparkplug {
namespace {

using std::chrono::milliseconds;

constexpr Timestamp noon = Timestamp(milliseconds(1'700'000'000'000));

/// A payload, field by field.
class Made {
 public:
  explicit Made(std::optional<int> seq, Timestamp at = noon) : writer_(bytes_) {
    writer_.add_uint64(1, ms(at));
    if (seq) writer_.add_uint64(3, static_cast<std::uint64_t>(*seq));
  }
  struct Metric {
    std::string name{};  ///< "": none
    std::optional<std::uint64_t> alias{};
    Type type = Type::real64;
    std::optional<double> real{};
    std::optional<std::uint32_t> narrow{};
    std::optional<std::uint64_t> wide{};
    bool is_null = false;
    bool is_historical = false;
    std::optional<Timestamp> at{};
  };
  Made& metric(const Metric& made) {
    protozero::pbf_writer fields(writer_, 2);
    if (!made.name.empty()) fields.add_string(1, made.name);
    if (made.alias) fields.add_uint64(2, *made.alias);
    if (made.at) fields.add_uint64(3, ms(*made.at));
    if (made.type != Type::unknown) fields.add_uint32(4, static_cast<std::uint32_t>(made.type));
    if (made.is_historical) fields.add_bool(5, true);
    if (made.is_null) fields.add_bool(7, true);
    if (made.narrow) fields.add_uint32(10, *made.narrow);
    if (made.wide) fields.add_uint64(11, *made.wide);
    if (made.real) fields.add_double(13, *made.real);
    return *this;
  }
  Made& session(std::uint64_t number) {
    return metric({.name = "bdSeq", .type = Type::int64, .wide = number});
  }
  const std::string& bytes() const { return bytes_; }

 private:
  static std::uint64_t ms(Timestamp at) {
    return static_cast<std::uint64_t>(at.time_since_epoch() / milliseconds(1));
  }
  std::string bytes_;
  protozero::pbf_writer writer_;
};

struct Told {
  Host host{};
  Changes changes{};
  std::string wrong{};
  Timestamp now = noon;

  void take(std::string_view topic, const Made& made) {
    changes = {};
    const auto read = read_topic(topic);
    REQUIRE(read);
    const auto taken = host.take(*read, made.bytes(), now, changes);
    wrong = taken ? "" : taken.error().what;
  }
  std::string only_metric() const {
    REQUIRE(changes.values.size() == 1);
    const auto& channel = host.channel(changes.values[0].channel);
    return fmt::format("{}/{}/{}={}", channel.node, channel.device, channel.metric,
                       changes.values[0].value);
  }
};

TEST_CASE("sparkplug: topics") {
  const auto device = read_topic("spBv1.0/plant/DDATA/gate/pump-1");
  REQUIRE(device);
  CHECK(device->group == "plant");
  CHECK(device->verb == Verb::ddata);
  CHECK(device->node == "gate");
  CHECK(device->device == "pump-1");
  const auto node = read_topic("spBv1.0/plant/NBIRTH/gate");
  REQUIRE(node);
  CHECK(node->verb == Verb::nbirth);
  CHECK(node->device.empty());
  CHECK(read_topic("spBv1.0/plant/NCMD/gate")->verb == Verb::other);
  for (const auto* const text : {"spAv1.0/plant/NDATA/gate", "spBv1.0/plant/NDATA/gate/pump",
                                 "spBv1.0/plant/DDATA/gate", "spBv1.0/STATE/host", "a/b/c/d/e/f"}) {
    CAPTURE(text);
    CHECK_FALSE(read_topic(text));
  }
  CHECK(command_topic("plant", "gate") == "spBv1.0/plant/NCMD/gate");
}

TEST_CASE("sparkplug: numbers of each type") {
  const auto number = [](Type type, std::uint64_t whole) {
    Metric metric;
    metric.type = type;
    metric.whole = whole;
    return metric.number(Type::unknown);
  };
  CHECK(number(Type::int8, 0xFFFFFFFE) == -2);
  CHECK(number(Type::int16, 0xFFFF) == -1);
  CHECK(number(Type::int32, 0x80000000) == -2147483648.0);
  CHECK(number(Type::int64, ~std::uint64_t{0}) == -1);
  CHECK(number(Type::uint32, 0xFFFFFFFE) == 4294967294.0);
  CHECK(number(Type::boolean, 1) == 1);
  CHECK_FALSE(number(Type::other, 1));

  Payload payload;
  REQUIRE(read_payload(Made(3).metric({.name = "a", .is_null = true}).bytes(), payload));
  CHECK(payload.at == noon);
  CHECK(payload.seq == 3);
  REQUIRE(payload.metrics.size() == 1);
  CHECK_FALSE(payload.metrics[0].number(Type::unknown));
}

TEST_CASE("sparkplug: what is no payload says so") {
  Payload payload;
  const auto cut = read_payload(std::string_view("\x12\x7F\x0A", 3), payload);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().what.starts_with("no Sparkplug B payload: "));
  for (const char flag : {'\x28', '\x38', '\x70'}) {      // ends where a flag's value would be
    const std::vector<char> bytes{'\x12', '\x01', flag};  // of that size: a sanitizer sees more
    CHECK_FALSE(read_payload(std::string_view(bytes.data(), bytes.size()), payload));
  }
  // A field that is written otherwise than it must be is passed over.
  REQUIRE(read_payload(std::string_view("\x0A\x01\x41\x18\x05", 5), payload));
  CHECK_FALSE(payload.at);
  CHECK(payload.seq == 5);
}

TEST_CASE("sparkplug: births give aliases, data use them") {
  Told told;
  told.take("spBv1.0/g/NBIRTH/n",
            Made(0).session(4).metric(
                {.name = "Node Control/Rebirth", .type = Type::boolean, .narrow = 0}));
  CHECK(told.wrong.empty());
  CHECK(told.changes.values.empty());
  told.take(
      "spBv1.0/g/DBIRTH/n/d",
      Made(1).metric({.name = "flow", .alias = 7, .type = Type::int32, .narrow = 0xFFFFFFFF}));
  CHECK(told.only_metric() == "n/d/flow=-1");
  // Neither name nor type again.
  told.take("spBv1.0/g/DDATA/n/d",
            Made(2).metric({.alias = 7, .type = Type::unknown, .narrow = 0xFFFFFFFB}));
  CHECK(told.only_metric() == "n/d/flow=-5");
  CHECK(told.changes.wanted.empty());
  CHECK(told.wrong.empty());
}

TEST_CASE("sparkplug: data before a birth, and of metrics nobody told of, ask for a birth") {
  Told told;
  told.take("spBv1.0/g/NDATA/n", Made(9).metric({.name = "flow", .real = 1}));
  CHECK(told.wrong == "'n' has not told of itself yet; it is asked to");
  REQUIRE(told.changes.wanted.size() == 1);
  CHECK(told.changes.wanted[0].node == "n");
  told.take("spBv1.0/g/NDATA/n", Made(10).metric({.name = "flow", .real = 1}));
  CHECK(told.changes.wanted.empty());  // asked a moment ago
  told.now += std::chrono::seconds(6);
  told.take("spBv1.0/g/NDATA/n", Made(11).metric({.name = "flow", .real = 1}));
  CHECK(told.changes.wanted.size() == 1);

  told.now += std::chrono::seconds(6);
  told.take("spBv1.0/g/NBIRTH/n", Made(0).metric({.name = "flow", .alias = 1, .real = 2}));
  told.take("spBv1.0/g/NDATA/n",
            Made(1).metric({.alias = 1, .real = 3}).metric({.alias = 99, .real = 3}));
  CHECK(told.only_metric() == "n//flow=3");  // the rest counts
  CHECK(told.wrong == "1 of 2 metrics are none that its birth told of; it is asked to tell again");
  CHECK(told.changes.wanted.size() == 1);
}

TEST_CASE("sparkplug: a gap in the sequence is noticed, its round is none") {
  Told told;
  told.take("spBv1.0/g/NBIRTH/n", Made(254).metric({.name = "flow", .alias = 1, .real = 2}));
  for (const int seq : {255, 0, 1}) {
    told.take("spBv1.0/g/NDATA/n", Made(seq).metric({.alias = 1, .real = 3}));
    CHECK(told.changes.wanted.empty());
  }
  told.take("spBv1.0/g/NDATA/n", Made(3).metric({.alias = 1, .real = 4}));
  CHECK(told.changes.wanted.size() == 1);
  CHECK(told.only_metric() == "n//flow=4");
}

TEST_CASE("sparkplug: deaths") {
  Told told;
  told.take("spBv1.0/g/NBIRTH/n", Made(0).session(4).metric({.name = "load", .real = 2}));
  told.take("spBv1.0/g/DBIRTH/n/d", Made(1).metric({.name = "flow", .real = 5}));
  told.now += milliseconds(500);

  SUBCASE("of a device") {
    told.take("spBv1.0/g/DDEATH/n/d", Made(2));
    REQUIRE(told.changes.gone.size() == 1);
    CHECK(told.changes.gone[0].value == 5);
    CHECK(told.changes.gone[0].at == told.now);
    told.take("spBv1.0/g/NDATA/n", Made(3).metric({.name = "load", .real = 3}));
    CHECK(told.only_metric() == "n//load=3");
  }
  SUBCASE("of a node, with its devices; the next birth's old value holds from then on") {
    told.take("spBv1.0/g/NDEATH/n", Made({}).session(4));
    CHECK(told.changes.gone.size() == 2);
    told.take("spBv1.0/g/NDATA/n", Made(2).metric({.name = "load", .real = 3}));
    CHECK(told.changes.values.empty());
    told.take("spBv1.0/g/NBIRTH/n", Made(0).session(5).metric({.name = "load", .real = 2}));
    CHECK(told.only_metric() == "n//load=2");
    CHECK(told.changes.values[0].at == told.now + milliseconds(1));
    CHECK(told.changes.gone.empty());  // that was told already
  }
  SUBCASE("the will of an earlier connection") {
    told.take("spBv1.0/g/NDEATH/n", Made({}).session(3));
    CHECK(told.changes.gone.empty());
    told.take("spBv1.0/g/NDATA/n", Made(2).metric({.name = "load", .real = 3}));
    CHECK(told.wrong.empty());
  }
  SUBCASE("a node born again: its devices are not there until they are born, too") {
    told.take("spBv1.0/g/NBIRTH/n", Made(0).session(4).metric({.name = "load", .real = 2}));
    CHECK(told.changes.gone.size() == 1);
    told.take("spBv1.0/g/DDATA/n/d", Made(1).metric({.name = "flow", .real = 6}));
    CHECK(told.wrong == "'n/d' has not told of itself yet; it is asked to");
  }
}

TEST_CASE("sparkplug: what was stored while the line was down does not become the last value") {
  Told told;
  told.take("spBv1.0/g/NBIRTH/n", Made(0).metric({.name = "load", .real = 2}));
  told.take(
      "spBv1.0/g/NDATA/n",
      Made(1).metric(
          {.name = "load", .real = 9, .is_historical = true, .at = noon - std::chrono::hours(1)}));
  CHECK(told.changes.values[0].at == noon - std::chrono::hours(1));
  told.take("spBv1.0/g/NDEATH/n", Made({}));
  REQUIRE(told.changes.gone.size() == 1);
  CHECK(told.changes.gone[0].value == 2);
}

TEST_CASE("sparkplug: the command that asks for a birth") {
  Payload payload;
  const auto bytes = rebirth_command(noon);
  REQUIRE(read_payload(bytes, payload));
  REQUIRE(payload.metrics.size() == 1);
  CHECK(payload.metrics[0].name == "Node Control/Rebirth");
  CHECK(payload.metrics[0].type == Type::boolean);
  CHECK(payload.metrics[0].number(Type::unknown) == 1);
}

}  // namespace
}  // namespace sosie::sparkplug
