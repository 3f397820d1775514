#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "testing/alarm_sample.h"
#include "testing/http_receiver.h"
#include "testing/server.h"

namespace sosie {
void register_notifiers_webhook(Catalog& catalog);
namespace {

using testing::sample_series;
using Receiver = testing::HttpReceiver;

std::string url(int port) {
  return fmt::format("url = 'http://127.0.0.1:{}/hook?k=1'\n", port);
}

Result<std::unique_ptr<Notifier>> make(const std::string& toml) {
  Catalog catalog;
  register_notifiers_webhook(catalog);
  auto section = Section::read_text("kind = 'webhook'\n" + toml);
  REQUIRE(section);
  return catalog.make<Notifier>(*section);
}

AlarmEvent event(AlarmEvent::What what, Priority priority, bool shelved = false) {
  auto e = testing::sample_event(what, priority);
  if (shelved) e.alarm.shelved_until = e.at + std::chrono::hours(1);
  return e;
}

/// "told", "told nobody" or the error.
std::string told(const std::string& toml, const std::string& answer, const AlarmEvent& e) {
  Receiver receiver(answer);
  auto notifier = make(url(receiver.port()) + toml);
  REQUIRE(notifier);
  const auto result = (*notifier)->tell(e, sample_series());
  if (!result) {
    const auto where = fmt::format("127.0.0.1:{}: ", receiver.port());
    CHECK(result.error().what.starts_with(where));
    return result.error().what.substr(std::min(where.size(), result.error().what.size()));
  }
  return receiver.requests().empty() ? "told nobody" : "told";
}

TEST_CASE("webhook: what it posts") {
  Receiver receiver("204 No Content");
  ::setenv("SOSIE_TEST_TOKEN", "s3cret", 1);
  auto notifier =
      make(url(receiver.port()) + "token_env = 'SOSIE_TEST_TOKEN'\nheaders = {X-Site = 'north'}\n");
  REQUIRE(notifier);
  REQUIRE((*notifier)->tell(event(AlarmEvent::What::raised, Priority::high), sample_series()));
  REQUIRE((*notifier)->tell(event(AlarmEvent::What::cleared, Priority::high), sample_series()));
  const auto requests = receiver.requests();
  REQUIRE(requests.size() == 2);
  const std::string& raised = requests[0];
  CHECK(raised.starts_with("POST /hook?k=1 HTTP/1.1\r\n"));
  for (const char* header : {"Content-Type: application/json\r\n", "X-Site: north\r\n",
                             "Authorization: Bearer s3cret\r\n"}) {
    CAPTURE(header);
    CHECK(raised.find(header) != std::string::npos);
  }
  CHECK(
      raised.substr(raised.find("\r\n\r\n") + 4) ==
      R"({"what":"raised","at":"2026-11-20T10:00:00Z","at_ms":1795168800000,"who":"","comment":"",)"
      R"("alarm":{"id":7,"condition":"limit/AIT-806-TSS/high","asset":"traffeyere","series":0,)"
      R"("name":"AIT-806-TSS","stage":"sortie_controle","finding":12,"priority":"high",)"
      R"("active":true,"acknowledged":false,"message":{"en":"Too \"high\"","fr":"Trop élevé"},)"
      R"("raised_ms":1795168800000,"cleared_ms":null,"acknowledged_ms":null,)"
      R"("acknowledged_by":"","comment":"","shelved_until_ms":null}})");
  CHECK(requests[1].find(R"("what":"cleared")") != std::string::npos);
  CHECK(requests[1].find(R"("active":false)") != std::string::npos);
  CHECK(requests[1].find(R"("cleared_ms":1795168800000)") != std::string::npos);
}

TEST_CASE("webhook: an alarm of the whole asset names no series") {
  Receiver receiver("200 OK");
  auto notifier = make(url(receiver.port()));
  REQUIRE(notifier);
  auto whole = event(AlarmEvent::What::raised, Priority::high);
  whole.alarm.series.reset();
  REQUIRE((*notifier)->tell(whole, sample_series()));
  REQUIRE(receiver.requests().size() == 1);
  CHECK(receiver.requests()[0].find(R"("series":null,"name":"","stage":"")") != std::string::npos);
}

