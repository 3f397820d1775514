#pragma once

#include "engine/engine.h"
#include "twin/broker/broker.h"
#include "web/http.h"
#include "web/ngsi_archive.h"
#include "web/ngsi_events.h"
#include "web/ngsi_history.h"
#include "web/ngsi_series.h"

namespace sosie::web {

/// What the broker's API has here and NGSI v2 has not:
///
/// - GET /v2/entities/{id}/attrs/{name}/history?type=&from=&to=&aggr=&every=&limit=
/// - GET /v2/subscriptions/{id}/events, as server-sent events or as a WebSocket
///
/// Who may see what, and what is not there, is the broker's to say: it is asked for the entity or
/// subscription first, and where it refuses, its refusal goes out.
///
/// Threads: any.
class NgsiMore {
 public:
  struct Parts {
    Engine& engine;
    ngsi::Broker& broker;
    const NgsiSeries& series;
    const NgsiArchive& archive;
    NgsiEvents& events;
    bool multiservice = false;
  };
  explicit NgsiMore(const Parts& parts) : parts_(parts) {}

  /// By its path alone, still encoded.
  static bool owns(std::string_view raw_path);
  Response answer(const Request& request);

 private:
  struct Place;
  Response history(const Request& request, const Place& place);
  Response events(const Request& request, const Place& place);

  Result<void> write_past(const HistoryQuestion& question, const EntityName& name,
                          const std::string& attribute, std::string_view now,
                          json::Writer& out) const;

  const Parts parts_;
};

}  // namespace sosie::web
