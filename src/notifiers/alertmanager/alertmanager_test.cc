#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "testing/alarm_sample.h"
#include "testing/http_receiver.h"

namespace sosie {
void register_notifiers_alertmanager(Catalog& catalog);
namespace {

using testing::sample_event;
using testing::sample_series;
using What = AlarmEvent::What;

Result<std::unique_ptr<Notifier>> make(const std::string& toml) {
  Catalog catalog;
  register_notifiers_alertmanager(catalog);
  auto section = Section::read_text("kind = 'alertmanager'\n" + toml);
  REQUIRE(section);
  return catalog.make<Notifier>(*section);
}

std::string url(int port) {
  return fmt::format("url = 'http://127.0.0.1:{}/am/'\n", port);
}

/// What it posts of an event.
std::string posted(const AlarmEvent& event) {
  testing::HttpReceiver receiver("200 OK");
  auto notifier = make(url(receiver.port()) + "lasts = '1h'\nlabels = {site = 'north'}");
  REQUIRE(notifier);
  REQUIRE((*notifier)->tell(event, sample_series()));
  REQUIRE(receiver.requests().size() == 1);
  CHECK(receiver.requests()[0].starts_with("POST /am/api/v2/alerts HTTP/1.1\r\n"));
  return receiver.bodies()[0];
}

std::string alert(const char* priority, const char* severity, const char* title, const char* ends) {
  return fmt::format(
      R"({{"labels":{{"alertname":"SosieAlarm","asset":"traffeyere",)"
      R"("condition":"limit/AIT-806-TSS/high","priority":"{}","sensor":"AIT-806-TSS",)"
      R"("severity":"{}","site":"north","stage":"sortie_controle"}},"annotations":{{)"
      R"("summary":"{}: Too \"high\"","description":"Too \"high\"","description_fr":"Trop élevé"}},)"
      R"("startsAt":"2026-11-20T10:00:00Z","endsAt":"{}"}})",
      priority, severity, title, ends);
}

TEST_CASE("alertmanager: raised, and resolved with the same labels") {
  CHECK(posted(sample_event(What::raised)) ==
        "[" + alert("high", "critical", "High alarm", "2026-11-20T11:00:00Z") + "]");
  CHECK(posted(sample_event(What::cleared)) ==
        "[" + alert("high", "critical", "Over", "2026-11-20T10:00:00Z") + "]");
}

TEST_CASE("alertmanager: a priority that changes ends what it was before") {
  const auto* const ended = "2026-11-20T10:00:00Z";
  CHECK(posted(sample_event(What::changed, Priority::medium)) ==
        "[" + alert("medium", "warning", "Medium alarm now", "2026-11-20T11:00:00Z") + "," +
            alert("critical", "critical", "Medium alarm now", ended) + "," +
            alert("high", "critical", "Medium alarm now", ended) + "," +
            alert("low", "info", "Medium alarm now", ended) + "]");
}

TEST_CASE("alertmanager: one that is down is an error") {
  testing::HttpReceiver receiver("503 Service Unavailable");
  auto notifier = make(url(receiver.port()));
  REQUIRE(notifier);
  const auto told = (*notifier)->tell(sample_event(What::raised), sample_series());
  REQUIRE(!told);
  CHECK(told.error().what == fmt::format("127.0.0.1:{}: answered 503", receiver.port()));
}

TEST_CASE("alertmanager: what is wrong with its section is said") {
  struct Case {
    const char* toml;
    const char* says;
  };
  const Case cases[] = {{"", "url"},
                        {"url = 'http://x/'\nlasts = '1s'", "lasts"},
                        {"url = 'http://x/'\nlabels = {'a-b' = 'c'}", "a-b"},
                        {"url = 'http://x/'\nalertnmae = 'x'", "alertname"}};
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto notifier = make(c.toml);
    REQUIRE(!notifier);
    CHECK(notifier.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("alertmanager: its sample is a good section") {
  Catalog catalog;
  register_notifiers_alertmanager(catalog);
  auto scenario = Section::read_file(SOSIE_ROOT "/src/notifiers/alertmanager/sample.toml");
  REQUIRE(scenario);
  auto sections = (*scenario).tables("notifier");
  REQUIRE(sections);
  REQUIRE((*sections).size() == 1);
  CHECK(catalog.make<Notifier>((*sections).front()));
}

}  // namespace
}  // namespace sosie
