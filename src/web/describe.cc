#include "web/describe.h"

#include <chrono>

namespace sosie::web {
namespace {

void write_names(json::Writer& out, std::string_view key, const std::vector<std::string>& names) {
  out.key(key);
  out.begin_array();
  for (const auto& name : names) out.value(name);
  out.end_array();
}

void write_suspect(json::Writer& out, const Suspect& suspect, const SeriesTable& series) {
  out.begin_object();
  out.member("series", suspect.series.index);
  out.member("name", series[suspect.series].name());
  out.member("share", suspect.share);
  out.member("contribution", suspect.contribution);
  out.member("value", suspect.value);
  out.member("expected", suspect.expected);
  out.member("low", suspect.low);
  out.member("high", suspect.high);
  out.end_object();
}

void write_evidence(json::Writer& out, const Evidence& evidence) {
  out.begin_object();
  out.member("detector", evidence.detector);
  out.member("symptom", to_text(evidence.kind));
  out.key("series");
  if (evidence.series) {
    out.value(evidence.series->index);
  } else {
    out.value(nullptr);
  }
  out.member("score", evidence.score);
  out.member("since_ms", to_ms(evidence.since));
  out.member("active", evidence.active);
  out.end_object();
}

/// What changed first, and where it stands; null: its evidence is of no single series. Of several
/// in one instant the first suspect.
void write_first(json::Writer& out, const Finding& finding, const SeriesTable& series) {
  const auto is_suspect = [&](SeriesId id) {
    return !finding.suspects.empty() && finding.suspects.front().series == id;
  };
  const Evidence* first = nullptr;
  for (const auto& evidence : finding.evidence) {
    if (!evidence.series) continue;
    const bool is_sooner = first == nullptr || evidence.since < first->since ||
                           (evidence.since == first->since && is_suspect(*evidence.series));
    if (is_sooner) first = &evidence;
  }
  out.key("first");
  if (first == nullptr) {
    out.value(nullptr);
    return;
  }
  const SeriesInfo& info = series[*first->series];
  out.begin_object();
  out.member("series", first->series->index);
  out.member("name", info.name());
  out.member("stage", info.stage);
  out.key("stage_name");
  write(out, info.stage_name);
  out.member("since_ms", to_ms(first->since));
  out.end_object();
}

}  // namespace

int decimals_of(const SeriesInfo& info) {
  constexpr int usual = 2;
  if (!info.low || !info.high) return usual;
  const double span = *info.high - *info.low;
  if (span >= 1000) return 0;
  if (span >= 100) return 1;
  if (span >= 1) return usual;
  return 3;
}

std::int64_t to_ms(Timestamp at) {
  return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

std::optional<std::int64_t> to_ms(const std::optional<Timestamp>& at) {
  if (!at) return std::nullopt;
  return to_ms(*at);
}

void write(json::Writer& out, const Words& words) {
  out.begin_object();
  out.member("en", words.en);
  out.member("fr", words.fr);
  out.end_object();
}

void write_members(json::Writer& out, SeriesId id, const SeriesInfo& info) {
  out.member("id", id.index);
  out.member("name", info.name());
  out.member("entity", info.entity);
  out.member("attribute", info.attribute);
  out.member("stage", info.stage);
  out.key("quantity");
  write(out, info.quantity);
  out.member("unit", info.unit);
  out.member("low", info.low);
  out.member("high", info.high);
  out.member("location", info.location);
  out.key("place");
  write(out, info.place());
  out.member("decimals", decimals_of(info));
}

void write_members(json::Writer& out, const std::optional<Reading>& reading) {
  out.member("value", reading ? std::optional(reading->value) : std::nullopt);
  out.member("quality", static_cast<int>(reading ? reading->quality : Quality::bad));
  out.member("t", reading ? std::optional(to_ms(reading->at)) : std::nullopt);
}

void write_members(json::Writer& out, const Finding& finding, const SeriesTable& series) {
  out.member("id", finding.id);
  out.member("asset", finding.asset);
  out.member("kind", to_text(finding.kind));
  out.key("kind_name");
  write(out, name_of(finding.kind));
  out.key("second");
  if (finding.second) {
    out.value(to_text(*finding.second));
  } else {
    out.value(nullptr);
  }
  out.member("score", finding.score);
  out.member("confidence", finding.confidence);
  out.member("forest_score", finding.forest_score);
  out.member("onset_ms", to_ms(finding.onset));
  out.member("detected_ms", to_ms(finding.detected));
  out.member("closed_ms", to_ms(finding.closed));
  write_first(out, finding, series);
  out.key("suspects");
  out.begin_array();
  for (const auto& suspect : finding.suspects) write_suspect(out, suspect, series);
  out.end_array();
  out.key("evidence");
  out.begin_array();
  for (const auto& evidence : finding.evidence) write_evidence(out, evidence);
  out.end_array();
  out.key("sentence");
  write(out, finding.sentence);
  if (!finding.episode) return;
  out.member("episode", episode_text(finding.episode->id));
  out.member("rule", finding.episode->rule);
  out.member("subject", finding.episode->subject);
  out.member("amended", finding.episode->amended);
  out.member("withdrawn", finding.episode->withdrawn);
}

void write_members(json::Writer& out, const Label& label) {
  out.member("id", label.id);
  out.member("kind", to_text(label.kind));
  out.key("kind_name");
  write(out, name_of(label.kind));
  out.member("scenario", label.scenario);
  write_names(out, "direct", label.direct);
  write_names(out, "consequences", label.consequences);
  out.member("start_ms", to_ms(label.start));
  out.member("end_ms", to_ms(label.end));
  if (label.cause_ends) out.member("cause_end_ms", to_ms(*label.cause_ends));
  out.member("over", label.over);
  out.member("size", label.size);
  out.key("text");
  write(out, label.text);
}

void write(json::Writer& out, const Alarm& alarm, const SeriesTable& series) {
  out.begin_object();
  out.member("id", alarm.id);
  out.member("condition", alarm.condition);
  out.key("series");
  if (alarm.series) {
    out.value(alarm.series->index);
  } else {
    out.value(nullptr);
  }
  out.member("name", alarm.series ? series[*alarm.series].name() : alarm.asset);
  out.member("stage", alarm.series ? series[*alarm.series].stage : std::string());
  out.member("finding", alarm.finding);
  out.member("priority", to_text(alarm.priority));
  out.member("active", alarm.is_active());
  out.member("acknowledged", alarm.is_acknowledged());
  out.key("message");
  write(out, alarm.message);
  out.member("raised_ms", to_ms(alarm.raised));
  out.member("cleared_ms", to_ms(alarm.cleared));
  out.member("acknowledged_ms", to_ms(alarm.acknowledged));
  out.member("acknowledged_by", alarm.acknowledged_by);
  out.member("comment", alarm.comment);
  out.member("shelved_until_ms", to_ms(alarm.shelved_until));
  if (alarm.episode != 0) out.member("episode", episode_text(alarm.episode));
  out.end_object();
}

}  // namespace sosie::web
