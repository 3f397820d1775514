#include "web/posted.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace sosie::web {
namespace {

Response to_response(PostReply reply) {
  Response response{.status = reply.status, .body = std::move(reply.body)};
  if (reply.retry_after_s > 0) {
    response.headers.push_back({"Retry-After", std::to_string(reply.retry_after_s)});
  }
  return response;
}

Response ping(Request&) {
  return {.status = 204, .headers = {{"X-Influxdb-Version", "1.8.0-sosie"}}};
}

/// Telegraf makes its database before it writes; nothing else of InfluxQL is spoken here.
Response query(Request& request) {
  auto asked = request.parameter("q");
  if (!asked && request.header("Content-Type").starts_with("application/x-www-form-urlencoded")) {
    asked = Request{.query = request.body}.parameter("q");
  }
  std::string words(trim(asked.value_or("")));
  std::ranges::transform(words, words.begin(), [](unsigned char c) { return std::toupper(c); });
  if (words.starts_with("CREATE DATABASE ")) return {.body = R"({"results":[{}]})"};
  return {.status = 400, .body = R"({"error":"Sosie understands CREATE DATABASE only"})"};
}

}  // namespace

Result<std::vector<std::unique_ptr<Endpoint>>> read_endpoints(Section& scenario,
                                                              const Catalog& catalog) {
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  auto sections = TRY(scenario.tables("endpoint"));
  if (sections.empty()) {
    for (const auto kind : catalog.kinds(typeid(Endpoint))) {
      auto plain = TRY(Section::read_text(fmt::format("kind = \"{}\"", kind)));
      sections.push_back(std::move(plain));
    }
  }
  for (auto& section : sections) {
    auto endpoint = TRY(catalog.make<Endpoint>(section));
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

void add_endpoint_routes(Router& router, const std::vector<std::unique_ptr<Endpoint>>& endpoints,
                         Intake& intake) {
  for (const auto& endpoint : endpoints) {
    for (auto& path : endpoint->paths()) {
      router.add({"POST", std::move(path), Pace::slow,
                  [&intake, target = endpoint.get()](Request& request) {
                    return to_response(
                        target->post(intake, {request.path, request.query,
                                              request.header("Content-Type"), request.body}));
                  }});
    }
  }
  router.add({"GET", "/ping", Pace::quick, ping});
  router.add({"GET", "/query", Pace::quick, query});
  router.add({"POST", "/query", Pace::quick, query});
}

}  // namespace sosie::web
