#include "shard/event_text.h"

#include "base/time_text.h"
#include "core/alarm.h"
#include "core/finding.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

std::string_view what_text(rules::EpisodeEvent::What what) {
  using What = rules::EpisodeEvent::What;
  switch (what) {
    case What::opened:
      return "opened";
    case What::closed:
      return "closed";
    case What::amended:
      return "amended";
    case What::withdrawn:
      return "withdrawn";
  }
  return "";
}

std::string_view state_text(const rules::EpisodeEvent& event) {
  if (event.what == rules::EpisodeEvent::What::withdrawn) return "withdrawn";
  return event.episode.closed ? "closed" : "open";
}

}  // namespace

std::string event_text(const rules::EpisodeEvent& event, const rules::Rule& rule,
                       const SeriesInfo& info) {
  const rules::Episode& episode = event.episode;
  const auto said = rules::sentence(rule, episode, info);
  json::Writer out;
  out.begin_object();
  out.member("id", episode_text(episode.id));
  out.member("what", what_text(event.what));
  out.member("state", state_text(event));
  out.member("rule", rule.name);
  out.member("kind", to_text(rule.kind));
  out.member("subject", episode.subject);
  out.member("entity", info.entity);
  out.member("attribute", info.attribute);
  out.member("onset", to_iso8601(episode.onset));
  out.member("detected", to_iso8601(episode.detected));
  out.key("closed");
  if (episode.closed) {
    out.value(to_iso8601(*episode.closed));
  } else {
    out.value(nullptr);
  }
  out.member("value", episode.value);
  out.member("late", event.is_late);
  out.key("former");
  if (event.former != 0) {
    out.value(episode_text(event.former));
  } else {
    out.value(nullptr);
  }
  out.key("priority");
  if (rule.priority) {
    out.value(to_text(*rule.priority));
  } else {
    out.value(nullptr);
  }
  out.member("message", said.en);
  out.member("message_fr", said.fr);
  out.end_object();
  return out.take();
}

}  // namespace sosie
