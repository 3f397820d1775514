#include "web/delivery/forwarder.h"

namespace sosie::delivery {

Result<ngsi::ForwardAnswer> HttpForwarder::ask(const ngsi::ForwardRequest& request) {
  http::Request question{.method = request.method,
                         .url = request.url,
                         .body = request.body,
                         .timeout = request.timeout,
                         .trust = trust_};
  for (const auto& header : request.headers) {
    question.headers.push_back({header.name, header.value});
  }
  ++asked_;
  auto answer = http::fetch(question);
  if (!answer) {
    ++failed_;
    return std::move(answer).error();
  }
  ngsi::ForwardAnswer out{.status = answer->status, .headers = {}, .body = std::move(answer->body)};
  for (auto& header : answer->headers) {
    out.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  return out;
}

}  // namespace sosie::delivery
