#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/catalog.h"
#include "core/notifier.h"
#include "notifying/chat_post.h"
#include "notifying/wording.h"
#include "wire/json/writer.h"

namespace sosie {
namespace {

constexpr std::size_t most_fields = 10;  ///< of a section

/// Slack's own markup must not come out of a message: "<!channel>" would call everybody.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

void write_text(json::Writer& out, std::string_view markup) {
  out.begin_object();
  out.member("type", "mrkdwn");
  out.member("text", markup);
  out.end_object();
}

void write_section(json::Writer& out, std::string_view markup) {
  out.begin_object();
  out.member("type", "section");
  out.key("text");
  write_text(out, markup);
  out.end_object();
}

void write_facts(json::Writer& out, const std::vector<Wording::Fact>& facts) {
  out.begin_object();
  out.member("type", "section");
  out.key("fields");
  out.begin_array();
  for (std::size_t i = 0; i < std::min(facts.size(), most_fields); ++i) {
    write_text(out, fmt::format("*{}*\n{}", escaped(facts[i].name), escaped(facts[i].value)));
  }
  out.end_array();
  out.end_object();
}

/// `text` is what a notification on a phone shows; the blocks are what the channel shows.
std::string body_of(const Wording& wording, const AlarmEvent& event, const SeriesTable& series) {
  const auto title = escaped(wording.title(event));
  json::Writer out;
  out.begin_object();
  out.member("text", title);
  out.key("blocks");
  out.begin_array();
  write_section(out, fmt::format("*{}*", title));
  write_facts(out, wording.facts(event, series));
  if (!wording.link().empty()) {
    write_section(out, fmt::format("<{}|{}>", escaped(wording.link()), wording.link_words()));
  }
  out.end_array();
  out.end_object();
  return out.take();
}

/// Posts to a Slack channel.
Result<std::unique_ptr<Notifier>> make(Section& section) {
  return read_chat_post(section, "slack", body_of);
}

}  // namespace

void register_notifiers_slack(Catalog& catalog) {
  catalog.add<Notifier>("slack", make);
}

}  // namespace sosie
