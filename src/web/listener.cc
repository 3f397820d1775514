#include "web/listener.h"

#include <array>

#include <fmt/format.h>

namespace sosie::web {
namespace {

constexpr int pages_port = 8090;
constexpr int metrics_port = 8091;
constexpr int broker_port = 1026;  // as Orion's

Result<void> read_place(Section& section, Listener& listener) {
  constexpr std::array<std::string_view, 4> kinds{"http", "metrics", "ngsi", "alerts"};
  const auto kind = TRY(section.choice("kind", "http", kinds));
  listener.only_metrics = kind == "metrics";
  listener.only_broker = kind == "ngsi";
  listener.takes_alerts = kind == "alerts";
  listener.address = TRY(section.text("address", "127.0.0.1"));
  const int usual = listener.only_metrics  ? metrics_port
                    : listener.only_broker ? broker_port
                                           : pages_port;
  const auto port = TRY(section.integer("port", usual));
  if (port < 0 || port > 65535) return section.wrong("port", "expected 0 to 65535");
  listener.port = static_cast<int>(port);
  return {};
}

Result<void> read_protection(Section& section, Listener& listener) {
  listener.certificate = TRY(section.path("certificate", ""));
  listener.key = TRY(section.path("key", ""));
  if (listener.certificate.empty() != listener.key.empty()) {
    return section.wrong("key", "a certificate and its key come together");
  }
  listener.token = TRY(section.secret("token"));
  listener.user = TRY(section.text("user", ""));
  listener.password = TRY(section.secret("password"));
  if (listener.user.empty() != listener.password.empty()) {
    return section.wrong("user", "a user and its password come together");
  }
  return {};
}

Result<Listener> read_listener(Section& section) {
  Listener listener;
  TRY(read_place(section, listener));
  TRY(read_protection(section, listener));
  listener.hosts = TRY(section.texts("hosts"));
  listener.insecure = TRY(section.flag("insecure", false));
  TRY(section.finish());
  return listener;
}

}  // namespace

bool Listener::is_loopback() const {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

std::string Listener::url(int real_port) const {
  const bool is_v6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", has_tls() ? "https" : "http", is_v6 ? "[" : "", address,
                     is_v6 ? "]" : "", real_port);
}

Result<void> Listener::check() const {
  if (is_loopback() || insecure || (has_tls() && has_credentials())) return {};
  const auto* const missing = has_tls()           ? "credentials"
                              : has_credentials() ? "TLS (certificate, key)"
                                                  : "TLS (certificate, key) and credentials";
  return Error{Errc::invalid,
               fmt::format("{}:{} can be reached from outside and lacks {} (token_env, or user and "
                           "password_env); add them, listen at 127.0.0.1, or say insecure = true",
                           address, port, missing)};
}

Result<std::vector<Listener>> read_listeners(Section& scenario) {
  if (!scenario.has("listener")) {
    Listener metrics;
    metrics.port = metrics_port;
    metrics.only_metrics = true;
    return std::vector<Listener>{Listener{}, metrics};
  }
  std::vector<Listener> listeners;
  auto sections = TRY(scenario.tables("listener"));
  for (auto& section : sections) {
    auto listener = TRY(read_listener(section));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace sosie::web
