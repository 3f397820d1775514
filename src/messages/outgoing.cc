#include "messages/outgoing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"
#include "wire/json/writer.h"

namespace sosie::messages {
namespace {

std::optional<std::string> time_text(const std::optional<Timestamp>& at) {
  return at ? std::optional(to_iso8601(*at)) : std::nullopt;
}

void add_series(json::Writer& out, const SeriesInfo* info) {
  if (info == nullptr) return;
  out.member("entity", info->entity);
  out.member("attribute", info->attribute);
}

}  // namespace

std::string reading_text(const SinkReading& reading, const SeriesInfo& info) {
  json::Writer out;
  out.begin_object();
  out.member("entity", info.entity);
  out.member("attribute", info.attribute);
  out.member("value", reading.reading.value);
  out.member("time", to_iso8601(reading.reading.at));
  out.member("quality", to_text(reading.reading.quality));
  if (!info.unit.empty()) out.member("unit", info.unit);
  out.member("asset", info.asset);
  out.member("anomaly", reading.is_anomalous);
  out.end_object();
  return out.take();
}

std::string step_text(const AlarmEvent& step, const SeriesInfo* info) {
  const Alarm& alarm = step.alarm;
  json::Writer out;
  out.begin_object();
  if (alarm.episode != 0) out.member("id", episode_text(alarm.episode));
  out.member("alarm", alarm.id);
  out.member("what", to_text(step.what));
  out.member("time", to_iso8601(step.at));
  out.member("condition", alarm.condition);
  out.member("priority", to_text(alarm.priority));
  out.member("active", alarm.is_active());
  out.member("message", alarm.message.en);
  out.member("message_fr", alarm.message.fr);
  out.member("asset", alarm.asset);
  add_series(out, info);
  out.member("raised", to_iso8601(alarm.raised));
  out.member("cleared", time_text(alarm.cleared));
  out.member("acknowledged", time_text(alarm.acknowledged));
  if (!step.who.empty()) out.member("who", step.who);
  if (!step.comment.empty()) out.member("comment", step.comment);
  out.end_object();
  return out.take();
}

std::string finding_text(const FindingEvent& event, const SeriesInfo* info) {
  const Finding& finding = event.finding;
  json::Writer out;
  out.begin_object();
  out.member("id",
             finding.episode ? episode_text(finding.episode->id) : std::to_string(finding.id));
  out.member("finding", finding.id);
  out.member("what", to_text(event.what));
  out.member("kind", to_text(finding.kind));
  out.member("asset", finding.asset);
  if (finding.episode) {
    out.member("rule", finding.episode->rule);
    out.member("subject", finding.episode->subject);
    out.member("amended", finding.episode->amended);
    out.member("withdrawn", finding.episode->withdrawn);
  }
  if (info != nullptr) {
    out.member("entity", info->entity);
    out.member("attribute", info->attribute);
    out.member("value", finding.suspects.front().value);
  }
  out.member("confidence", finding.confidence);
  out.member("onset", to_iso8601(finding.onset));
  out.member("detected", to_iso8601(finding.detected));
  out.member("closed", time_text(finding.closed));
  out.member("message", finding.sentence.en);
  out.member("message_fr", finding.sentence.fr);
  out.end_object();
  return out.take();
}

std::string moved_text(const Move& move, const AlarmEvent& step, const SeriesInfo* info) {
  json::Writer out;
  out.begin_object();
  out.member("id", episode_text(move.from));
  out.member("alarm", step.alarm.id);
  out.member("what", "moved");
  out.member("to", episode_text(move.to));
  out.member("time", to_iso8601(step.at));
  out.member("condition", step.alarm.condition);
  out.member("active", false);
  out.member("asset", step.alarm.asset);
  add_series(out, info);
  out.end_object();
  return out.take();
}

std::string moved_text(const Move& move, const FindingEvent& event, const SeriesInfo* info) {
  const Finding& finding = event.finding;
  json::Writer out;
  out.begin_object();
  out.member("id", episode_text(move.from));
  out.member("finding", finding.id);
  out.member("what", "moved");
  out.member("to", episode_text(move.to));
  out.member("asset", finding.asset);
  if (finding.episode) {
    out.member("rule", finding.episode->rule);
    out.member("subject", finding.episode->subject);
  }
  add_series(out, info);
  out.end_object();
  return out.take();
}

std::optional<Move> ToldEpisodes::tell(const AlarmEvent& step) {
  const auto move = tell(step.alarm.id, step.alarm.episode, !step.alarm.is_active());
  return step.what == AlarmEvent::What::raised ? std::nullopt : move;
}

std::optional<Move> ToldEpisodes::tell(const FindingEvent& event) {
  const auto& finding = event.finding;
  return tell(finding.id, finding.episode ? finding.episode->id : 0, finding.closed.has_value());
}

std::optional<Move> ToldEpisodes::tell(std::uint64_t number, std::uint64_t episode, bool is_over) {
  if (episode == 0) return std::nullopt;
  auto before = batch_.find(number);
  if (before == batch_.end()) {
    const auto known = told_.find(number);
    if (known != told_.end()) before = batch_.emplace(number, known->second).first;
  }
  std::optional<Move> move;
  if (before != batch_.end() && before->second.episode != episode) {
    move = Move{before->second.episode, episode};
  }
  batch_.insert_or_assign(number, Told{episode, is_over});
  return move;
}

void ToldEpisodes::sent() {
  for (const auto& [number, told] : batch_) {
    const bool was_over = std::exchange(told_[number], told).is_over;
    if (told.is_over && !was_over) over_.push_back(number);
  }
  batch_.clear();
  for (; over_.size() > most_over; over_.pop_front()) {
    const auto oldest = told_.find(over_.front());
    if (oldest != told_.end() && oldest->second.is_over) told_.erase(oldest);
  }
}

std::optional<SeriesId> first_suspect(const Finding& finding) {
  if (finding.suspects.empty()) return std::nullopt;
  return finding.suspects.front().series;
}

bool ChosenSeries::has(std::optional<SeriesId> id, const SeriesTable& series) {
  if (!id || wildcards_.empty()) return true;
  if (id->index >= answers_.size()) answers_.resize(series.size());
  Answer& answer = answers_[id->index];
  if (answer == Answer::unknown) {
    const SeriesInfo& info = series[*id];
    const auto name = info.name();
    const bool is_named = std::ranges::any_of(wildcards_, [&](const std::string& pattern) {
      return matches_wildcards(pattern, info.entity) || matches_wildcards(pattern, name);
    });
    answer = is_named ? Answer::yes : Answer::no;
  }
  return answer == Answer::yes;
}

}  // namespace sosie::messages
