#pragma once

#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace sosie::testing {

/// A real HTTP server on loopback: takes one request a connection, keeps it, and gives `answer`
/// ("204 No Content"; "": none, until the client goes away).
class HttpReceiver {
 public:
  explicit HttpReceiver(std::string answer);
  ~HttpReceiver();
  HttpReceiver(const HttpReceiver&) = delete;
  HttpReceiver& operator=(const HttpReceiver&) = delete;

  int port() const { return port_; }
  /// Each as it came, header and body.
  std::vector<std::string> requests() {
    return requests_.with([](auto& all) { return all; });
  }
  /// The bodies alone.
  std::vector<std::string> bodies();

 private:
  void serve();

  const std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  Guarded<std::vector<std::string>> requests_;
  std::jthread thread_;
};

}  // namespace sosie::testing
