#include <array>
#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/service.h"
#include "app/stop_signal.h"
#include "base/log.h"
#include "base/text.h"

namespace sosie::app {
namespace {

struct BrokerOptions {
  std::string address = "127.0.0.1";
  int port = 1026;
  int pages = 0;
  std::string data = "var";
  bool insecure = false;
  bool verbose = false;
  std::string certificate;
  std::string key;
  std::string token_env;

  bool multiservice = false;
  std::string cors_origin;
  long cors_max_age_s = 86'400;
  long http_timeout_ms = -1;  ///< below 1: ours
  long payload_limit = 1 << 20;
  long forward_limit = -1;
  std::string log_level;
  std::string trace_levels;
  bool no_custom_notifications = false;
  bool insecure_notifications = false;
  long history_series = 10'000;
};

/// What Orion's scripts say of its database, cache, threads and log: of no meaning here.
struct Foreign {
  const char* name;
  bool has_value;
};
constexpr std::array foreign{
    Foreign{"--fg", false},
    Foreign{"--pidpath", true},
    Foreign{"--dbhost", true},
    Foreign{"--dbPort", true},
    Foreign{"--dbURI", true},
    Foreign{"--rplSet", true},
    Foreign{"--dbuser", true},
    Foreign{"--dbpwd", true},
    Foreign{"--dbAuthMech", true},
    Foreign{"--dbAuthDb", true},
    Foreign{"--dbSSL", false},
    Foreign{"--dbDisableRetryWrites", false},
    Foreign{"--db", true},
    Foreign{"--dbTimeout", true},
    Foreign{"--dbPoolSize", true},
    Foreign{"--writeConcern", true},
    Foreign{"--ipv4", false},
    Foreign{"--ipv6", false},
    Foreign{"--https", false},
    Foreign{"--reqTimeout", true},
    Foreign{"--reqMutexPolicy", true},
    Foreign{"--reqPoolSize", true},
    Foreign{"--connectionMemory", true},
    Foreign{"--maxConnections", true},
    Foreign{"--subCacheIval", true},
    Foreign{"--subCacheFlushIval", true},
    Foreign{"--noCache", false},
    Foreign{"--notificationMode", true},
    Foreign{"--notifFlowControl", true},
    Foreign{"--simulatedNotification", false},
    Foreign{"--statCounters", false},
    Foreign{"--statSemWait", false},
    Foreign{"--statTiming", false},
    Foreign{"--statNotifQueue", false},
    Foreign{"--outReqMsgMaxSize", true},
    Foreign{"--mqttMaxAge", true},
    Foreign{"--disableMetrics", false},
    Foreign{"--disableFileLog", false},
    Foreign{"--logDir", true},
    Foreign{"--logAppend", false},
    Foreign{"--logSummary", true},
    Foreign{"--logForHumans", false},
    Foreign{"--logInfoPayloadMaxSize", true},
    Foreign{"--logLineMaxSize", true},
    Foreign{"--logDeprecate", false},
    Foreign{"--relogAlarms", false},
    Foreign{"--ngsiv1Autocast", false},
    Foreign{"--strictNgsiv1Ids", false},
    Foreign{"--disableNgsiv1", false},
};

std::string quoted(const std::string& text) {
  return '"' + json_escaped(text) + '"';
}

/// The scenario that a broker alone is: no source, no detector.
std::string scenario_of(const BrokerOptions& options) {
  std::string text = "name = \"broker\"\n";
  text += "[title]\nen = \"NGSI v2 broker\"\nfr = \"Courtier NGSI v2\"\n[broker]\n";
  text += fmt::format("multiservice = {}\n", options.multiservice);
  text += fmt::format("cors_origin = {}\n", quoted(options.cors_origin));
  text += fmt::format("cors_max_age = \"{}s\"\n", options.cors_max_age_s);
  if (options.http_timeout_ms > 0) {
    text += fmt::format("http_timeout = \"{}ms\"\n", options.http_timeout_ms);
  }
  text += fmt::format("payload_limit = {}\n", options.payload_limit);
  text += fmt::format("forward_limit = {}\n", options.forward_limit);
  text += fmt::format("log_level = {}\n", quoted(options.log_level));
  text += fmt::format("trace_levels = {}\n", quoted(options.trace_levels));
  text += fmt::format("custom_notifications = {}\n", !options.no_custom_notifications);
  text += fmt::format("verify_receivers = {}\n", !options.insecure_notifications);
  text += fmt::format("history_series = {}\n", options.history_series);
  const auto listener = [&](std::string_view kind, int port) {
    text += fmt::format("[[listener]]\nkind = \"{}\"\naddress = {}\nport = {}\n", kind,
                        quoted(options.address), port);
    if (!options.certificate.empty()) {
      text += fmt::format("certificate = {}\nkey = {}\n", quoted(options.certificate),
                          quoted(options.key));
    }
    if (!options.token_env.empty()) {
      text += fmt::format("token_env = {}\n", quoted(options.token_env));
    }
  };
  listener("ngsi", options.port);
  if (options.pages != 0) listener("http", options.pages);
  return text;
}

Result<void> serve(const BrokerOptions& options, const Catalog& catalog,
                   const std::stop_token& stop) {
  Service::Options wanted;
  wanted.engine.data_folder = options.data;
  wanted.insecure = options.insecure;
  wanted.attempts = 1;  // clients were told this port and no other
  auto scenario = TRY(Section::read_text(scenario_of(options), "sosie broker"));
  auto service = TRY(Service::create(std::move(scenario), catalog, wanted));
  TRY(service.start());
  for (const auto& address : service.site().addresses()) std::printf("  %s\n", address.c_str());
  std::printf("NGSI v2 broker is ready; its data are in %s/broker. Next:\n", options.data.c_str());
  std::printf("  curl %s/v2/entities\n", service.site().addresses().front().c_str());
  if (options.pages != 0) {
    std::printf("  %s/#/twin in a browser\n", service.site().addresses().back().c_str());
  }
  std::fflush(stdout);
  SystemClock().sleep(Timestamp::max(), stop);
  service.stop();
  return {};
}

int run(const BrokerOptions& options, const CLI::App& command, const Catalog& catalog) {
  if (options.verbose) log::set_level(log::Level::debug);
  for (const auto& option : foreign) {
    if (command.count(option.name) == 0) continue;
    log::info("broker", "{} is an option of Orion's that changes nothing here", option.name);
  }
  const auto served = serve(options, catalog, stop_on_signals());
  return served ? static_cast<int>(Exit::done) : fail(served.error());
}

void add_own_options(CLI::App& command, BrokerOptions& options) {
  command.add_option("--port,-p", options.port, "of the broker")->capture_default_str();
  command.add_option("--data", options.data, "folder of the data")->capture_default_str();
  command.add_option("--address,--localIp", options.address, "to listen at")->capture_default_str();
  command
      .add_option("--pages", options.pages, "port of the pages (the twin in a browser); 0: none")
      ->capture_default_str();
  command.add_flag("--insecure", options.insecure,
                   "serve beyond this machine without TLS or credentials");
  command.add_option("--cert", options.certificate, "TLS: PEM file of the certificate");
  command.add_option("--key", options.key, "TLS: PEM file of its key");
  command.add_option("--token-env", options.token_env,
                     "environment variable with the token that clients must show");
  command
      .add_option("--history-series", options.history_series,
                  "numeric attributes that may have a history")
      ->capture_default_str();
  command.add_flag("--verbose", options.verbose, "log more");
}

void add_orions_options(CLI::App& command, BrokerOptions& options) {
  command.add_flag("--multiservice", options.multiservice, "Fiware-Service names a tenant");
  command.add_option("--corsOrigin", options.cors_origin, "page that may ask; __ALL: any");
  command.add_option("--corsMaxAge", options.cors_max_age_s, "seconds")->capture_default_str();
  command.add_option("--httpTimeout", options.http_timeout_ms,
                     "of notifications and forwarding, in milliseconds");
  command.add_option("--inReqPayloadMaxSize", options.payload_limit, "bytes of a request's body")
      ->capture_default_str();
  command.add_option("--cprForwardLimit", options.forward_limit,
                     "how many context providers a request may ask; -1: any number");
  command.add_option("--logLevel", options.log_level, "NONE, FATAL, ERROR, WARN, INFO or DEBUG");
  command.add_option(
      "-t", options.trace_levels,
      "trace levels: 180 logs the bodies of requests at DEBUG, 181 those of answers");
  command.add_flag("--disableCustomNotifications", options.no_custom_notifications,
                   "httpCustom and mqttCustom are as http and mqtt");
  command.add_flag("--insecureNotif", options.insecure_notifications,
                   "receivers and providers may show any certificate");
  for (const auto& option : foreign) {
    auto* const added =
        option.has_value ? command.add_option(option.name) : command.add_flag(option.name);
    added->group("");  // not in the help
  }
}

}  // namespace

std::vector<std::string> with_two_dashes(std::vector<std::string> arguments) {
  for (auto& argument : arguments) {
    const bool is_long = argument.size() > 2 && argument[0] == '-' && argument[1] != '-' &&
                         (argument[1] < '0' || argument[1] > '9');
    if (is_long) argument.insert(0, 1, '-');
  }
  return arguments;
}

void add_broker(Program& program) {
  const auto options =
      std::make_shared<BrokerOptions>();  // shared: CLI11's callback outlives this function
  auto* command = program.cli.add_subcommand("broker", "Runs the NGSI v2 context broker alone");
  add_own_options(*command, *options);
  add_orions_options(*command, *options);
  command->footer(
      "Orion's own spelling (-multiservice, -corsOrigin X …) is understood as well.\n"
      "Example:\n  sosie broker --port 1026 --data var");
  command->callback([&program, command, options] {
    program.run = [&program, command, options] { return run(*options, *command, program.catalog); };
  });
}

}  // namespace sosie::app
