#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "core/source.h"
#include "testing/broker.h"
#include "wire/jws/jws.h"
#include "wire/mqtt/client.h"

namespace sosie {
void register_connectors_mqtt(Catalog& catalog);

namespace {

using std::chrono::seconds;
using testing::Broker;

/// Keeps what a source brings; commits at once, or never.
class Books final : public Intake {
 public:
  explicit Books(bool commits = true) : commits_(commits) {
    clock_.set(*from_iso8601("2026-01-01T12:00:00Z"));
  }

  Result<SeriesId> series(std::string_view entity, std::string_view attribute) override {
    if (entity == "unknown") return Error{Errc::not_found, "no series 'unknown'"};
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    return table_.declare(info);
  }
  SeriesId declare(const SeriesInfo& info) override { return table_.declare(info); }
  Admission put(std::span<const Reading> batch, std::string_view /*source*/) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& r : batch) {
      told_.push_back(fmt::format("{} {}={}{}", to_iso8601(r.at), table_[r.series].name(), r.value,
                                  r.quality == Quality::good ? "" : " not good"));
    }
    changed_.notify_all();
    return {.ticket = {1}, .taken = batch.size(), .refused = 0, .reason = {}};
  }
  Result<Admission> try_put(std::span<const Reading> batch, std::string_view source) override {
    return put(batch, source);
  }
  bool wait_durable(Ticket /*ticket*/, Duration /*patience*/) override {
    if (!commits_) std::this_thread::yield();
    return commits_;
  }
  void refuse(Refusal refusal) override {
    const std::scoped_lock lock(mutex_);
    told_.push_back(fmt::format("{}: {} [{}]", refusal.where, refusal.reason, refusal.sample));
    refused_by_ = refusal.source;
    changed_.notify_all();
  }
  void remember(std::string_view /*key*/, std::string /*bytes*/) override {}
  std::optional<std::string> recall(std::string_view /*key*/) override { return std::nullopt; }
  Clock& clock() override { return clock_; }

  /// What came, a line each, once there are `count` lines (or after ten seconds).
  std::string told(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [&] { return told_.size() >= count; });
    std::string all;
    for (const auto& line : told_) all += line + "\n";
    return all;
  }

  /// The source that refused last.
  std::string refused_by() {
    const std::scoped_lock lock(mutex_);
    return refused_by_;
  }

  /// Whether this line comes, in ten seconds.
  bool hears(const std::string& line) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(10), [&] {
      return std::find(told_.begin(), told_.end(), line) != told_.end();
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  std::string refused_by_;
  SeriesTable table_;
  ManualClock clock_;
  const bool commits_;
};

Result<std::unique_ptr<Source>> made(const std::string& toml) {
  Catalog catalog;
  register_connectors_mqtt(catalog);
  auto section = TRY(Section::read_text("kind = \"mqtt\"\n" + toml));
  return catalog.make<Source>(section);
}

/// As the engine runs a source: again after an error, until it is told to stop.
class Running {
 public:
  Running(Books& books, const std::string& toml) {
    auto source = made(toml);
    if (!source) FAIL(source.error().what);
    source_ = std::move(source).value();
    thread_ = std::jthread([this, &books](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto ran = source_->run(books, stop);
        if (!ran) ++errors_;
      }
    });
  }
  int errors() const { return errors_; }

 private:
  std::unique_ptr<Source> source_;
  std::atomic<int> errors_ = 0;
  std::jthread thread_;
};

/// A client that keeps trying to send until it could.
class Sender {
 public:
  explicit Sender(const Broker& broker) {
    mqtt::Config config;
    REQUIRE(mqtt::read_address(broker.url(), config));
    config.tls.ca_file = broker.ca_file();
    config.tls.cert_file = broker.client_cert();
    config.tls.key_file = broker.client_key();
    config.user = Broker::user;
    config.password = Broker::password;
    auto client = mqtt::Client::create(config);
    if (!client) FAIL(client.error().what);
    client_ = std::move(client).value();
    const auto connected = client_->connect({});
    if (!connected) FAIL(connected.error().what);
  }
  void send(const std::string& topic, const std::string& payload, bool retain = false) {
    REQUIRE(client_->publish(topic, payload, 1, retain, {}));
    REQUIRE(client_->flush({}));
  }