TEST_CASE("webhook: which steps are told") {
  using What = AlarmEvent::What;
  struct Case {
    const char* name;
    const char* toml;
    AlarmEvent event;
    const char* expected;
  };
  const Case cases[] = {
      {"raise", "", event(What::raised, Priority::low), "told"},
      {"clear", "", event(What::cleared, Priority::low), "told"},
      {"change", "", event(What::changed, Priority::low), "told"},
      {"back from the shelf", "", event(What::unshelved, Priority::low), "told"},
      {"not by default", "", event(What::acknowledged, Priority::low), "told nobody"},
      {"asked for", "steps = ['acknowledged']", event(What::acknowledged, Priority::low), "told"},
      {"not asked for", "steps = ['acknowledged']", event(What::raised, Priority::low),
       "told nobody"},
      {"not urgent enough", "min_priority = 'high'", event(What::raised, Priority::medium),
       "told nobody"},
      {"just urgent enough", "min_priority = 'high'", event(What::raised, Priority::high), "told"},
      {"more urgent", "min_priority = 'high'", event(What::raised, Priority::critical), "told"},
      {"on the shelf", "", event(What::raised, Priority::critical, true), "told nobody"},
      {"onto the shelf", "steps = ['shelved']", event(What::shelved, Priority::low, true), "told"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(told(c.toml, "200 OK", c.event) == c.expected);
  }
}

TEST_CASE("webhook: what the receiver may answer") {
  const auto raised = event(AlarmEvent::What::raised, Priority::high);
  struct Case {
    const char* answer;
    const char* expected;
  };
  const Case cases[] = {
      {"200 OK", "told"},
      {"202 Accepted", "told"},
      {"400 Bad Request", "told"},  // it will never take it: logged, and the next one's turn
      {"422 Unprocessable", "told"},
      {"301 Moved", "answered 301"},
      {"401 Unauthorized", "answered 401"},
      {"429 Too Many Requests", "answered 429"},
      {"500 Internal Server Error", "answered 500"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.answer);
    CHECK(told("", c.answer, raised) == c.expected);
  }
}

TEST_CASE("webhook: a receiver that never answers costs no more than the time-out") {
  const auto begun = stopwatch();
  Receiver receiver("");
  auto notifier = make(url(receiver.port()) + "timeout = '200ms'\n");
  REQUIRE(notifier);
  const auto result =
      (*notifier)->tell(event(AlarmEvent::What::raised, Priority::high), sample_series());
  REQUIRE(!result);
  CHECK(result.error().code == Errc::timeout);
  CHECK(stopwatch() - begun < std::chrono::seconds(5));
  CHECK(receiver.requests().size() == 1);
}

TEST_CASE("webhook: a receiver that is down is an error") {
  const int port = testing::free_port();
  auto notifier = make(url(port));
  REQUIRE(notifier);
  const auto result =
      (*notifier)->tell(event(AlarmEvent::What::raised, Priority::high), sample_series());
  REQUIRE(!result);
  CHECK(result.error().code == Errc::unavailable);
  CHECK(result.error().what.starts_with(fmt::format("127.0.0.1:{}: ", port)));
}

TEST_CASE("webhook: what is wrong with its section is said") {
  struct Case {
    const char* toml;
    const char* says;
  };
  const Case cases[] = {
      {"", "url"},
      {"url = 'ftp://x/'", "url"},
      {"url = 'nonsense'", "url"},
      {"url = 'http://x/'\nsteps = ['raise']", "raised"},
      {"url = 'http://x/'\nmin_priority = 'urgent'", "critical"},
      {"url = 'http://x/'\ntimeout = '11s'", "at most 10s"},
      {"url = 'http://x/'\ntimeout = '0s'", "more than 0"},
      {"url = 'http://x/'\nheaders = {'X Y' = 'z'}", "X Y"},
      {"url = 'http://x/'\nheaders = {X = \"a\\r\\nEvil: 1\"}", "headers"},
      {"url = 'http://x/'\ntoken_env = 'SOSIE_TEST_NOT_SET'", "SOSIE_TEST_NOT_SET"},
      {"url = 'http://x/'\ntoken = 'in the open'", "token"},
      {"url = 'http://x/'\nheaders = {authorization = 'Basic x'}", "is a secret"},
      {"url = 'http://u:pw@x/'", "holds a password"},
      {"url = 'http://x/'\nurl_env = 'PATH'", "expected one"},
      {"url_env = 'PATH'", "does not hold an http"},
      {"url = 'http://x/'\nhedaers = {X = 'z'}", "headers"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto notifier = make(c.toml);
    REQUIRE(!notifier);
    CAPTURE(notifier.error().what);
    CHECK(notifier.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("webhook: its sample is a good section") {
  Catalog catalog;
  register_notifiers_webhook(catalog);
  auto scenario = Section::read_file(SOSIE_ROOT "/src/notifiers/webhook/sample.toml");
  REQUIRE(scenario);
  auto sections = (*scenario).tables("notifier");
  REQUIRE(sections);
  REQUIRE((*sections).size() == 1);
  const auto made = catalog.make<Notifier>((*sections).front());
  CHECK(made);
}

}  // namespace
}  // namespace sosie
