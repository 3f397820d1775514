#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm.h"
#include "core/finding.h"
#include "core/handover.h"
#include "core/reading.h"
#include "core/source.h"
#include "engine/limits.h"
#include "engine/model_order.h"
#include "store/records.h"

namespace sosie {

/// What travels through the engine: what one `put` brought, and, behind the lane, what came of it.
struct Parcel {
  std::uint64_t number = 0;  ///< its place in the lane's queue; 0: the lane made it itself
  std::vector<Reading> readings;
  std::vector<Refusal> refusals;
  std::vector<std::pair<std::string, std::string>> remembered;
  std::vector<DocumentChange> documents;
  std::vector<EarlierState> earlier;
  std::vector<Outgoing> outgoing;
  std::vector<std::uint64_t> arrived;
  std::vector<Handover> handovers;     ///< before its readings are looked at
  bool is_past = false;                ///< as Delivery's
  std::vector<LimitOrder> limits;      ///< to be moved before its readings are looked at
  std::vector<RuleOrder> rule_orders;  ///< the same
  std::vector<ModelOrder> models;      ///< the same
  bool is_from_road = false;           ///< its readings are the twin's own (see DocumentRoad)
  std::vector<FindingEvent> findings;  ///< added by the lane
  std::vector<AlarmEvent> alarms;      ///< added by the lane
};

}  // namespace sosie
