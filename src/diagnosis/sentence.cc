#include "diagnosis/sentence.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "core/number_text.h"

namespace sosie::diagnosis {
namespace {

Words with_unit(double value, const SeriesInfo& info) {
  const auto number = digits(value);
  const bool has_unit = !info.unit.empty() && info.unit != "-" && info.unit != "0/1/2";
  const auto unit = has_unit ? (info.unit == "%" ? "%" : " " + info.unit) : std::string();
  return {.en = number + unit, .fr = french(number) + (unit == "%" ? " %" : unit)};
}

Words duration(Duration d) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(d).count();
  if (seconds < 120) return {fmt::format("{} s", seconds), fmt::format("{} s", seconds)};
  const auto minutes = (seconds + 30) / 60;
  if (minutes < 120) return {fmt::format("{} min", minutes), fmt::format("{} min", minutes)};
  const auto hours = minutes / 60;
  if (hours < 48) {
    const auto text = fmt::format("{} h {:02} min", hours, minutes % 60);
    return {text, text};
  }
  return {fmt::format("{} days", hours / 24), fmt::format("{} jours", hours / 24)};
}

/// A sensor's learned interval, which is an estimate: "0.2 s", "5 s", "15 min".
Words interval(double seconds) {
  if (seconds >= 1)
    return duration(std::chrono::round<Duration>(std::chrono::duration<double>(seconds)));
  const auto text = fmt::format("{:.1g} s", seconds);
  return {text, french(text)};
}

/// "AIT-306-DO (dissolved oxygen, reactor 5)", as far as it is known.
Words named(const SeriesInfo& info) {
  const auto name = info.entity.empty() ? info.name() : info.entity;
  const auto inside = [&](const std::string& quantity, const std::string& otherwise,
                          const std::string& place) {
    auto what = quantity.empty() ? otherwise : quantity;
    if (what == "value" || info.quantity.en == "value") what.clear();
    if (!place.empty()) what += (what.empty() ? "" : ", ") + place;
    return what.empty() ? name : fmt::format("{} ({})", name, what);
  };
  const Words place = info.place();
  return {inside(info.quantity.en, info.attribute, place.en),
          inside(info.quantity.fr, info.attribute, place.fr)};
}

/// The likely cause, as the end of a sentence.
Words cause(Kind kind, bool is_group) {
  switch (kind) {
    case Kind::sensor_failure:
      return is_group
                 ? Words{"these sensors or their connection have probably failed",
                         "ces capteurs ou leur liaison sont probablement en panne"}
                 : Words{"the sensor has probably failed", "le capteur est probablement en panne"};
    case Kind::sensor_drift:
      return {"the sensor is probably drifting (fouling or calibration)",
              "le capteur dérive probablement (encrassement ou étalonnage)"};
    case Kind::pollution_peak:
      return {"a pollution peak is probably coming through",
              "un pic de pollution traverse probablement la station"};
    case Kind::process_malfunction:
      return {"the process or a machine is probably not working as it should",
              "le procédé ou une machine fonctionne probablement mal"};
    case Kind::cyber_attack:
      return {"the values may have been tampered with", "les valeurs ont peut-être été falsifiées"};
    case Kind::unknown:
      return {"the cause is not known", "la cause n'est pas connue"};
  }
  return {};
}

/// Which of a sign's numbers are told: making them takes longest.
struct Numbers {
  bool value = true;
  bool expected = true;
  bool band = false;
};

Numbers numbers_of(SymptomKind kind) {
  switch (kind) {
    case SymptomKind::stuck:
      return {.value = true, .expected = false};
    case SymptomKind::missing:
    case SymptomKind::noise:
    case SymptomKind::replay:
      return {.value = false, .expected = false};
    case SymptomKind::out_of_range:
      return {.value = true, .expected = false, .band = true};
    case SymptomKind::residual:
    case SymptomKind::deviation:
    case SymptomKind::multivariate:
      return {.value = true, .expected = true, .band = true};
    default:
      return {};
  }
}

/// What the leading sign says of its sensor, without the sensor's name. Long, as a table is.
// NOLINTNEXTLINE(readability-function-size)
Words observation(const Sign& sign, const SeriesInfo& info, Duration lasts) {
  const auto told = numbers_of(sign.kind);
  const auto value = told.value ? with_unit(sign.value, info) : Words{};
  const auto expected = told.expected ? with_unit(sign.expected, info) : Words{};
  const auto low = told.band ? digits(sign.low) : std::string();
  const auto high = told.band ? with_unit(sign.high, info) : Words{};
  const auto since = duration(lasts);
  switch (sign.kind) {
    case SymptomKind::stuck:
      return {
          fmt::format("has shown exactly {} for {}, longer than it ever does", value.en, since.en),
          fmt::format("affiche exactement {} depuis {}, plus longtemps que jamais", value.fr,
                      since.fr)};
    case SymptomKind::missing: {
      const auto every = interval(sign.expected);
      return {fmt::format("has not sent all its values in time for {} (usually one every {})",
                          since.en, every.en),
              fmt::format("n'envoie plus toutes ses valeurs à temps depuis {} (d'ordinaire une "
                          "toutes les {})",
                          since.fr, every.fr)};
    }
    case SymptomKind::spike:
      return {
          fmt::format("jumped to {} from {} and came back at once", value.en, expected.en),
          fmt::format("a sauté à {} depuis {} puis est revenu aussitôt", value.fr, expected.fr)};
    case SymptomKind::rate:
      return {fmt::format("went from {} to {} faster than it ever does", expected.en, value.en),
              fmt::format("est passé de {} à {} plus vite que jamais", expected.fr, value.fr)};
    case SymptomKind::noise: {
      const bool is_more = sign.value > sign.expected;
      const double ratio = is_more ? sign.value / std::max(sign.expected, 1e-12)
                                   : sign.expected / std::max(sign.value, 1e-12);
      const auto times = fmt::format("{:.1f}", ratio);
      return {fmt::format("has trembled {} times {} than usual for {}", times,
                          is_more ? "more" : "less", since.en),
              fmt::format("fluctue {} fois {} que d'habitude depuis {}", french(times),
                          is_more ? "plus" : "moins", since.fr)};
    }
    case SymptomKind::out_of_range:
      return {fmt::format("shows {}, at or beyond the end of what it can measure ({} to {})",
                          value.en, low, high.en),
              fmt::format("affiche {}, au bout de son étendue de mesure ou au-delà ({} à {})",
                          value.fr, french(low), high.fr)};
    case SymptomKind::limit:
      return {fmt::format("shows {}, beyond its limit of {}", value.en, expected.en),
              fmt::format("affiche {}, au-delà de sa limite de {}", value.fr, expected.fr)};
    case SymptomKind::drift:
      return {fmt::format("creeps away from what the other sensors say: {} instead of about {}",
                          value.en, expected.en),
              fmt::format("s'écarte peu à peu de ce que disent les autres capteurs : {} au lieu "
                          "d'environ {}",
                          value.fr, expected.fr)};
    case SymptomKind::residual:
      return {fmt::format("has shown {} for {} where the other sensors say {} ({} to {})", value.en,
                          since.en, expected.en, low, high.en),
              fmt::format("affiche {} depuis {} alors que les autres capteurs disent {} ({} à {})",
                          value.fr, since.fr, expected.fr, french(low), high.fr)};
    case SymptomKind::replay: {
      const auto lag = duration(std::chrono::seconds(static_cast<std::int64_t>(sign.anomaly)));
      return {fmt::format("repeats to the last digit what it showed {} earlier", lag.en),
              fmt::format("répète au dernier chiffre près ce qu'il affichait {} plus tôt", lag.fr)};
    }
    case SymptomKind::command:
      return {fmt::format("shows {}, which does not fit its command ({} expected)", value.en,
                          expected.en),
              fmt::format("affiche {}, ce qui ne répond pas à sa commande ({} attendu)", value.fr,
                          expected.fr)};
    case SymptomKind::deviation:
    case SymptomKind::multivariate:
      break;
  }
  return {fmt::format("shows {}, far from its usual {} ({} to {})", value.en, expected.en, low,
                      high.en),
          fmt::format("affiche {}, loin de ses {} habituels ({} à {})", value.fr, expected.fr,
                      french(low), high.fr)};
}

/// How well a sign opens the sentence.
double precedence(const Sign& sign) {
  constexpr std::array<double, 13> by_kind{
      0.4,  // limit
      0.9,  // out_of_range
      0.5,  // rate
      0.6,  // spike
      1.0,  // stuck
      0.6,  // noise
      0.9,  // missing
      0.8,  // drift
      0.7,  // residual
      0.1,  // multivariate
      1.2,  // replay
      0.8,  // command
      0.3,  // deviation
  };
  return by_kind.at(static_cast<std::size_t>(sign.kind)) + 0.3 * sign.score;
}

const Sign* leading_sign(const Episode& episode, const Asset& asset, SeriesId series) {
  const Sign* best = nullptr;
  for (const auto& sign : episode.signs) {
    if (sign.column == no_column || asset.columns[sign.column].series != series) continue;
    if (best == nullptr || precedence(sign) > precedence(*best)) best = &sign;
  }
  return best;
}

const Asset::Column& column_of(const Asset& asset, SeriesId series) {
  return *std::ranges::find(asset.columns, series, &Asset::Column::series);
}

/// The names of those that go with the first suspect: "AIT-1, AIT-2 and 3 more". Where it is of the
/// same entity, its attribute tells them apart.
Words companions(const Asset& asset, const Finding& finding) {
  const auto& first = column_of(asset, finding.suspects.front().series).info->entity;
  std::string names;
  std::size_t told = 0;
  std::size_t more = 0;
  for (std::size_t i = 1; i < finding.suspects.size(); ++i) {
    if (finding.suspects[i].share < 0.05) continue;
    if (told == 3) {
      ++more;
      continue;
    }
    const auto& info = *column_of(asset, finding.suspects[i].series).info;
    const bool is_enough = !info.entity.empty() && info.entity != first;
    names += (told++ == 0 ? "" : ", ") + (is_enough ? info.entity : info.name());
  }
  if (names.empty()) return {};
  if (more == 0) return {names, names};
  return {fmt::format("{} and {} more", names, more), fmt::format("{} et {} autres", names, more)};
}

}  // namespace

