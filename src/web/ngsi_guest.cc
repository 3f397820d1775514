#include "web/ngsi_guest.h"

namespace sosie::web {
namespace {

ngsi::Headers to_broker(const http::Headers& headers) {
  ngsi::Headers out;
  out.reserve(headers.size());
  for (const auto& header : headers) out.push_back({header.name, header.value});
  return out;
}

/// What `request` says is taken out of it.
ngsi::Request to_broker(Request& request) {
  ngsi::Request asked{.method = std::move(request.method),
                      .path = std::move(request.raw_path),
                      .query = std::move(request.query),
                      .headers = {},
                      .body = std::move(request.body),
                      .announced_bytes = request.announced_bytes};
  asked.headers.reserve(request.headers.size());
  for (auto& header : request.headers) {
    asked.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  return asked;
}

/// `request` gets its headers back, for `not_kept`.
void give_back(ngsi::Headers&& headers, Request& request) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    request.headers[i] = {std::move(headers[i].name), std::move(headers[i].value)};
  }
}

Response from_broker(ngsi::Answer answer) {
  Response response{.status = answer.status, .body = std::move(answer.body)};
  response.headers.reserve(answer.headers.size());
  for (auto& header : answer.headers) {
    response.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  response.is_bare = true;
  response.after = answer.ticket;
  return response;
}

/// `?at=`: the disk is asked.
bool is_of_the_past(std::string_view query) {
  return query.starts_with("at=") || query.find("&at=") != std::string_view::npos;
}

}  // namespace

bool NgsiGuest::owns(const Listener& listener, const Request& request) const {
  if (listener.only_metrics || listener.takes_alerts) return false;
  return listener.only_broker || ngsi::Broker::owns(request.raw_path);
}

/// One entity is at hand; lists and batches may be long, and a provider that is asked may be slow.
bool NgsiGuest::is_quick(const Request& request) const {
  constexpr std::string_view entity = "/v2/entities/";
  constexpr std::size_t small = 16384;
  if (NgsiMore::owns(request.raw_path)) return false;
  if (is_of_the_past(request.query)) return false;
  if (request.body.size() > small || parts_.keeper.has_providers()) return false;
  return request.raw_path.starts_with(entity) || !request.raw_path.starts_with("/v2") ||
         (request.method == "POST" && request.raw_path == "/v2/entities");
}

Response NgsiGuest::answer(Request& request) {
  const auto route = NgsiFigures::route_of(request.raw_path);  // what answers may take it
  const auto began = stopwatch();
  auto response = answer_uncounted(request);
  parts_.figures.count(route, response.status, stopwatch() - began);
  return response;
}

Response NgsiGuest::answer_uncounted(Request& request) {
  if (auto refusal = parts_.tokens.refuse(request, tenant_of(request, parts_.multiservice))) {
    return std::move(*refusal);
  }
  // The broker passes it on to receivers, as Orion does; ours is none of their business.
  if (parts_.tokens.are_needed()) {
    std::erase_if(request.headers, [](const auto& header) {
      return !http::find_header({header}, "X-Auth-Token").empty();
    });
  }
  // The disk takes nothing: what cannot be kept is not begun.
  if (!only_reads(request) && parts_.engine.documents().is_behind()) return not_kept(request);
  if (NgsiMore::owns(request.raw_path)) return parts_.more.answer(request);
  auto asked = to_broker(request);
  auto answer = parts_.broker.handle(asked);
  give_back(std::move(asked.headers), request);
  if (answer.ticket != 0) parts_.engine.documents().hurry(answer.ticket);
  return from_broker(std::move(answer));
}

Response NgsiGuest::not_kept(const Request& request) {
  ngsi::Request asked;
  asked.headers = to_broker(request.headers);
  return from_broker(ngsi::Broker::not_kept(asked));
}

}  // namespace sosie::web
