#include "twin/broker/call.h"

#include <algorithm>

#include "base/text.h"

namespace sosie::ngsi {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// What Accept says, in its order, without parameters: Orion does not weigh by q.
std::vector<std::string> media_ranges(const Request& request) {
  const auto header = trim(find_header(request.headers, "Accept"));
  if (header.empty()) return {"*/*"};
  std::vector<std::string> ranges;
  for (const auto part : split(header, ',')) {
    ranges.push_back(lower(trim(part.substr(0, part.find(';')))));
  }
  return ranges;
}

bool covers(std::string_view range, std::string_view type) {
  const auto family = type.substr(0, type.find('/') + 1);
  return range == type || range == "*/*" ||
         (range.ends_with("/*") && range.substr(0, range.size() - 1) == family);
}

}  // namespace

Checked<std::string> Call::write_path() const {
  if (!scope) return std::string("/");
  if (scope->paths().size() > 1) {
    return bad_request("more than one service path in context update request");
  }
  if (!scope->is_one()) {
    return bad_request("a component of ServicePath contains an illegal character");
  }
  return scope->first();
}

bool is_object_id(std::string_view text) {
  return text.size() == 24 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string media_type(const Request& request) {
  const auto header = find_header(request.headers, "Content-Type");
  return lower(trim(header.substr(0, header.find(';'))));
}

bool accepts(const Request& request, std::string_view type) {
  const auto ranges = media_ranges(request);
  return std::ranges::any_of(ranges, [&](const auto& range) { return covers(range, type); });
}

bool prefers_text(const Request& request) {
  for (const auto& range : media_ranges(request)) {
    if (covers(range, "application/json")) return false;  // "*/*", too
    if (covers(range, "text/plain")) return true;
  }
  return false;
}

}  // namespace sosie::ngsi
