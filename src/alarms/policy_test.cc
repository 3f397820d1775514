#include "alarms/policy.h"

#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie {
namespace {

/// A plant of three sensors: AIT-806-TSS at the outlet, AIT-306-DO and its blower in the middle.
struct Plant {
  SeriesTable series;
  SeriesId tss, oxygen, blower;

  Plant()
      : tss(declare("AIT-806-TSS", "mes", "sortie_controle")),
        oxygen(declare("AIT-306-DO", "value", "traitement_biologique")),
        blower(declare("JIT-330", "value", "traitement_biologique")) {}

  SeriesId declare(const char* entity, const char* attribute, const char* stage) {
    SeriesInfo info;
    info.entity = entity;
    info.attribute = attribute;
    info.stage = stage;
    return series.declare(info);
  }
};

Finding finding(Kind kind, double confidence, SeriesId suspect) {
  Finding f;
  f.id = 1;
  f.asset = "traffeyere";
  f.kind = kind;
  f.confidence = confidence;
  f.score = 0.8;
  f.suspects.push_back({.series = suspect, .share = 1, .value = 50, .low = 0, .high = 35});
  return f;
}

Finding with_evidence(Finding f, SymptomKind kind, SeriesId series) {
  f.evidence.push_back({.detector = "test", .kind = kind, .series = series, .since = {}});
  return f;
}

Finding with_limit(Finding f, SeriesId series, const char* rule, std::optional<Priority> priority) {
  f.evidence.push_back({.detector = "limits",
                        .kind = SymptomKind::limit,
                        .series = series,
                        .since = {},
                        .rule = rule,
                        .priority = priority});
  return f;
}

/// "high limit/AIT-806-TSS.mes/high", "no alarm", or the error.
std::string judged(const std::string& toml, const Finding& f, const Plant& plant) {
  auto scenario = Section::read_text(toml);
  REQUIRE(scenario);
  const auto policy = AlarmPolicy::read(*scenario);
  if (!policy) return policy.error().what;
  const auto verdict = (*policy).judge(f, plant.series);
  if (!verdict) return "no alarm";
  return fmt::format("{} {}", to_text(verdict->priority), verdict->condition);
}

TEST_CASE("alarm policy: which finding is which alarm") {
  const Plant plant;
  const auto peak = finding(Kind::pollution_peak, 0.9, plant.tss);
  const auto stuck = finding(Kind::sensor_failure, 0.9, plant.oxygen);
  const auto limit = with_limit(peak, plant.tss, "high", Priority::medium);
  const auto unranked = with_limit(peak, plant.tss, "high", std::nullopt);
  auto past = limit;
  past.evidence.front().active = false;
  const auto elsewhere = with_limit(stuck, plant.tss, "low", std::nullopt);
  auto nobody = peak;
  nobody.suspects.clear();
  const std::string outlet = "[[alarm]]\nsymptoms = ['limit']\nstage = 'sortie_*'\npriority = ";

  struct Case {
    const char* name;
    std::string toml;
    Finding finding;
    std::string expected;
  };
  const Case cases[] = {
      {"by kind", "", peak, "high pollution_peak/AIT-806-TSS.mes"},
      {"another kind", "", stuck, "medium sensor_failure/AIT-306-DO"},
      {"attack", "", finding(Kind::cyber_attack, 0.9, plant.tss),
       "critical cyber_attack/AIT-806-TSS.mes"},
      {"not sure enough", "", finding(Kind::pollution_peak, 0.49, plant.tss), "no alarm"},
      {"sure enough here", "[alarms]\nmin_confidence = 0.4",
       finding(Kind::pollution_peak, 0.49, plant.tss), "high pollution_peak/AIT-806-TSS.mes"},
      {"kinds set", "[alarms.priorities]\npollution_peak = 'low'", peak,
       "low pollution_peak/AIT-806-TSS.mes"},
      {"a kind left out", "[alarms.priorities]\npollution_peak = 'none'", peak, "no alarm"},
      {"no suspect", "", nobody, "high pollution_peak/traffeyere"},
      {"a limit's own priority", "", limit, "medium limit/AIT-806-TSS.mes/high"},
      {"it needs no confidence", "",
       with_limit(finding(Kind::unknown, 0, plant.tss), plant.tss, "high", Priority::low),
       "low limit/AIT-806-TSS.mes/high"},
      {"the most urgent of two", "", with_limit(limit, plant.oxygen, "low_low", Priority::critical),
       "critical limit/AIT-306-DO/low_low"},
      {"the first of two alike", "", with_limit(limit, plant.oxygen, "low_low", Priority::medium),
       "medium limit/AIT-806-TSS.mes/high"},
      {"a limit that is over", "", past, "high pollution_peak/AIT-806-TSS.mes"},
      {"a limit without a priority", "", unranked, "high pollution_peak/AIT-806-TSS.mes"},
      {"a rule for limits", outlet + "'critical'", limit, "critical limit/AIT-806-TSS.mes/high"},
      {"a rule for limits gives a priority to one without", outlet + "'critical'", unranked,
       "critical limit/AIT-806-TSS.mes/high"},
      {"a rule for limits looks at the evidence, not at the suspect", outlet + "'critical'",
       elsewhere, "critical limit/AIT-806-TSS.mes/low"},
      {"a rule for causes outranks the limit", "[[alarm]]\npriority = 'low'", limit,
       "low pollution_peak/AIT-806-TSS.mes"},
      {"a rule for another symptom", "[[alarm]]\nsymptoms = ['stuck']\npriority = 'low'",
       with_evidence(stuck, SymptomKind::stuck, plant.oxygen), "low sensor_failure/AIT-306-DO"},
      {"a rule without the symptom passes by", outlet + "'critical'", stuck,
       "medium sensor_failure/AIT-306-DO"},
      {"a rule needs no confidence but its own", outlet + "'low'",
       with_limit(finding(Kind::unknown, 0.1, plant.tss), plant.tss, "high", std::nullopt),
       "low limit/AIT-806-TSS.mes/high"},
      {"a rule's confidence", "[[alarm]]\nmin_confidence = 0.95\npriority = 'critical'", peak,
       "high pollution_peak/AIT-806-TSS.mes"},
      {"a rule's score", "[[alarm]]\nmin_score = 0.81\npriority = 'critical'", peak,
       "high pollution_peak/AIT-806-TSS.mes"},
      {"a rule silences", "[[alarm]]\nseries = 'AIT-806*'\npriority = 'none'", peak, "no alarm"},
      {"first rule wins",
       "[[alarm]]\nkinds = ['pollution_peak']\npriority = 'low'\n"
       "[[alarm]]\npriority = 'critical'",
       peak, "low pollution_peak/AIT-806-TSS.mes"},
      {"second rule",
       "[[alarm]]\nkinds = ['unknown']\npriority = 'low'\n"
       "[[alarm]]\npriority = 'critical'",
       peak, "critical pollution_peak/AIT-806-TSS.mes"},
      {"by entity", "[[alarm]]\nseries = 'AIT-?06-TS?'\npriority = 'low'", peak,
       "low pollution_peak/AIT-806-TSS.mes"},
      {"by full name", "[[alarm]]\nseries = '*.mes'\npriority = 'low'", peak,
       "low pollution_peak/AIT-806-TSS.mes"},
      {"a glob with two stars", "[[alarm]]\nseries = 'A*0*-TSS'\npriority = 'low'", peak,
       "low pollution_peak/AIT-806-TSS.mes"},
      {"a glob that ends too early", "[[alarm]]\nseries = 'AIT-80'\npriority = 'low'", peak,
       "high pollution_peak/AIT-806-TSS.mes"},
      {"no suspect stands nowhere", "[[alarm]]\nstage = '*'\npriority = 'low'", nobody,
       "high pollution_peak/traffeyere"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(judged(c.toml, c.finding, plant) == c.expected);
  }
}

TEST_CASE("alarm policy: what is wrong with it is said") {
  const Plant plant;
  struct Case {
    const char* toml;
    const char* says;
  };
  const Case cases[] = {
      {"[alarms]\nmin_confidance = 0.5", "min_confid"},
      {"[alarms]\nmin_confidence = 1.5", "expected 0 to 1"},
      {"[alarms]\nre_alarm = '-5s'", "re_alarm"},
      {"[alarms.priorities]\npolution_peak = 'low'", "pollution_peak"},
      {"[alarms.priorities]\npollution_peak = 'hihg'", "high"},
      {"[[alarm]]\nkinds = ['sensor_failing']\npriority = 'low'", "sensor_failure"},
      {"[[alarm]]\nsymptoms = ['limits']\npriority = 'low'", "limit"},
      {"[[alarm]]\nkinds = ['unknown']", "priority"},
      {"[[alarm]]\npriority = 'urgent'", "critical"},
      {"[[alarm]]\npriority = 'low'\nserie = 'x'", "serie"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.toml);
    const auto said = judged(c.toml, finding(Kind::unknown, 1, plant.tss), plant);
    CAPTURE(said);
    CHECK(said.find("scenario:") != std::string::npos);
    CHECK(said.find(c.says) != std::string::npos);
  }
}

TEST_CASE("alarm policy: the shipped plant's") {
  const Plant plant;
  auto scenario = Section::read_file(SOSIE_ROOT "/scenarios/traffeyere/traffeyere.toml");
  REQUIRE(scenario);
  const auto policy = AlarmPolicy::read(*scenario);
  REQUIRE(policy);
  const auto priority = [&](Kind kind, SeriesId suspect) {
    const auto verdict = (*policy).judge(finding(kind, 0.9, suspect), plant.series);
    return verdict ? to_text(verdict->priority) : "none";
  };
  CHECK(priority(Kind::pollution_peak, plant.tss) == "critical");
  CHECK(priority(Kind::pollution_peak, plant.oxygen) == "high");
  CHECK(priority(Kind::sensor_drift, plant.tss) == "high");
  CHECK(priority(Kind::sensor_drift, plant.oxygen) == "low");
}

}  // namespace
}  // namespace sosie
