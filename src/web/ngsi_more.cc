#include "web/ngsi_more.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "twin/model/date.h"
#include "twin/model/json_text.h"
#include "twin/model/parse.h"
#include "web/ngsi_history.h"
#include "web/ngsi_tokens.h"
#include "wire/json/value.h"
#include "wire/json/writer.h"

namespace sosie::web {
namespace {

ngsi::Request question(const Request& request, std::string path, std::string query) {
  ngsi::Request made{.method = "GET",
                     .path = std::move(path),
                     .query = std::move(query),
                     .headers = {},
                     .body = {},
                     .announced_bytes = 0};
  for (const auto& header : request.headers) {
    // What the browser accepts of us is none of the broker's business.
    if (!http::find_header({header}, "Accept").empty()) continue;
    made.headers.push_back({header.name, header.value});
  }
  return made;
}

/// The broker's answer as ours; its body may be replaced.
Response ours(const ngsi::Answer& answer) {
  Response response{.status = answer.status, .body = answer.body, .is_bare = true};
  for (const auto& header : answer.headers) response.headers.push_back({header.name, header.value});
  return response;
}

Response wrong(Response response, int status, std::string_view error, std::string_view what) {
  response.status = status;
  response.body = ngsi::render_error(
      {.status = status, .error = std::string(error), .description = std::string(what)});
  return response;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// A browser asks nobody before it opens a WebSocket to another server than the page's.
bool is_from_elsewhere(const Request& request) {
  const auto origin = request.header("Origin");
  const auto scheme_end = origin.find("://");
  return !origin.empty() && (scheme_end == std::string_view::npos ||
                             origin.substr(scheme_end + 3) != request.header("Host"));
}

}  // namespace

/// Where a path leads.
struct NgsiMore::Place {
  enum class What { nothing, history, events } what = What::nothing;
  std::string_view id;         ///< of the entity or subscription, still encoded
  std::string_view attribute;  ///< still encoded

