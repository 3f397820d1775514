#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/catalog.h"
#include "core/notifier.h"
#include "notifying/http_post.h"
#include "notifying/step_filter.h"
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
class Teams final : public Notifier {
 public:
  Teams(StepFilter filter, Wording wording, HttpPost post)
      : filter_(std::move(filter)), wording_(std::move(wording)), post_(std::move(post)) {}

  bool wants(const AlarmEvent& event) const override { return filter_.wants(event); }

  Result<void> tell(const AlarmEvent& event, const SeriesTable& series) override {
    if (!filter_.wants(event)) return {};
    return post_.send(body_of(wording_, event, series), event, "teams");
  }

 private:
  const StepFilter filter_;
  const Wording wording_;
  HttpPost post_;
};

Result<std::unique_ptr<Notifier>> make(Section& section) {
  auto post = TRY(HttpPost::read_secret(section));
  auto filter = TRY(StepFilter::read(section));
  auto wording = TRY(Wording::read(section));
  return std::make_unique<Teams>(std::move(filter), std::move(wording), std::move(post));
}

}  // namespace

void register_notifiers_teams(Catalog& catalog) {
  catalog.add<Notifier>("teams", make);
}

}  // namespace sosie
