#include "web/router.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace sosie::web {
namespace {

/// Whether `path` fits; what stands where the pattern says {…} is appended to `captured`.
bool fits(const std::vector<std::string>& pattern, std::string_view path,
          std::vector<std::string>* captured) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto end = path.find('/');
    const bool is_last = i + 1 == pattern.size();
    if (is_last != (end == std::string_view::npos)) return false;
    const auto part = path.substr(0, end);
    if (pattern[i].starts_with('{')) {
      if (part.empty()) return false;
      if (captured != nullptr) captured->emplace_back(part);
    } else if (pattern[i] != part) {
      return false;
    }
    path.remove_prefix(is_last ? path.size() : end + 1);
  }
  return true;
}

}  // namespace

void Router::add(Route route) {
  std::vector<std::string> parts;
  for (const auto part : split(route.pattern, '/')) parts.emplace_back(part);
  entries_.push_back({std::move(route), std::move(parts)});
}

const Router::Entry* Router::find(const Request& request,
                                  std::vector<std::string>* captured) const {
  for (const auto& entry : entries_) {
    if (captured != nullptr) captured->clear();
    if (entry.route.method == request.method && fits(entry.parts, request.path, captured)) {
      return &entry;
    }
  }
  return nullptr;
}

bool Router::is_quick(const Request& request) const {
  const auto* entry = find(request, nullptr);
  if (entry != nullptr) return entry->route.pace == Pace::quick;
  return request.body.empty();  // a page, or a refusal
}

Response Router::answer(Request& request) const {
  if (const auto* entry = find(request, &request.captured)) return entry->route.handler(request);
  std::set<std::string> methods;
  for (const auto& entry : entries_) {
    if (fits(entry.parts, request.path, nullptr)) methods.insert(entry.route.method);
  }
  const bool is_api = request.path.starts_with("/api/") || request.path == "/api";
  if (methods.empty() && !is_api && otherwise_) {
    if (request.method == "GET") return otherwise_(request);
    methods.insert("GET");
  }
  if (methods.empty()) return problem(404, fmt::format("nothing is at '{}'", request.path));
  if (methods.contains("GET")) methods.insert("HEAD");
  auto answer = problem(405, fmt::format("'{}' does not take {}; expected {}", request.path,
                                         request.method, fmt::join(methods, ", ")));
  answer.headers.push_back({"Allow", fmt::format("{}", fmt::join(methods, ", "))});
  return answer;
}

}  // namespace sosie::web