 private:
  std::unique_ptr<mqtt::Client> client_;
};

/// Retained, so that the order of sending and subscribing does not matter.
const std::string a_reading = "{\"value\": 2.5, \"time\": \"2026-01-01T11:00:00Z\"}";

TEST_CASE(
    "mqtt source: messages become readings, and what does not fit is refused with its reason") {
  Broker broker;
  broker.start();
  Sender sender(broker);
  sender.send("works/P-1/flow", a_reading, true);
  sender.send("works/P-2/flow", "7", true);
  Books books;
  const Running running(books,
                        fmt::format("url = \"{}\"\npattern = \"works/{{entity}}/{{attribute}}\"\n"
                                    "topics = [\"works/#\"]\n",
                                    broker.url()));
  CHECK(books.hears("2026-01-01T11:00:00Z P-1.flow=2.5"));
  CHECK(
      books.hears("works/P-2/flow: a retained message without a time: nobody knows when it was "
                  "measured [7]"));
  sender.send("works/P-2/level", "8.25");
  sender.send("works/P-3/level", "{\"value\": 1, \"quality\": \"uncertain\"}");
  sender.send("works/P-3/level/more", "1");
  sender.send("works/unknown/level", "1");
  sender.send("works/P-3/level", "{\"value\": ");
  sender.send("works/P-3/level", std::string(2'000, 'x'));
  sender.send("works/P-3/level", "9");
  CHECK(books.hears("2026-01-01T12:00:00Z P-3.level=9"));
  const auto all = books.told(9);
  CHECK(all.find("2026-01-01T12:00:00Z P-2.level=8.25\n") != std::string::npos);
  CHECK(all.find("2026-01-01T12:00:00Z P-3.level=1 not good\n") != std::string::npos);
  CHECK(all.find("works/P-3/level/more: the topic does not fit the pattern "
                 "'works/{entity}/{attribute}' [1]\n") != std::string::npos);
  CHECK(all.find("works/unknown/level: no series 'unknown' [1]\n") != std::string::npos);
  CHECK(all.find("works/P-3/level: ") != std::string::npos);
  CHECK(all.find("[{\"value\": ]\n") != std::string::npos);
  CHECK(all.find("[" + std::string(500, 'x') + "]\n") != std::string::npos);
}

TEST_CASE("mqtt source: where messages are to be signed, others are refused") {
  const std::string key(32, 'k');
  setenv("SOSIE_TEST_MQTT_KEY", key.c_str(), 1);
  Broker broker;
  broker.start();
  Sender sender(broker);
  const auto signed_for = [&](std::string_view topic) {
    return jws::sign(a_reading, key, "", topic);
  };
  sender.send("works/P-1/flow", signed_for("works/P-1/flow"), true);
  Books books;
  const Running running(books,
                        fmt::format("url = \"{}\"\npattern = \"works/{{entity}}/{{attribute}}\"\n"
                                    "[signed]\nkey_env = \"SOSIE_TEST_MQTT_KEY\"\n",
                                    broker.url()));
  CHECK(books.hears("2026-01-01T11:00:00Z P-1.flow=2.5"));
  sender.send("works/P-2/flow", a_reading);
  sender.send("works/P-3/flow", jws::sign(a_reading, std::string(32, 'x')));
  sender.send("works/P-5/flow", signed_for("works/P-1/flow"));  // a copy, by a listener
  sender.send("works/P-6/flow", jws::sign(a_reading, key));
  sender.send("works/P-4/flow", signed_for("works/P-4/flow"));
  CHECK(books.hears("2026-01-01T11:00:00Z P-4.flow=2.5"));
  const auto all = books.told(6);
  CHECK(all.find("works/P-5/flow: is signed for the topic 'works/P-1/flow'") != std::string::npos);
  CHECK(all.find("works/P-6/flow: the signature does not say for which topic") !=
        std::string::npos);
  CHECK(all.find("works/P-2/flow: read '{\"value\": 2.5") != std::string::npos);
  CHECK(all.find("works/P-3/flow: the signature does not fit") != std::string::npos);
}

TEST_CASE("mqtt source: several values in one message, names made of several levels") {
  Broker broker;
  broker.start();
  Sender sender(broker);
  sender.send("toulouse/centre/AQ-1", "{\"d\": {\"t\": 20, \"h\": 40}, \"at\": 1577836800}", true);
  Books books;
  const Running running(
      books, fmt::format("url = \"{}\"\nprotocol = \"3.1.1\"\nqos = 0\n"
                         "pattern = \"toulouse/{{zone}}/{{id}}\"\nentity = \"{{zone}}-{{id}}\"\n"
                         "time = \"at\"\ntime_format = \"unix\"\n"
                         "[values]\n\"d.t\" = \"temperature\"\n\"d.h\" = \"humidity\"\n",
                         broker.url()));
  CHECK(books.told(2) ==
        "2020-01-01T00:00:00Z centre-AQ-1.humidity=40\n"
        "2020-01-01T00:00:00Z centre-AQ-1.temperature=20\n");
}

TEST_CASE("mqtt source: what is not committed is not acknowledged, and comes again") {
  Broker broker;
  broker.start();
  const auto toml = fmt::format("url = \"{}\"\npattern = \"w/{{entity}}\"\n", broker.url());
  {
    Books books;  // makes the session
    const Running running(books, toml);
    Sender(broker).send("w/a", a_reading, true);
    CHECK(books.hears("2026-01-01T11:00:00Z a=2.5"));
  }
  Sender sender(broker);
  sender.send("w/b", a_reading);
  {
    Books broken(false);  // takes readings, but its disk is dead
    const Running running(broken, toml);
    CHECK(broken.hears("2026-01-01T11:00:00Z b=2.5"));
  }
  Books books;
  const Running running(books, toml);
  CHECK(books.hears("2026-01-01T11:00:00Z b=2.5"));
}

TEST_CASE("mqtt source: a broker that is down at the start, and dies later") {
  Broker broker;
  Books books;
  const Running running(books,
                        fmt::format("url = \"{}\"\npattern = \"w/{{entity}}\"\n", broker.url()));
  while (running.errors() == 0) std::this_thread::yield();
  broker.start();
  Sender(broker).send("w/a", a_reading, true);
  CHECK(books.hears("2026-01-01T11:00:00Z a=2.5"));
  const int before = running.errors();
  broker.kill();
  while (running.errors() == before) std::this_thread::yield();
  broker.start();
  Sender(broker).send("w/b", a_reading, true);
  CHECK(books.hears("2026-01-01T11:00:00Z b=2.5"));
}

TEST_CASE("mqtt source: user and password") {
  Broker broker(Broker::Security::password);
  broker.start();
  Sender(broker).send("w/a", a_reading, true);
  setenv("SOSIE_TEST_MQTT", Broker::password, 1);
  const auto toml = [&](const char* user) {
    return fmt::format(
        "url = \"mqtt://{}@localhost:{}\"\npattern = \"w/{{entity}}\"\n"
        "password_env = \"SOSIE_TEST_MQTT\"\n",
        user, broker.port());
  };
  Books books;
  const Running running(books, toml(Broker::user));
  CHECK(books.hears("2026-01-01T11:00:00Z a=2.5"));

  auto stranger = made(toml("stranger"));
  REQUIRE(stranger);
  const auto ran = (*stranger)->run(books, {});
  REQUIRE_FALSE(ran);
  CHECK(ran.error().what ==
        fmt::format("localhost:{}: the broker refuses: Not authorized", broker.port()));
}

TEST_CASE("mqtt source: TLS") {
  Broker broker(Broker::Security::tls);
  broker.start();
  Sender(broker).send("w/a", a_reading, true);
  const auto toml = fmt::format("url = \"{}\"\npattern = \"w/{{entity}}\"\n", broker.url());
  Books books;
  const Running running(
      books, toml + fmt::format("[tls]\nca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"\n",
                                broker.ca_file(), broker.client_cert(), broker.client_key()));
  CHECK(books.hears("2026-01-01T11:00:00Z a=2.5"));

  const auto trusting_nobody = made(toml);
  REQUIRE(trusting_nobody);
  const auto ran = (*trusting_nobody)->run(books, {});
  REQUIRE_FALSE(ran);
  CHECK(ran.error().what.find("certificate verify failed") != std::string::npos);
}

TEST_CASE("mqtt source: keys") {
  struct Case {
    const char* toml;
    const char* expected;  ///< the error's end
  };
  const std::string good = "url = \"mqtt://h\"\npattern = \"w/{entity}\"\n";
  CHECK(made(good));
  const Case wrong_in_good[] = {
      {"qos = 2", "'qos' is 2, expected 0 or 1"},
      {"keepalive = \"1s\"", "'keepalive' is \"1s\"; expected 5s to 18h"},
      {"entity = \"{enity}\"", "'entity' uses '{enity}', which is not in the pattern 'w/{entity}'"},
      {"value = \"a\"\n[values]\nb = \"c\"",
       "'values' stands beside 'value'; expected one of the two"},
      {"[tls]\ncert = \"a\"", "'cert' stands alone; expected both cert and key"},
      {"[tls]\ncert = \"a\"\nkey = \"b\"",
       "'cert' is given without ca; expected the file of the broker's authority"},
      {"[tls]\nca = \"a\"", "'url' begins with mqtt://, but [tls] has keys; expected mqtts://"},
      {"[will]\nqos = 2", "'qos' is 2, expected 0 or 1"},
      {"words = {free = \"no\"}", "'words' 'no' is no number"},
      {"format = \"senml\"", "'values' is missing; expected the names of SenML's records"},
      {"[[map]]\npattern = \"x/{entity}\"",
       "'pattern' stands beside 'map'; expected one of the two"},
      {"[status]\nonline = \"1\"", "'pattern' is missing in [status]"},
      {"[signed]",
       "'signed' is a table; expected one of key_env, key_file (a key of all senders) and keys (a "
       "file of "
       "names and keys)"},
  };
  for (const auto& c : wrong_in_good) {
    CAPTURE(std::string(c.toml));
    const auto source = made(good + c.toml);
    REQUIRE_FALSE(source);
    CAPTURE(source.error().what);
    CHECK(source.error().what.ends_with(c.expected));
  }
  for (const auto* toml :
       {"protocol = \"4\"", "zone = \"Mars\"", "time_format = \"odd\"",
        "password_env = \"SOSIE_NOT_SET\"", "topic = \"x\"", "[tls]\nfile = \"x\""}) {
    CAPTURE(std::string(toml));
    CHECK_FALSE(made(good + toml));
  }
  CHECK(
      made("url = \"mqtt://h\"\n[[map]]\npattern = \"w/{entity}\"\n[[map]]\npattern = "
           "\"v/{entity}\"\nformat = \"senml\"\n[map.values]\nt = \"temperature\"\n"));
  CHECK_FALSE(made("url = \"mqtt://h\"\n[[map]]\npattern = \"w/{entity}\"\nqos = 1\n"));
  CHECK_FALSE(made("pattern = \"w/{entity}\""));
  CHECK_FALSE(made("url = \"mqtt://h\""));
  CHECK_FALSE(made("url = \"http://h\"\npattern = \"w/{entity}\""));
  CHECK_FALSE(made("url = \"mqtt://h\"\npattern = \"w/{x\""));
  CHECK_FALSE(made("url = \"mqtt://h\"\npattern = \"w/{x}\""));  // no entity
}

TEST_CASE("mqtt source: the sample is a scenario's part that works") {
  Catalog catalog;
  register_connectors_mqtt(catalog);
  setenv("SOSIE_MQTT_PASSWORD", "x", 1);
  auto section = Section::read_file(SOSIE_ROOT "/src/connectors/mqtt/sample.toml");
  REQUIRE(section);
  auto sources = section->tables("source");
  REQUIRE(sources);
  const auto source = catalog.make<Source>(sources->front());
  if (!source) FAIL(source.error().what);
}

TEST_CASE("mqtt: a source says its name, and takes a retained message being cleared for no error") {
  Broker broker;
  broker.start();
  Sender sender(broker);
  sender.send("w/N1", a_reading, true);
  Books books;
  const Running running(
      books, fmt::format("name = \"raw\"\nurl = \"{}\"\npattern = \"w/{{entity}}\"", broker.url()));
  REQUIRE(books.told(1).find("=2.5") != std::string::npos);
  sender.send("w/N1", "", true);
  sender.send("w/N1", "x");
  CHECK(books.told(2).find("w/N1: read 'x', expected a number or JSON [x]") != std::string::npos);
  CHECK(books.refused_by() == "raw");
  sender.send("w/N1", "");
  CHECK(books.hears("w/N1: is empty, and nothing was retained here that it clears []"));
}

TEST_CASE("mqtt: a message whose clock is ahead is refused once, and not with each of its values") {
  Broker broker;
  broker.start();
  Books books;
  const Running running(books, fmt::format("url = \"{}\"\npattern = \"w/{{entity}}\"\n"
                                           "[values]\na = \"a\"\nb = \"b\"\n",
                                           broker.url()));
  Sender sender(broker);
  sender.send("w/N1", R"({"a": 1, "b": 2, "time": "2201-01-01T00:00:00Z"})", true);
  CHECK(
      books.hears("w/N1: the time is not between 1980 and 2200: is its unit right? (2 values) "
                  R"([{"a": 1, "b": 2, "time": "2201-01-01T00:00:00Z"}])"));
  sender.send("w/N2", R"({"a": 3, "b": 4, "time": "2026-01-01T11:00:00Z"})");
  REQUIRE(books.hears("2026-01-01T11:00:00Z N2.b=4"));
  const auto all = books.told(0);
  CHECK(std::ranges::count(all, '\n') == 3);
}

TEST_CASE("mqtt: a Sparkplug host that stops in order says that it has gone") {
  Broker broker;
  broker.start();
  mqtt::Config config;
  REQUIRE(mqtt::read_address(broker.url(), config));
  auto listening = mqtt::Client::create(config);
  REQUIRE(listening);
  REQUIRE((*listening)->connect({}));
  REQUIRE((*listening)->subscribe({"spBv1.0/STATE/+"}, 1, {}));
  const auto hear = [&] {
    const auto messages = (*listening)->receive(1, std::chrono::seconds(10), {});
    REQUIRE(messages);
    REQUIRE(messages->size() == 1);
    std::string payload((*messages)[0].payload);
    REQUIRE((*listening)->acknowledge({}));
    return payload;
  };
  Books books;
  {
    const Running running(books, fmt::format("url = \"{}\"\nformat = \"sparkplug\"\n"
                                             "host_id = \"sosie\"",
                                             broker.url()));
    CHECK(hear().find("\"online\":true") != std::string::npos);
  }
  CHECK(hear().find("\"online\":false") != std::string::npos);
}

}  // namespace
}  // namespace sosie
