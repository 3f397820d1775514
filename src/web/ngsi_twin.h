#pragma once

#include <cstddef>
#include <optional>

#include "base/result.h"
#include "core/section.h"
#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "web/delivery/forwarder.h"
#include "web/delivery/postman.h"
#include "web/ngsi_archive.h"
#include "web/ngsi_events.h"
#include "web/ngsi_figures.h"
#include "web/ngsi_guest.h"
#include "web/ngsi_keeper.h"
#include "web/ngsi_more.h"
#include "web/ngsi_observer.h"
#include "web/ngsi_seeds.h"
#include "web/ngsi_series.h"
#include "web/ngsi_tokens.h"

namespace sosie::web {

/// What a scenario says of the broker: `[broker]`, `[[entity]]`, `[[subscription]]`.
struct NgsiOptions {
  ngsi::Options broker{};
  std::size_t history_series = 10'000;  ///< numeric attributes that may have a history
  NgsiTokens tokens{};
  NgsiSeeds seeds{};
  http::Trust trust{};  ///< of receivers and providers
};

/// Checks and opens nothing.
Result<NgsiOptions> read_ngsi_options(Section& scenario);

/// The NGSI v2 broker of a running engine, with all its roads: from HTTP, into the journal, to its
/// subscribers, and from the other sources.
///
/// Life: `restore`, then the server that has `guest` may be started, then `start`; `stop` before
/// the engine's. Threads: one at a time.
class NgsiTwin {
 public:
  NgsiTwin(const NgsiOptions& options, Engine& engine);

  /// State and messages of an earlier life. Errors: what is stored cannot be read.
  Result<void> restore();
  /// `release`: called with the number up to which answers may go out, on the journal's thread.
  /// Errors: the broker does not take what the scenario wants to be in it; all else runs.
  Result<void> start(DocumentRoad::Listener release);
  /// Before the server's stop: connections of watchers end.
  void let_watchers_go() { events_.close(); }
  void stop();

  Guest& guest() { return guest_; }
  ngsi::Broker& broker() { return broker_; }

  /// For /metrics.
  void write_metrics(Exposition& out) const;

 private:
  Engine& engine_;
  const NgsiSeeds seeds_;
  NgsiSeries series_;
  NgsiEvents events_;
  NgsiKeeper keeper_;
  NgsiArchive archive_;
  delivery::HttpForwarder forwarder_;
  ngsi::Broker broker_;
  delivery::Postman postman_;
  NgsiObserver observer_;
  NgsiMore more_;
  NgsiFigures figures_;
  NgsiGuest guest_;
};

}  // namespace sosie::web
