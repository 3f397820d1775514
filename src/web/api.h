#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"
#include "web/alert_desk.h"
#include "web/device_board.h"
#include "web/figures.h"
#include "web/live_feed.h"
#include "web/map_file.h"
#include "web/pulse.h"
#include "web/router.h"

namespace sosie::web {

class NgsiTwin;

/// What the routes answer from. Lives as long as the server.
struct Api {
  Engine& engine;
  const Pulse& pulse;
  LiveFeed& feed;
  Figures& figures;
  AlertDesk& alerts;
  Guarded<DeviceBoard>& devices;
  const MapFile& map;
  std::string version;
  Timestamp started;
  bool has_tenants = false;                       ///< the broker's: Fiware-Service names one
  bool needs_broker_token = false;                ///< every request to the broker must show one
  std::atomic<std::int64_t> serving_after_us{0};  ///< from `started` until a page could be had
  const NgsiTwin* twin = nullptr;                 ///< null: there is no broker

  /// The board of devices as it is now; `use` has it alone.
  template <class Use>
  auto with_devices(Use use) {
    return devices.with([&](DeviceBoard& board) {
      board.refresh(engine.versions().alarms, [this] { return engine.live_alarms(); });
      return use(board);
    });
  }

  /// Faults are labelled (a simulation), or someone labelled the recording.
  bool knows_truth() const;
};

void add_plant_routes(Router& router, Api& api);
void add_device_routes(Router& router, Api& api);
void add_zone_routes(Router& router, Api& api);
void add_limit_routes(Router& router, Api& api);
void add_rule_routes(Router& router, Api& api);
void add_history_routes(Router& router, Api& api);
void add_findings_routes(Router& router, Api& api);
void add_case_routes(Router& router, Api& api);
void add_model_routes(Router& router, Api& api);
void add_alarm_routes(Router& router, Api& api);
void add_alert_routes(Router& router, Api& api);
void add_score_routes(Router& router, Api& api);
void add_compliance_routes(Router& router, Api& api);
void add_simulator_routes(Router& router, Api& api);
void add_what_if_routes(Router& router, Api& api);
void add_system_routes(Router& router, Api& api);
void add_live_routes(Router& router, Api& api);
void add_metrics_routes(Router& router, Api& api);

}  // namespace sosie::web
