#include "app/label_windows.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/time_text.h"
#include "wire/json/file.h"

namespace sosie::app {
namespace {

constexpr std::size_t most_bytes = 64U << 20U;

const json::Value* windows_of(const json::Value& root, const std::string& input) {
  if (root.list() != nullptr) return &root;
  if (root.object() == nullptr) return nullptr;
  const json::Value* best = nullptr;
  std::size_t longest = 0;
  for (const auto& member : *root.object()) {
    if (!input.ends_with(member.key) || member.key.size() <= longest) continue;
    best = &member.value;
    longest = member.key.size();
  }
  return best;
}

Result<Timestamp> read_edge(const json::Value& value) {
  const auto* const text = value.text();
  const auto at = text == nullptr ? std::nullopt : from_iso8601(*text);
  if (!at) {
    return Error{Errc::invalid,
                 fmt::format("a window's edge is {}; expected a time as 2013-12-15 07:00:00",
                             text == nullptr ? std::string(value.kind()) : "'" + *text + "'")};
  }
  return *at;
}

}  // namespace

Result<std::vector<sosie::Span>> read_windows(const std::string& path, const std::string& input) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Error{Errc::not_found, fmt::format("{}: cannot be read", path)};
  std::stringstream text;
  text << file.rdbuf();
  auto root = json::parse_file(text.str(), most_bytes);
  if (!root) return std::move(root).error().in(path);
  const auto* const list = windows_of(*root, input);
  if (list == nullptr || list->list() == nullptr) {
    return Error{Errc::invalid,
                 fmt::format("{}: there are no windows of {}; expected a list of [begin, end], or "
                             "such lists by file name",
                             path, input)};
  }
  std::vector<sosie::Span> windows;
  windows.reserve(list->list()->size());
  for (const auto& pair : *list->list()) {
    if (pair.list() == nullptr || pair.list()->size() != 2) {
      return Error{Errc::invalid,
                   fmt::format("{}: a window is {}; expected [begin, end]", path, pair.kind())};
    }
    auto begin = read_edge((*pair.list())[0]);
    if (!begin) return std::move(begin).error().in(path);
    auto end = read_edge((*pair.list())[1]);
    if (!end) return std::move(end).error().in(path);
    windows.push_back({.begin = *begin, .end = *end});
  }
  return windows;
}

}  // namespace sosie::app