Words sentence(const Asset& asset, const Episode& episode, const Finding& finding, Timestamp now) {
  const bool is_group = episode.columns().size() != 1;
  const auto why = cause(finding.kind, is_group);
  if (finding.suspects.empty()) {
    return {fmt::format("The asset as a whole is in a state never seen before: {}.", why.en),
            fmt::format("L'ensemble est dans un état jamais vu : {}.", why.fr)};
  }
  const auto& suspect = finding.suspects.front();
  const auto& info = *column_of(asset, suspect.series).info;
  const Sign* lead = leading_sign(episode, asset, suspect.series);
  Words seen;
  if (lead != nullptr) {
    const auto end = lead->active ? now : std::max(lead->at, lead->since);
    seen = observation(*lead, info, end - lead->since);
  } else {
    const auto value = with_unit(suspect.value, info);
    seen = {fmt::format("shows {} and stands out most in a combination of values never seen before",
                        value.en),
            fmt::format("affiche {} et ressort le plus d'une combinaison de valeurs jamais vue",
                        value.fr)};
  }
  const auto name = named(info);
  const auto others = is_group ? companions(asset, finding) : Words{};
  const auto with_en = others.en.empty() ? "" : fmt::format(", together with {}", others.en);
  const auto with_fr = others.fr.empty() ? "" : fmt::format(", en même temps que {}", others.fr);
  return {fmt::format("{} {}{}: {}.", name.en, seen.en, with_en, why.en),
          fmt::format("{} {}{} : {}.", name.fr, seen.fr, with_fr, why.fr)};
}

}  // namespace sosie::diagnosis
