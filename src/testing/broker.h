#pragma once

#include <memory>
#include <string>

#include "testing/server.h"

namespace sosie::testing {

/// A real Mosquitto on a loopback port, with files of its own.
class Broker {
 public:
  enum class Security { none, password, tls };
  static constexpr const char* user = "plant";
  static constexpr const char* password = "se cret";  ///< with a blank, which some tools trip over

  /// Prepares everything, certificates too; does not start it. With `tls` clients need a
  /// certificate of their own (client_cert, client_key).
  explicit Broker(Security security = Security::none, const std::string& more_config = "");

  void start();
  void kill() { server_.reset(); }
  /// It stands still: its connections stay, and nobody answers. Until `go_on`.
  void pause();
  void go_on();

  int port() const { return port_; }
  std::string url() const;
  const TempDir& dir() const { return dir_; }
  std::string ca_file() const { return dir_.file("ca.pem"); }
  std::string client_cert() const { return dir_.file("client.pem"); }
  std::string client_key() const { return dir_.file("client.key"); }

 private:
  std::string config(const std::string& more) const;
  void make_certificates() const;

  TempDir dir_;
  int port_ = free_port();
  Security security_;
  std::unique_ptr<Server> server_;
};

}  // namespace sosie::testing
