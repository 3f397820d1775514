#pragma once

#include <chrono>

#include "core/alarm.h"
#include "core/series.h"

namespace sosie::testing {

/// What notifiers' tests tell of: alarm 7 of the series 0, "Too "high"", at 10 o'clock.
inline AlarmEvent sample_event(AlarmEvent::What what, Priority priority = Priority::high) {
  AlarmEvent event;
  event.what = what;
  event.at = Timestamp{std::chrono::milliseconds(1'795'168'800'000)};
  event.alarm.id = 7;
  event.alarm.condition = "limit/AIT-806-TSS/high";
  event.alarm.asset = "traffeyere";
  event.alarm.series = SeriesId{0};
  event.alarm.finding = 12;
  event.alarm.priority = priority;
  event.alarm.message = {"Too \"high\"", "Trop élevé"};
  event.alarm.raised = event.at;
  if (what == AlarmEvent::What::cleared) event.alarm.cleared = event.at;
  return event;
}

inline SeriesTable& sample_series() {
  static SeriesTable table;
  SeriesInfo info;
  info.entity = "AIT-806-TSS";
  info.attribute = "value";
  info.stage = "sortie_controle";
  table.declare(info);
  return table;
}

}  // namespace sosie::testing
