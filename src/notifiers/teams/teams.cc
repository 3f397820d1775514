#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/notifier.h"
#include "notifying/chat_post.h"
#include "notifying/wording.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

/// A TextBlock understands some Markdown, which must not come out of a message.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\[]*_`~#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Adaptive Cards know four colours; grey stays what is neither urgent nor over.
std::string_view colour_of(const AlarmEvent& event) {
  if (!event.alarm.is_active()) return "Good";
  switch (event.alarm.priority) {
    case Priority::critical:
    case Priority::high:
      return "Attention";
    case Priority::medium:
      return "Warning";
    case Priority::low:
      break;
  }
  return "Default";
}

void write_title(json::Writer& out, const Wording& wording, const AlarmEvent& event) {
  out.begin_object();
  out.member("type", "TextBlock");
  out.member("text", escaped(wording.title(event)));
  out.member("size", "Medium");
  out.member("weight", "Bolder");
  out.member("color", colour_of(event));
  out.member("wrap", true);
  out.end_object();
}

void write_facts(json::Writer& out, const std::vector<Wording::Fact>& facts) {
  out.begin_object();
  out.member("type", "FactSet");
  out.key("facts");
  out.begin_array();
  for (const auto& fact : facts) {
    out.begin_object();
    out.member("title", escaped(fact.name));
    out.member("value", escaped(fact.value));
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

void write_link(json::Writer& out, const Wording& wording) {
  out.key("actions");
  out.begin_array();
  out.begin_object();
  out.member("type", "Action.OpenUrl");
  out.member("title", wording.link_words());
  out.member("url", wording.link());
  out.end_object();
  out.end_array();
}

void write_card(json::Writer& out, const Wording& wording, const AlarmEvent& event,
                const SeriesTable& series) {
  out.begin_object();
  out.member("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  out.member("type", "AdaptiveCard");
  out.member("version", "1.4");
  out.key("body");
  out.begin_array();
  write_title(out, wording, event);
  write_facts(out, wording.facts(event, series));
  out.end_array();
  if (!wording.link().empty()) write_link(out, wording);
  out.end_object();
}

/// One message with one card, as a workflow's "When a Teams webhook request is received" wants it.
std::string body_of(const Wording& wording, const AlarmEvent& event, const SeriesTable& series) {
  json::Writer out;
  out.begin_object();
  out.member("type", "message");
  out.key("attachments");
  out.begin_array();
  out.begin_object();
  out.member("contentType", "application/vnd.microsoft.card.adaptive");
  out.member("contentUrl", nullptr);
  out.key("content");
  write_card(out, wording, event, series);
  out.end_object();
  out.end_array();
  out.end_object();
  return out.take();
}

/// Posts to a channel or chat of Microsoft Teams.
Result<std::unique_ptr<Notifier>> make(Section& section) {
  return read_chat_post(section, "teams", body_of);
}

}  // namespace

void register_notifiers_teams(Catalog& catalog) {
  catalog.add<Notifier>("teams", make);
}

}  // namespace sosie
