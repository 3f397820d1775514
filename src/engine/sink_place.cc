#include "engine/sink_place.h"

#include <algorithm>
#include <array>

namespace sosie {

Result<SinkPlace> SinkPlace::load(const Store& store, const std::string& sink) {
  const std::string name = "sink/" + sink;
  SinkPlace place;
  place.behind = TRY(store.cursor(name));
  place.jump = TRY(store.cursor(name + "/jump"));
  place.ahead = TRY(store.cursor(name + "/ahead"));
  const auto edge_us = TRY(store.cursor(name + "/edge"));
  place.edge = Timestamp(Duration(static_cast<std::int64_t>(edge_us)));
  place.alarms = TRY(store.cursor(name + "/alarms"));
  place.findings = TRY(store.cursor(name + "/findings"));
  return place;
}

Result<void> SinkPlace::save(Store& store, const std::string& sink) const {
  const std::string name = "sink/" + sink;
  const std::array<Store::Cursor, 6> cursors{{
      {name, behind},
      {name + "/jump", jump},
      {name + "/ahead", ahead},
      {name + "/edge", static_cast<std::uint64_t>(edge.time_since_epoch().count())},
      {name + "/alarms", alarms},
      {name + "/findings", findings},
  }};
  return store.set_cursors(cursors);
}

std::uint64_t SinkPlace::lag(std::uint64_t head) const {
  if (!is_split()) return head - std::min(head, behind);
  return head - std::min(head, ahead) + jump - std::min(jump, behind);
}

}  // namespace sosie
