#include "web/ask.h"

#include <cmath>

#include "base/text.h"
#include "base/time_text.h"

namespace sosie::web {
namespace {

constexpr double max_ms = 253402300800000;  // the year 10000

Error wrong(std::string_view name, std::string_view read, std::string_view expected) {
  constexpr std::size_t shown = 80;
  return {Errc::invalid,
          fmt::format("'{}' is '{}'; expected {}", name, read.substr(0, shown), expected)};
}

}  // namespace

Result<Timestamp> ask_time(const Request& request, std::string_view name, Timestamp otherwise) {
  const auto text = request.parameter(name);
  if (!text) return otherwise;
  if (const auto ms = to_number(*text); ms && std::abs(*ms) < max_ms) {
    return Timestamp(Duration(std::llround(*ms * 1000)));
  }
  if (const auto at = from_iso8601(*text)) return *at;
  return wrong(name, *text, "milliseconds since the epoch or ISO 8601");
}

Result<std::int64_t> ask_integer(const Request& request, std::string_view name,
                                 std::int64_t otherwise, std::int64_t low, std::int64_t high) {
  const auto text = request.parameter(name);
  if (!text) return otherwise;
  const auto number = to_integer(*text);
  if (!number || *number < low || *number > high) {
    return wrong(name, *text, fmt::format("a whole number from {} to {}", low, high));
  }
  return *number;
}

Result<std::uint64_t> read_id(std::string_view text) {
  const auto number = to_integer(text);
  if (!number || *number < 0) return wrong("id", text, "a whole number");
  return static_cast<std::uint64_t>(*number);
}

Result<SeriesId> read_series(std::string_view text, const SeriesTable& table) {
  const auto number = to_integer(text);
  if (number && *number >= 0 && static_cast<std::size_t>(*number) < table.size()) {
    return SeriesId{static_cast<std::uint32_t>(*number)};
  }
  if (const auto named = table.find_name(text)) return *named;
  return Error{Errc::not_found, fmt::format("no series '{}'", text.substr(0, 80))};
}

Result<std::vector<SeriesId>> ask_series(const Request& request, const SeriesTable& table) {
  const auto asked = request.parameter("series").value_or("all");
  std::vector<SeriesId> series;
  if (asked == "all") {
    for (std::uint32_t i = 0; i < table.size(); ++i) series.push_back({i});
    return series;
  }
  for (const auto part : split(asked, ',')) {
    if (part.empty()) continue;
    const auto id = TRY(read_series(part, table));
    series.push_back(id);
  }
  return series;
}

Result<json::Value> ask_object(const Request& request) {
  auto body = TRY(json::parse(request.body.empty() ? std::string_view("{}") : request.body));
  if (body.object() == nullptr) {
    return Error{Errc::invalid, fmt::format("the body is {}; expected an object", body.kind())};
  }
  return body;
}

Result<double> member_number(const json::Value& object, std::string_view key, double otherwise) {
  const auto* member = object.find(key);
  if (member == nullptr || member->is_null()) return otherwise;
  if (const auto number = member->number()) return *number;
  return Error{Errc::invalid, fmt::format("'{}' is {}; expected a number", key, member->kind())};
}

Result<std::optional<double>> member_number(const json::Value& object, std::string_view key) {
  const auto* member = object.find(key);
  if (member == nullptr || member->is_null()) return std::optional<double>();
  const auto number = TRY(member_number(object, key, 0));
  return std::optional(number);
}

Result<std::string> member_text(const json::Value& object, std::string_view key,
                                std::string_view otherwise) {
  const auto* member = object.find(key);
  if (member == nullptr || member->is_null()) return std::string(otherwise);
  if (const auto* text = member->text()) return *text;
  return Error{Errc::invalid, fmt::format("'{}' is {}; expected a text", key, member->kind())};
}

Response answer_error(const Error& error) {
  int status = 500;
  switch (error.code) {
    case Errc::invalid:
      status = 400;
      break;
    case Errc::not_found:
      status = 404;
      break;
    case Errc::unavailable:
    case Errc::timeout:
      status = 503;
      break;
    case Errc::full:
      status = 507;
      break;
    case Errc::unsupported:
      status = 422;
      break;
    case Errc::corrupt:
      break;
  }
  return problem(status, error.what);
}

}  // namespace sosie::web
