#include "notifying/wording.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

Wording wording(const std::string& toml) {
  auto section = Section::read_text(toml);
  REQUIRE(section);
  auto read = Wording::read(*section);
  REQUIRE(read);
  return std::move(*read);
}

AlarmEvent event(AlarmEvent::What what) {
  AlarmEvent e;
  e.what = what;
  e.at = *from_iso8601("2026-11-20T10:00:05Z");
  e.who = "Ana";
  e.alarm.asset = "traffeyere";
  e.alarm.series = SeriesId{0};
  e.alarm.priority = Priority::high;
  e.alarm.message = {"Too\r\nhigh", "Trop élevé"};
  e.alarm.raised = *from_iso8601("2026-11-20T10:00:00.250Z");
  if (what == AlarmEvent::What::cleared) e.alarm.cleared = e.at;
  return e;
}

TEST_CASE("wording: titles") {
  using What = AlarmEvent::What;
  struct Case {
    What what;
    const char* english;
    const char* french;
  };
  const Case cases[] = {
      {What::raised, "High alarm: Too  high", "Alarme haute : Trop élevé"},
      {What::changed, "High alarm now: Too  high", "Alarme, désormais haute : Trop élevé"},
      {What::cleared, "Over: Too  high", "Terminé : Trop élevé"},
      {What::acknowledged, "Acknowledged: Too  high", "Acquittée : Trop élevé"},
      {What::shelved, "Shelved: Too  high", "Mise de côté : Trop élevé"},
      {What::unshelved, "Back from the shelf: Too  high", "Remise en service : Trop élevé"},
  };
  for (const auto& c : cases) {
    CHECK(wording("").title(event(c.what)) == c.english);
    CHECK(wording("language = 'fr'").title(event(c.what)) == c.french);
  }
}

TEST_CASE("wording: facts") {
  SeriesTable series;
  SeriesInfo info;
  info.entity = "AIT-806-TSS";
  info.attribute = "value";
  info.stage = "sortie";
  series.declare(info);
  const auto facts = wording("language = 'fr'\nzone = 'Europe/Paris'")
                         .facts(event(AlarmEvent::What::cleared), series);
  const std::vector<Wording::Fact> expected{{"Capteur", "AIT-806-TSS"},
                                            {"Étape", "sortie"},
                                            {"Installation", "traffeyere"},
                                            {"Depuis", "2026-11-20 11:00:00 (Europe/Paris)"},
                                            {"Jusqu'à", "2026-11-20 11:00:05 (Europe/Paris)"},
                                            {"Par", "Ana"}};
  CHECK(facts == expected);
}

TEST_CASE("wording: what is wrong is said") {
  struct Case {
    const char* toml;
    const char* says;
  };
  const Case cases[] = {{"language = 'de'", "fr"},
                        {"zone = 'Europe/Pariss'", "zone"},
                        {"link = 'javascript:alert(1)'", "link"}};
  for (const auto& c : cases) {
    auto section = Section::read_text(c.toml);
    REQUIRE(section);
    const auto read = Wording::read(*section);
    REQUIRE(!read);
    CHECK(read.error().what.find(c.says) != std::string::npos);
  }
}

TEST_CASE("wording: a text is cut between characters") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcdef", 5) == "ab…");
  CHECK(shortened("aéééé", 6) == "aé…");
  CHECK(shortened("aéééé", 7) == "aé…");
}

}  // namespace
}  // namespace sosie