  static Place of(std::string_view raw_path) {
    const auto parts = split(raw_path, '/');
    const auto is = [&](std::size_t i, std::string_view word) { return parts[i] == word; };
    if (parts.size() == 7 && is(1, "v2") && is(2, "entities") && is(4, "attrs") &&
        is(6, "history")) {
      return {What::history, parts[3], parts[5]};
    }
    if (parts.size() == 5 && is(1, "v2") && is(2, "subscriptions") && is(4, "events")) {
      return {What::events, parts[3], {}};
    }
    return {};
  }
};

bool NgsiMore::owns(std::string_view raw_path) {
  const bool may_be = raw_path.ends_with("/history") || raw_path.ends_with("/events");
  return may_be && Place::of(raw_path).what != Place::What::nothing;
}

Response NgsiMore::answer(const Request& request) {
  const auto place = Place::of(request.raw_path);
  return place.what == Place::What::history ? history(request, place) : events(request, place);
}

Response NgsiMore::history(const Request& request, const Place& place) {
  auto query = fmt::format("attrs={},servicePath&metadata=*,dateModified", place.attribute);
  for (const auto part : split(request.query, '&')) {
    if (part.starts_with("type=")) query += fmt::format("&{}", part);
  }
  const auto there = parts_.broker.handle(
      question(request, fmt::format("/v2/entities/{}", place.id), std::move(query)));
  auto response = ours(there);
  if (there.status != 200) return response;
  if (request.method != "GET") {
    response.headers.push_back({"Allow", "GET"});
    return wrong(std::move(response), 405, "MethodNotAllowed", "method not allowed");
  }
  const auto entity = json::parse(there.body);
  const auto attribute = percent_decoded(place.attribute, false);
  const auto member = [&](std::string_view path) {
    const auto* const found = entity ? entity->find(path) : nullptr;
    return found != nullptr && found->text() != nullptr ? *found->text() : std::string();
  };
  if (!entity || entity->find(attribute) == nullptr) {
    return wrong(std::move(response), 404, "NotFound",
                 "The entity does not have such an attribute");
  }
  const auto asked = HistoryQuestion::read(request, parts_.engine.clock().now());
  if (!asked) return wrong(std::move(response), 400, "BadRequest", asked.error().what);
  const EntityName name{tenant_of(request, parts_.multiservice), member("servicePath.value"),
                        member("id"), member("type")};
  json::Writer out;
  out.begin_object();
  out.member("id", name.id);
  out.member("type", name.type);
  out.member("attribute", attribute);
  const auto written = write_past(*asked, name, attribute, there.body, out);
  out.end_object();
  if (!written && written.error().code == Errc::invalid) {
    return wrong(std::move(response), 400, "BadRequest", written.error().what);
  }
  if (!written && written.error().code == Errc::not_found) {  // retention was there
    return wrong(std::move(response), 404, "NotFound", written.error().what);
  }
  if (!written) {
    return wrong(std::move(response), 500, "InternalServerError", written.error().what);
  }
  response.body = out.take();
  return response;
}

/// `now`: the entity with this attribute, as the broker shows it.
Result<void> NgsiMore::write_past(const HistoryQuestion& question, const EntityName& name,
                                  const std::string& attribute, std::string_view now,
                                  json::Writer& out) const {
  const auto series = parts_.series.find(name, attribute);
  const auto entity = ngsi::parse_json(now);
  const auto* const shown = entity ? entity->find(attribute) : nullptr;
  const auto* const value = shown != nullptr ? shown->find("value") : nullptr;
  const bool is_number = value != nullptr && value->number() != nullptr;
  if (series && is_number) return write_history(parts_.engine.store(), *series, question, out);
  if (!question.aggregates.empty() && !is_number) {
    return Error{Errc::invalid, "aggr: the attribute is no number"};
  }
  if (!question.aggregates.empty()) {
    return Error{Errc::invalid, "aggr: the attribute has no series; its values alone are kept"};
  }
  const auto key = fmt::format("{} {} {} {}", name.tenant, name.id, name.type, name.path);
  auto values = TRY(ngsi::past_values(parts_.archive, key, attribute, question.from));
  const auto* const modified = ngsi::find_path(*shown, {"metadata", "dateModified", "value"});
  const auto written = modified != nullptr && modified->text() != nullptr
                           ? ngsi::parse_date(modified->text()->view())
                           : std::nullopt;
  if (written && value != nullptr) {
    // Shown in whole milliseconds; what was before is older.
    const auto at = values.empty() ? *written : std::max(*written, values[0].at + Duration(1));
    values.insert(values.begin(), {at, *value});
  }
  write_values(std::move(values), question, out);
  return {};
}

Response NgsiMore::events(const Request& request, const Place& place) {
  const auto there =
      parts_.broker.handle(question(request, fmt::format("/v2/subscriptions/{}", place.id), ""));
  auto response = ours(there);
  if (there.status != 200) return response;
  if (request.method != "GET") {
    response.headers.push_back({"Allow", "GET"});
    return wrong(std::move(response), 405, "MethodNotAllowed", "method not allowed");
  }
  // A WebSocket has no headers of its own after the first: its client asks in the query.
  auto last = std::string(request.header("Last-Event-ID"));
  if (last.empty()) last = request.parameter("lastEventId").value_or("");
  std::optional<std::uint64_t> after;
  if (!last.empty()) {
    const auto number = to_integer(last);
    if (!number || *number < 0) {
      return wrong(std::move(response), 400, "BadRequest",
                   fmt::format("Last-Event-ID '{}' is none of ours", last));
    }
    after = static_cast<std::uint64_t>(*number);
  }
  response.is_web_socket = lower(request.header("Upgrade")) == "websocket";
  if (response.is_web_socket && is_from_elsewhere(request) &&
      http::find_header(response.headers, "Access-Control-Allow-Origin").empty()) {
    response.is_web_socket = false;
    return wrong(std::move(response), 403, "Forbidden", "that page may not watch this");
  }
  const auto form =
      response.is_web_socket ? NgsiEvents::Form::lines : NgsiEvents::Form::server_sent;
  std::erase_if(response.headers, [](const auto& header) {
    return !http::find_header({header}, "Content-Type").empty();
  });
  response.events = parts_.events.watch(
      fmt::format("{} {}", tenant_of(request, parts_.multiservice), place.id), after, form);
  return response;
}

}  // namespace sosie::web
