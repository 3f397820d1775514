#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/alarm.h"

namespace sosie::alerts {

/// Who said it, as far as the shape of what came tells.
enum class Source : std::uint8_t { ngsi, sosie, alertmanager, json };
std::string_view to_text(Source source);
std::optional<Source> source_from_text(std::string_view text);

/// An attribute as people see it: {"temperature", "31.5"}.
struct NamedValue {
  std::string name;
  std::string text;
  bool operator==(const NamedValue&) const = default;
};

/// One thing that somebody was told: an entity of an NGSI notification, a step of an alarm, an
/// alert of an Alertmanager, or any JSON object.
struct Notice {
  Source source = Source::json;
  std::string subscription;  ///< NGSI: its id; Alertmanager: the receiver; may be empty
  std::string entity;        ///< what it is about; may be empty
  std::string type;          ///< the entity's
  std::vector<NamedValue> values;
  Words message;  ///< in the sender's words, or ours
  Priority priority = Priority::medium;
  std::optional<Timestamp> at;  ///< when it happened, if it says so
  std::string condition;        ///< two with the same are about the same thing
  bool says_end = false;        ///< its sender will tell when it is over
  bool is_over = false;
  std::string raw;  ///< as it came, as JSON; at most 32 KiB of it
};

/// Understands what was posted, whatever sent it:
///
/// - an NGSI v2 notification, normalized, keyValues, values or simplified: one notice an entity;
/// - the JSON of the `webhook` notifier;
/// - an Alertmanager's webhook, or what is posted to its /api/v2/alerts: one notice an alert;
/// - any other object, or list of them: `message`, `entity`, `attribute`, `value`, `severity` and
///   `time` are looked for under the names that people usually give them.
///
/// Texts are cut to what people read. Errors (invalid): no JSON, nothing in it, no objects, over
/// 1 MiB, more than 1000 notices.
Result<std::vector<Notice>> read_notices(std::string_view body);

}  // namespace sosie::alerts
