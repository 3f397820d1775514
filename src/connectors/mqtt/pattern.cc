#include "connectors/mqtt/pattern.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::mqtt {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

Result<TopicPattern::Level> TopicPattern::read_level(std::string_view text) {
  if (text == "+") return Level{Level::Kind::any, {}, {}, {}};
  if (text == "#") return Level{Level::Kind::rest, {}, {}, {}};
  if (text.find_first_of("+#") != text.npos) {
    return Error{Errc::invalid, fmt::format("'{}': + and # stand alone in their level", text)};
  }
  const auto open = text.find('{');
  const auto close = text.find('}');
  if (open == text.npos && close == text.npos) {
    return Level{Level::Kind::text, std::string(text), {}, {}};
  }
  const bool in_order = open != text.npos && close != text.npos && open < close;
  const auto name = in_order ? text.substr(open + 1, close - open - 1) : std::string_view();
  const auto suffix = in_order ? text.substr(close + 1) : std::string_view();
  if (!is_name(name) || suffix.find_first_of("{}") != suffix.npos) {
    return Error{Errc::invalid,
                 fmt::format("'{}': expected one name in braces, as {{entity}}, in a level", text)};
  }
  return Level{Level::Kind::any, std::string(text.substr(0, open)), std::string(name),
               std::string(suffix)};
}

Result<TopicPattern> TopicPattern::create(std::string_view text) {
  TopicPattern pattern;
  pattern.text_ = text;
  if (text.empty()) return Error{Errc::invalid, "is empty, expected a topic"};
  for (const auto part : split(text, '/')) {
    if (!pattern.levels_.empty() && pattern.levels_.back().kind == Level::Kind::rest) {
      return Error{Errc::invalid, "# is not the last level"};
    }
    auto level = TRY(read_level(part));
    if (!level.name.empty() && pattern.has(level.name)) {
      return Error{Errc::invalid, fmt::format("{{{}}} stands twice", level.name)};
    }
    pattern.levels_.push_back(std::move(level));
  }
  return pattern;
}

std::optional<Named> TopicPattern::match(std::string_view topic) const {
  Named named;
  const auto parts = split(topic, '/');
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const auto& level = levels_[i];
    if (level.kind == Level::Kind::rest) return named;
    if (i >= parts.size()) return std::nullopt;
    const auto part = parts[i];
    if (level.kind == Level::Kind::text) {
      if (part != level.prefix) return std::nullopt;
      continue;
    }
    if (level.name.empty()) continue;
    const std::size_t around = level.prefix.size() + level.suffix.size();
    if (part.size() <= around || !part.starts_with(level.prefix) || !part.ends_with(level.suffix)) {
      return std::nullopt;
    }
    named.emplace_back(level.name, part.substr(level.prefix.size(), part.size() - around));
  }
  if (parts.size() != levels_.size()) return std::nullopt;
  return named;
}

std::string TopicPattern::filter() const {
  std::string filter;
  for (const auto& level : levels_) {
    if (!filter.empty() || &level != levels_.data()) filter += '/';
    switch (level.kind) {
      case Level::Kind::text:
        filter += level.prefix;
        break;
      case Level::Kind::any:
        filter += '+';
        break;
      case Level::Kind::rest:
        filter += '#';
        break;
    }
  }
  return filter;
}

bool TopicPattern::has(std::string_view name) const {
  return std::any_of(levels_.begin(), levels_.end(),
                     [&](const Level& level) { return level.name == name; });
}

Result<Template> Template::create(std::string_view text, const TopicPattern& pattern) {
  Template result;
  result.text_ = text;
  auto rest = text;
  while (!rest.empty()) {
    const auto open = rest.find('{');
    if (open != 0) {
      result.parts_.push_back({std::string(rest.substr(0, open)), false});
      rest = open == rest.npos ? std::string_view() : rest.substr(open);
      continue;
    }
    const auto close = rest.find('}');
    const auto name = rest.substr(1, close == rest.npos ? rest.npos : close - 1);
    if (close == rest.npos || !pattern.has(name)) {
      return Error{Errc::invalid, fmt::format("uses '{{{}}}', which is not in the pattern '{}'",
                                              name, pattern.text())};
    }
    result.parts_.push_back({std::string(name), true});
    rest.remove_prefix(close + 1);
  }
  return result;
}

std::string Template::fill(const Named& named) const {
  std::string text;
  for (const auto& part : parts_) {
    if (!part.is_name) {
      text += part.text;
      continue;
    }
    const auto found = std::find_if(named.begin(), named.end(),
                                    [&](const auto& one) { return one.first == part.text; });
    if (found != named.end()) text += found->second;
  }
  return text;
}

}  // namespace sosie::mqtt
