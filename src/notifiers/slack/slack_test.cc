#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "testing/alarm_sample.h"
#include "testing/http_receiver.h"

namespace sosie {
void register_notifiers_slack(Catalog& catalog);
namespace {

using testing::sample_event;
using testing::sample_series;

/// With its address in the environment.
Result<std::unique_ptr<Notifier>> make(const std::string& url, const std::string& toml) {
  ::setenv("SOSIE_TEST_SLACK", url.c_str(), 1);
  Catalog catalog;
  register_notifiers_slack(catalog);
  auto section = Section::read_text("kind = 'slack'\n" + toml);
  REQUIRE(section);
  return catalog.make<Notifier>(*section);
}

std::string url(int port) {
  return fmt::format("http://127.0.0.1:{}/services/T0/B0/s3cret", port);
}

constexpr const char* from_environment = "url_env = 'SOSIE_TEST_SLACK'\n";

TEST_CASE("slack: what it posts") {
  testing::HttpReceiver receiver("200 OK");
  auto notifier = make(url(receiver.port()),
                       std::string(from_environment) + "link = 'https://sosie.example/?a=1&b=2'\n");
  REQUIRE(notifier);
  auto event = sample_event(AlarmEvent::What::raised);
  event.alarm.message.en = "<!channel> & \"more\"";
  REQUIRE((*notifier)->tell(event, sample_series()));
  REQUIRE(receiver.requests().size() == 1);
  const auto request = receiver.requests()[0];
  CHECK(request.starts_with("POST /services/T0/B0/s3cret HTTP/1.1\r\n"));
  CHECK(request.find("Content-Type: application/json\r\n") != std::string::npos);
  CHECK(receiver.bodies()[0] ==
        R"({"text":"High alarm: &lt;!channel&gt; &amp; \"more\"","blocks":[)"
        R"({"type":"section","text":{"type":"mrkdwn","text":"*High alarm: &lt;!channel&gt; &amp; )"
        R"(\"more\"*"}},{"type":"section","fields":[)"
        R"({"type":"mrkdwn","text":"*Sensor*\nAIT-806-TSS"},)"
        R"({"type":"mrkdwn","text":"*Stage*\nsortie_controle"},)"
        R"({"type":"mrkdwn","text":"*Asset*\ntraffeyere"},)"
        R"J({"type":"mrkdwn","text":"*Since*\n2026-11-20 10:00:00 (UTC)"}]},)J"
        R"({"type":"section","text":{"type":"mrkdwn",)"
        R"("text":"<https://sosie.example/?a=1&amp;b=2|Open Sosie>"}}]})");
}

TEST_CASE("slack: neither an error nor a section's shows the address") {
  testing::HttpReceiver receiver("404 Not Found");
  auto notifier = make(url(receiver.port()), from_environment);
  REQUIRE(notifier);
  const auto told = (*notifier)->tell(sample_event(AlarmEvent::What::raised), sample_series());
  REQUIRE(!told);
  CHECK(told.error().what == fmt::format("127.0.0.1:{}: answered 404", receiver.port()));
  for (const char* wrong : {"ftp://hooks.example/s3cret", "s3cret"}) {
    const auto made = make(wrong, from_environment);
    REQUIRE(!made);
    CHECK(made.error().what.find("url_env") != std::string::npos);
    CHECK(made.error().what.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("slack: a body that it refuses is not sent again") {
  testing::HttpReceiver receiver("400 Bad Request");
  auto notifier = make(url(receiver.port()), from_environment);
  REQUIRE(notifier);
  CHECK((*notifier)->tell(sample_event(AlarmEvent::What::cleared), sample_series()));
  CHECK(receiver.requests().size() == 1);
}

TEST_CASE("slack: what is wrong with its section is said") {
  struct Case {
    std::string toml;
    const char* says;
  };
  const Case cases[] = {
      {"", "url_env"},
      {"url = 'https://hooks.slack.com/services/in/the/open'", "url"},
      {"url_env = 'SOSIE_TEST_NOT_SET'", "SOSIE_TEST_NOT_SET"},
      {std::string(from_environment) + "steps = ['raise']", "raised"},
      {std::string(from_environment) + "headers = {X = 'y'}", "headers"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto notifier = make("https://hooks.slack.com/services/x", c.toml);
    REQUIRE(!notifier);
    CHECK(notifier.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("slack: its sample is a good section") {
  ::setenv("SOSIE_SLACK_URL", "https://hooks.slack.com/services/x", 1);
  Catalog catalog;
  register_notifiers_slack(catalog);
  auto scenario = Section::read_file(SOSIE_ROOT "/src/notifiers/slack/sample.toml");
  REQUIRE(scenario);
  auto sections = (*scenario).tables("notifier");
  REQUIRE(sections);
  REQUIRE((*sections).size() == 1);
  CHECK(catalog.make<Notifier>((*sections).front()));
}

}  // namespace
}  // namespace sosie
