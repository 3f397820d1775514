#include <cstdio>
#include <memory>

#include "app/alert_printer.h"
#include "app/commands.h"
#include "app/service.h"
#include "app/stop_signal.h"
#include "app/terminal.h"
#include "base/log.h"
#include "base/text.h"

namespace sosie::app {
namespace {

struct AlertsOptions {
  std::string listen;
  std::string data = "var";
  std::string config;
  std::string color = "auto";
  bool json = false;
  bool insecure = false;
  bool verbose = false;
  std::string certificate;
  std::string key;
  std::string token_env;
};

constexpr const char* usual_place = "127.0.0.1:5050";

AlertPrinter::Form form_of(const AlertsOptions& options) {
  using Form = AlertPrinter::Form;
  if (options.json) return Form::json;
  const bool is_coloured = options.color == "always" || (options.color == "auto" && has_colours());
  return is_coloured ? Form::coloured : Form::plain;
}

std::string in_quotes(const std::string& text) {
  return '"' + json_escaped(text) + '"';
}

/// "127.0.0.1:5050", "[::1]:5050", "5050".
Result<std::string> place_of(const std::string& listen) {
  const auto colon = listen.rfind(':');
  auto address = colon == std::string::npos ? "127.0.0.1" : listen.substr(0, colon);
  const auto port = to_integer(colon == std::string::npos ? listen : listen.substr(colon + 1));
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  if (!port || *port < 0 || *port > 65535 || address.empty()) {
    return Error{Errc::invalid, fmt::format("--listen '{}'; expected ADDRESS:PORT", listen)};
  }
  return fmt::format("address = {}\nport = {}\n", in_quotes(address), *port);
}

/// What --listen and its companions say; empty: the scenario's listeners.
Result<std::vector<web::Listener>> listeners_of(const AlertsOptions& options,
                                                const Section& scenario) {
  if (options.listen.empty() && scenario.has("listener")) return std::vector<web::Listener>{};
  auto text = TRY(place_of(options.listen.empty() ? usual_place : options.listen));
  text += "kind = \"alerts\"\n";
  if (!options.certificate.empty() || !options.key.empty()) {
    text += fmt::format("certificate = {}\nkey = {}\n", in_quotes(options.certificate),
                        in_quotes(options.key));
  }
  if (!options.token_env.empty()) {
    text += fmt::format("token_env = {}\n", in_quotes(options.token_env));
  }
  auto section = TRY(Section::read_text("[[listener]]\n" + text, "--listen"));
  return web::read_listeners(section);
}

Result<Section> scenario_of(const AlertsOptions& options) {
  if (!options.config.empty()) return Section::read_file(options.config);
  return Section::read_text(
      "name = \"alerts\"\n[title]\nen = \"Alert receiver\"\n"
      "fr = \"Récepteur d'alertes\"\n[alerts]\n",
      "sosie alerts");
}

void say_hello(const Service& service, const AlertsOptions& options, const std::string& name) {
  std::FILE* const out = options.json ? stderr : stdout;  // lines of JSON and nothing else
  const auto& addresses = service.site().addresses();
  for (const auto& address : addresses) std::fprintf(out, "  %s\n", address.c_str());
  std::fprintf(out, "Receives alerts; they are kept in %s/%s. Next:\n", options.data.c_str(),
               name.c_str());
  std::fprintf(out, "  curl %s/alert -d '{\"message\": \"Too warm\", \"value\": 31.5}'\n",
               addresses.front().c_str());
  std::fflush(out);
}

Result<void> serve(const AlertsOptions& options, const Catalog& catalog,
                   const std::stop_token& stop) {
  AlertPrinter printer(form_of(options));
  auto scenario = TRY(scenario_of(options));
  const auto name = TRY(scenario.text("name"));
  if (!scenario.has("alerts")) {
    return Error{Errc::invalid, fmt::format("{}: a table [alerts] is missing", options.config)};
  }
  Service::Options wanted;
  wanted.engine.data_folder = options.data;
  wanted.insecure = options.insecure;
  wanted.attempts = 1;  // senders were told this port and no other
  wanted.listeners = TRY(listeners_of(options, scenario));
  wanted.on_alert = [&printer](const auto& alert, alerts::Step step) { printer.show(alert, step); };
  auto service = TRY(Service::create(std::move(scenario), catalog, wanted));
  TRY(service.start());
  say_hello(service, options, name);
  SystemClock().sleep(Timestamp::max(), stop);
  service.stop();
  return {};
}

int run(const AlertsOptions& options, const Catalog& catalog) {
  if (options.verbose) log::set_level(log::Level::debug);
  const auto served = serve(options, catalog, stop_on_signals());
  return served ? static_cast<int>(Exit::done) : fail(served.error());
}

void add_options(CLI::App& command, AlertsOptions& options) {
  command.add_option(
      "--listen", options.listen,
      fmt::format("ADDRESS:PORT; {} if neither this nor the file says", usual_place));
  command.add_option("--data", options.data, "folder of the data")->capture_default_str();
  command.add_option("--config", options.config,
                     "scenario with [alerts], and whom to pass them on to");
  command.add_flag("--json", options.json, "a line of JSON for each that comes");
  command.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_flag("--insecure", options.insecure,
                   "serve beyond this machine without TLS or credentials");
  command.add_option("--cert", options.certificate, "TLS: PEM file of the certificate");
  command.add_option("--key", options.key, "TLS: PEM file of its key");
  command.add_option("--token-env", options.token_env,
                     "environment variable with the token that senders must show");
  command.add_flag("--verbose", options.verbose, "log more");
}

}  // namespace

void add_alerts(Program& program) {
  const auto options =
      std::make_shared<AlertsOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand(
      "alerts", "Receives alerts by HTTP, shows them, keeps them, and passes them on");
  add_options(*command, *options);
  command->footer(
      "Takes, on any path: NGSI v2 notifications, Sosie's own webhook, Alertmanager's, any JSON\n"
      "object. Repeated ones are counted, not passed on again (docs/alerts.md).\n"
      "Exit codes: 0 stopped, 1 could not be done (the port is taken), 2 the call is wrong.\n"
      "Examples:\n"
      "  sosie alerts --listen 127.0.0.1:5050\n"
      "  sosie alerts --listen 127.0.0.1:5050 --json | jq .message.en\n"
      "  sosie alerts --config scenarios/alerts/alerts.toml");
  command->callback([&program, options] {
    program.run = [&program, options] { return run(*options, program.catalog); };
  });
}

}  // namespace sosie::app
