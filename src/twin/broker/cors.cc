#include "twin/broker/cors.h"

namespace sosie::ngsi {

bool is_allowed_origin(const Options& options, const Request& request) {
  const auto origin = find_header(request.headers, "Origin");
  if (options.cors_origin.empty() || origin.empty()) return false;
  return options.cors_origin == "__ALL" || options.cors_origin == origin;
}

Answer preflight(const Options& options, const Request& request, const Resource& resource) {
  Answer answer;
  if (!is_allowed_origin(options, request)) return answer;
  answer.headers.push_back({"Access-Control-Allow-Methods", resource.allowed() + ", OPTIONS"});
  answer.headers.push_back({"Access-Control-Allow-Headers",
                            "Content-Type, Fiware-Service, Fiware-Servicepath, Ngsiv2-AttrsFormat, "
                            "Fiware-Correlator, X-Forwarded-For, X-Real-IP, X-Auth-Token"});
  answer.headers.push_back(
      {"Access-Control-Max-Age", std::to_string(options.cors_max_age.count())});
  return answer;
}

void add_cors_headers(const Options& options, const Request& request, Answer& answer) {
  if (!is_allowed_origin(options, request)) return;
  answer.headers.push_back(
      {"Access-Control-Allow-Origin", options.cors_origin == "__ALL" ? "*" : options.cors_origin});
  answer.headers.push_back(
      {"Access-Control-Expose-Headers", "Fiware-Correlator, Fiware-Total-Count, Location"});
}

}  // namespace sosie::ngsi
