#include "notifying/wording.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace sosie {
namespace {

using What = AlarmEvent::What;

constexpr std::size_t longest_message = 1000;

std::string_view priority_word(Priority priority, bool is_french) {
  constexpr std::array<std::string_view, 5> english{"", "Critical", "High", "Medium", "Low"};
  constexpr std::array<std::string_view, 5> french{"", "critique", "haute", "moyenne", "basse"};
  return (is_french ? french : english).at(static_cast<std::size_t>(priority));
}

std::string step_words(const AlarmEvent& event, bool is_french) {
  const auto priority = priority_word(event.alarm.priority, is_french);
  switch (event.what) {
    case What::raised:
      return is_french ? fmt::format("Alarme {}", priority) : fmt::format("{} alarm", priority);
    case What::changed:
      return is_french ? fmt::format("Alarme, désormais {}", priority)
                       : fmt::format("{} alarm now", priority);
    case What::cleared:
      return is_french ? "Terminé" : "Over";
    case What::acknowledged:
      return is_french ? "Acquittée" : "Acknowledged";
    case What::shelved:
      return is_french ? "Mise de côté" : "Shelved";
    case What::unshelved:
      return is_french ? "Remise en service" : "Back from the shelf";
    case What::taken_over:
      return is_french ? "Reprise d'un autre processus" : "Taken over from another worker";
    case What::given_up:
      return is_french ? "Suivie par un autre processus" : "Goes on in another worker";
  }
  return {};
}

/// Control characters, line ends among them, become blanks.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(line, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return line;
}

}  // namespace

Result<Wording> Wording::read(Section& section) {
  constexpr std::array<std::string_view, 2> languages{"en", "fr"};
  const auto language = TRY(section.choice("language", "en", languages));
  const auto zone_name = TRY(section.text("zone", "UTC"));
  auto zone = Zone::find(zone_name);
  if (!zone) return section.wrong("zone", std::move(zone).error().what);
  auto link = TRY(section.text("link", ""));
  if (!link.empty() && !link.starts_with("http://") && !link.starts_with("https://")) {
    return section.wrong("link", "is no http or https address");
  }
  return Wording(language == "fr", std::move(zone).value(), std::move(link));
}

std::string Wording::title(const AlarmEvent& event) const {
  const auto& message = event.alarm.message;
  const auto& words = is_french_ && !message.fr.empty() ? message.fr : message.en;
  return fmt::format("{}{} {}", step_words(event, is_french_), is_french_ ? " :" : ":",
                     shortened(on_one_line(words), longest_message));
}

std::vector<Wording::Fact> Wording::facts(const AlarmEvent& event,
                                          const SeriesTable& series) const {
  std::vector<Fact> facts;
  const auto add = [&](std::string_view english, std::string_view french, std::string_view value) {
    if (value.empty()) return;
    facts.push_back({std::string(is_french_ ? french : english),
                     shortened(on_one_line(value), longest_message)});
  };
  const auto& alarm = event.alarm;
  if (alarm.series) {
    const auto& info = series[*alarm.series];
    add("Sensor", "Capteur", info.name());
    add("Stage", "Étape", info.stage);
  }
  add("Asset", "Installation", alarm.asset);
  add("Since", "Depuis", local_time(alarm.raised));
  if (alarm.cleared) add("Until", "Jusqu'à", local_time(*alarm.cleared));
  add("By", "Par", event.who);
  add("Comment", "Commentaire", event.comment);
  return facts;
}

std::string Wording::link_words() const {
  return is_french_ ? "Ouvrir Sosie" : "Open Sosie";
}

std::string Wording::local_time(Timestamp at) const {
  const auto second = std::chrono::floor<std::chrono::seconds>(at + zone_.offset(at));
  auto text = to_iso8601(second);
  text.pop_back();  // the Z: it is local
  std::ranges::replace(text, 'T', ' ');
  return fmt::format("{} ({})", text, zone_.name());
}

std::string shortened(std::string_view text, std::size_t bytes) {
  constexpr std::string_view mark = "…";
  if (text.size() <= bytes) return std::string(text);
  auto end = bytes > mark.size() ? bytes - mark.size() : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("{}{}", text.substr(0, end), mark);
}

}  // namespace sosie
