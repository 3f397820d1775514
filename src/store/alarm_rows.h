#pragma once

#include "store/database.h"
#include "store/records.h"

namespace sosie {

/// The alarm as it is now, and the step that made it so.
Result<void> save_alarm_event(Database& database, const AlarmEvent& event);

Result<std::vector<Alarm>> find_live_alarms(Database& database);
Result<std::optional<Alarm>> find_alarm(Database& database, std::uint64_t id);

/// Newest first.
Result<std::vector<AlarmEvent>> find_alarm_log(Database& database, Timestamp from, Timestamp to,
                                               std::size_t limit);
/// In order.
Result<std::vector<LoggedAlarmEvent>> find_alarm_events_after(Database& database,
                                                              std::uint64_t cursor,
                                                              std::size_t limit, Steps whose);
Result<std::vector<AlarmSpan>> find_alarm_spans(Database& database, Timestamp from, Timestamp to);

}  // namespace sosie
