#include "web/ngsi_guest.h"

namespace sosie::web {
namespace {

ngsi::Headers to_broker(http::Headers& headers) {
  ngsi::Headers out;
  out.reserve(headers.size());
  for (auto& header : headers) {
    out.push_back({std::move(header.name), std::move(header.value)});
  }
  return out;
}

/// `request` is emptied.
ngsi::Request to_broker(Request& request) {
  return {.method = std::move(request.method),
          .path = std::move(request.raw_path),
          .query = std::move(request.query),
          .headers = to_broker(request.headers),
          .body = std::move(request.body),
          .announced_bytes = request.announced_bytes};
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

bool reads_only(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

}  // namespace

bool NgsiGuest::owns(const Listener& listener, const Request& request) const {
  if (listener.only_metrics) return false;
  return listener.only_broker || ngsi::Broker::owns(request.raw_path);
}

/// One entity is at hand; lists and batches may be long, and a provider that is asked may be slow.
bool NgsiGuest::is_quick(const Request& request) const {
  constexpr std::string_view entity = "/v2/entities/";
  constexpr std::size_t small = 16384;
  if (request.body.size() > small || keeper_.has_providers()) return false;
  return request.raw_path.starts_with(entity) || !request.raw_path.starts_with("/v2") ||
         (request.method == "POST" && request.raw_path == "/v2/entities");
}

Response NgsiGuest::answer(Request& request) {
  // The disk takes nothing: what cannot be kept is not begun.
  if (!reads_only(request) && engine_.documents().is_behind()) return not_kept(request);
  auto answer = broker_.handle(to_broker(request));
  if (answer.ticket != 0) engine_.documents().hurry(answer.ticket);
  return from_broker(std::move(answer));
}

Response NgsiGuest::not_kept(const Request& request) {
  ngsi::Request asked;
  for (const auto& header : request.headers) asked.headers.push_back({header.name, header.value});
  return from_broker(ngsi::Broker::not_kept(asked));
}

}  // namespace sosie::web
