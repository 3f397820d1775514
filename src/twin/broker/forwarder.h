#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "twin/broker/message.h"

namespace sosie::ngsi {

/// A question to a context provider.
struct ForwardRequest {
  std::string method;
  std::string url;
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{5000};
};

struct ForwardAnswer {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Asks context providers over HTTP. Blocks until the answer or the timeout; no lock is held.
///
/// Threads: any.
class Forwarder {
 public:
  virtual ~Forwarder() = default;
  virtual Result<ForwardAnswer> ask(const ForwardRequest& request) = 0;
};

}  // namespace sosie::ngsi
