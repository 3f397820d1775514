#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "testing/alarm_sample.h"
#include "testing/http_receiver.h"

namespace sosie {
void register_notifiers_teams(Catalog& catalog);
namespace {

using testing::sample_event;
using testing::sample_series;

Result<std::unique_ptr<Notifier>> make(int port, const std::string& toml) {
  const auto url = fmt::format("http://127.0.0.1:{}/workflows/1/invoke?sig=s3cret", port);
  ::setenv("SOSIE_TEST_TEAMS", url.c_str(), 1);
  Catalog catalog;
  register_notifiers_teams(catalog);
  auto section = Section::read_text("kind = 'teams'\nurl_env = 'SOSIE_TEST_TEAMS'\n" + toml);
  REQUIRE(section);
  return catalog.make<Notifier>(*section);
}

TEST_CASE("teams: what it posts") {
  testing::HttpReceiver receiver("202 Accepted");
  auto notifier = make(receiver.port(),
                       "language = 'fr'\nzone = 'Europe/Paris'\nlink = 'https://sosie.example/'");
  REQUIRE(notifier);
  auto event = sample_event(AlarmEvent::What::raised);
  event.alarm.message.fr = "[ici](http://evil.example) *fort*";
  REQUIRE((*notifier)->tell(event, sample_series()));
  REQUIRE(receiver.requests().size() == 1);
  CHECK(receiver.requests()[0].starts_with("POST /workflows/1/invoke?sig=s3cret HTTP/1.1\r\n"));
  CHECK(
      receiver.bodies()[0] ==
      R"({"type":"message","attachments":[{"contentType":)"
      R"("application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{)"
      R"("$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard",)"
      R"("version":"1.4","body":[{"type":"TextBlock","text":)"
      R"("Alarme haute : \\[ici\\](http://evil.example) \\*fort\\*","size":"Medium",)"
      R"("weight":"Bolder","color":"Attention","wrap":true},{"type":"FactSet","facts":[)"
      R"({"title":"Capteur","value":"AIT-806-TSS"},{"title":"Étape","value":"sortie\\_controle"},)"
      R"({"title":"Installation","value":"traffeyere"},)"
      R"J({"title":"Depuis","value":"2026-11-20 11:00:00 (Europe/Paris)"}]}],)J"
      R"("actions":[{"type":"Action.OpenUrl","title":"Ouvrir Sosie",)"
      R"("url":"https://sosie.example/"}]}}]})");
}

TEST_CASE("teams: colours") {
  using What = AlarmEvent::What;
  struct Case {
    What what;
    Priority priority;
    const char* colour;
  };
  const Case cases[] = {{What::raised, Priority::critical, "Attention"},
                        {What::raised, Priority::medium, "Warning"},
                        {What::raised, Priority::low, "Default"},
                        {What::cleared, Priority::critical, "Good"}};
  for (const auto& c : cases) {
    testing::HttpReceiver receiver("202 Accepted");
    auto notifier = make(receiver.port(), "");
    REQUIRE(notifier);
    REQUIRE((*notifier)->tell(sample_event(c.what, c.priority), sample_series()));
    REQUIRE(receiver.requests().size() == 1);
    CHECK(receiver.bodies()[0].find(fmt::format(R"("color":"{}")", c.colour)) != std::string::npos);
  }
}

TEST_CASE("teams: an error does not show the address") {
  testing::HttpReceiver receiver("401 Unauthorized");
  auto notifier = make(receiver.port(), "");
  REQUIRE(notifier);
  const auto told = (*notifier)->tell(sample_event(AlarmEvent::What::raised), sample_series());
  REQUIRE(!told);
  CHECK(told.error().what == fmt::format("127.0.0.1:{}: answered 401", receiver.port()));
}

TEST_CASE("teams: its sample is a good section") {
  ::setenv("SOSIE_TEAMS_URL", "https://example.org/workflows/x", 1);
  Catalog catalog;
  register_notifiers_teams(catalog);
  auto scenario = Section::read_file(SOSIE_ROOT "/src/notifiers/teams/sample.toml");
  REQUIRE(scenario);
  auto sections = (*scenario).tables("notifier");
  REQUIRE(sections);
  REQUIRE((*sections).size() == 1);
  CHECK(catalog.make<Notifier>((*sections).front()));
}

}  // namespace
}  // namespace sosie
