#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/catalog.h"
#include "core/section.h"
#include "engine/engine.h"
#include "web/alert_desk.h"
#include "web/listener.h"

namespace sosie::web {

/// The pages, the API of docs/api.md and the metrics of a running engine.
///
/// Life: `create` checks the scenario's `[[listener]]`, `[[endpoint]]`, `[broker]`, `[[entity]]`,
/// `[[subscription]]` and `[alerts]` and opens nothing; `open` takes the ports; `start` serves;
/// `stop` (or the destructor) lets running answers finish, for at most two seconds. Threads: one at
/// a time.
class Site {
 public:
  struct Options {
    std::string version{};              ///< the program's
    Timestamp started{};                ///< when the program began, for start_to_serving_s
    std::optional<int> port{};          ///< of the first listener, instead of the scenario's
    int attempts = 1;                   ///< how many ports to try where one is taken
    bool insecure = false;              ///< as if every listener said so
    std::vector<Listener> listeners{};  ///< instead of the scenario's, where there are any
    AlertListener on_alert{};           ///< hears of what is received; none: the log does
  };

  static Result<std::unique_ptr<Site>> create(Section& scenario, const Catalog& catalog,
                                              Options options);
  virtual ~Site() = default;

  /// Takes the ports, and tells `engine`, which outlives the site (or its stop), of those that are
  /// others than the scenario's. Errors: unavailable (a port is taken), invalid (a certificate that
  /// cannot be used).
  virtual Result<void> open(Engine& engine) = 0;
  /// REQUIRES: `open`, and the engine has been started. Errors: what is stored cannot be read, or
  /// the broker does not take what the scenario wants to be in it.
  virtual Result<void> start() = 0;
  virtual void stop() = 0;

  /// Where it can be reached, in the order of the listeners: "http://127.0.0.1:8090".
  virtual std::vector<std::string> addresses() const = 0;
};

}  // namespace sosie::web
