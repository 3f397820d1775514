#include "twin/broker/service_path.h"

#include <algorithm>

#include "base/result.h"
#include "base/text.h"

namespace sosie::ngsi {
namespace {

constexpr std::size_t max_paths = 10;
constexpr std::size_t max_levels = 10;
constexpr std::size_t max_level_length = 50;
constexpr std::size_t max_tenant_length = 50;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Checked<void> check_level(std::string_view level, bool is_last) {
  if (level.size() > max_level_length) return bad_request("component-name too long in ServicePath");
  if (level.empty()) return bad_request("empty component in ServicePath");
  if (level == "#" && is_last) return {};
  if (!std::ranges::all_of(level, is_word)) {
    return bad_request("a component of ServicePath contains an illegal character");
  }
  return {};
}

Checked<std::string> parse_path(std::string_view path) {
  if (!path.starts_with('/')) {
    return bad_request("Only /absolute/ Service Paths allowed [a service path must begin with /]");
  }
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/") return std::string("/");
  const auto levels = split(path.substr(1), '/');
  if (levels.size() > max_levels) return bad_request("too many components in ServicePath");
  for (std::size_t i = 0; i < levels.size(); ++i) {
    TRY(check_level(levels[i], i + 1 == levels.size()));
  }
  return std::string(path);
}

bool is_under(std::string_view path, std::string_view scope) {
  if (!scope.ends_with("/#")) return path == scope;
  scope.remove_suffix(2);
  return scope.empty() || path == scope ||
         (path.starts_with(scope) && path.substr(scope.size()).starts_with('/'));
}

}  // namespace

Checked<Scope> Scope::parse(std::string_view header) {
  std::vector<std::string> paths;
  const auto parts = split(header, ',');
  if (parts.size() > max_paths) {
    return bad_request("too many service paths - a maximum of ten service paths is allowed");
  }
  for (const auto part : parts) {
    auto path = TRY(parse_path(trim(part)));
    paths.push_back(std::move(path));
  }
  return Scope(std::move(paths));
}

bool Scope::contains(std::string_view path) const {
  return std::ranges::any_of(paths_, [&](const auto& scope) { return is_under(path, scope); });
}

bool Scope::is_one() const {
  return paths_.size() == 1 && !paths_.front().ends_with('#');
}

Checked<std::string> tenant_name(std::string_view header) {
  if (header.size() > max_tenant_length) {
    return bad_request("bad length - a tenant name can be max 50 characters long");
  }
  if (!std::ranges::all_of(header, is_word)) {
    return bad_request(
        "bad character in tenant name - only underscore and alphanumeric characters are allowed");
  }
  std::string name(header);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

}  // namespace sosie::ngsi
