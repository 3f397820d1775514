#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"

namespace sosie::testing {

/// A real HTTP server on loopback: takes one request a connection, keeps it, and gives an answer.
class HttpReceiver {
 public:
  struct Answer {
    std::string status = "200 OK";
    std::string body{};
    std::string headers{};  ///< more of them, each "Name: value\r\n"
  };
  using Script = std::function<Answer(const std::string& request)>;

  /// Always the same ("204 No Content"; "": none, until the client goes away).
  explicit HttpReceiver(std::string status);
  /// What `script` makes of the request (header and body), on the server's thread.
  explicit HttpReceiver(Script script);
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

  const Script script_;
  int listener_ = -1;
  int port_ = 0;
  Guarded<std::vector<std::string>> requests_;
  std::jthread thread_;
};

}  // namespace sosie::testing
