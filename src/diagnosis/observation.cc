#include "diagnosis/observation.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/number_text.h"
#include "diagnosis/voice.h"

namespace sosie::diagnosis {
namespace {

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

/// A sign's numbers, ready to be printed.
struct Numbers {
  const Sign& sign;
  const SeriesInfo& info;
  Duration lasts;

  Words value() const { return with_unit(sign.value, info); }
  Words expected() const { return with_unit(sign.expected, info); }
  Band between() const { return told_band(sign.low, sign.high, info); }
  Words band() const {
    const auto low = digits(between().low);
    const auto high = with_unit(between().high, info);
    return {fmt::format("{} to {}", low, high.en), fmt::format("{} à {}", french(low), high.fr)};
  }
  Words since() const { return duration(lasts); }
  bool is_as_expected() const { return is_same_in_print(sign.value, sign.expected); }
  bool is_beyond() const { return is_beyond_in_print(sign.value, between()); }
};

Words of_stuck(const Numbers& told) {
  const auto value = told.value();
  const auto since = told.since();
  return {fmt::format("has shown exactly {} for {}, longer than it ever does", value.en, since.en),
          fmt::format("affiche exactement {} depuis {}, plus longtemps que jamais", value.fr,
                      since.fr)};
}

/// A clock that is fast; values that come twice.
Words of_sending(const Numbers& told) {
  const auto since = told.since();
  if (told.sign.rule == "ahead") {
    const auto ahead = interval(told.sign.value);
    return {
        fmt::format("has dated its values {} ahead of the other sensors for {}, as a clock that "
                    "is fast does",
                    ahead.en, since.en),
        fmt::format("date ses valeurs {} en avance sur les autres capteurs depuis {}, comme le "
                    "fait une horloge qui avance",
                    ahead.fr, since.fr)};
  }
  return {fmt::format("has sent many of its values more than once for {}", since.en),
          fmt::format("envoie beaucoup de ses valeurs plus d'une fois depuis {}", since.fr)};
}

Words of_missing(const Numbers& told) {
  if (!told.sign.rule.empty()) return of_sending(told);
  const auto every = interval(told.sign.expected);
  const auto since = told.since();
  return {fmt::format("has not sent all its values in time for {} (usually one every {})", since.en,
                      every.en),
          fmt::format("n'envoie plus toutes ses valeurs à temps depuis {} (d'ordinaire une "
                      "toutes les {})",
                      since.fr, every.fr)};
}

Words of_spike(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  if (told.is_as_expected()) {
    return {fmt::format("jumped and came back at once to {}", value.en),
            fmt::format("a sauté puis est revenu aussitôt à {}", value.fr)};
  }
  return {fmt::format("jumped to {} from {} and came back at once", value.en, expected.en),
          fmt::format("a sauté à {} depuis {} puis est revenu aussitôt", value.fr, expected.fr)};
}

/// From one value to the next, or over a longer time. `is_back`: it changed, and has changed back.
Words of_change(const Numbers& told, bool is_back) {
  const auto value = told.value();
  const auto expected = told.expected();
  if (is_back) {
    return {fmt::format("changed faster than it ever does, and shows {} now", value.en),
            fmt::format("a changé plus vite que jamais, et affiche maintenant {}", value.fr)};
  }
  return {fmt::format("went from {} to {} faster than it ever does", expected.en, value.en),
          fmt::format("est passé de {} à {} plus vite que jamais", expected.fr, value.fr)};
}

Words of_noise(const Numbers& told) {
  const auto& sign = told.sign;
  const auto since = told.since();
  const bool is_more = sign.value > sign.expected;
  const double ratio = is_more ? sign.value / std::max(sign.expected, 1e-12)
                               : sign.expected / std::max(sign.value, 1e-12);
  const auto times = fmt::format("{:.1f}", ratio);
  if (times == "1.0") {
    return {fmt::format("has trembled otherwise than it ever does for {}", since.en),
            fmt::format("fluctue autrement que jamais depuis {}", since.fr)};
  }
  return {fmt::format("has trembled {} times {} than usual for {}", times,
                      is_more ? "more" : "less", since.en),
          fmt::format("fluctue {} fois {} que d'habitude depuis {}", french(times),
                      is_more ? "plus" : "moins", since.fr)};
}

Words of_range(const Numbers& told) {
  const auto value = told.value();
  const auto band = told.band();
  if (told.sign.value > told.sign.low && told.sign.value < told.sign.high) {
    return {fmt::format("was at the end of what it can measure ({}) and shows {} now", band.en,
                        value.en),
            fmt::format("était au bout de son étendue de mesure ({}) et affiche maintenant {}",
                        band.fr, value.fr)};
  }
  return {
      fmt::format("shows {}, at or beyond the end of what it can measure ({})", value.en, band.en),
      fmt::format("affiche {}, au bout de son étendue de mesure ou au-delà ({})", value.fr,
                  band.fr)};
}

Words of_limit(const Numbers& told) {
  const auto value = told.value();
  const auto limit = told.expected();
  const bool is_low = told.sign.rule.starts_with("low");
  const bool is_high = told.sign.rule.starts_with("high");
  const bool is_back = told.is_as_expected() || (is_low && told.sign.value > told.sign.expected) ||
                       (is_high && told.sign.value < told.sign.expected);
  if (is_back) {
    return {fmt::format("reached its limit of {} and shows {} now", limit.en, value.en),
            fmt::format("a atteint sa limite de {} et affiche maintenant {}", limit.fr, value.fr)};
  }
  return {fmt::format("shows {}, beyond its limit of {}", value.en, limit.en),
          fmt::format("affiche {}, au-delà de sa limite de {}", value.fr, limit.fr)};
}

Words of_drift(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  if (told.is_as_expected()) {
    return {fmt::format("crept away from what the other sensors say, and shows {} now, as they do",
                        value.en),
            fmt::format("s'est écarté peu à peu de ce que disent les autres capteurs, et affiche "
                        "maintenant {}, comme eux",
                        value.fr)};
  }
  if (!told.is_beyond()) {
    const auto band = told.band();
    return {fmt::format("crept away from what the other sensors say, and shows {} now, within what "
                        "they let expect ({})",
                        value.en, band.en),
            fmt::format("s'est écarté peu à peu de ce que disent les autres capteurs, et affiche "
                        "maintenant {}, dans ce qu'ils laissent attendre ({})",
                        value.fr, band.fr)};
  }
  return {fmt::format("creeps away from what the other sensors say: {} instead of about {}",
                      value.en, expected.en),
          fmt::format("s'écarte peu à peu de ce que disent les autres capteurs : {} au lieu "
                      "d'environ {}",
                      value.fr, expected.fr)};
}

Words of_residual(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  const auto band = told.band();
  if (told.is_beyond()) {
    const auto since = told.since();
    return {fmt::format("shows {} where the other sensors say {} ({}), at odds with them for {}",
                        value.en, expected.en, band.en, since.en),
            fmt::format("affiche {} alors que les autres capteurs disent {} ({}), en désaccord "
                        "avec eux depuis {}",
                        value.fr, expected.fr, band.fr, since.fr)};
  }
  if (told.is_as_expected()) {
    return {
        fmt::format("was at odds with the other sensors, and shows {} now, as they do", value.en),
        fmt::format("était en désaccord avec les autres capteurs, et affiche maintenant {}, "
                    "comme eux",
                    value.fr)};
  }
  return {fmt::format("was at odds with the other sensors, and shows {} now, within what they let "
                      "expect ({})",
                      value.en, band.en),
          fmt::format("était en désaccord avec les autres capteurs, et affiche maintenant {}, dans "
                      "ce qu'ils laissent attendre ({})",
                      value.fr, band.fr)};
}

/// What a model that runs beside the plant says; it hears no other sensor.
Words of_model(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  const auto since = told.since();
  if (told.is_as_expected()) {
    return {fmt::format("was at odds with the plant's model, and shows {} now, as the model does",
                        value.en),
            fmt::format("était en désaccord avec le modèle de l'installation, et affiche "
                        "maintenant {}, comme lui",
                        value.fr)};
  }
  return {fmt::format("has been at odds with the plant's model for {}: {} instead of about {}",
                      since.en, value.en, expected.en),
          fmt::format("est en désaccord avec le modèle de l'installation depuis {} : {} au lieu "
                      "d'environ {}",
                      since.fr, value.fr, expected.fr)};
}

Words of_replay(const Numbers& told) {
  if (told.sign.detector == "echo") {
    return {"fluctuates with the other sensors, as a value computed from them would",
            "fluctue avec les autres capteurs, comme le ferait une valeur calculée d'après eux"};
  }
  const auto lag = duration(std::chrono::seconds(static_cast<std::int64_t>(told.sign.anomaly)));
  return {fmt::format("repeats to the last digit what it showed {} earlier", lag.en),
          fmt::format("répète au dernier chiffre près ce qu'il affichait {} plus tôt", lag.fr)};
}

Words of_command(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  if (told.is_as_expected()) {
    return {fmt::format("did not fit its command, and shows {} now, as it should", value.en),
            fmt::format("ne répondait pas à sa commande, et affiche maintenant {}, comme attendu",
                        value.fr)};
  }
  return {
      fmt::format("shows {}, which does not fit its command ({} expected)", value.en, expected.en),
      fmt::format("affiche {}, ce qui ne répond pas à sa commande ({} attendu)", value.fr,
                  expected.fr)};
}

/// A pressure that its flow does not explain.
Words of_clogging(const Numbers& told) {
  const auto value = told.value();
  const auto expected = told.expected();
  if (!told.is_beyond()) {
    return {fmt::format("met more resistance to the flow than it ever does, and shows {} now",
                        value.en),
            fmt::format("a subi plus de résistance au débit que jamais, et affiche maintenant {}",
                        value.fr)};
  }
  return {
      fmt::format("shows {} where the flow explains {} at most", value.en, expected.en),
      fmt::format("affiche {} alors que le débit en explique au plus {}", value.fr, expected.fr)};
}

Words of_deviation(const Numbers& told) {
  if (told.sign.detector == "slope") return of_change(told, !told.is_beyond());
  if (told.sign.detector == "clogging") return of_clogging(told);
  const auto value = told.value();
  const auto expected = told.expected();
  const auto band = told.band();
  if (!told.is_beyond()) {
    return {fmt::format("left its usual band ({}) and shows {} now", band.en, value.en),
            fmt::format("est sorti de sa plage habituelle ({}) et affiche maintenant {}", band.fr,
                        value.fr)};
  }
  return {fmt::format("shows {}, far from its usual {} ({})", value.en, expected.en, band.en),
          fmt::format("affiche {}, loin de ses {} habituels ({})", value.fr, expected.fr, band.fr)};
}

}  // namespace

Words with_unit(double value, const SeriesInfo& info) {
  const auto number = digits(value);
  const bool has_unit = !info.unit.empty() && info.unit != "-" && info.unit != "0/1/2";
  const auto unit = has_unit ? (info.unit == "%" ? "%" : " " + info.unit) : std::string();
  return {.en = number + unit, .fr = french(number) + (unit == "%" ? " %" : unit)};
}

Words observation(const Sign& sign, const SeriesInfo& info, Duration lasts) {
  const Numbers told{sign, info, lasts};
  if (sign.detector == "mechanistic") return of_model(told);
  switch (sign.kind) {
    case SymptomKind::stuck:
      return of_stuck(told);
    case SymptomKind::missing:
      return of_missing(told);
    case SymptomKind::spike:
      return of_spike(told);
    case SymptomKind::rate:
      return of_change(told, told.is_as_expected());
    case SymptomKind::noise:
      return of_noise(told);
    case SymptomKind::out_of_range:
      return of_range(told);
    case SymptomKind::limit:
      return of_limit(told);
    case SymptomKind::drift:
      return of_drift(told);
    case SymptomKind::residual:
      return of_residual(told);
    case SymptomKind::replay:
      return of_replay(told);
    case SymptomKind::command:
      return of_command(told);
    case SymptomKind::deviation:
    case SymptomKind::multivariate:
      break;
  }
  return of_deviation(told);
}

}  // namespace sosie::diagnosis
