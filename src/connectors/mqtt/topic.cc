#include "connectors/mqtt/topic.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace sosie::mqtt {
namespace {

constexpr std::array<std::string_view, topic_names> spelled{"entity", "attribute", "name", "asset",
                                                            "what",   "priority",  "kind", "rule"};

std::string_view spelling(TopicName name) {
  return spelled.at(static_cast<std::size_t>(name));
}

/// What has a meaning in a topic, or is forbidden there (MQTT 3.1.1, 4.7 and 1.5.3).
bool is_special(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '/' || c == '+' || c == '#' || byte < 0x20 || byte == 0x7F;
}

void append_name(std::string& topic, std::string_view text) {
  if (text.empty()) text = "-";
  for (const char c : text) {
    const bool is_brokers_own = c == '$' && topic.empty();
    topic += is_special(c) || is_brokers_own ? '_' : c;
  }
}

Error unknown(std::string_view typed, std::span<const TopicName> known) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const auto name : known) names.push_back(spelling(name));
  const auto near = nearest(typed, names);
  return {Errc::invalid, fmt::format("uses ${{{}}}; {}", typed,
                                     near ? fmt::format("did you mean ${{{}}}?", *near)
                                          : fmt::format("known here: {}", fmt::join(names, ", ")))};
}

Result<void> check_plain(std::string_view text, bool is_begin) {
  if (text.find_first_of("+#") != text.npos) {
    return Error{Errc::invalid, "has a + or #, which are for listening"};
  }
  if (is_begin && text.starts_with('$')) {
    return Error{Errc::invalid, "begins with a $: such topics are the broker's own"};
  }
  return {};
}

}  // namespace

Result<TopicTemplate> TopicTemplate::create(std::string_view text,
                                            std::span<const TopicName> known) {
  TopicTemplate made;
  while (!text.empty()) {
    const auto open = std::min(text.find("${"), text.size());
    if (open > 0) {
      const auto plain = text.substr(0, open);
      TRY(check_plain(plain, made.parts_.empty()));
      made.parts_.emplace_back(std::string(plain));
      text.remove_prefix(open);
      continue;
    }
    const auto close = text.find('}');
    const auto typed = text.substr(2, close == text.npos ? close : close - 2);
    const auto found = std::ranges::find(known, typed, spelling);
    if (close == text.npos || found == known.end()) return unknown(typed, known);
    made.parts_.emplace_back(*found);
    text.remove_prefix(close + 1);
  }
  return made;
}

bool TopicTemplate::uses(TopicName name) const {
  return std::ranges::find(parts_, Part(name)) != parts_.end();
}

std::string TopicTemplate::fill(const TopicTexts& texts) const {
  std::string topic;
  for (const auto& part : parts_) {
    if (const auto* plain = std::get_if<std::string>(&part)) {
      topic += *plain;
    } else {
      append_name(topic, texts[std::get<TopicName>(part)]);
    }
  }
  return topic;
}

}  // namespace sosie::mqtt
