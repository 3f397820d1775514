#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/catalog.h"
#include "core/section.h"
#include "engine/engine.h"
#include "web/site.h"

namespace sosie::app {

/// A scenario with its pages: what `run` and `replay` bring up.
///
/// Life: `create` checks all and opens the store; `start` brings up engine and pages; `stop` (or
/// the destructor) ends the pages first, then the engine, which commits all it has.
class Service {
 public:
  struct Options {
    Engine::Options engine;
    std::optional<int> port;  ///< instead of the scenario's
    bool insecure = false;
    std::vector<web::Listener> listeners{};  ///< instead of the scenario's, where there are any
    web::AlertListener on_alert{};           ///< hears of received alerts; none: the log does
    int attempts = 20;                       ///< how many ports to try where one is taken
  };

  static Result<Service> create(Section scenario, const Catalog& catalog, const Options& options);

  Result<void> start();
  void stop();

  /// Waits while a simulation makes up its past. False: asked to stop meanwhile.
  bool wait_for_history(const std::stop_token& stop) const;

  Engine& engine() { return *engine_; }
  const web::Site& site() const { return *site_; }

 private:
  Service(std::unique_ptr<Engine> engine, std::unique_ptr<web::Site> site)
      : engine_(std::move(engine)), site_(std::move(site)) {}

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<web::Site> site_;  ///< after the engine: it goes first
};

}  // namespace sosie::app
