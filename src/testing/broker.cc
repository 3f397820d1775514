#include "testing/broker.h"

#include <csignal>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

namespace sosie::testing {
namespace {

void must(const std::vector<std::string>& command) {
  CAPTURE(command[0]);
  REQUIRE(run(command) == 0);
}

}  // namespace

Broker::Broker(Security security, const std::string& more_config) : security_(security) {
  if (security == Security::tls) make_certificates();
  if (security == Security::password) {
    dir_.write("passwords", "");
    must({"mosquitto_passwd", "-b", dir_.file("passwords"), user, password});
  }
  dir_.write("mosquitto.conf", config(more_config));
}

std::string Broker::config(const std::string& more) const {
  auto text = fmt::format("listener {} 127.0.0.1\nallow_anonymous {}\nlog_type all\n", port_,
                          security_ != Security::password);
  if (security_ == Security::password) {
    text += fmt::format("password_file {}\n", dir_.file("passwords"));
  }
  if (security_ == Security::tls) {
    text += fmt::format("cafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true\n", ca_file(),
                        dir_.file("server.pem"), dir_.file("server.key"));
  }
  if (geteuid() == 0) text += "user root\n";  // else it becomes another, who cannot read our files
  return text + more;
}

/// An authority, and what it signed: the server's certificate for "localhost", and a client's.
void Broker::make_certificates() const {
  must({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=test authority", "-days", "2", "-keyout", dir_.file("ca.key"), "-out",
        ca_file()});
  const std::string names = dir_.write("names", "subjectAltName=DNS:localhost\n");
  for (const std::string who : {"server", "client"}) {
    must({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
          "-subj", who == "server" ? "/CN=localhost" : "/CN=a client", "-keyout",
          dir_.file(who + ".key"), "-out", dir_.file(who + ".csr")});
    must({"openssl", "x509", "-req", "-in", dir_.file(who + ".csr"), "-CA", ca_file(), "-CAkey",
          dir_.file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", names, "-out",
          dir_.file(who + ".pem")});
  }
}

std::string Broker::url() const {
  return fmt::format("{}://localhost:{}", security_ == Security::tls ? "mqtts" : "mqtt", port_);
}

void Broker::start() {
  server_ = Server::start({"mosquitto", "-c", dir_.file("mosquitto.conf")}, port_,
                          dir_.file("mosquitto.log"));
  REQUIRE(server_ != nullptr);
}

void Broker::pause() {
  REQUIRE(::kill(server_->pid(), SIGSTOP) == 0);
}

void Broker::go_on() {
  REQUIRE(::kill(server_->pid(), SIGCONT) == 0);
}

}  // namespace sosie::testing
