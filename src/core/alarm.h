#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/reading.h"
#include "core/series.h"

namespace sosie {

/// ISA-18.2 by its common four: 1 is the most urgent.
enum class Priority : std::uint8_t { critical = 1, high = 2, medium = 3, low = 4 };
std::string_view to_text(Priority priority);
std::optional<Priority> priority_from_text(std::string_view text);

/// A condition that needs a person (ISA-18.2, OPC UA Part 9). Its life: active or cleared, by the
/// plant; acknowledged or not, by a person; shelved until a time, by a person.
struct Alarm {
  std::uint64_t id = 0;  ///< of this occurrence, growing within one store
  std::string
      condition;  ///< what it is about; at most one live alarm has it: "limit/AIT-806-TSS/high"
  std::string asset;
  std::optional<SeriesId> series;
  std::uint64_t finding = 0;  ///< 0: none
  Priority priority = Priority::medium;
  Words message;
  Timestamp raised;
  std::optional<Timestamp> cleared;
  std::optional<Timestamp> acknowledged;
  std::string acknowledged_by;
  std::string comment;
  std::optional<Timestamp> shelved_until;
  std::uint64_t episode =
      0;  ///< RuleEpisode::id of a rule's alarm, by which others know it; else 0

  bool is_active() const { return !cleared; }
  bool is_acknowledged() const { return acknowledged.has_value(); }
  /// Put aside by a person; whoever annunciates leaves it out.
  bool is_shelved() const { return shelved_until.has_value(); }
  /// Still in the list: active, or cleared with nobody having seen it, or shelved.
  bool is_live() const { return is_active() || !is_acknowledged() || is_shelved(); }
};

/// A step in an alarm's life; `alarm` is as it is after it. The log of alarms is made of these.
struct AlarmEvent {
  enum class What : std::uint8_t {
    raised,
    cleared,
    acknowledged,
    shelved,
    unshelved,
    changed,
    taken_over,  ///< it goes on here, and was raised elsewhere (see Handover)
    given_up,    ///< it goes on elsewhere: here it is over, and asks nobody
  };
  What what = What::raised;
  Timestamp at;
  std::string who;  ///< a person's name; empty: the plant
  std::string comment;
  Alarm alarm;
};
std::string_view to_text(AlarmEvent::What what);

}  // namespace sosie
